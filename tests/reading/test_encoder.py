"""An encoder reads a text the same way whatever stands beside it, and says where it read what."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.standins import make_tiny_encoder
from verbatim.errors import CodebookError, ModelError
from verbatim.reading import load_encoder
from verbatim.reading.batches import WIDTHS, cut, deal
from verbatim.reading.labels import labels_of
from verbatim.reading.marked import CUSTOMER_THEMES, EMPLOYEE_THEMES
from verbatim.reading.network import OpinionEncoderConfig
from verbatim.reading.threads import usable_processors
from verbatim.tables import UNCLASSIFIED

SENTENCES = (
    "Accueil très agréable",
    "les prix sont beaucoup trop élevés",
    "la livraison a pris trois semaines 😡",
    "Je ne sais pas si c'est l'été, mais l'ŒUF n’était pas frais…",
    "personnel compétent et à l'écoute",
    "site internet illisible",
    "on attend 20 minutes à la caisse",
    "tout est parfait",
)


def answers(count, seed=0):
    rng = random.Random(seed)  # noqa: S311 - sentences, not secrets
    return [", ".join(rng.choices(SENTENCES, k=rng.choice((1, 1, 2, 3, 5, 12)))) for _ in range(count)]


def by_text(reading, texts):
    """What was read of each text, bytes of the embeddings included."""
    said = {text: [] for text in texts}
    for row, vector in zip(
        reading.opinions.drop(columns="text").itertuples(index=False), reading.embeddings, strict=True
    ):
        said[texts[reading.opinions["text"][sum(map(len, said.values()))]]].append((tuple(row), vector.tobytes()))
    return said


def test_importing_the_reader_loads_no_torch():
    code = "import sys, verbatim.reading; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_quotes_are_the_words_at_their_offsets_and_probabilities_add_up(tiny):
    texts = answers(40)
    reading = tiny.read(texts, codebook="cx-fr")
    opinions = reading.opinions
    assert len(opinions) > 40
    assert reading.embeddings.shape == (len(opinions), 16)
    for row in opinions.itertuples():
        assert row.quote == texts[row.text][row.start : row.end] == row.quote.strip(" .,;:!?…")
    total = opinions[["p_positive", "p_negative", "p_neutral"]].sum(axis=1)
    assert np.allclose(total, 1, atol=1e-12)
    for _, of_text in opinions.groupby("text"):
        assert of_text["k"].tolist() == list(range(len(of_text)))
        assert (of_text["start"].to_numpy()[1:] >= of_text["end"].to_numpy()[:-1]).all()


def test_neighbours_and_order_change_no_byte(tiny):
    texts = list(dict.fromkeys(answers(300)))
    read = by_text(tiny.read(texts, codebook="cx-fr"), texts)
    shuffled = sorted(texts, key=lambda text: text[::-1])
    assert by_text(tiny.read(shuffled, codebook="cx-fr"), shuffled) == read
    for text in texts[:25]:
        assert by_text(tiny.read([text], codebook="cx-fr"), [text])[text] == read[text]


def test_the_real_encoder_does_not_look_at_neighbours_either(encoder):
    texts = list(dict.fromkeys(answers(60)))
    read = by_text(encoder.read(texts, codebook="cx-fr"), texts)
    assert by_text(encoder.read(texts[::-1], codebook="cx-fr"), texts[::-1]) == read
    assert by_text(encoder.read(texts[:1], codebook="cx-fr"), texts[:1])[texts[0]] == read[texts[0]]


def test_a_text_that_stands_twice_is_read_once_and_told_twice(tiny):
    calls = []
    once = tiny.read([SENTENCES[0]], codebook="cx-fr").opinions
    twice = tiny.read(
        [SENTENCES[0], "RAS", SENTENCES[0]],
        codebook="cx-fr",
        on_progress=lambda done, total: calls.append((done, total)),
    ).opinions
    assert calls == [(2, 2)]
    assert twice["text"].tolist() == [0] * len(once) + [2] * len(once)
    assert twice["quote"].tolist() == once["quote"].tolist() * 2


def test_silence_reaches_no_model(tiny, monkeypatch):
    monkeypatch.setattr(tiny, "_run", None)
    reading = tiny.read(["RAS", "...", "Merci !"], codebook="cx-fr")
    assert reading.opinions.empty
    assert reading.embeddings.shape == (0, 16)


def test_a_text_of_5000_words_is_read_to_its_end(encoder):
    words = [*(SENTENCES[0] + ". ").split() * 1667, "caisses", "trop", "lentes"]
    text = " ".join(words)
    opinions = encoder.read([text], codebook="cx-fr").opinions
    assert len(words) > 5000
    assert len(opinions) > 1000
    assert opinions["quote"].iloc[-1] == "caisses trop lentes"
    assert opinions["polarity"].iloc[-1] == "negative"
    assert set(opinions["polarity"].iloc[:-1]) == {"positive"}


@pytest.mark.parametrize("length", [0, 1, 158, 159, 300, 1000, 12_345])
def test_windows_answer_for_every_token_once(length):
    windows = cut(0, length)
    owned = [token for window in windows for token in range(window.own_first, window.own_last)]
    assert owned == list(range(length))
    for window in windows:
        assert window.first <= window.own_first <= window.own_last <= window.last <= window.first + WIDTHS[-1] - 2
        # Only a text's own ends are read without a neighbour.
        assert window.own_first - window.first >= 20 or window.first == 0
        assert window.last - window.own_last >= 20 or window.last == length


def test_batches_have_one_shape_a_width():
    ids = [[7] * length for length in (1, 5, 6, 40, 158, 500)]
    windows = [window for place, one in enumerate(ids) for window in cut(place, len(one))]
    shapes = {}
    for batch in deal(windows, ids, padding=0, begin=2, end=3):
        rows, width = batch.tokens.shape
        assert shapes.setdefault(width, rows) == rows
        assert batch.mask.any(axis=1).all()
        assert (
            (batch.tokens == 7).sum(axis=1)[: len(batch.windows)] == [w.last - w.first for w in batch.windows]
        ).all()
    assert set(shapes) <= set(WIDTHS)


def test_only_themes_of_the_codebook_win(tiny, tmp_path):
    texts = answers(60)
    customers = set(tiny.read(texts, codebook="cx-fr").opinions["theme_id"])
    employees = set(tiny.read(texts, codebook="ex-fr").opinions["theme_id"])
    assert customers <= set(CUSTOMER_THEMES)
    assert employees <= set(EMPLOYEE_THEMES)
    assert len(customers) > 1
    own = tmp_path / "own.toml"
    own.write_text('[[themes]]\nid = "livraison"\n[[themes]]\nid = "prix_tarif"\n[[themes]]\nid = "serres"\n')
    assert set(tiny.read(texts, codebook=str(own)).opinions["theme_id"]) <= {"livraison", "prix_tarif"}


def test_an_unknown_codebook_is_named_by_the_known_ones(tiny, tmp_path):
    with pytest.raises(CodebookError, match="cx-fr, ex-fr"):
        tiny.read(["bien"], codebook="cx-de")
    with pytest.raises(CodebookError, match="cannot be read"):
        tiny.read(["bien"], codebook=str(tmp_path / "none.toml"))


def test_a_codebook_without_any_theme_of_the_encoder_leaves_all_to_their_examples(tiny, tmp_path):
    (tmp_path / "other.toml").write_text('[[themes]]\nid = "serres"\n')
    opinions = tiny.read(SENTENCES, codebook=str(tmp_path / "other.toml")).opinions
    assert len(opinions)
    assert set(opinions["theme_id"]) == {UNCLASSIFIED}
    assert set(opinions["theme_confidence"]) == {0.0}


RETIRED = """
[[themes]]
id = "livraison"
[[themes]]
id = "prix_global"
[[themes]]
id = "plantes"
[[themes]]
id = "outils"
[[retired]]
id = "prix_tarif"
into = ["prix_global"]
[[retired]]
id = "facturation_paiement"
into = ["prix_tarif"]
[[retired]]
id = "qualite_produit"
into = ["plantes", "outils"]
[[retired]]
id = "choix_stock"
into = []
"""


def test_themes_that_left_a_codebook_are_given_under_those_that_took_over(tmp_path):
    (tmp_path / "own.toml").write_text(RETIRED)
    assert labels_of(str(tmp_path / "own.toml")).given == {
        "livraison": "livraison",
        "prix_tarif": "prix_global",
        "facturation_paiement": "prix_global",
        # Split: only its words tell its parts apart.
        "qualite_produit": "qualite_produit",
    }


def test_the_probabilities_of_merged_themes_add_up(encoder, tmp_path):
    (tmp_path / "own.toml").write_text(RETIRED)
    text, span = "Facture incompréhensible et bien trop chère", [(0, 43)]
    merged = encoder.score_spans(text, span, codebook=str(tmp_path / "own.toml"))
    apart = encoder.score_spans(text, span, codebook="cx-fr")
    both = sum(apart.themes[0, apart.theme_ids.index(theme)] for theme in ("prix_tarif", "facturation_paiement"))
    assert merged.themes[0, merged.theme_ids.index("prix_global")] == pytest.approx(both)
    assert merged.theme_ids == ("livraison", "prix_global", "qualite_produit")


def test_an_unsure_theme_is_left_unclassified(tmp_path):
    folder = make_tiny_encoder(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"theme_threshold": 1.0}))
    opinions = load_encoder(folder).read(SENTENCES, codebook="cx-fr").opinions
    assert set(opinions["theme_id"]) == {UNCLASSIFIED}
    assert (opinions["theme_confidence"] < 1).all()


def test_given_spans_are_scored(encoder):
    text = "Accueil parfait mais beaucoup trop cher"
    scores = encoder.score_spans(text, [(0, 15), (21, 39)], codebook="cx-fr")
    assert scores.polarity.argmax(axis=1).tolist() == [0, 1]
    assert [scores.theme_ids[best] for best in scores.themes.argmax(axis=1)] == ["accueil_relation", "prix_tarif"]
    assert np.allclose(scores.themes.sum(axis=1), 1)
    assert np.allclose(np.linalg.norm(scores.embedding.astype(float), axis=1), 1, atol=1e-2)


def test_a_revision_names_weights_settings_and_precision(tiny_folder, tmp_path):
    revisions = {
        "tiny": load_encoder(tiny_folder).revision,
        "bf16": load_encoder(tiny_folder, precision="bf16").revision,
        "weights": load_encoder(make_tiny_encoder(tmp_path / "weights", seed=2)).revision,
    }
    folder = make_tiny_encoder(tmp_path / "copy")
    assert load_encoder(folder).revision == revisions["tiny"]
    (folder / "config.json").write_text(
        (folder / "config.json").read_text().replace('"theme_threshold": 0.0', '"theme_threshold": 0.1')
    )
    revisions["config"] = load_encoder(folder).revision
    assert len(set(revisions.values())) == 4
    assert all(len(revision) == 64 for revision in revisions.values())


def test_employees_have_a_calibration_of_their_own_and_without_one_that_of_customers():
    own = OpinionEncoderConfig(polarity_temperature=1.2, wide_share=0.4, employee_polarity_temperature=2.0)
    customers, employees = own.calibration("nps"), own.calibration("enps")
    assert (customers.polarity_temperature, employees.polarity_temperature) == (1.2, 2.0)
    assert employees.wide_share == customers.wide_share == 0.4


def test_half_precision_reads_nearly_the_same(encoder):
    texts = list(SENTENCES)
    full = encoder.read(texts, codebook="cx-fr").opinions
    half = load_encoder(precision="bf16").read(texts, codebook="cx-fr").opinions
    assert half["quote"].tolist() == full["quote"].tolist()
    assert np.abs(half["p_positive"] - full["p_positive"]).max() < 0.05


def test_a_missing_folder_says_what_to_do(tmp_path):
    with pytest.raises(ModelError) as raised:
        load_encoder(tmp_path / "absent")
    assert str(tmp_path / "absent") in str(raised.value)
    assert "models.folder" in raised.value.next_step
    assert "embedded" in raised.value.next_step


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", '{"model_type": "bert"}'),
        ("config.json", "no json"),
        ("model.safetensors", "no weights"),
        ("tokenizer.json", "no tokenizer"),
    ],
)
def test_a_folder_that_is_no_encoder_is_refused(tmp_path, name, content):
    folder = make_tiny_encoder(tmp_path)
    (folder / name).write_text(content)
    with pytest.raises(ModelError, match="no opinion encoder"):
        load_encoder(folder)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ModelError, match="fp32 or bf16"):
        load_encoder(precision="int8")


def test_transformers_opens_the_folder_by_itself(encoder):
    import torch
    from transformers import AutoModel

    from tests.standins import MODEL
    from verbatim.reading import network  # noqa: F401 - registers the classes

    opened = AutoModel.from_pretrained(MODEL, dtype=torch.float32).eval()
    tokens = torch.tensor([[2, 100, 200, 3]])
    with torch.inference_mode():
        assert torch.equal(opened(tokens), encoder.model(tokens))


@pytest.mark.parametrize(
    ("quota", "processors"), [("100000 100000", 1), ("1000 100000", 1), ("max 100000", None), ("", None)]
)
def test_a_container_quota_bounds_the_threads(tmp_path, quota, processors):
    (tmp_path / "cpu.max").write_text(quota)
    everything = usable_processors(tmp_path / "absent")
    assert usable_processors(tmp_path / "cpu.max") == (processors or everything)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text("abé ',.\n[]EMAIL😀\u202f\u0301ﬁ", max_size=60))
def test_whatever_is_typed_quotes_are_slices(tiny, text):
    opinions = tiny.read([text], codebook="cx-fr").opinions
    assert [text[start:end] for start, end in zip(opinions["start"], opinions["end"], strict=True)] == [
        *opinions["quote"]
    ]
    assert (opinions["start"] < opinions["end"]).all()


def test_loading_leaves_the_random_numbers_alone(tiny_folder):
    import torch

    before = torch.random.get_rng_state()
    load_encoder(tiny_folder)
    assert torch.equal(torch.random.get_rng_state(), before)
