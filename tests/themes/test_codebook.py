"""Codebooks: files that people edit, so their slips are named; ids that the encoder and the tables share."""

from __future__ import annotations

import dataclasses
import re
from importlib.resources import files

import pytest

from verbatim.errors import CodebookError
from verbatim.reading.marked import THEMES as MARKED_THEMES
from verbatim.tables import THEMES, UNCLASSIFIED, conform
from verbatim.themes.codebook import SHIPPED, Codebook, Retired, Theme, load_codebook, parse_codebook
from verbatim.themes.remarks import remarks
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


RETIRED = '\n[[retired]]\nid = "ancien"\nversion = "2"\n'


def _theme(theme_id: str, more: str = "") -> str:
    return f"{THEME.replace('prix_tarif', theme_id)}{more}\n"


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
        said = theme.label_fr + theme.definition_fr + theme.include_fr + theme.exclude_fr + "".join(theme.examples)
        assert "'" not in said
        assert not re.search("« | [;:»?!]", said)
        for text in (theme.definition_fr, theme.include_fr, theme.exclude_fr):
            assert text.endswith(".")


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
        (HEAD + THEME + 'examples = ["cher", " "]\n', "examples is no list"),
        (HEAD + THEME + "include_fr = 3\n", "include_fr is no text"),
        (HEAD + THEME + 'origin = "shipped"\n', "an origin that is not known"),
        (HEAD + THEME + 'parent = "prix"\n', "a parent that is no theme: prix"),
        (HEAD + THEME + 'parent = "prix_tarif"\n', "a parent that is a sub-theme itself"),
        (
            HEAD + THEME + 'parent = "b"\n' + _theme("b", 'parent = "c"') + _theme("c"),
            "a parent that is a sub-theme itself: b",
        ),
        (HEAD + 'retired = "prix"\n' + THEME, "retired is no list"),
        (HEAD + THEME + RETIRED.replace("ancien", "prix_tarif"), "an id that was retired is a theme again: prix_tarif"),
        (HEAD + THEME + RETIRED + RETIRED, "retired twice: ancien"),
        (HEAD + THEME + RETIRED + 'into = ["inconnu"]\n', "into names no theme: inconnu"),
        (HEAD + THEME + RETIRED + 'into = ["ancien"]\n', "ancien took over from itself"),
        (
            HEAD + THEME + RETIRED + 'into = ["b"]\n' + RETIRED.replace("ancien", "b") + 'into = ["ancien"]\n',
            "took over from itself",
        ),
        (HEAD + THEME + RETIRED.replace("version", "versoin"), "unknown keys: versoin"),
        (HEAD + THEME + RETIRED + 'into = "prix_tarif"\n', "into is no list"),
    ],
)
def test_a_slip_in_a_file_is_named_with_its_place(write, text, message):
    with pytest.raises(CodebookError, match=message) as raised:
        load_codebook(write(text))
    assert "mien.toml" in raised.value.where


def test_all_problems_are_named_at_once_each_with_its_line(write):
    text = HEAD.replace("version", "versoin") + _theme("Prix") + _theme("b", 'parent = "inconnu"') + RETIRED
    with pytest.raises(CodebookError) as raised:
        load_codebook(write(text + 'into = ["rien"]\n'))
    assert raised.value.what.splitlines() == [
        "the codebook cannot be used, 5 problems:",
        "    - unknown keys: versoin; expected some of language, name, retired, themes, version",
        '    - version is missing or empty; expected version = "…"',
        "    - line 5, theme 1 (Prix): an id that cannot be one: 'Prix'; "
        "expected small letters without accents, digits and _, such as prix_tarif; not a_classer",
        "    - line 13, theme 2 (b): a parent that is no theme: inconnu; expected the id of a theme of this file",
        "    - line 21, retired 1 (ancien): into names no theme: rien; expected themes of this file, or retired ids",
    ]
    assert raised.value.where.endswith("mien.toml")


def test_every_key_is_read():
    more = """include_fr = "Les hausses."
exclude_fr = "Les frais cachés."
examples = ["trop cher"]
sector = "banque"
origin = "discovered"
parent = "cout"
bare_verdict = true
residual = true
"""
    text = HEAD + THEME + more + _theme("cout") + RETIRED + 'into = ["cout", "prix_tarif"]\nnote = "Trop large."\n'
    codebook = parse_codebook(text, where="here")
    assert codebook.ids == ("prix_tarif", "cout")
    assert codebook.themes[0] == Theme(
        "prix_tarif",
        "Prix",
        "Prices",
        "Niveau des prix.",
        "Price level.",
        examples=("trop cher",),
        is_bare_verdict=True,
        is_residual=True,
        include_fr="Les hausses.",
        exclude_fr="Les frais cachés.",
        parent="cout",
        sector="banque",
        origin="discovered",
    )
    assert codebook.retired == (Retired("ancien", "2", ("cout", "prix_tarif"), "Trop large."),)


def test_what_took_over_may_have_left_since():
    text = HEAD + THEME + RETIRED + 'into = ["b"]\n' + RETIRED.replace("ancien", "b") + 'into = ["prix_tarif"]\n'
    assert [one.into for one in parse_codebook(text, where="here").retired] == [("b",), ("prix_tarif",)]


