"""Edits of a codebook's text: what changes is what was asked; comments, layout and all other entries stay."""

from __future__ import annotations

import difflib
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.errors import CodebookError
from verbatim.themes import editing
from verbatim.themes.codebook import SHIPPED, parse_codebook

TEXT = """\
# Nos thèmes.
name = "enseigne"   # le nôtre
version = "1.9"
language = "fr"

# Le prix
[[themes]]
id = "prix_tarif"
label_fr  =  "Prix"  # court
label_en = "Prices"
definition_fr = "Niveau des prix."
definition_en = "Price level."
examples = [
  "trop cher", # le plus fréquent
  "hors de prix",
]

[[themes]]
id = "bons"
label_fr = "Bons de réduction"
label_en = "Vouchers"
definition_fr = "Bons."
definition_en = "Vouchers."
parent = "prix_tarif"
examples = ["bon refusé", "trop cher"]
# à revoir en mai

# Livraison : repris de l’ancien plan
[[themes]]
id = "livraison"
label_fr = "Livraison"
label_en = "Delivery"
definition_fr = "Colis."
definition_en = "Parcels."
exclude_fr = \"\"\"
Frais de livraison : «\N{NO-BREAK SPACE}Prix\N{NO-BREAK SPACE}».
[[themes]] n’est pas un titre ici.
\"\"\"
"""
PARTS = """\
# deux parts
[[themes]]
id = "prix_plantes"
label_fr = "Prix des plantes"
label_en = "Prices of plants"
definition_fr = "Prix des plantes."
definition_en = "Prices of plants."

[[themes]]
id = "promotions"
label_fr = "Promotions"
label_en = "Promotions"
definition_fr = "Promotions."
definition_en = "Promotions."
"""


def changed(before: str, after: str) -> list[str]:
    """Lines that an edit took out and put in."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


def ids(text: str, kind: str = "themes") -> list[str]:
    return [entry["id"] for entry in tomllib.loads(text).get(kind, [])]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1", "2"),
        ("9", "10"),
        ("1.3", "1.4"),
        ("1.9", "1.10"),
        ("2026-11", "2026-11.1"),
        ("2026-11.1", "2026-11.2"),
        ("v1", "v1.1"),
    ],
)
def test_the_next_version(before, after):
    assert editing.next_version(before) == after


def test_the_version_is_raised_in_its_place():
    assert changed(TEXT, editing.raise_version(TEXT)) == ['-version = "1.9"', '+version = "1.10"']


def test_another_name_keeps_the_comment_behind_it():
    assert changed(TEXT, editing.give_name(TEXT, "lirelou")) == [
        '-name = "enseigne"   # le nôtre',
        '+name = "lirelou"   # le nôtre',
    ]


def test_a_rename_touches_the_label_and_the_notes_that_name_it():
    assert changed(TEXT, editing.rename(TEXT, "prix_tarif", label_fr='Nos "prix"', label_en=None)) == [
        '-label_fr  =  "Prix"  # court',
        '+label_fr  =  "Nos \\"prix\\""  # court',
        '-exclude_fr = """',
        "-Frais de livraison : «\N{NO-BREAK SPACE}Prix\N{NO-BREAK SPACE}».",
        "-[[themes]] n’est pas un titre ici.",
        '-"""',
        '+exclude_fr = "Frais de livraison : «\N{NO-BREAK SPACE}Nos \\"prix\\"\N{NO-BREAK SPACE}».'
        '\\n[[themes]] n’est pas un titre ici.\\n"',
    ]
    assert changed(TEXT, editing.rename(TEXT, "bons", label_en="Coupons")) == [
        '-label_en = "Vouchers"',
        '+label_en = "Coupons"',
    ]


def test_a_merge_hands_examples_over_and_keeps_what_was_noted():
    start, end = TEXT.index('[[themes]]\nid = "bons"'), TEXT.index("# Livraison : repris")
    kept = TEXT[:start].replace('  "hors de prix",\n', '  "hors de prix",\n  "bon refusé",\n') + TEXT[end:]
    assert editing.merge(TEXT, ["bons"], into="prix_tarif", version="1.10") == kept + (
        '\n# à revoir en mai\n[[retired]]\nid = "bons"\nversion = "1.10"\ninto = ["prix_tarif"]\n'
    )


def test_sub_themes_follow_a_theme_that_is_merged():
    merged = tomllib.loads(editing.merge(TEXT, ["prix_tarif"], into="livraison", version="2"))
    assert {entry["id"]: entry.get("parent") for entry in merged["themes"]} == {"bons": "livraison", "livraison": None}
    upwards = tomllib.loads(editing.merge(TEXT, ["prix_tarif"], into="bons", version="2"))
    assert {entry["id"]: entry.get("parent") for entry in upwards["themes"]} == {"bons": None, "livraison": None}


def test_several_themes_are_merged_at_once_and_their_examples_stand_once():
    merged = tomllib.loads(editing.merge(TEXT, ["prix_tarif", "bons", "bons"], into="livraison", version="2"))
    assert merged["themes"][0]["examples"] == ["trop cher", "hors de prix", "bon refusé"]
    assert [(entry["id"], entry["into"]) for entry in merged["retired"]] == [
        ("prix_tarif", ["livraison"]),
        ("bons", ["livraison"]),
    ]


