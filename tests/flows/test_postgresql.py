"""A night on PostgreSQL: what DuckDB would hold."""

from __future__ import annotations

import pandas as pd
import pytest

from flows.nightly import nightly
from tests.warehouse.conftest import postgres_server, postgres_url
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.warehouse import open_warehouse

from .surveys import answers, write_settings, write_source

pytestmark = pytest.mark.usefixtures("prefect", "stand_in_reader")
__all__ = ["postgres_server", "postgres_url"]
AS_OF = "2026-03-20"
VOLATILE = ["run_id", "seconds", "peak_memory_mb"]


def tables(survey) -> dict[str, pd.DataFrame]:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        return {name: warehouse.read(name).drop(columns=VOLATILE, errors="ignore") for name in TABLES}


def test_both_engines_hold_the_same_and_a_second_night_skips(tmp_path, postgres_url):
    surveys = []
    for name, url in (("duckdb", "duckdb:///verbatim.duckdb"), ("postgresql", postgres_url)):
        folder = tmp_path / name
        folder.mkdir()
        write_source(folder, [*answers(), "x;dix;;2026-02-01;web\n", "2026-01-0;3;;2026-01-29;web\n"])
        surveys.append(write_settings(folder, extra=f'[warehouse]\nurl = "{url}"'))
    for survey in surveys:
        assert len(nightly(str(survey), AS_OF).computed) == 3
    one, other = (tables(survey) for survey in surveys)
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name], obj=name)
    assert len(nightly(str(surveys[1]), AS_OF).skipped) == 3
