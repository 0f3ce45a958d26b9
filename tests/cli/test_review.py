"""`verbatim review`: a sheet out, the team's judgement back."""

from __future__ import annotations

import openpyxl
import pytest

from tests.warehouse.frames import rows
from verbatim.reading.errors import REVIEW_COLUMNS, reviewed
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.training.answers import read_marked
from verbatim.warehouse import open_warehouse

FRANC = "=trop cher"
ANSWERS = 40


def answer(number):
    return {"response_id": f"r{number:02}", "verbatim": f"{FRANC} mais accueil {number}", "score": number % 11}


def opinion(number, rank, start, end, theme, polarity):
    verbatim = answer(number)["verbatim"]
    return {
        "response_id": f"r{number:02}",
        "opinion_id": f"r{number:02}#{rank}",
        "start": start,
        "end": end,
        "quote": verbatim[start:end],
        "theme_id": theme,
        "polarity": polarity,
        "codebook": "cx-fr",
        "text_hash": f"hash-{number}",
    }


@pytest.fixture
def published(survey):
    """A warehouse of forty answers that complain of the price and praise the welcome."""
    given = [
        found
        for number in range(ANSWERS)
        for found in (
            opinion(number, 0, 0, 10, "prix_tarif", "negative"),
            opinion(number, 1, 16, len(answer(number)["verbatim"]), "accueil_relation", "positive"),
        )
    ]
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        warehouse.publish(
            {
                "responses": rows(TABLES["responses"], *map(answer, range(ANSWERS))),
                "opinions": rows(TABLES["opinions"], *given),
                "windows": rows(TABLES["windows"], {"model_revision": "reader-1"}),
            },
            partition={"survey_id": "enseigne", "window": "2026-03"},
        )
    return survey


@pytest.fixture
def sheet(published, command, tmp_path):
    """A sheet of twenty opinions."""
    file = tmp_path / "out" / "review.xlsx"
    assert command("review", "export", published, "--out", file, "--n", 20)[0] == 0
    return file


def fill(file, judge, *, upto=100):
    """Fill in the first rows: judge says theme and polarity of the words."""
    book = openpyxl.load_workbook(file, rich_text=True)
    for cells in list(book["Avis"].iter_rows(min_row=2))[:upto]:
        cells[5].value, cells[6].value = judge(str(cells[4].value))
    book.save(file)


def honest(words):
    return ("Prix et tarifs", "Négatif") if "cher" in words else ("Accueil et relation", "Positif")


def test_there_and_back(published, sheet, command):
    fill(sheet, honest)
    code, said, _ = command("review", "import", published, sheet)
    assert code == 0
    assert "20 of the 20 opinions of review.xlsx are judged" in said
    assert [line.split() for line in said.splitlines() if line.startswith(("theme", "polarity", "both"))] == [
        [name, "20", "100.0%", "83.9%", "to", "100.0%", "1.000"] for name in ("theme", "polarity", "both")
    ]
    found = reviewed(load_settings(published).survey_folder, "reader-1")
    assert tuple(found.columns) == REVIEW_COLUMNS
    assert len(found) == 20
    assert (found["theme_true"] == found["theme_read"]).all()
    marked = load_settings(published).survey_folder / "review" / "marked.tsv"
    (first, *others) = read_marked(marked, kind="nps")
    assert len(others) == 9
    assert first.text.startswith(f"{FRANC} mais accueil")
    assert [(o.theme, o.polarity) for o in first.opinions] == [
        ("prix_tarif", "negative"),
        ("accueil_relation", "positive"),
    ]


def test_what_the_reader_gets_wrong_is_counted_and_corrected(published, sheet, command):
    fill(sheet, lambda words: ("Qualité du produit", "negatif") if "cher" in words else honest(words))
    book = openpyxl.load_workbook(sheet)
    label = {row[0].value: row[1].value for row in book["Thèmes"].iter_rows()}["qualite_produit"]
    fill(sheet, lambda words: (label, "Négatif") if "cher" in words else honest(words))
    code, said, _ = command("review", "import", published, sheet)
    assert code == 0
    assert next(line for line in said.splitlines() if line.startswith("theme")).split()[1:3] == ["20", "50.0%"]
    line = next(line for line in said.splitlines() if line.startswith("  prix_tarif negative")).split()
    assert line[2:4] == ["50.0%", "0.0%"]