BOOK = parse_codebook(
    HEAD + _theme("a", 'examples = ["cher"]') + _theme("b") + RETIRED + 'into = ["a"]\n', where="here"
)


def edited(**values: object) -> Codebook:
    """The book with another first theme."""
    return dataclasses.replace(BOOK, themes=(dataclasses.replace(BOOK.themes[0], **values), BOOK.themes[1]))


@pytest.mark.parametrize(
    "other",
    [
        edited(label_fr="Coût"),
        edited(label_en="Cost"),
        edited(exclude_fr="Pas ici."),
        edited(sector="banque"),
        edited(origin="discovered"),
        dataclasses.replace(BOOK, version="4"),
        dataclasses.replace(BOOK, themes=BOOK.themes[::-1]),
        dataclasses.replace(BOOK, retired=(*BOOK.retired, Retired("vieux", "3"))),
        dataclasses.replace(BOOK, retired=(dataclasses.replace(BOOK.retired[0], note="Fusion.", version="1"),)),
    ],
    ids=["label_fr", "label_en", "exclude_fr", "sector", "origin", "version", "order", "retired", "note"],
)
def test_what_people_read_changes_no_assignment(other):
    assert other.assignment_hash == BOOK.assignment_hash
    assert other.content_hash != BOOK.content_hash


@pytest.mark.parametrize(
    "other",
    [
        edited(id="c"),
        edited(definition_fr="Autre."),
        edited(definition_en="Other."),
        edited(include_fr="Ici."),
        edited(examples=("cher", "hors de prix")),
        edited(is_bare_verdict=True),
        edited(is_residual=True),
        edited(parent="b"),
        dataclasses.replace(BOOK, name="autre"),
        dataclasses.replace(BOOK, language="en"),
        dataclasses.replace(BOOK, themes=BOOK.themes[:1]),
        # Opinions that the encoder gives a retired theme go to what took over.
        dataclasses.replace(BOOK, retired=(dataclasses.replace(BOOK.retired[0], into=("b",)),)),
    ],
    ids=[
        *("id", "definition_fr", "definition_en", "include_fr", "examples", "bare", "residual", "parent"),
        *("name", "language", "themes", "into"),
    ],
)
def test_what_decides_a_theme_changes_the_assignments(other):
    assert other.assignment_hash != BOOK.assignment_hash
    assert other.content_hash != BOOK.content_hash


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


def test_the_table_tells_parts_and_where_a_theme_comes_from():
    text = HEAD + THEME + _theme("b", 'parent = "prix_tarif"\norigin = "discovered"')
    table = themes_table(parse_codebook(text, where="here")).set_index("theme_id")
    conform(table.reset_index().assign(window="2026-03", run_id="run"), THEMES)
    assert table["parent_id"].fillna("").to_dict() == {"prix_tarif": "", "b": "prix_tarif", UNCLASSIFIED: ""}
    assert table["origin"].to_dict() == {"prix_tarif": "edited", "b": "discovered", UNCLASSIFIED: "edited"}


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_to_be_remarked_on_a_shipped_codebook(name):
    assert remarks(load_codebook(name), known=MARKED_THEMES["nps"] + MARKED_THEMES["enps"]) == ()


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (HEAD + _theme("neuf"), "neuf: the encoder does not know it, and it has no example; 5 or more"),
        (HEAD + _theme("neuf", 'examples = ["un"]'), "neuf: the encoder does not know it, and it has 1 example; 5"),
        (HEAD + THEME.replace('"Prix"', f'"{"x" * 35}"'), "prix_tarif: label_fr has 35 characters; charts have room"),
        (HEAD + THEME.replace('"Prices"', f'"{"x" * 35}"'), "prix_tarif: label_en has 35 characters"),
        (HEAD + THEME + 'include_fr = "l\'eau"\n', "prix_tarif: straight apostrophes in include_fr"),
        (HEAD + THEME + 'examples = ["pas d\'eau"]\n', "prix_tarif: straight apostrophes in examples"),
        (
            HEAD
            + THEME
            + 'examples = ["Trop cher"]\n'
            + _theme("livraison", 'examples = ["trop  cher"]').replace("Prix", "Colis"),
            "prix_tarif, livraison: the same example, “trop cher”",
        ),
        (HEAD + THEME + _theme("livraison"), "prix_tarif, livraison: the same label, “prix”"),
        (HEAD.replace("mien", "cx-fr") + THEME, "the name cx-fr is that of a codebook that ships"),
    ],
    ids=[
        *("no example", "one example", "label_fr", "label_en", "apostrophe", "apostrophe in an example"),
        *("shared example", "shared label", "name"),
    ],
)
def test_what_deserves_a_look_is_remarked(text, remark):
    found = remarks(parse_codebook(text, where="here"), known=("prix_tarif", "livraison"))
    assert [str(one)[: len(remark)] for one in found] == [remark]


def test_figures_that_are_not_there_leave_blanks(tmp_path):
    assert read_figures(tmp_path / "figures.json") == {}
    assert themes_table(load_codebook("ex-fr"))["precision"].isna().all()
