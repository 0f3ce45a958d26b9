"""The command in this process, on a small survey; no verb here starts Prefect."""

from __future__ import annotations

import os

import pytest

from tests.flows.surveys import answers, write_settings, write_source
from verbatim.cli.app import app


@pytest.fixture
def survey(tmp_path):
    """Settings file of a survey of 54 answers in three months."""
    write_source(tmp_path, answers())
    return write_settings(tmp_path)


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a verb: its exit code, standard output and standard error."""
    monkeypatch.setattr(os, "environ", os.environ.copy())

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