def test_a_sheet_filled_in_part_counts_for_that_part(published, sheet, command):
    fill(sheet, honest, upto=3)
    code, said, _ = command("review", "import", published, sheet)
    assert code == 0
    assert "3 of the 20 opinions" in said
    assert "say little" in said
    # The second answer was left in the middle.
    assert "1 whole answers to learn from" in said


def test_a_second_sheet_adds_to_the_first(published, sheet, command, tmp_path):
    fill(sheet, honest)
    command("review", "import", published, sheet)
    other = tmp_path / "other.xlsx"
    command("review", "export", published, "--out", other, "--n", 20, "--seed", 2)
    fill(other, lambda _: ("Pas un avis", None))
    code, said, _ = command("review", "import", published, other)
    assert code == 0
    found = reviewed(load_settings(published).survey_folder, "reader-1")
    assert 20 < len(found) <= 40
    assert f"{len(found)} judged opinions in all" in said
    assert (found["theme_true"] == "no_opinion").sum() == 20


def test_elsewhere_than_the_survey_s_folder(published, sheet, command, tmp_path):
    fill(sheet, honest)
    code, said, _ = command("review", "import", published, sheet, "--out", tmp_path / "there")
    assert code == 0
    assert (tmp_path / "there" / "review.tsv").is_file()
    assert "next night" not in said
    assert reviewed(load_settings(published).survey_folder, "reader-1") is None


def test_all_faults_are_told_at_once_and_nothing_is_written(published, sheet, command):
    fill(sheet, lambda words: ("philomene", "Positif") if "cher" in words else ("Accueil et relation", None))
    code, _, errors = command("review", "import", published, sheet)
    assert code == 1
    assert "20 rows of the sheet cannot be used" in errors
    assert "row 2: the theme is none of the list" in errors
    assert "row 3: the polarity is missing" in errors
    assert "philomene" not in errors
    assert "accueil 1" not in errors
    assert not (load_settings(published).survey_folder / "review").exists()


def test_answers_read_anew_are_not_mixed_up(published, sheet, command):
    fill(sheet, honest)
    with open_warehouse(load_settings(published).warehouse.url) as warehouse:
        again = [opinion(number, 0, 0, 9, "prix_tarif", "negative") for number in range(ANSWERS)]
        warehouse.publish(
            {
                "responses": rows(TABLES["responses"], *map(answer, range(ANSWERS))),
                "opinions": rows(TABLES["opinions"], *again),
            },
            partition={"survey_id": "enseigne", "window": "2026-03"},
        )
    code, _, errors = command("review", "import", published, sheet)
    assert code == 1
    assert "row 2: the answer was read anew" in errors
    assert "row 3: this opinion is no longer there" in errors
    assert "verbatim review export" in errors


def test_an_empty_sheet_is_refused(published, sheet, command):
    code, _, errors = command("review", "import", published, sheet)
    assert code == 1
    assert "None of the 20 opinions" in errors


@pytest.mark.parametrize("words", [("--out", "review.ods"), ("--n", "0")], ids=["format", "number"])
def test_what_cannot_be_asked_for(published, command, tmp_path, words):
    given = (words[0], tmp_path / words[1]) if words[0] == "--out" else words
    code, _, errors = command("review", "export", published, *given)
    assert code == 1
    assert ".xlsx" in errors


def test_a_sheet_that_may_be_filled_in_is_not_written_over(published, sheet, command):
    before = sheet.read_bytes()
    code, _, errors = command("review", "export", published, "--out", sheet)
    assert code == 1
    assert "there already" in errors
    assert sheet.read_bytes() == before


def test_without_a_warehouse_the_next_step_is_a_night(survey, command):
    code, _, errors = command("review", "export", survey)
    assert code == 1
    assert "verbatim nightly" in errors
    assert not (survey.parent / "review.xlsx").exists()
