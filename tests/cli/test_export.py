"""`verbatim export`: the same rows in every format, and nothing that a spreadsheet would run."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from tests.warehouse.frames import rows
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.warehouse import open_warehouse

FORMULA = "=1+1"
ODD = "é\u202f%\nligne\x0b"


@pytest.fixture
def published(survey):
    """A warehouse with one window of two responses; one of them is a formula."""
    answers = [
        {"response_id": "1", "verbatim": FORMULA, "score": 3, "weight": None},
        {"response_id": "2", "verbatim": ODD, "score": None, "weight": 0.5},
    ]
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        warehouse.publish(
            {"responses": rows(TABLES["responses"], *answers)},
            partition={"survey_id": "enseigne", "window": "2026-03"},
        )
    return survey


def test_standard_output_gets_csv(published, command):
    code, out, _ = command("export", published, "responses")
    assert code == 0
    table = pd.read_csv(io.StringIO(out))
    assert table["response_id"].tolist() == [1, 2]
    assert table["verbatim"][0] == f"'{FORMULA}"


def test_parquet_holds_the_table_as_it_is(published, command):
    file = published.parent / "new" / "responses.parquet"
    assert command("export", published, "responses", "--out", file)[0] == 0
    assert pd.read_parquet(file)["verbatim"].tolist() == [FORMULA, ODD]


def test_a_workbook_holds_numbers_times_and_no_formula(published, command):
    file = published.parent / "responses.xlsx"
    assert command("export", published, "responses", "--out", file)[0] == 0
    sheet = openpyxl.load_workbook(file).active
    head, first, second = sheet.iter_rows()
    place = {cell.value: number for number, cell in enumerate(head)}
    assert (first[place["verbatim"]].value, first[place["verbatim"]].data_type) == (FORMULA, "s")
    # XML knows no vertical tab.
    assert second[place["verbatim"]].value == ODD.replace("\x0b", "\ufffd")
    assert (first[place["score"]].value, second[place["score"]].value) == (3, None)
    assert first[place["answered_at"]].value == pd.Timestamp("2026-03-05")
    assert sheet.freeze_panes == "A2"


def test_an_unknown_table_is_named_with_the_known_ones(published, command):
    code, _, errors = command("export", published, "driver")
    assert code == 1
    assert "there is no table driver" in errors
    assert "drivers" in errors


def test_an_unknown_format_is_named_with_the_known_ones(published, command):
    code, _, errors = command("export", published, "responses", "--out", published.parent / "responses.ods")
    assert code == 1
    assert ".xlsx" in errors


def test_a_place_that_cannot_be_written(published, command):
    (published.parent / "file").write_text("")
    code, _, errors = command("export", published, "responses", "--out", published.parent / "file" / "responses.csv")
    assert code == 1
    assert "cannot be written" in errors


def test_without_a_warehouse_the_next_step_is_a_night(survey, command):
    code, _, errors = command("export", survey, "responses")
    assert code == 1
    assert "verbatim nightly" in errors
