"""Whole nights as the scheduler runs them: the command in a process of its own, all it writes in one folder."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from verbatim.warehouse import open_warehouse

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Night:
    """One finished run: what it said, what it cost, where it wrote."""

    folder: Path
    returncode: int
    output: str
    errors: str
    seconds: float
    peak_memory_gb: float

    def table(self, name: str) -> pd.DataFrame:
        with open_warehouse(f"duckdb:///{self.folder / 'verbatim.duckdb'}") as warehouse:
            return warehouse.read(name)

    @property
    def reports(self) -> list[Path]:
        return sorted((self.folder / "reports").rglob("index.html"))


@pytest.fixture(scope="session")
def run_night(tmp_path_factory) -> Callable[..., Night]:
    prefect_home = tmp_path_factory.mktemp("prefect")

    def run_night(settings: Path, folder: Path, *arguments: str, **variables: str) -> Night:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("VERBATIM_", "PREFECT_"))}
        environment |= {
            "PREFECT_HOME": str(prefect_home),
            "VERBATIM_SECRET": "a secret of the tests",
            "VERBATIM_WORK_FOLDER": str(folder / "work"),
            "VERBATIM_WAREHOUSE__URL": f"duckdb:///{folder / 'verbatim.duckdb'}",
            "VERBATIM_REPORTS__FOLDER": str(folder / "reports"),
        } | variables
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "verbatim", "nightly", str(settings), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # The largest child so far: an upper bound for this one.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        return Night(folder, done.returncode, done.stdout, done.stderr, time.monotonic() - started, peak)

    return run_night
