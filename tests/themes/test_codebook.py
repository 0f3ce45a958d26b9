"""Codebooks: files that people edit, so their slips are named; ids that the encoder and the tables share."""

from __future__ import annotations

from importlib.resources import files

import pytest

from verbatim.errors import CodebookError
from verbatim.reading.marked import THEMES as MARKED_THEMES
from verbatim.tables import THEMES, UNCLASSIFIED, conform
from verbatim.themes.codebook import SHIPPED, load_codebook
from verbatim.themes.table import read_figures, themes_table

HEAD = 'name = "mien"\nversion = "3"\nlanguage = "fr"\n'
THEME = """
[[themes]]
id = "prix_tarif"
label_fr = "Prix"
label_en = "Prices"
definition_fr = "Niveau des prix."
definition_en = "Price level."
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> str:
        file = tmp_path / "mien.toml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


@pytest.mark.parametrize(("name", "kind"), [("cx-fr", "nps"), ("ex-fr", "enps")])
def test_shipped_codebooks_hold_the_themes_that_the_encoder_knows(name, kind):
    assert tuple(theme.id for theme in load_codebook(name).themes) == MARKED_THEMES[kind]


@pytest.mark.parametrize("name", SHIPPED)
def test_labels_are_short_distinct_and_in_french_typography(name):
    codebook = load_codebook(name)
    labels = [theme.label_fr for theme in codebook.themes]
    assert len(set(labels)) == len(labels)
    for theme in codebook.themes:
        assert len(theme.label_fr) <= 34
        assert "'" not in theme.label_fr + theme.definition_fr + "".join(theme.examples)
        assert theme.definition_fr.endswith(".")


@pytest.mark.parametrize("name", SHIPPED)
def test_verdicts_without_a_reason_and_the_rest_are_told_apart(name):
    codebook = load_codebook(name)
    assert [theme.id for theme in codebook.themes if theme.is_bare_verdict] == ["image_recommandation"]
    assert [theme.id for theme in codebook.themes if theme.is_residual] == ["autre"]


def test_what_is_not_classified_has_a_label_in_every_codebook():
    codebook = load_codebook("cx-fr")
    assert codebook.label(UNCLASSIFIED, "fr") == "À classer"
    assert codebook.label("prix_tarif", "en") == "Prices"
    with pytest.raises(KeyError):
        codebook.label("inconnu", "fr")


def test_the_hash_follows_the_content_not_the_layout(write):
    shipped = (files("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    copied = load_codebook(write("# a team's copy\n" + shipped.replace(" = ", "  =  ")))
    edited = load_codebook(write(shipped.replace('"Prix et tarifs"', '"Prix"')))
    assert copied.content_hash == load_codebook("cx-fr").content_hash != edited.content_hash
    assert not copied.is_shipped


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, "holds no theme"),
        (HEAD + "themes = 3\n", "holds no theme"),
        (HEAD + THEME + THEME, "stands twice: prix_tarif"),
        (HEAD + THEME.replace("prix_tarif", "Prix tarif"), "an id that cannot be one"),
        (HEAD + THEME.replace("prix_tarif", UNCLASSIFIED), "an id that cannot be one"),
        (HEAD + THEME + 'label_de = "Preise"\n', "unknown keys: label_de"),
        (HEAD + THEME.replace('"Prix"', '" "'), "label_fr is missing or empty"),
        (HEAD + THEME + 'residual = "yes"\n', "residual is no truth value"),
        (HEAD + THEME + 'examples = "cher"\n', "examples is no list"),
        (HEAD.replace("version", "versoin") + THEME, "unknown keys: versoin"),
        (HEAD.replace('"mien"', '"../mien"') + THEME, "a name that cannot be one"),
        (HEAD + "[[themes]\n", "no TOML"),
    ],
)
def test_a_slip_in_a_file_is_named_with_its_place(write, text, message):
    with pytest.raises(CodebookError, match=message) as raised:
        load_codebook(write(text))
    assert "mien.toml" in raised.value.where


def test_a_codebook_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(CodebookError, match="no such codebook") as raised:
        load_codebook("cx-de")
    assert "cx-fr" in raised.value.expected


def test_the_table_keeps_its_contract_and_shows_how_well_themes_are_found():
    figures = {
        "themes": {
            "ex-fr": {"management": {"precision": 0.5, "recall": 0.5}},
            "cx-fr": {"prix_tarif": {"precision": 0.9, "recall": 0.8}},
        }
    }
    table = themes_table(load_codebook("cx-fr"), figures)
    conform(table.assign(window="2026-03", run_id="run"), THEMES)
    rows = table.set_index("theme_id")
    assert rows.loc["prix_tarif", ["precision", "recall"]].tolist() == [0.9, 0.8]
    assert rows.loc["livraison", ["precision", "recall"]].isna().all()
    assert table["theme_id"].iloc[-1] == UNCLASSIFIED
    assert set(table["origin"]) == {"shipped"}


def test_figures_that_are_not_there_leave_blanks(tmp_path):
    assert read_figures(tmp_path / "figures.json") == {}
    assert themes_table(load_codebook("ex-fr"))["precision"].isna().all()