def test_a_list_that_grows_too_long_for_its_line_gets_one_line_a_text():
    text = TEXT.replace('"hors de prix"', f'"{"très " * 20}cher"')
    merged = editing.merge(text, ["prix_tarif"], into="bons", version="2")
    assert 'examples = [\n  "bon refusé",\n  "trop cher",\n  "très très' in merged


def test_a_split_puts_the_parts_in_its_place():
    text = editing.merge(TEXT, ["bons"], into="prix_tarif", version="2")
    after = editing.split(text, "prix_tarif", into=["prix_plantes", "promotions"], entries=PARTS, version="3")
    assert ids(after) == ["prix_plantes", "promotions", "livraison"]
    assert tomllib.loads(after)["retired"][-1] == {
        "id": "prix_tarif",
        "version": "3",
        "into": ["prix_plantes", "promotions"],
    }
    assert "# deux parts\n[[themes]]" in after
    assert "# Le prix\n[[retired]]" in after
    parse_codebook(after, where="here")


def test_a_theme_that_is_one_of_its_parts_stays():
    after = editing.split(TEXT, "prix_tarif", into=["prix_tarif", "promotions"], entries=PARTS, version="3")
    assert ids(after) == ["prix_tarif", "promotions", "bons", "livraison"]
    assert ids(after, "retired") == []


def test_a_theme_is_retired_with_a_note():
    after = editing.retire(TEXT, "livraison", version="2", note="Plus de livraison depuis mai.")
    assert after.endswith(
        "# Livraison : repris de l’ancien plan\n[[retired]]\n"
        'id = "livraison"\nversion = "2"\ninto = []\nnote = "Plus de livraison depuis mai."\n'
    )
    assert after.startswith(TEXT[: TEXT.index("# Livraison")].rstrip())


@pytest.mark.parametrize(
    ("entry", "order"),
    [
        ({"id": "neuf"}, ["prix_tarif", "bons", "livraison", "neuf"]),
        ({"id": "neuf", "parent": "prix_tarif"}, ["prix_tarif", "bons", "neuf", "livraison"]),
        ({"id": "neuf", "parent": "livraison"}, ["prix_tarif", "bons", "livraison", "neuf"]),
    ],
    ids=["behind all", "behind its siblings", "behind its parent"],
)
def test_a_theme_is_added_where_it_belongs(entry, order):
    after = editing.add(TEXT, entry)
    assert ids(after) == order
    assert not [line for line in changed(TEXT, after) if line.startswith("-")]


def test_what_is_empty_is_not_written():
    entry = {
        "id": "neuf",
        "label_fr": "L’eau",
        "sector": "",
        "parent": None,
        "examples": ["un", "deux"],
        "residual": True,
    }
    assert editing.add(TEXT, entry).endswith(
        '\n\n[[themes]]\nid = "neuf"\nlabel_fr = "L’eau"\nexamples = ["un", "deux"]\nresidual = true\n'
    )


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: editing.rename(TEXT, "prix", label_fr="x"), "no theme prix; did you mean prix_tarif"),
        (lambda: editing.merge(TEXT, ["inconnu"], into="bons", version="2"), "no theme inconnu"),
        (lambda: editing.merge(TEXT, ["bons"], into="inconnu", version="2"), "no theme inconnu"),
        (lambda: editing.merge(TEXT, ["bons"], into="bons", version="2"), "cannot be merged into itself"),
        (lambda: editing.split(TEXT, "bons", into=["a", "promotions"], entries=PARTS, version="2"), "no entry for: a"),
        (lambda: editing.split(TEXT, "bons", into=["promotions"], entries=PARTS, version="2"), "into one theme"),
        (lambda: editing.retire(TEXT, "inconnu", version="2"), "no theme inconnu"),
        (lambda: editing.retire('name = "x"\nthemes = [{ id = "a" }]\n', "a", version="2"), "not written as"),
    ],
    ids=["rename", "merge", "merge into", "merge itself", "split", "split into one", "retire", "inline"],
)
def test_what_cannot_be_done_is_named(edit, message):
    with pytest.raises(CodebookError, match=message):
        edit()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_theme_can_be_renamed_and_renamed_back(name):
    text = (files("verbatim.themes") / "codebooks" / f"{name}.toml").read_text(encoding="utf-8")
    for theme in parse_codebook(text, where=name).themes:
        renamed = editing.rename(text, theme.id, label_fr="Nom d’essai")
        assert parse_codebook(renamed, where=name).label(theme.id, "fr") == "Nom d’essai"
        assert editing.rename(renamed, theme.id, label_fr=theme.label_fr) == text


@given(label=st.text(min_size=1, max_size=30).filter(lambda text: text.strip() == text), note=st.text(max_size=30))
def test_any_text_may_be_written(label, note):
    after = editing.retire(editing.rename(TEXT, "bons", label_fr=label), "livraison", version="2", note=note)
    content = tomllib.loads(after)
    assert content["themes"][1]["label_fr"] == label
    assert content["retired"][0].get("note", "") == note


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_file_keeps_its_line_ends_and_its_rights(tmp_path, ends):
    file = tmp_path / "nos-themes.toml"
    file.write_text(TEXT, encoding="utf-8", newline=ends)
    file.chmod(0o640)
    editing.save(editing.raise_version(file.read_text(encoding="utf-8")), file)
    written = file.read_bytes().decode()
    assert written == editing.raise_version(TEXT).replace("\n", ends)
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["nos-themes.toml"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CodebookError, match="cannot be written"):
        editing.save(TEXT, tmp_path / "nowhere" / "x.toml")
    assert list(tmp_path.iterdir()) == []
