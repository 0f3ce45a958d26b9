"""Broken inputs through the command: a message that helps, an exit code, and nothing published."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import pytest

from flows import nightly as nights
from verbatim.cli.app import app
from verbatim.errors import VerbatimError
from verbatim.night import night_folder
from verbatim.settings import load_settings
from verbatim.warehouse import open_warehouse

from .surveys import HEADER, answers, write_settings, write_source

pytestmark = pytest.mark.usefixtures("prefect")
WORDS = "le carrelage des Trifouillard"
"""A customer's words: none of them may stand in an error."""


@pytest.fixture
def command(monkeypatch, capsys, stand_in_reader):
    """Run a verb in this process: its exit code, standard output and standard error."""
    # What the command does to its process must not outlive the test.
    monkeypatch.setattr("verbatim.cli.prefect._ENVIRONMENT", {})
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))
    for step in ("ingest_sources", "plan", "read", "publish"):
        monkeypatch.setattr(getattr(nights, step), "retries", 0)

    def command(*words: object) -> tuple[int, str, str]:
        try:
            app.meta([str(word) for word in words])
        except SystemExit as stop:
            code = stop.code
        else:
            code = 0
        said = capsys.readouterr()
        return int(code or 0), said.out, said.err

    return command


def published(survey) -> dict[str, int]:
    """Rows by table; empty where there is no warehouse."""
    url = load_settings(survey).warehouse.url
    try:
        with open_warehouse(url, create=False) as warehouse:
            return {name: len(warehouse.read(name)) for name in ("responses", "nps", "drivers", "windows")}
    except VerbatimError:
        return {}


def _missing_file(survey):
    (survey.parent / "nps.csv").unlink()


def _missing_column(survey):
    write_source(survey.parent, answers(), header=HEADER.replace("explication", "pourquoi"))


def _wrong_encoding(survey):
    write_settings(survey.parent, source='encoding = "utf-8"')
    text = HEADER + "".join(answers()) + f"z;3;{WORDS} à côté;2026-01-05;web\n"
    (survey.parent / "nps.csv").write_bytes(text.encode("cp1252"))


def _empty_file(survey):
    (survey.parent / "nps.csv").write_bytes(b"")


def _directory(survey):
    (survey.parent / "nps.csv").unlink()
    (survey.parent / "nps.csv").mkdir()


def _warehouse_under_a_file(survey):
    write_settings(survey.parent, extra='[warehouse]\nurl = "duckdb:///nps.csv/verbatim.duckdb"')


def _warehouse_of_text(survey):
    (survey.parent / "text.duckdb").write_text(WORDS * 1000)
    write_settings(survey.parent, extra='[warehouse]\nurl = "duckdb:///text.duckdb"')


def _warehouse_out_of_reach(survey):
    write_settings(survey.parent, extra='[warehouse]\nurl = "postgresql://nobody:hunter2@127.0.0.1:1/none"')


def _too_many_rejected(survey):
    rows = [f"x{number};dix;{WORDS};2026-01-05;web\n" for number in range(30)]
    write_source(survey.parent, [*answers(), *rows])


@pytest.mark.parametrize(
    ("break_it", "named"),
    [
        (_missing_file, "no such file"),
        (_missing_column, "no column 'explication'"),
        (_wrong_encoding, "utf-8"),
        (_empty_file, "no header row|is empty"),
        (_directory, "directory|folder"),
        (_warehouse_under_a_file, "verbatim.duckdb"),
        (_warehouse_of_text, "text.duckdb"),
        (_warehouse_out_of_reach, "127.0.0.1"),
        (_too_many_rejected, "30 of 84 rows cannot be responses"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_cannot_be_read_or_written_is_told_and_nothing_is_published(survey, command, break_it, named):
    break_it(survey)
    code, _, errors = command("nightly", survey, "--as-of", "2026-03-20")
    assert code == 1
    assert sum(published(survey).values()) == 0
    assert not (survey.parent / "reports").exists()
    message = errors[errors.index("error: ") :]
    assert re.search(named, message), message
    for label in ("where: ", "expected: ", "next: "):
        assert label in message, message
    for secret in (*WORDS.split()[1:2], "Trifouillard", "hunter2", "Traceback"):
        assert secret not in errors


def test_a_warehouse_that_another_process_holds_is_told(survey, command):
    file = survey.parent / "verbatim.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(file)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        code, _, errors = command("nightly", survey, "--as-of", "2026-03-20")
    finally:
        holder.communicate(b"\n")
    assert code == 1
    assert "in use by another process" in errors
    assert "Traceback" not in errors
    assert sum(published(survey).values()) == 0
    assert not (survey.parent / "reports").exists()


def test_what_was_published_before_stands_after_a_broken_night(survey, command):
    assert command("nightly", survey, "--as-of", "2026-03-20")[0] == 0
    before = published(survey)
    pages = {page: page.read_bytes() for page in (survey.parent / "reports").rglob("*.html")}
    _missing_column(survey)
    assert command("nightly", survey, "--as-of", "2026-03-20")[0] == 1
    assert published(survey) == before
    assert {page: page.read_bytes() for page in (survey.parent / "reports").rglob("*.html")} == pages


def test_a_second_night_of_the_survey_at_the_same_time_is_told(survey, command):
    with night_folder(load_settings(survey)):
        code, _, errors = command("nightly", survey, "--as-of", "2026-03-20")
    assert code == 1
    assert "another run of this survey is at work" in errors
    # A run that ended, or was killed, leaves nothing to clear away.
    assert command("nightly", survey, "--as-of", "2026-03-20")[0] == 0


def test_single_bad_rows_are_set_aside_counted_and_the_night_goes_on(survey, command):
    rows = [
        f"a;dix;{WORDS};2026-01-05;web\n",
        f"b;3;{WORDS};32/13/2026;web\n",
        f";3;{WORDS};2026-01-05;web\n",
        "2026-01-0;2;trop cher;2026-01-01;web\n",
        f"c;3;{WORDS * 200_000};2026-01-05;web\n",
    ]
    write_source(survey.parent, [*answers(), *rows])
    code, out, errors = command("nightly", survey, "--as-of", "2026-03-20")
    assert (code, "error" in errors) == (0, False)
    assert "NPS" in out
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        windows, quarantine = warehouse.read("windows"), warehouse.read("quarantine")
    assert windows[["n_quarantined", "n_duplicates", "rows_in"]].sum().tolist() == [4, 1, 59]
    assert sorted(quarantine["reason"]) == sorted(
        ["score_unreadable", "date_unreadable", "no_response_id", "row_too_large"]
    )
    assert "Trifouillard" not in quarantine.to_csv() + errors


def test_a_header_without_rows_is_an_empty_night_that_says_so(survey, command):
    write_source(survey.parent, [])
    code, out, errors = command("nightly", survey, "--as-of", "2026-03-20")
    assert code == 0
    assert "no answer is published yet" in out
    assert "error" not in errors


def test_wrong_settings_end_with_their_own_exit_code(survey, command):
    survey.write_text(survey.read_text().replace("[columns]", "[colums]"))
    code, _, errors = command("nightly", survey)
    assert code == 2
    assert "did you mean columns" in errors
