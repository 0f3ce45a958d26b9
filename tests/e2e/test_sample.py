"""A night on the sample: what was planted in it is found in the driver tables, and nobody's name is."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tomllib

import pandas as pd
import pytest

from verbatim.settings import load_settings
from verbatim.tables import TABLES

from .conftest import ROOT, Night

SAMPLE = ROOT / "data" / "sample"
SETTINGS = SAMPLE / "survey.toml"
PLANTED = tomllib.loads((SAMPLE / "planted.toml").read_text(encoding="utf-8"))
MONTHS = [f"2025-{month}" for month in (10, 11, 12)] + [f"2026-{month:02}" for month in range(1, 10)]
FIRST_QUARTER, LAST_QUARTER = MONTHS[:3], MONTHS[-3:]
# The month after the last one: every period is closed.
AS_OF = "2026-10-02"
# The table and planted.toml count the same respondents, so sampling has no part in what separates them: only misreading
# has. A reader that finds a share r of the complaints and sees a share f where there is none shows (r - f) of a true
# difference between two shares: the lower bound asks for half of it. A reader cannot enlarge a difference but by erring
# more in one cell than in the other: the upper bound grants a quarter.
LEAST_SHOWN, MOST_SHOWN = 0.5, 1.25

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def night(run_night, tmp_path_factory) -> Night:
    folder = tmp_path_factory.mktemp("sample")
    # A Prefect home of its own, so that what Prefect keeps is looked through too.
    night = run_night(SETTINGS, folder, "--as-of", AS_OF, PREFECT_HOME=str(folder / "prefect"))
    assert night.returncode == 0, night.errors
    return night


@pytest.fixture(scope="module")
def drivers(night) -> pd.DataFrame:
    return night.table("drivers")


@pytest.fixture(scope="module")
def run_verb(night):
    def run_verb(verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {key: value for key, value in os.environ.items() if not key.startswith("VERBATIM_")}
        variables["VERBATIM_WAREHOUSE__URL"] = f"duckdb:///{night.folder / 'verbatim.duckdb'}"
        command = [sys.executable, "-m", "verbatim", verb, str(SETTINGS), *arguments]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    return run_verb


def _mentions(
    drivers: pd.DataFrame,
    planted: dict,
    periods: list[str],
    *,
    dimension: str = "all",
    values: tuple[str, ...] = ("all",),
) -> tuple[int, int]:
    """Count respondents with a planted complaint, and all of their group who wrote, over periods and slices."""
    cell = drivers[
        (drivers["nps_group"] == planted["group"])
        & (drivers["dimension"] == dimension)
        & drivers["slice"].isin(values)
        & drivers["period"].isin(periods)
    ]
    told = cell[(cell["theme_id"] == planted["theme"]) & (cell["polarity"] == planted["polarity"])]
    # A theme that nobody spoke of has no row: the base is the cell's.
    base = cell.groupby(["period", "slice"])["base"].max()
    assert len(base) == len(periods) * len(values)
    return int(told["respondents"].sum()), int(base.sum())


def _share(counted: tuple[int, int]) -> float:
    respondents, base = counted
    return respondents / base


def _interval(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """95 % interval of the difference of two independent shares (Wald)."""
    (_, n), (_, m) = one, other
    p, q = _share(one), _share(other)
    half = 1.96 * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    return p - q - half, p - q + half


@pytest.mark.parametrize("kind", ["rising", "falling"])
def test_a_planted_trend_is_in_the_driver_table(drivers, kind):
    planted = PLANTED["trends"][kind]
    first, last = (_mentions(drivers, planted, quarter) for quarter in (FIRST_QUARTER, LAST_QUARTER))
    assert (first[1], last[1]) == (planted["first_quarter"]["base"], planted["last_quarter"]["base"])
    true = planted["last_quarter"]["share"] - planted["first_quarter"]["share"]
    shown = (_share(last) - _share(first)) / true
    assert LEAST_SHOWN < shown < MOST_SHOWN
    low, high = _interval(last, first)
    assert low > 0 if kind == "rising" else high < 0


def test_the_planted_difference_between_segments_is_in_the_driver_table(drivers, night):
    planted = PLANTED["difference"]
    others = tuple(set(drivers.loc[drivers["dimension"] == planted["dimension"], "slice"]) - {planted["slice"]})
    there = _mentions(drivers, planted, MONTHS, dimension=planted["dimension"], values=(planted["slice"],))
    elsewhere = _mentions(drivers, planted, MONTHS, dimension=planted["dimension"], values=others)
    assert (there[1], elsewhere[1]) == (planted["in_slice"]["base"], planted["elsewhere"]["base"])
    shown = (_share(there) - _share(elsewhere)) / (planted["in_slice"]["share"] - planted["elsewhere"]["share"])
    assert LEAST_SHOWN < shown < MOST_SHOWN
    assert _interval(there, elsewhere)[0] > 0


def test_the_rising_complaint_is_a_driver_of_detractors_in_the_last_month(drivers):
    planted = PLANTED["trends"]["rising"]
    whole = drivers[(drivers["dimension"] == "all") & (drivers["period"] == MONTHS[-1])]
    (row,) = whole[
        (whole["nps_group"] == "detractor")
        & (whole["theme_id"] == planted["theme"])
        & (whole["polarity"] == planted["polarity"])
    ].to_dict("records")
    assert row["verdict"] == "more_than_elsewhere"
    assert row["ci_low"] > 0
    assert row["rank"] <= 5


def test_every_row_is_accounted_for(night):
    windows, counts = night.table("windows"), PLANTED["counts"]
    assert windows["rows_in"].sum() == counts["rows"]
    assert windows["n_responses"].sum() == counts["responses"]
    assert windows["n_quarantined"].sum() == counts["quarantined"]
    assert windows["n_duplicates"].sum() == counts["duplicates"]
    assert windows["n_scored"].sum() == counts["scored"]
    assert windows["n_commenters"].sum() == counts["with_text"]


def test_the_nps_of_the_year_is_that_of_the_rows(night):
    nps, counts = night.table("nps"), PLANTED["counts"]
    whole = nps[(nps["dimension"] == "all") & nps["period"].isin(MONTHS)]
    assert len(whole) == 12
    assert not whole["provisional"].any()
    assert {name: whole[name].sum() for name in ("promoters", "passives", "detractors")} == {
        name: counts[name] for name in ("promoters", "passives", "detractors")
    }


def test_each_month_quarter_and_year_has_a_report(night):
    spans = {page.parent.name for page in night.reports} - set(MONTHS)
    assert spans == {"2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2025-ytd", "2026-ytd"}
    assert [page.parent.name for page in night.reports if page.parent.name in MONTHS] == MONTHS
    assert all(page.stat().st_size > 10_000 for page in night.reports)


def test_answers_that_say_nothing_hold_no_opinion(night):
    windows, counts = night.table("windows"), PLANTED["counts"]
    silent = counts["with_text"] - counts["with_opinion"]
    assert 0.8 * silent < windows["n_without_opinion"].sum() < 1.5 * silent


@pytest.mark.parametrize("kind", ["card", "email", "iban", "nir", "person", "phone"])
def test_no_planted_personal_data_is_in_any_output(night, kind):
    outputs = {name: "\n".join(map(str, night.table(name).to_numpy().ravel())) for name in TABLES}
    outputs |= {f"report {page.parent.name}": page.read_text(encoding="utf-8") for page in night.reports}
    outputs["log"] = night.output + night.errors
    # Spellings too: a number without its blanks is the same number.
    spellings = [{value, value.replace(" ", "")} for value in PLANTED["personal_data"][kind]]
    left = [name for name, text in outputs.items() if any(s in text for spelled in spellings for s in spelled)]
    assert left == []


def test_no_file_of_the_night_holds_planted_personal_data(night):
    values = [
        value.encode()
        for kind, found in PLANTED["personal_data"].items()
        if kind not in ("texts", "person")
        for value in found
    ]
    files = [file for file in night.folder.rglob("*") if file.is_file()]
    assert len(files) > 12
    assert [file.name for file in files if any(value in file.read_bytes() for value in values)] == []


def test_the_terminal_names_the_last_closed_month_and_its_report(night):
    assert MONTHS[-1] in night.output
    assert str(night.folder / "reports") in night.output


def test_the_drivers_of_a_month_can_be_printed(run_verb):
    done = run_verb("drivers", "--period", MONTHS[-1])
    assert done.returncode == 0, done.stderr
    assert "Maison Lirelou" in done.stdout
    assert "septembre 2026" in done.stdout


def test_the_driver_table_can_be_exported(run_verb, drivers, tmp_path):
    file = tmp_path / "drivers.csv"
    done = run_verb("export", "drivers", "--out", str(file))
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(file)) == len(drivers)


# Last: it runs the night again in the same folder.
def test_a_second_night_skips_every_window_and_says_why(night, run_night):
    before = {name: night.table(name) for name in TABLES}
    again = run_night(SETTINGS, night.folder, "--as-of", AS_OF, PREFECT_HOME=str(night.folder / "prefect"))
    assert again.returncode == 0, again.errors
    assert "unchanged" in again.output + again.errors
    for name, table in before.items():
        pd.testing.assert_frame_equal(night.table(name), table, obj=name)


def test_the_sample_settings_are_those_that_the_tests_speak_of():
    assert load_settings(SETTINGS).privacy.min_respondents == 10
