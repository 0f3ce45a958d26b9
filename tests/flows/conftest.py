"""One Prefect for the session, and nights read by a stand-in."""

from __future__ import annotations

import pytest
from prefect.testing.utilities import prefect_test_harness

from . import standins
from .surveys import answers, write_settings, write_source


@pytest.fixture(scope="session")
def prefect():
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def stand_in_reader(monkeypatch):
    """Texts are read without a model."""
    from verbatim.night import models

    models._load.cache_clear()
    monkeypatch.setattr("verbatim.reading.load_encoder", standins.load_encoder)
    monkeypatch.setattr("verbatim.reading.read_responses", standins.read_responses)
    yield
    models._load.cache_clear()


@pytest.fixture
def survey(tmp_path, stand_in_reader):
    """Settings file of a survey of 54 answers in three months."""
    write_source(tmp_path, answers())
    return write_settings(tmp_path)
