"""Nothing raw is written: no file, message or note holds a personal value, also where an ingestion fails half way."""

from __future__ import annotations

import random

import pytest

from tests.ingest.surveys import COLUMNS, run, settings_for
from tests.privacy.identifiers import MAKERS
from verbatim.errors import SourceError, VerbatimError
from verbatim.ingest import landing

KINDS = list(MAKERS)
HEADER = "id;note;pourquoi;date;client;conseiller;magasin\n"
COLUMNS_USED = {"customer_id": "client", "dimensions": {"adviser": "conseiller"}, "unit": "magasin"}


def survey(folder, n_rows=120, bad=0):
    """A survey with a personal value in every text column; the last rows are damaged ones."""
    chance = random.Random(7)  # noqa: S311
    values, rows = [], []
    for number in range(n_rows):
        made = [MAKERS[KINDS[(number + shift) % len(KINDS)]](chance) for shift in range(4)]
        values += made
        note = "dix" if number >= n_rows - bad else "9"
        row_id = made[3] if number % 10 == 0 else f"r{number:04}"
        rows.append(f"{row_id};{note};merci {made[0]} et bravo;2026-03-01;{made[1]};{made[2]};{made[3]}")
    folder.mkdir(exist_ok=True)
    file = folder / "mars Mme Dupont 0612345678.csv"
    file.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    return file, {*values, "Mme Dupont", "0612345678"}


def raw_bytes(folder):
    """Every byte under a folder, Parquet pages decompressed."""
    import pandas as pd

    text = ""
    for file in folder.rglob("*"):
        if file.is_file():
            text += file.read_bytes().decode("latin-1")
            if file.suffix == ".parquet":
                text += pd.read_parquet(file).to_csv()
    return text


def none_is_in(values, text):
    found = [value for value in values if value in text or value.encode().decode("latin-1") in text]
    assert len(found) == 0


@pytest.mark.parametrize("secret", ["sel", None])
def test_no_file_holds_a_personal_value(tmp_path, secret):
    file, values = survey(tmp_path / "in")
    outcome = run(settings_for(file, columns=COLUMNS_USED), tmp_path / "out", secret=secret)
    assert outcome.ingested.n_responses == 120
    none_is_in(values, raw_bytes(tmp_path / "out"))
    none_is_in(values, str(outcome.ingested.notes))


def test_an_ingestion_that_rejects_too_much_leaves_nothing(tmp_path):
    file, values = survey(tmp_path / "in", bad=60)
    with pytest.raises(SourceError) as caught:
        run(settings_for(file, columns=COLUMNS_USED, source={"max_rejected_share": 0.1}), tmp_path / "out")
    none_is_in(values, f"{caught.value}{caught.value!r}")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_ingestion_killed_half_way_has_written_redacted_rows_only(tmp_path, monkeypatch):
    file, values = survey(tmp_path / "in")
    seen = []

    def killed(self, batch):
        if len(self._starts) > 3:
            seen.append(raw_bytes(tmp_path / "out"))
            raise KeyboardInterrupt
        add(self, batch)

    add = landing.Landing.add
    monkeypatch.setattr(landing.Landing, "add", killed)
    with pytest.raises(KeyboardInterrupt):
        run(settings_for(file, columns=COLUMNS_USED, source={"batch_rows": 20}), tmp_path / "out")
    assert "[PERSONNE]" in seen[0]
    none_is_in(values, seen[0])
    assert list((tmp_path / "out").iterdir()) == []


def test_an_ingestion_that_fails_while_it_writes_leaves_the_files_of_the_last_one(tmp_path, monkeypatch):
    file, values = survey(tmp_path / "in")
    settings = settings_for(file, columns=COLUMNS_USED, source={"batch_rows": 20})
    run(settings, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    write = landing.ParquetFile.write

    def fails(self, rows):
        if self._table.name == "quarantine":
            raise OSError("disk full")
        write(self, rows)

    monkeypatch.setattr(landing.ParquetFile, "write", fails)
    file.write_text(file.read_text(encoding="utf-8").replace(";9;", ";8;"), encoding="utf-8")
    with pytest.raises(OSError, match="disk full"):
        run(settings, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    none_is_in(values, raw_bytes(tmp_path / "out"))


def test_headers_and_labels_are_redacted_in_messages_and_quarantine(tmp_path):
    file = tmp_path / "Mme Dupont.csv"
    file.write_text("id;note de Mme Dupont;date\na;dix;2026-03-01\n", encoding="utf-8")
    columns = dict.fromkeys(COLUMNS) | {"response_id": "id", "score": "note de Mme Dupont", "answered_at": "date"}
    outcome = run(settings_for(file, columns=columns), tmp_path / "out")
    assert list(outcome.quarantine["column_name"]) == ["note de [PERSONNE]"]
    assert list(outcome.quarantine["source"]) == ["[PERSONNE].csv"]
    with pytest.raises(VerbatimError) as caught:
        run(settings_for(file, columns=columns | {"score": "nps"}), tmp_path / "out")
    assert "Dupont" not in str(caught.value)
