"""`verbatim codebook`: what the verbs say, what they write, and what a refusal leaves untouched."""

from __future__ import annotations

import json
import os
import tomllib
from importlib.resources import files as packaged
from pathlib import Path

import pytest

from tests.flows.surveys import write_settings
from tests.warehouse.frames import rows
from verbatim.night.rereading import Rereading, find_windows, name_windows
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.themes.codebook import load_codebook
from verbatim.warehouse import open_warehouse

NBSP = "\N{NO-BREAK SPACE}"
VERBS = ("show", "check", "diff", "propose", "accept", "rename", "merge", "split", "retire", "score")
PARTS = """\
[[themes]]
id = "prix_plantes"
label_fr = "Prix des plantes"
label_en = "Prices of plants"
definition_fr = "Prix des plantes."
definition_en = "Prices of plants."
examples = ["plantes trop chères", "rosiers hors de prix", "fleurs chères", "arbres chers", "plants chers"]

[[themes]]
id = "promotions"
label_fr = "Promotions"
label_en = "Promotions"
definition_fr = "Promotions."
definition_en = "Promotions."
"""
PROPOSALS = """\
# 12 répondants
[[themes]]
id = "troc_samedi"
label_fr = "Troc du samedi"
label_en = ""
definition_fr = ""
definition_en = ""
examples = ["le troc du samedi", "troc de graines"]

[[themes]]
id = "caisses"
label_fr = "Caisses"
label_en = ""
definition_fr = ""
definition_en = ""
parent = "joignabilite_attente"
examples = ["deux caisses ouvertes"]
"""
WORDED = ("--label-en", "Swaps", "--definition-fr", "Trocs.", "--definition-en", "Swaps.")


