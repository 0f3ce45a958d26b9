"""`verbatim codebook score`: a person's marks beside what the reader says."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from tests.standins import make_tiny_encoder
from tests.training.conftest import marked_lines
from verbatim.cli import codebook_score
from verbatim.cli.codebook_score import Spoken, read_pairs, read_spans, score, surest
from verbatim.errors import CodebookError, ContractError
from verbatim.reading import load_encoder
from verbatim.reading.marked import parse_row

ROWS = [
    "3\tnps\tbanque\t{-prix_tarif|frais  trop\\nchers} et {+accueil_relation|accueil parfait}",
    "9\tnps\tbanque\t{+accueil_relation|personnel souriant}",
    "5\tnps\tbanque\tRAS",
    "5\tnps\tbanque\tRAS",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return load_encoder(make_tiny_encoder(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "marked.tsv"
    file.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def own_codebook(tmp_path):
    """cx-fr and a theme of a team's own."""
    file = tmp_path / "own.toml"
    theme = """
[[themes]]
id = "borne_recharge_2"
label_fr = "Bornes de recharge"
label_en = "Charging points"
definition_fr = "Bornes de recharge des voitures électriques : nombre, pannes, paiement."
definition_en = "Charging points of electric cars: number, failures, payment."
examples = ["borne de recharge en panne", "pas assez de bornes de recharge", "bornes de recharge occupées", \
"la borne de recharge ne marche pas", "recharge de la voiture impossible"]
"""
    shipped = (files("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace('name = "cx-fr"', 'name = "own"') + theme, encoding="utf-8")
    return file


def test_what_is_printed(file, monkeypatch):
    pairs = [{("prix_tarif", "negative"), ("accueil_relation", "negative")}, {("livraison", "positive")}, set(), set()]
    spans = Spoken(
        ("facturation_paiement", "accueil_relation", "accueil_relation"), ("negative",) * 3, (0.5, 0.75, 1.0)
    )
    monkeypatch.setattr("verbatim.reading.load_encoder", lambda: None)
    monkeypatch.setattr(codebook_score, "read_pairs", lambda *_: pairs)
    monkeypatch.setattr(codebook_score, "read_spans", lambda *_: spans)
    lines = list(score(file))
    assert max(map(len, lines)) <= 100
    assert [line.split() for line in lines if line] == [
        line.split()
        for line in (
            "marked.tsv: customers (nps), codebook cx-fr: 4 answers, 3 marked opinions",
            "By answer, as a night reads             marked said right precision recall F1",
            "all pairs of theme and polarity         3 3 1 0.333 0.333 0.333",
            "all themes, whatever the polarity       3 3 2 0.667 0.667 0.667",
            "accueil_relation  Accueil et relation   2 1 1 1.000 0.500 0.667",
            "  positive                              2 0 0 – 0.000 0.000",
            "  negative                              0 1 0 0.000 – 0.000",
            "livraison  Livraison                    0 1 0 0.000 – 0.000",
            "  positive                              0 1 0 0.000 – 0.000",
            "prix_tarif  Prix et tarifs              1 1 1 1.000 1.000 1.000",
            "  negative                              1 1 1 1.000 1.000 1.000",
            "On the marked spans   opinions agreed Cohen’s kappa 95 % interval",
            # Agreed 2/3, chance 4/9; what the opinions of the two answers add: −0.12 and 0.12.
            "theme                 3 0.667 0.400 0.289 to 0.511",
            # The reader says one polarity of all: no more than chance.
            "polarity              3 0.333 0.000 0.000 to 0.000",
            "Most frequent confusions of themes, on the marked spans: marked → said",
            "  prix_tarif → facturation_paiement: 1 of 1 (100.0%)",
            "    Prix et tarifs → Facturation et paiement",
            "    « frais trop chers »",
        )
    ]


def test_rows_of_both_kinds_are_scored_kind_by_kind(file, tiny, monkeypatch):
    file.write_text("\n".join([*ROWS, "2\tenps\tusine\t{-management|chef absent}", "6\tenps\tusine\trien"]))
    monkeypatch.setattr("verbatim.reading.load_encoder", lambda: tiny)
    heads = [line for line in score(file) if line.startswith("marked.tsv")]
    assert heads == [
        "marked.tsv: customers (nps), codebook cx-fr: 4 answers, 3 marked opinions",
        "marked.tsv: employees (enps), codebook ex-fr: 2 answers, 1 marked opinions",
    ]


def test_with_settings_the_survey_has_its_own_encoder(survey, file):
    make_tiny_encoder(survey.parent / "tiny")
    survey.write_text(survey.read_text() + '\n[models]\nfolder = "tiny"\n')
    lines = list(score(file, settings=survey))
    assert lines[0] == "marked.tsv: customers (nps), codebook cx-fr: 4 answers, 3 marked opinions"
    assert any(line.startswith("theme ") for line in lines)


def test_pairs_are_those_of_the_reader(tiny):
    answers = [parse_row(line) for line in marked_lines(30)]
    opinions = tiny.read([answer.text for answer in answers], codebook="cx-fr").opinions
    expected = [set() for _ in answers]
    for row in opinions.itertuples():
        expected[row.text].add((row.theme_id, row.polarity))
    assert read_pairs(tiny, answers, "cx-fr") == expected


def test_spans_get_the_surest_theme_and_polarity(tiny):
    answers = [parse_row(line) for line in marked_lines(10)]
    said = read_spans(tiny, answers, "cx-fr")
    alone = [
        (scores.theme_ids[theme], tiny.config.polarities[polarity])
        for answer in answers
        for scores in [
            tiny.score_spans(answer.text, [(o.start, o.end) for o in answer.opinions], codebook="cx-fr"),
        ]
        for theme, polarity in zip(scores.themes.argmax(1), scores.polarity.argmax(1), strict=True)
    ]
    assert list(zip(said.themes, said.polarity, strict=True)) == alone
    assert all(0 < p <= 1 for p in said.sure)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": "a", "b": "b", "c": "c"}, (["a"], [0.4])),
        ({"a": "a", "b": "d", "c": "d"}, (["d"], [0.6])),
        ({"c": "c"}, (["c"], [0.25])),
        ({}, (["a_classer"], [0.0])),
    ],
    ids=["as the head says", "merged ones add up", "what is left out cannot win", "none is known"],
)
def test_the_surest_id_of_a_codebook(given, expected):
    themes, sure = surest(np.array([[0.4, 0.35, 0.25]]), ("a", "b", "c"), given)
    assert (themes, sure) == (expected[0], pytest.approx(expected[1]))


