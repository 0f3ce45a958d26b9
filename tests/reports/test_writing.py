import stat

import pytest

from verbatim.errors import VerbatimError
from verbatim.reports import write_report


def test_the_report_is_written_where_it_is_looked_for(tables, make_settings):
    settings = make_settings()
    file = write_report(tables, settings=settings, period="2026-03")
    assert file == settings.reports.folder / "enseigne" / "2026-03" / "index.html"
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_writing_again_writes_the_same_bytes_and_leaves_nothing_else(tables, make_settings):
    settings = make_settings()
    first = write_report(tables, settings=settings, period="2026-03").read_bytes()
    file = write_report(tables, settings=settings, period="2026-03")
    assert file.read_bytes() == first
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_cannot_be_made_is_named(tables, make_settings, tmp_path):
    (tmp_path / "reports").write_text("a file in the way")
    with pytest.raises(VerbatimError, match="the report cannot be written") as raised:
        write_report(tables, settings=make_settings(), period="2026-03")
    assert "VERBATIM_REPORTS__FOLDER" in str(raised.value)


def test_a_failed_write_leaves_the_older_report(tables, make_settings, monkeypatch):
    settings = make_settings()
    file = write_report(tables, settings=settings, period="2026-03")
    before = file.read_bytes()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(VerbatimError, match="No space left on device"):
        write_report(tables, settings=settings, period="2026-03")
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
