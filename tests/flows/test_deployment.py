"""What the scheduler runs: prefect.yaml, read as Prefect reads it."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint
from prefect.server.schemas.schedules import CronSchedule

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def deployments():
    return yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def test_every_deployment_runs_a_flow_that_takes_its_parameters(deployments, monkeypatch):
    monkeypatch.chdir(ROOT)
    for deployment in deployments:
        flow = load_flow_from_entrypoint(deployment["entrypoint"])
        inspect.signature(flow.fn).bind(**deployment["parameters"])
        assert (ROOT / deployment["parameters"]["settings_path"]).is_file()


def test_nights_start_at_two_in_paris_in_winter_and_in_summer(deployments):
    (schedule,) = deployments[0]["schedules"]
    cron = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    for day in (dt.date(2026, 1, 15), dt.date(2026, 7, 15)):
        start = dt.datetime.combine(day, dt.time(), ZoneInfo("Europe/Paris"))
        (night,) = asyncio.run(cron.get_dates(n=1, start=start))
        assert night.astimezone(ZoneInfo("Europe/Paris")).hour == 2


def test_no_secret_stands_in_a_parameter(deployments):
    assert all(set(deployment["parameters"]) <= {"settings_path", "as_of"} for deployment in deployments)