def test_marks_may_name_a_theme_of_the_teams_own(file, tiny, own_codebook, monkeypatch):
    file.write_text("\n".join([*ROWS, "2\tnps\tbanque\t{-borne_recharge_2|borne de recharge en panne}"]))
    monkeypatch.setattr("verbatim.reading.load_encoder", lambda: tiny)
    lines = list(score(file, codebook=str(own_codebook)))
    assert lines[0] == "marked.tsv: customers (nps), codebook own: 5 answers, 4 marked opinions"
    assert any(line.startswith("borne_recharge_2  Bornes de recharge") for line in lines)


@pytest.mark.parametrize(
    ("rows", "codebook", "told"),
    [
        (["12\tnps\tx\tphilomene", "7\tphilomene\tx\ty"], None, ("line 5: The score", "line 6: Unknown survey")),
        (
            ["7\tnps\tx\t{-borne_recharge_2|philomene}"],
            None,
            ("line 5: Unknown themes: borne_recharge_2", "nps in GUIDE"),
        ),
        (
            ["7\tnps\tx\t{-borne|philomene}"],
            "cx-fr",
            ("line 5: Unknown themes: borne.", "ids of the codebook in force"),
        ),
        (["7\tenps\tx\tphilomene"], "cx-fr", ("line 5: survey is enps, the codebook is for nps",)),
    ],
    ids=["malformed", "unknown theme", "not in the codebook", "the other kind"],
)
def test_all_faults_are_told_by_line_without_a_word_of_the_answers(file, rows, codebook, told):
    file.write_text("\n".join([*ROWS, *rows]), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        next(score(file, codebook=codebook))
    assert all(part in str(error.value) for part in told)
    assert "philomene" not in str(error.value)


@pytest.mark.parametrize("content", ["", "7\tnps\tbanque\tRAS\n"], ids=["empty", "nothing marked"])
def test_a_file_without_marks_is_refused(file, content):
    file.write_text(content)
    with pytest.raises(ContractError, match="no marked opinion") as error:
        next(score(file))
    assert error.value.where == str(file)


def test_a_codebook_that_is_not_there_is_told_before_anything_is_read(file, tmp_path):
    with pytest.raises(CodebookError, match="no such codebook"):
        next(score(file, codebook=str(tmp_path / "none.toml")))