@pytest.fixture
def own(survey):
    """Codebook of the survey's own, named in its settings; its themes are those of cx-fr."""
    shipped = (packaged("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    file = survey.parent / "nos-themes.toml"
    file.write_text(shipped.replace('name = "cx-fr"', 'name = "enseigne"'), encoding="utf-8")
    write_settings(survey.parent, extra='[themes]\ncodebook = "nos-themes.toml"')
    return file


@pytest.fixture
def published(survey):
    """Three windows; two opinions of prix_tarif in each of the first two, one of livraison in each."""
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        for window, themes in (
            ("2026-01", ["prix_tarif", "prix_tarif", "livraison"]),
            ("2026-02", ["prix_tarif", "prix_tarif", "livraison"]),
            ("undated", ["livraison"]),
        ):
            said = [{"opinion_id": f"{window}#{n}", "theme_id": theme} for n, theme in enumerate(themes)]
            frames = {"opinions": rows(TABLES["opinions"], *said, window=window)}
            warehouse.publish(frames, partition={"survey_id": "enseigne", "window": window})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".duckdb" and path.is_file()}


def entries(file: Path, kind: str = "themes") -> dict[str, dict]:
    return {entry["id"]: entry for entry in tomllib.loads(file.read_text(encoding="utf-8")).get(kind, [])}


def test_alone_it_prints_its_help_with_every_verb(command):
    code, said, _ = command("codebook")
    assert code == 0
    for verb in VERBS:
        assert f"│ {verb} " in said


def test_the_docs_name_every_verb():
    page = (Path(__file__).parents[2] / "docs" / "themes.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"verbatim codebook {verb} " in page, verb


def test_themes_are_shown_in_french_with_their_retired_ids(command, own):
    command("codebook", "merge", own.parent / "survey.toml", "livraison", "--into", "delai_traitement")
    code, said, _ = command("codebook", "show", own)
    assert code == 0
    assert f"enseigne, version 2{NBSP}: 22 thèmes" in said
    (line,) = [line for line in said.splitlines() if line.lstrip().startswith("prix_tarif ")]
    assert line.split()[1:5] == ["Prix", "et", "tarifs", "2"]
    (line,) = [line for line in said.splitlines() if line.lstrip().startswith("livraison ")]
    assert line.split() == ["livraison", "2", "delai_traitement"]
    # What no-break spaces bind is not torn apart at the end of a line.
    assert not [line for line in said.splitlines() if line.strip().startswith((";", ":"))]


def test_a_settings_file_stands_for_its_codebook(command, own):
    assert command("codebook", "show", own.parent / "survey.toml") == command("codebook", "show", own)


def test_a_good_codebook_is_said_to_be(command, own):
    code, said, _ = command("codebook", "check", "cx-fr")
    assert (code, said) == (0, "cx-fr: good; cx-fr, version 1, 23 themes, 0 retired ids\n")


def test_a_theme_that_nothing_recognises_is_named(command, own):
    own.write_text(own.read_text(encoding="utf-8") + PARTS, encoding="utf-8")
    code, said, _ = command("codebook", "check", own)
    assert code == 0
    assert said.splitlines()[:-1] == [
        "warning  promotions: the encoder does not know it, and it has no example; 5 or more make it recognised"
    ]


def test_all_problems_are_listed_and_the_exit_code_is_1(command, own):
    text = own.read_text(encoding="utf-8").replace('label_fr = "Livraison"', 'label_fr = ""')
    own.write_text(text.replace("language", "langage"), encoding="utf-8")
    code, said, _ = command("codebook", "check", own)
    assert code == 1
    header = text[: text.index('id = "livraison"')].count("\n")
    place = f"line {header}, theme 5 (livraison)"
    assert said.splitlines() == [
        "problem  unknown keys: langage; expected some of language, name, retired, themes, version",
        'problem  language is missing or empty; expected language = "…"',
        f'problem  {place}: label_fr is missing or empty; expected label_fr = "…"',
        f"{own}: 3 problems; it cannot be used",
    ]


@pytest.mark.parametrize("verb", ["show", "check"])
def test_a_codebook_that_is_not_there_is_an_error(command, verb, tmp_path):
    code, said, wrong = command("codebook", verb, tmp_path / "rien.toml")
    assert (code, said) == (1, "")
    assert "there is no such codebook" in wrong


def test_codebooks_that_say_the_same_do_not_differ(command, own):
    assert command("codebook", "diff", own, own.parent / "survey.toml") == (0, "", "")


def test_a_difference_says_what_it_means_and_gives_1(command, own):
    before = own.with_name("before.toml")
    before.write_bytes(own.read_bytes())
    command("codebook", "retire", own.parent / "survey.toml", "autre")
    command("codebook", "rename", own.parent / "survey.toml", "livraison", "--label-en", "Parcels")
    code, said, _ = command("codebook", "diff", before, own)
    assert code == 1
    assert said.splitlines() == [
        "changes assignments: the next night computes the windows again",
        "  removed     autre: “Autre motif”, nothing took over",
        "changes what people read: numbers stay",
        "  head        version: “1” → “3”",
        "  renamed     livraison: label_en: “Delivery” → “Parcels”",
    ]


@pytest.mark.usefixtures("published")
def test_a_rename_changes_labels_and_says_that_numbers_stay(command, own):
    before = load_codebook(own)
    code, said, _ = command("codebook", "rename", own.parent / "survey.toml", "choix_stock", "--label-fr", "Choix")
    assert code == 0
    assert said.splitlines()[0] == f"written: {own} (version 1 → 2)"
    assert "  renamed     choix_stock: label_fr: “Choix et disponibilité” → “Choix”" in said.splitlines()
    assert said.splitlines()[-1].startswith("labels only: numbers stay;")
    assert load_codebook(own).assignment_hash == before.assignment_hash
    assert load_codebook(own).label("choix_stock", "fr") == "Choix"
    # Exclude notes name themes by their labels.
    assert f"«{NBSP}Choix{NBSP}»" in entries(own)["livraison"]["exclude_fr"]


def test_a_rename_that_changes_nothing_writes_nothing(command, own):
    before = contents(own.parent)
    code, said, _ = command("codebook", "rename", own.parent / "survey.toml", "livraison", "--label-en", "Delivery")
    assert (code, said) == (0, "nothing to change: enseigne, version 1, says so already\n")
    assert contents(own.parent) == before


@pytest.mark.usefixtures("published")
def test_a_shipped_codebook_is_copied_for_the_survey(command, survey):
    code, said, _ = command("codebook", "rename", survey, "livraison", "--label-fr", "Colis")
    file = survey.parent / "codebook-enseigne.toml"
    assert code == 0
    assert said.splitlines()[0] == f"written: {file} (version 1 → 2)"
    assert said.splitlines()[-5:] == [
        "to read with it, write into the settings:",
        "  [themes]",
        '  codebook = "codebook-enseigne.toml"',
        "once the settings name the file, the next night computes again, once, under the name enseigne: "
        "2026-01 … undated (3 windows)",
        "numbers stay",
    ]
    codebook = load_codebook(file)
    assert (codebook.name, codebook.version, codebook.label("livraison", "fr")) == ("enseigne", "2", "Colis")
    shipped = (packaged("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    assert file.read_text(encoding="utf-8").splitlines()[0] == shipped.splitlines()[0]


def test_a_copy_that_the_settings_do_not_name_is_not_overwritten(command, survey):
    command("codebook", "rename", survey, "livraison", "--label-fr", "Colis")
    before = contents(survey.parent)
    code, _, wrong = command("codebook", "rename", survey, "livraison", "--label-fr", "Paquets")
    assert code == 1
    assert "next: write into" in wrong
    assert '[themes] codebook = "codebook-enseigne.toml"' in wrong
    assert contents(survey.parent) == before


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("words", "into", "last"),
    [
        (
            ("merge", "prix_tarif", "livraison", "--into", "choix_stock"),
            {"prix_tarif": ["choix_stock"], "livraison": ["choix_stock"]},
            "figures change in: 2026-01 … undated (3 windows, 7 opinions of prix_tarif, livraison)",
        ),
        (
            ("retire", "prix_tarif", "--note", "Plus de prix."),
            {"prix_tarif": []},
            "figures change in: 2026-01 … 2026-02 (2 windows, 4 opinions of prix_tarif)",
        ),
        (("retire", "choix_stock"), {"choix_stock": []}, "no published opinion is of choix_stock: numbers stay"),
        (
            ("split", "prix_tarif", "--into", "prix_plantes", "promotions", "--from", "parts.toml"),
            {"prix_tarif": ["prix_plantes", "promotions"]},
            "figures change in: 2026-01 … 2026-02 (2 windows, 4 opinions of prix_tarif); "
            "prix_plantes, promotions may take opinions of other themes, too",
        ),
        (
            ("split", "prix_tarif", "--into", "prix_tarif", "promotions", "--from", "parts.toml"),
            {},
            "figures change where opinions go to promotions",
        ),
    ],
    ids=["merge", "retire", "retire unused", "split", "split off"],
)
def test_themes_that_leave_are_retired_and_the_windows_named(command, own, monkeypatch, words, into, last):
    monkeypatch.chdir(own.parent)
    Path("parts.toml").write_text(PARTS, encoding="utf-8")
    verb, *more = words
    code, said, _ = command("codebook", verb, "survey.toml", *more)
    assert code == 0
    assert said.splitlines()[-2:] == ["the next night computes again: 2026-01 … undated (3 windows)", last]
    assert {theme_id: entry["into"] for theme_id, entry in entries(own, "retired").items()} == into
    assert not set(into) & set(entries(own))
    assert {entry["version"] for entry in entries(own, "retired").values()} <= {"2"}
    assert load_codebook(own).version == "2"


def test_a_part_without_enough_examples_is_told(command, own):
    parts = own.with_name("parts.toml")
    parts.write_text(PARTS, encoding="utf-8")
    settings = own.parent / "survey.toml"
    said = command("codebook", "split", settings, "livraison", "--into", "prix_plantes", "promotions", "--from", parts)[
        1
    ]
    assert [line for line in said.splitlines() if line.startswith("warning")] == [
        "warning  promotions: the encoder does not know it, and it has no example; 5 or more make it recognised"
    ]
    assert said.splitlines()[-1] == "nothing is published yet: the next night reads with it"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rename", "livraison"), "no label is given"),
        (("rename", "livraisons", "--label-fr", "x"), "no theme livraisons; did you mean livraison?"),
        (("rename", "livraison", "--label-fr", " "), "label_fr is missing or empty"),
        (("merge", "inconnu", "--into", "livraison"), "the codebook has no theme inconnu"),
        (("merge", "livraison", "--into", "livraison"), "cannot be merged into itself"),
        (("split", "livraison", "--into", "a", "b", "--from", "parts.toml"), "no entry for: a, b"),
        (("split", "livraison", "--into", "a", "b", "--from", "rien.toml"), "no such codebook"),
        (("split", "livraison", "--into", "a", "b", "--from", "survey.toml"), "the file holds no themes"),
        (("retire", "inconnu"), "the codebook has no theme inconnu"),
        (("accept", "troc_samedi"), "a person must word this theme first; missing: label_en, definition_fr"),
        (("accept", "inconnu"), "there is no proposal inconnu"),
        (("accept", "troc_samedi", "--id", "livraison", *WORDED), "livraison cannot be a new theme: it is one already"),
        (("accept", "troc_samedi", "--id", "Troc", *WORDED), "an id that cannot be one: 'Troc'"),
        (("accept", "troc_samedi", "--parent", "troc", *WORDED), "a parent that is no theme: troc"),
        (("accept", "troc_samedi", "--file", "rien.toml", *WORDED), "no such codebook"),
    ],
)
def test_a_refused_edit_is_explained_and_leaves_every_file(command, own, monkeypatch, words, message):
    monkeypatch.chdir(own.parent)
    Path("parts.toml").write_text(PARTS, encoding="utf-8")
    write_proposals(own.parent)
    before = contents(own.parent)
    verb, *more = words
    code, said, wrong = command("codebook", verb, "survey.toml", *more)
    assert (code, said) == (1, "")
    assert message in wrong
    assert contents(own.parent) == before


def write_proposals(folder: Path, name: str = "enseigne-1.toml", text: str = PROPOSALS) -> Path:
    file = load_settings(folder / "survey.toml").survey_folder / "proposals" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.usefixtures("published")
def test_a_proposal_becomes_a_theme(command, own):
    proposals = write_proposals(own.parent)
    code, said, _ = command("codebook", "accept", own.parent / "survey.toml", "troc_samedi", *WORDED)
    assert code == 0
    assert entries(own)["troc_samedi"] == {
        "id": "troc_samedi",
        "label_fr": "Troc du samedi",
        "label_en": "Swaps",
        "definition_fr": "Trocs.",
        "definition_en": "Swaps.",
        "origin": "discovered",
        "examples": ["le troc du samedi", "troc de graines"],
    }
    assert said.splitlines()[1:] == [
        "  added       troc_samedi: “Troc du samedi”",
        "warning  troc_samedi: the encoder does not know it, and it has 2 examples; 5 or more make it recognised",
        "the next night computes again: 2026-01 … undated (3 windows)",
        "figures change where opinions go to troc_samedi",
        "its 2 examples are words of customers: reword them so that nobody is recognised",
    ]
    assert proposals.read_text(encoding="utf-8") == PROPOSALS


@pytest.mark.parametrize(
    ("words", "parent", "theme_id"),
    [
        ((), "joignabilite_attente", "caisses"),
        (("--parent", ""), None, "caisses"),
        (("--id", "attente"), "joignabilite_attente", "attente"),
    ],
    ids=["as proposed", "no parent", "another id"],
)
def test_what_is_given_goes_before_what_was_proposed(command, own, words, parent, theme_id):
    write_proposals(own.parent)
    command("codebook", "accept", own.parent / "survey.toml", "caisses", *WORDED, *words)
    assert entries(own)[theme_id].get("parent") == parent


def test_the_newest_proposals_are_taken(command, own):
    new = write_proposals(own.parent, "a.toml", PROPOSALS.replace("Troc du samedi", "Le troc"))
    old = write_proposals(own.parent, "b.toml")
    os.utime(old, (0, new.stat().st_mtime - 60))
    command("codebook", "accept", own.parent / "survey.toml", "troc_samedi", *WORDED)
    assert entries(own)["troc_samedi"]["label_fr"] == "Le troc"


def test_without_proposals_the_next_step_is_told(command, own):
    code, _, wrong = command("codebook", "accept", own.parent / "survey.toml", "troc_samedi")
    assert code == 1
    assert "next: run `verbatim codebook propose SETTINGS` first" in wrong


def test_an_id_that_was_retired_is_not_given_again(command, own):
    settings = own.parent / "survey.toml"
    command("codebook", "retire", settings, "livraison")
    write_proposals(own.parent)
    code, _, wrong = command("codebook", "accept", settings, "troc_samedi", "--id", "livraison", *WORDED)
    assert code == 1
    assert "livraison cannot be a new theme: it was one, and is retired" in wrong


def test_a_theme_with_parts_cannot_leave_before_them(command, own):
    settings = own.parent / "survey.toml"
    write_proposals(own.parent)
    command("codebook", "accept", settings, "caisses", *WORDED)
    before = own.read_bytes()
    code, _, wrong = command("codebook", "retire", settings, "joignabilite_attente")
    assert code == 1
    assert "nothing was written" in wrong
    assert "first merge or retire its sub-themes: caisses" in wrong
    assert own.read_bytes() == before
    command("codebook", "merge", settings, "joignabilite_attente", "--into", "accueil_relation")
    assert entries(own)["caisses"]["parent"] == "accueil_relation"


def test_a_warehouse_that_cannot_be_opened_does_not_stop_an_edit(command, own):
    (own.parent / "verbatim.duckdb").write_text("no database")
    code, said, _ = command("codebook", "retire", own.parent / "survey.toml", "livraison")
    assert code == 0
    assert "livraison" in entries(own, "retired")
    assert said.splitlines()[-1].startswith("the next night computes all windows again; which these are cannot be told")


@pytest.mark.usefixtures("published")
def test_windows_are_found_in_the_order_of_time(survey):
    settings = load_settings(survey)
    assert find_windows(settings, ["prix_tarif"]) == Rereading(
        ("2026-01", "2026-02", "undated"), ("2026-01", "2026-02"), 4
    )
    assert find_windows(settings).touched == ()


def test_before_the_first_night_there_are_none_and_no_file_is_made(survey):
    assert find_windows(load_settings(survey), ["prix_tarif"]) == Rereading((), (), 0)
    assert not (survey.parent / "verbatim.duckdb").exists()


@pytest.mark.parametrize(
    ("windows", "more", "words"),
    [
        (("2026-01",), "", "2026-01 (1 window)"),
        (("2026-01", "2026-02"), "3 opinions of x", "2026-01 … 2026-02 (2 windows, 3 opinions of x)"),
        (tuple(f"2026-{n:02}" for n in range(1, 7)), "", "2026-01 … 2026-06 (6 windows)"),
    ],
)
def test_windows_in_words(windows, more, words):
    assert name_windows(windows, more=more) == words


def test_propose_is_refit(command, survey, monkeypatch):
    asked = []
    monkeypatch.setattr("verbatim.cli.codebook.propose_topics", asked.append)
    assert command("codebook", "propose", survey)[0] == command("refit", survey)[0] == 0
    assert asked == [survey, survey]


def test_score_is_handed_its_options(command, tmp_path, monkeypatch):
    asked = []

    def score(marked, *, settings, codebook):
        asked.append([str(marked), str(settings), codebook])
        yield "done"

    monkeypatch.setattr("verbatim.cli.codebook_score.score", score)
    code, said, _ = command("codebook", "score", "a.tsv", "--settings", "s.toml", "--codebook", "cx-fr")
    assert (code, said) == (0, "done\n")
    assert json.dumps(asked) == json.dumps([["a.tsv", "s.toml", "cx-fr"]])
