"""A night that is killed outright: the next one ends at the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from flows.nightly import nightly
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.warehouse import open_warehouse

from .surveys import answers, write_settings, write_source

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect", "stand_in_reader")]
ROOT = Path(__file__).parents[2]
AS_OF = "2026-03-20"

_CHILD = """
import os, signal, sys
import verbatim.reading
from tests.flows import standins
verbatim.reading.load_encoder = standins.load_encoder
verbatim.reading.read_responses = standins.read_responses
from verbatim import night
moment, count = sys.argv[2], int(sys.argv[3])
whole = getattr(night, moment)
calls = []

def mortal(*args, **options):
    calls.append(None)
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*args, **options)

setattr(night, moment, mortal)
from flows.nightly import nightly
nightly(sys.argv[1], sys.argv[4])
"""


def tables(survey: Path) -> dict[str, pd.DataFrame]:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        found = {name: warehouse.read(name) for name in TABLES}
    volatile = ["run_id", "seconds", "peak_memory_mb"]
    return {
        name: frame.drop(columns=[column for column in volatile if column in frame]) for name, frame in found.items()
    }


@pytest.mark.parametrize(
    ("moment", "count"),
    [("plan_night", 1), ("read_window", 2), ("publish_window", 2), ("write_due_reports", 1)],
    ids=["before the plan", "while reading", "between two windows", "before the report"],
)
def test_a_killed_night_converges(tmp_path, moment, count):
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    for folder in (undisturbed, killed):
        folder.mkdir()
        write_source(folder, answers())
        write_settings(folder)
    nightly(str(undisturbed / "survey.toml"), AS_OF)
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("PREFECT_API_URL", None)
    with (tmp_path / "child.log").open("wb") as log:
        # Its Prefect server outlives it and would hold a pipe open: a file, and a group that can be ended.
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(killed / "survey.toml"), moment, str(count), AS_OF],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            code = child.wait(timeout=200)
        finally:
            os.killpg(child.pid, signal.SIGKILL)
    assert code == -signal.SIGKILL, (tmp_path / "child.log").read_text()[-2000:]
    summary = nightly(str(killed / "survey.toml"), AS_OF)
    assert len(summary.reports) == 5
    expected = tables(undisturbed / "survey.toml")
    for name, table in tables(killed / "survey.toml").items():
        pd.testing.assert_frame_equal(table, expected[name])
