"""Single rows: what makes a response, what goes to quarantine, and how cells are read."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from tests.ingest.surveys import HEADER, ingest_text
from verbatim.ingest.dates import read_date
from verbatim.ingest.numbers import read_number, read_score

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        ("x;dix;bien;2026-03-01", "score_unreadable", "note"),
        ("x;9,5;bien;2026-03-01", "score_unreadable", "note"),
        ("x;11;bien;2026-03-01", "score_out_of_scale", "note"),
        ("x;-1;bien;2026-03-01", "score_out_of_scale", "note"),
        (f"x;{'9' * 400};bien;2026-03-01", "score_unreadable", "note"),
        ("x;9;bien;32/13/2026", "date_unreadable", "date"),
        ("x;9;bien;01/03/0206", "date_unreadable", "date"),
        ("x;9;bien;", "date_missing", "date"),
        (";9;bien;2026-03-01", "no_response_id", "id"),
        ("x;9;bien", "row_malformed", None),
        ("x;9;bien;2026-03-01;de trop", "row_malformed", None),
    ],
)
def test_a_bad_row_costs_one_row(tmp_path, row, reason, column):
    outcome = ingest_text(tmp_path, f"{HEADER}a;9;avant;2026-03-01\n{row}\nz;8;après;2026-03-02\n")
    assert outcome.column("verbatim") == ["avant", "après"]
    assert outcome.reasons == [(2, reason)]
    named = outcome.quarantine["column_name"][0]
    assert column == (None if pd.isna(named) else named)
    assert "bien" not in outcome.quarantine.to_csv()
    assert (outcome.ingested.rows_in, outcome.ingested.n_quarantined) == (3, 1)


def test_a_quarantined_row_stands_in_the_window_of_its_date(tmp_path):
    outcome = ingest_text(tmp_path, f"{HEADER}a;dix;;15/02/2026\nb;9;;hier\n")
    assert list(outcome.quarantine["window"]) == ["2026-02", "undated"]


def test_a_response_without_score_is_a_response(tmp_path):
    outcome = ingest_text(tmp_path, f"{HEADER}a;;pas de note;2026-03-01\nb;  ;;2026-03-01\n")
    assert outcome.column("nps_group") == [None, None]
    assert outcome.column("verbatim") == ["pas de note", None]


@pytest.mark.parametrize("word", ["NA", "N/A", "néant", "null", "None", "nan", "RAS", "-"])
def test_words_that_customers_type_stay_text(tmp_path, word):
    assert ingest_text(tmp_path, f"{HEADER}a;9;{word};2026-03-01\n").column("verbatim") == [word]


def test_missing_marks_of_the_settings_are_missing_in_every_column(tmp_path):
    text = f"{HEADER}a;NA;NA;2026-03-01\nb;9;néant;2026-03-01\nNA;9;x;2026-03-01\n"
    outcome = ingest_text(tmp_path, text, source={"missing": ["NA"]})
    assert outcome.column("score") == [None, 9]
    assert outcome.column("verbatim") == [None, "néant"]
    assert outcome.reasons == [(3, "no_response_id")]


@pytest.mark.parametrize(
    ("cell", "score"),
    [
        ("10", 10),
        ("10.0", 10),
        ("10,0", 10),
        (" 9 ", 9),
        ("\u00a09", 9),
        ("09", 9),
        ("9/10", 9),
        ("9 sur 10", 9),
        ("9 - Extremely Likely", 9),
        ("10 : Très probable", 10),
        ("0 (pas du tout)", 0),
        ("9/5", None),
        ("9,5", None),
        ("neuf", None),
        ("9 ou 10", None),
        ("1e1", None),
    ],
)
def test_scores(cell, score):
    assert read_score(cell, 10) == score


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12,5", 12.5),
        ("1 234,50 €", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("-3.2", -3.2),
        ("1e999", None),
        ("beaucoup", None),
        ("", None),
    ],
)
def test_numbers(cell, number):
    assert read_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-03-01", "2026-02-28T23:00"),
        ("2026-03-01T09:15:00Z", "2026-03-01T09:15"),
        ("2026-03-01 09:15:00.123+01:00", "2026-03-01T08:15"),
        ("31/12/2026 23:59", "2026-12-31T22:59"),
        ("31/12/26", "2026-12-30T23:00"),
        ("31.12.2026 23h59", "2026-12-31T22:59"),
        ("12/31/2026 11:59 PM", "2026-12-31T22:59"),
        ("20260301", "2026-02-28T23:00"),
        ("46082", "2026-02-28T23:00"),
        ("46082,5", "2026-03-01T11:00"),
        ("1772355600", "2026-03-01T09:00"),
        ("1772355600000", "2026-03-01T09:00"),
        # The hour that exists twice is its first; the one that does not is read with the offset before the gap.
        ("25/10/2026 02:30", "2026-10-25T00:30"),
        ("29/03/2026 02:30", "2026-03-29T01:30"),
        ("2026-02-30", None),
        ("32/13/2026", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("31/12", None),
        ("hier", None),
        ("12", None),
    ],
)
def test_dates_in_paris(cell, utc):
    read = read_date(cell, PARIS)
    assert (read and read.replace(second=0, microsecond=0)) == (
        utc and dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    )


def test_mixed_dates_of_one_column_go_to_the_periods_of_the_zone(tmp_path):
    dates = ["2026-03-31T23:30:00", "31/03/2026 23:30", "2026-03-31T22:30:00Z", "46112.99"]
    rows = "".join(f"{place};9;;{date}\n" for place, date in enumerate(dates))
    outcome = ingest_text(tmp_path, HEADER + rows)
    assert outcome.column("window") == ["2026-03", "2026-03", "2026-04", "2026-03"]


@pytest.mark.parametrize(
    "row",
    ['x;9;"très bien;2026-03-01', 'x;9;il a dit "bien;2026-03-01', 'x;9;"bien" sauf la caisse;2026-03-01'],
    ids=["opened and never closed", "inside the cell", "closed too early"],
)
def test_an_unbalanced_quote_does_not_swallow_the_rest(tmp_path, row):
    text = f'{HEADER}a;9;avant;2026-03-01\n{row}\ny;8;après;2026-03-02\nz;8;"une\nsuite";2026-03-02\n'
    outcome = ingest_text(tmp_path, text)
    assert outcome.column("response_id") == ["a", "x", "y", "z"]
    assert outcome.column("verbatim")[2:] == ["après", "une\nsuite"]
    assert "bien" in outcome.column("verbatim")[1]


def test_an_unbalanced_quote_in_every_tenth_row_costs_no_other_row(tmp_path):
    rows = "".join(f"{n:05};9;{chr(34) * (n % 10 == 0)}texte {n};2026-03-01\n" for n in range(5_000))
    outcome = ingest_text(tmp_path, HEADER + rows)
    assert outcome.ingested.rows_in == 5_000
    assert outcome.column("verbatim") == [f"texte {n}" for n in range(5_000)]


HUGE = """
import pathlib, sys
from tests.ingest.surveys import HEADER, run, settings_for
folder, size, kind = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
piece = {"plain": "x" * 999 + " ", "lines": "mot " * 249 + "\\n\\n\\n\\n", "rows": "un;deux;trois\\n" * 70}[kind]
quote = '"' if kind != "plain" else ""
with (folder / "nps.csv").open("w") as file:
    file.write(HEADER + "a;9;avant;2026-03-01\\nx;9;" + quote)
    for _ in range(size // len(piece)):
        file.write(piece)
    file.write(quote + ";2026-03-01\\nz;8;après;2026-03-02\\n")
outcome = run(settings_for(folder / "nps.csv"), folder / "out")
assert outcome.column("verbatim") == ["avant", "après"], outcome.column("response_id")
assert (2, "row_too_large") in outcome.reasons, outcome.reasons[:5]
assert outcome.ingested.rows_in == 2 + len(outcome.reasons)
print(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def ingest_huge_row(folder, size, kind):
    """In a process of its own, whose peak memory in MB is returned.

    The process says its own peak: `getrusage` counts what pytest held before the new program took its place.
    """
    command = [sys.executable, "-c", HUGE, str(folder), str(size), kind]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout.split()[-1]) / 1024


@pytest.mark.parametrize("kind", ["plain", "lines"])
def test_a_row_of_20_mb_goes_to_quarantine_and_the_rows_around_it_stay(tmp_path, kind):
    assert ingest_huge_row(tmp_path, 20_000_000, kind) < 1_500


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size"), [("plain", 200), ("lines", 200), ("rows", 20)])
def test_a_row_of_200_mb_goes_to_quarantine_in_bounded_memory(tmp_path, kind, size):
    assert ingest_huge_row(tmp_path, size * 1_000_000, kind) < 1_500


def test_a_row_too_large_of_jsonl_goes_to_quarantine(tmp_path):
    texts = ["x", "x" * 3_000_000, "x"]
    rows = [{"id": n, "note": 9, "pourquoi": text, "date": "2026-03-01"} for n, text in enumerate(texts, start=1)]
    outcome = ingest_text(tmp_path, "\n".join(map(json.dumps, rows)), name="nps.jsonl")
    assert outcome.column("response_id") == ["1", "3"]
    assert outcome.reasons == [(2, "row_too_large")]


def test_scores_that_never_reach_the_foot_of_the_scale_are_reported(tmp_path):
    notes = ingest_text(tmp_path, f"{HEADER}a;1;;2026-03-01\nb;10;;2026-03-01\n").ingested.notes
    assert "scores run 1 to 10; the scale goes from 0 to 10" in notes
    notes = ingest_text(tmp_path, f"{HEADER}a;0;;2026-03-01\nb;10;;2026-03-01\n").ingested.notes
    assert not any(note.startswith("scores run") for note in notes)
