"""Discovery: planted subjects come out, once, by name; what the codebook holds does not; a night never pays for it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from verbatim.errors import CodebookError, ModelError
from verbatim.themes import discover, load_codebook, write_proposals
from verbatim.themes.discovery import SURE_OF_THEME
from verbatim.themes.phrases import load_pipeline

from .planted import SUBJECTS, planted_opinions

CODEBOOK = load_codebook("cx-fr")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    return discover(*planted_opinions(), codebook=CODEBOOK)


def subjects(found) -> dict[str, object]:
    """Proposals by the planted subject that is among their words."""
    return {subject: proposal for proposal in found.proposals for subject in SUBJECTS if subject in proposal.words[:3]}


def new(found) -> list:
    return [proposal for proposal in found.proposals if proposal.parent is None]


def test_each_planted_subject_is_proposed_once_with_its_customers(found):
    assert len(new(found)) == len(SUBJECTS)
    assert set(subjects(found)) == set(SUBJECTS)
    assert all(20 <= proposal.n_respondents <= 28 for proposal in new(found))
    assert {proposal.shared for proposal in new(found)} == {1.0}
    assert all(proposal.stability > 0.9 for proposal in new(found))


def test_what_customers_of_a_theme_speak_of_is_proposed_behind_as_a_part_of_it(found):
    parts = found.proposals[len(SUBJECTS) :]
    assert {(proposal.parent, proposal.words[0]) for proposal in parts} == {
        ("confort_proprete", "propre"),
        ("prix_tarif", "cher"),
    }


def test_polarity_and_nps_of_those_who_speak_of_it_are_told():
    opinions, embeddings = planted_opinions()
    opinions["polarity"] = ["positive" if number % 2 else "negative" for number in range(len(opinions))]
    groups = {"negative": "detractor", "positive": "promoter"}
    responses = pd.DataFrame({"response_id": opinions["response_id"], "nps_group": opinions["polarity"].map(groups)})
    found = discover(opinions, embeddings, codebook=CODEBOOK, responses=responses)
    toilets = subjects(found)["toilettes"]
    assert (toilets.positive, toilets.negative, toilets.nps) == (0.5, 0.5, 0.0)


def test_examples_are_of_the_subject_and_different(found):
    for subject, proposal in subjects(found).items():
        assert len(set(proposal.examples)) == 5
        assert all(subject in example for example in proposal.examples)


def test_the_theme_that_a_subject_may_belong_to_is_named(found):
    toilets = subjects(found)["toilettes"]
    assert toilets.nearest_theme == "confort_proprete"
    assert 0.4 < toilets.similarity < 0.7


def test_ids_are_free_and_fit_a_codebook(found):
    ids = [proposal.id for proposal in found.proposals]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {theme.id for theme in CODEBOOK.themes}


def test_one_sentence_of_many_customers_is_no_topic(found):
    assert not any("radio" in proposal.words for proposal in found.proposals)
    assert all(proposal.n_opinions <= 28 for proposal in new(found))
    # Two known themes, the third holds bare verdicts.
    assert found.n_opinions == 84 + 40 + 60
    assert found.n_wordings == 84 + 1 + 60


def test_verdicts_without_a_reason_are_not_looked_at(found):
    opinions, _ = planted_opinions()
    unsure = opinions[opinions["theme_confidence"] < SURE_OF_THEME]
    assert "image_recommandation" in set(unsure["theme_id"])
    said = " ".join(example for proposal in found.proposals for example in proposal.examples)
    assert "ensemble" not in said
    assert "très bien" not in said


def test_with_a_pipeline_subjects_are_told_by_lemmas_and_named_by_shared_phrases(tmp_path):
    opinions, embeddings = planted_opinions()
    opinions["quote"] = opinions["quote"].str.replace("les toilettes de", "les toilettes du magasin de")
    found = discover(opinions, embeddings, codebook=CODEBOOK, pipeline=load_pipeline())
    assert set(subjects(found)) == set(SUBJECTS)
    assert subjects(found)["toilettes"].phrases[0] == "toilettes du magasin"
    write_proposals(found, CODEBOOK, tmp_path / "proposals.toml")
    written = (tmp_path / "proposals.toml").read_text(encoding="utf-8")
    assert "# Expressions\N{NO-BREAK SPACE}: toilettes du magasin" in written
    assert 'label_fr = "Toilettes du magasin' in written


def test_shuffled_rows_give_the_same_proposals(found):
    opinions, embeddings = (frame.sample(frac=1, random_state=3) for frame in planted_opinions())
    again = discover(opinions, embeddings, codebook=CODEBOOK)
    assert again.proposals == found.proposals
    assert again.topics.topics == found.topics.topics
    pd.testing.assert_frame_equal(again.topics.assignments, found.topics.assignments)


def test_other_seeds_change_no_topic_and_no_assignment(found):
    again = discover(*planted_opinions(), codebook=CODEBOOK, seeds=range(50, 55))
    assert [(one.id, one.label, one.n_opinions) for one in again.proposals] == [
        (one.id, one.label, one.n_opinions) for one in found.proposals
    ]
    pd.testing.assert_frame_equal(again.topics.assignments, found.topics.assignments)


def test_a_later_discovery_keeps_codes_labels_and_what_was_assigned(found):
    opinions, embeddings = planted_opinions()
    older = opinions["response_id"].isin(opinions["response_id"].sample(frac=0.7, random_state=1))
    first = discover(opinions[older], embeddings, codebook=CODEBOOK)
    then = discover(opinions, embeddings, codebook=CODEBOOK, known=first.topics)
    assert then.topics.topics[: len(first.topics.topics)] == first.topics.topics
    kept = first.topics.assignments.merge(then.topics.assignments, on=["text_hash", "k"], suffixes=("", "_then"))
    assert len(kept) == len(first.topics.assignments)
    assert (kept["topic_id"] == kept["topic_id_then"]).all()
    assert subjects(then)["toilettes"].n_opinions > subjects(first)["toilettes"].n_opinions


@pytest.mark.parametrize("rows", [0, 1, 15])
def test_few_opinions_hold_no_topics(rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "bertopic", None)
    opinions, embeddings = planted_opinions()
    few = discover(opinions[:rows], embeddings, codebook=CODEBOOK)
    assert (few.proposals, few.topics.topics) == ((), ())
    assert few.n_wordings == rows


def test_a_missing_library_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "bertopic", None)
    with pytest.raises(ModelError, match="BERTopic") as raised:
        discover(*planted_opinions(), codebook=CODEBOOK)
    assert "verbatim[topics]" in raised.value.next_step


def test_a_topic_of_few_respondents_is_not_proposed():
    opinions, embeddings = planted_opinions()
    # One customer wrote all about the music.
    opinions.loc[opinions["quote"].str.contains("musique"), "response_id"] = "r0"
    assert set(subjects(discover(opinions, embeddings, codebook=CODEBOOK))) == {"toilettes", "chariots"}


def test_wordings_without_a_word_in_common_are_no_topic():
    opinions, embeddings = planted_opinions()
    music = opinions["quote"].str.contains("musique")
    # As near one another as before, but each about something else.
    opinions.loc[music, "quote"] = [f"{a}bli{b}tu" for a in "bcdfghj" for b in "aeio"]
    assert set(subjects(discover(opinions, embeddings, codebook=CODEBOOK))) == {"toilettes", "chariots"}


def test_the_file_is_toml_whose_entries_fit_a_codebook_once_a_person_has_named_them(found, tmp_path):
    file = tmp_path / "proposals" / "2026-03.toml"
    write_proposals(found, CODEBOOK, file)
    text = file.read_text(encoding="utf-8")
    entries = tomllib.loads(text)["themes"]
    assert [entry["id"] for entry in entries] == [proposal.id for proposal in found.proposals]
    assert [tuple(entry["examples"]) for entry in entries] == [proposal.examples for proposal in found.proposals]
    assert all(len(entry["label_fr"]) <= 34 for entry in entries)
    copied = tmp_path / "copie.toml"
    shipped = resources.files("verbatim.themes") / "codebooks" / "cx-fr.toml"
    whole = shipped.read_text(encoding="utf-8").replace('"cx-fr"', '"mien"')
    copied.write_text(whole + text, encoding="utf-8")
    with pytest.raises(CodebookError, match="label_en is missing"):
        load_codebook(copied)
    copied.write_text(whole + text.replace('""', '"À relire."'), encoding="utf-8")
    assert len(load_codebook(copied).themes) == len(CODEBOOK.themes) + len(entries)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_most_spoken_of_are_proposed_and_the_others_counted(monkeypatch):
    monkeypatch.setattr("verbatim.themes.discovery.MOST", 2)
    few = discover(*planted_opinions(), codebook=CODEBOOK)
    assert (len(few.topics.topics), len(few.proposals)) == (5, 4)


def test_the_file_tells_in_french_how_many_and_which_theme_is_near(found, tmp_path):
    file = tmp_path / "p.toml"
    write_proposals(found, CODEBOOK, file)
    comments = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any("Sujets trouvés\u00a0: 5\u00a0; trop instables" in line for line in comments)
    assert any("184 avis examinés, en 145 formulations" in line for line in comments)
    assert sum(line.startswith("# Sujet nouveau. 28 répondants") for line in comments) == 3
    assert any("Sous-thème de «\u00a0Prix et tarifs\u00a0»" in line for line in comments)
    assert any("Confort et propreté (confort_proprete, similarité 0," in line for line in comments)
    assert not [line for line in comments if " :" in line or " ;" in line or "'" in line]


def test_quotes_cannot_break_out_of_the_file(tmp_path):
    opinions, embeddings = planted_opinions()
    opinions["quote"] = opinions["quote"] + ' """\\\n[[themes]]\x7f ]'
    found = discover(opinions, embeddings, codebook=CODEBOOK)
    write_proposals(found, CODEBOOK, tmp_path / "p.toml")
    entries = tomllib.loads((tmp_path / "p.toml").read_text(encoding="utf-8"))["themes"]
    assert [tuple(entry["examples"]) for entry in entries] == [proposal.examples for proposal in found.proposals]


def test_a_night_imports_nothing_that_only_discovery_needs():
    code = (
        "import sys, flows.nightly, verbatim.themes, verbatim.reading.encoder, verbatim.measures, verbatim.reports\n"
        "heavy = {'bertopic', 'umap', 'numba', 'hdbscan', 'sklearn', 'torch'} & set(sys.modules)\n"
        "print(*sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_bertopic_leaves_the_warnings_and_the_log_of_the_process_alone(found):
    import logging
    import warnings

    before = list(warnings.filters)
    discover(*planted_opinions(), codebook=CODEBOOK)
    assert list(warnings.filters) == before
    assert logging.getLogger("BERTopic").propagate


def test_embeddings_of_half_precision_lists_as_the_night_writes_them_are_read(found):
    opinions, embeddings = planted_opinions()
    lists = pd.Series([np.asarray(vector).tolist() for vector in embeddings["embedding"]], dtype=object)
    assert subjects(discover(opinions, embeddings.assign(embedding=lists), codebook=CODEBOOK)).keys() == SUBJECTS.keys()
