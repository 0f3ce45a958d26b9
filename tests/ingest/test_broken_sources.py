"""Sources that cannot be read: a message with what, where, expected and next step, and nothing left behind."""

from __future__ import annotations

import pytest

from tests.ingest.surveys import HEADER, ingest_text, run, settings_for
from verbatim.errors import SourceError


def refused(settings, folder, match):
    with pytest.raises(SourceError, match=match) as caught:
        run(settings, folder)
    error = caught.value
    assert error.where
    assert error.expected
    assert error.next_step
    assert list(folder.iterdir()) == []
    return error


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "match"),
    [
        pytest.param("", "utf-8", None, "empty", id="an empty file"),
        pytest.param("\n \n", "utf-8", None, "no header row", id="blank lines only"),
        pytest.param(f"{HEADER}a;9;été;2026-03-01\n", "cp1252", "utf-8", "declared encoding", id="cp1252 called utf-8"),
        pytest.param(f"{HEADER}a;9;é;2026-03-01\n", "utf-8", "utf-16", "declared encoding", id="utf-8 called utf-16"),
        pytest.param(HEADER, "utf-8", "utf-88", "no encoding called 'utf-88'", id="an encoding that does not exist"),
        pytest.param("a1;9;bien;2026-03-01\n", "utf-8", None, "no column 'date'", id="data without a header"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, text, encoding, declared, match):
    file = tmp_path / "nps.csv"
    file.write_bytes(text.encode(encoding))
    error = refused(settings_for(file, source={"encoding": declared}), tmp_path / "out", match)
    assert error.where == "nps.csv"


def test_a_folder_as_path(tmp_path):
    (tmp_path / "exports").mkdir()
    error = refused(settings_for(tmp_path / "exports"), tmp_path / "out", "is a folder")
    assert "exports/*.csv" in error.next_step


@pytest.mark.parametrize("name", ["absent.csv", "absent-*.csv"])
def test_a_missing_file(tmp_path, name):
    refused(settings_for(tmp_path / name), tmp_path / "out", "no (such )?file")


def test_storage_that_is_not_known(tmp_path):
    refused(settings_for("gopher://host/nps.csv"), tmp_path / "out", "no such kind of storage")


def test_a_missing_column_names_those_that_exist(tmp_path):
    file = tmp_path / "nps.csv"
    file.write_text("id;notte;pourquoi;date\na;9;bien;2026-03-01\n")
    error = refused(
        settings_for(file), tmp_path / "out", "no column 'note' .columns.score in the settings.; did you mean"
    )
    assert "id, notte, pourquoi, date" in error.expected
    assert "bien" not in str(error)


def test_a_column_that_stands_twice_is_said_to(tmp_path):
    file = tmp_path / "nps.csv"
    file.write_text("id;note;note;pourquoi;date\na;9;8;bien;2026-03-01\n")
    refused(settings_for(file), tmp_path / "out", "2 columns are called 'note'")


def test_a_role_without_a_column_is_asked_for(tmp_path):
    file = tmp_path / "nps.csv"
    file.write_text(f"{HEADER}a;9;bien;2026-03-01\n")
    for role in ("response_id", "score", "answered_at"):
        error = refused(settings_for(file, columns={role: None}), tmp_path / "out", f"columns.{role} is not set")
        assert "id, note, pourquoi, date" in error.expected


def test_data_in_the_place_of_the_header_is_not_quoted(tmp_path):
    file = tmp_path / "nps.csv"
    file.write_text("a1;9;Mme Dupont était parfaite;2026-03-01\n")
    assert "parfaite" not in str(refused(settings_for(file), tmp_path / "out", "no column"))


def test_more_rejected_rows_than_allowed_keep_nothing(tmp_path):
    rows = ["a;9;bien;2026-03-01", "b;dix;très bien;2026-03-01", "c;8;bien;hier", ";7;bien;2026-03-01"]
    file = tmp_path / "nps.csv"
    file.write_text(HEADER + "\n".join(rows))
    error = refused(settings_for(file, source={"max_rejected_share": 0.5}), tmp_path / "out", "3 of 4 rows")
    assert "score_unreadable (note): 1" in error.what
    assert "date_unreadable (date): 1" in error.what
    assert run(settings_for(file, source={"max_rejected_share": 0.75}), tmp_path / "out").ingested.n_responses == 1


def test_a_failed_ingestion_leaves_the_files_of_the_last_one(tmp_path):
    before = ingest_text(tmp_path, f"{HEADER}a;9;bien;2026-03-01\n")
    kept = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    with pytest.raises(SourceError):
        ingest_text(tmp_path, f"{HEADER}a;dix;bien;2026-03-01\n", source={"max_rejected_share": 0.0})
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == kept
    assert set(kept) == {before.ingested.responses.name, before.ingested.quarantine.name}


@pytest.mark.parametrize(("name", "text"), [("nps.csv", HEADER), ("nps.json", "[]"), ("nps.jsonl", "\n")])
def test_a_header_without_rows_is_an_empty_night(tmp_path, name, text):
    outcome = ingest_text(tmp_path, text, name=name, source={"max_rejected_share": 0.0})
    assert (outcome.ingested.rows_in, len(outcome.responses), len(outcome.quarantine)) == (0, 0, 0)
    assert "verbatim" in outcome.responses.columns
