"""The night: ingest → plan → per window (read → measure → publish) → spans → compare → follow up → labels → report.

Run by the scheduler (`prefect.yaml`) and by `verbatim nightly SETTINGS`. The secret that keys customers' hashes comes
from `VERBATIM_SECRET` and is no parameter: Prefect stores parameters.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.settings import get_current_settings
from prefect.tasks import exponential_backoff

from verbatim import night
from verbatim.errors import TransientError
from verbatim.ingest import Ingested
from verbatim.night import labels
from verbatim.settings import Settings, load_settings
from verbatim.warehouse import PlannedWindow

# What the table artifact shows of a driver.
_SHOWN = ("population", "nps_group", "label", "polarity", "respondents", "share", "share_elsewhere", "stake_points")
_MOST_LABELS = 6
LOGGER = logging.getLogger("verbatim.nightly")
STEPS = logging.getLogger("verbatim.progress")


@dataclass(frozen=True)
class NightSummary:
    """What a night did."""

    computed: tuple[str, ...]
    skipped: tuple[str, ...]
    removed: tuple[str, ...]
    headline: str | None
    """Period that the night tells of first; None before any is published."""
    reports: tuple[Path, ...]
    """Pages written tonight."""


def is_transient(failed: Any, _run: Any, state: Any) -> bool:
    """Retry what a retry may cure, and nothing else."""
    error = state.result(raise_on_failure=False)
    if not isinstance(error, TransientError):
        return False
    # A wait without a word looks like a hang.
    LOGGER.warning("%s: %s; trying again in some seconds", failed.name, error.what)
    return True


# Texts pass through these tasks' memory: nothing of theirs is cached, persisted or hashed by Prefect.
NIGHT_TASK: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=4),
    "retry_condition_fn": is_transient,
}


@task(name="ingest", **NIGHT_TASK)
def ingest_sources(settings: Settings, folder: Path) -> Ingested:
    """Sources in; redacted responses and quarantine out, as files."""
    from verbatim.ingest import ingest

    with _named_only():
        ingested = ingest(settings, folder, secret=os.environ.get("VERBATIM_SECRET"), on_batch=_tell_batch)
    LOGGER.info(
        "ingest: %s rows in = %s responses + %s quarantined + %s duplicates",
        *(
            f"{count:,}"
            for count in (ingested.rows_in, ingested.n_responses, ingested.n_quarantined, ingested.n_duplicates)
        ),
    )
    for note in ingested.notes:
        LOGGER.info("ingest: %s", note)
    return ingested


@task(name="plan", **NIGHT_TASK)
def plan(settings: Settings, ingested: Ingested, folder: Path, *, as_of: dt.datetime) -> night.NightPlan:
    """Each window: unchanged, or to be computed for a named cause."""
    with _named_only():
        planned = night.plan_night(
            settings,
            ingested,
            folder,
            as_of=as_of,
            codebook_hash=night.codebook_of(settings).assignment_hash,
            model_revision=night.encoder_of(settings).revision,
        )
    if planned.skipped:
        LOGGER.info("skipped, nothing changed: %s", _in_short(_labels(planned.skipped)))
    LOGGER.info(
        "plan: %d windows = %d to compute + %d to remove + %d unchanged",
        len(planned.windows),
        len(planned.computed),
        len(planned.removed),
        len(planned.skipped),
    )
    return planned


@task(name="read", task_run_name="read {planned.window}", **NIGHT_TASK)
def read(settings: Settings, planned: PlannedWindow, folder: Path) -> night.ReadWindow:
    """Texts in, opinions and embeddings out."""
    with _named_only():
        counted = night.read_window(settings, planned, folder, encoder=night.encoder_of(settings))
    LOGGER.debug("window %s: %d texts read, %d known from before", planned.window, counted.n_texts, counted.n_cached)
    return counted


@task(name="measure", task_run_name="measure {planned.window}", **NIGHT_TASK)
def measure(settings: Settings, planned: PlannedWindow, folder: Path, *, as_of: dt.datetime) -> night.MeasuredWindow:
    """Opinions in, NPS and drivers out."""
    with _named_only():
        counted = night.measure_window(settings, planned, folder, as_of=as_of)
    LOGGER.debug("window %s: %d drivers, %d quotes", planned.window, counted.n_drivers, counted.n_quotes)
    return counted


@task(name="publish", task_run_name="publish {planned.window}", **NIGHT_TASK)
def publish(settings: Settings, planned: PlannedWindow, folder: Path, *, seconds: float, run_id: str) -> dict[str, int]:
    """One transaction over all tables of the window."""
    with _named_only():
        rows = night.publish_window(settings, planned, folder, seconds=seconds, run_id=run_id)
    LOGGER.debug("window %s: %d drivers, %d quotes published", planned.window, rows["drivers"], rows["quotes"])
    return rows


@task(name="remove", task_run_name="remove {planned.window}", **NIGHT_TASK)
def remove(settings: Settings, planned: PlannedWindow) -> None:
    """A window without any row leaves the tables."""
    with _named_only():
        night.remove_window(settings, planned.window)
    LOGGER.info("window %s: removed, no row is left", planned.window)


@task(name="spans", **NIGHT_TASK)
def spans(settings: Settings, *, as_of: dt.datetime, run_id: str) -> night.Spanned:
    """Months, quarters, rolling months and the year so far, of the windows as they stand."""
    with _named_only():
        done = night.publish_spans(settings, as_of=as_of, run_id=run_id)
    if done.computed:
        LOGGER.info("spans: %s measured, %d unchanged", _in_short(done.computed), done.n_unchanged)
    return done


@task(name="compare", **NIGHT_TASK)
def compare(settings: Settings, *, as_of: dt.datetime, run_id: str) -> night.Compared:
    """Windows beside those before them: what turned up or is gone, where the change of the NPS comes from."""
    with _named_only():
        found = night.publish_comparisons(settings, as_of=as_of, run_id=run_id)
    if found.windows:
        LOGGER.info("alerts: %d in %s", found.n_alerts, _in_short(found.windows))
    for window, theme_id in found.raised:
        LOGGER.info("alerts: %s, a new subject lasts: %s", window, theme_id)
    return found


@task(name="follow up", **NIGHT_TASK)
def follow_up(settings: Settings, *, as_of: dt.datetime, run_id: str) -> None:
    """Targets, actions, calls to detractors, customers beside employees."""
    with _named_only():
        rows = night.publish_follow_up(settings, as_of=as_of, run_id=run_id)
    if any(rows.values()):
        LOGGER.info("follow-up: %s", ", ".join(f"{count:,} {name}" for name, count in rows.items() if count))


@task(name="labels", **NIGHT_TASK)
def publish_labels(settings: Settings) -> int:
    """Labels that a codebook's edit changed without changing a figure."""
    with _named_only():
        changed = labels.publish_labels(settings)
    if changed:
        LOGGER.info("labels: %d themes published as the codebook words them now", changed)
    return changed


@task(name="report", **NIGHT_TASK)
def report(settings: Settings) -> list[Path]:
    """Pages that are due."""
    with _named_only():
        files = night.write_due_reports(settings)
    LOGGER.info("report: %d pages written", len(files))
    return files


@flow(name="nightly", persist_result=False, validate_parameters=False)
def nightly(settings_path: str, as_of: str | None = None) -> NightSummary:
    """Publish what new or changed answers touch, and write its reports.

    Parameters
    ----------
    settings_path : str
        Settings file of the survey.
    as_of : str, optional
        The moment to look from (ISO 8601); now by default. It decides which periods are still open.
    """
    # Prefect gives extra loggers its handlers, not a level: without one its root's WARNING would hide the account.
    LOGGER.setLevel(logging.INFO)
    settings = load_settings(Path(settings_path))
    moment = night.parse_as_of(as_of, settings.survey.zone)
    with night.night_folder(settings) as folder:
        ingested = ingest_sources(settings, folder / "ingest")
        planned = plan(settings, ingested, folder / "windows", as_of=moment)
        for done, window in enumerate(planned.computed):
            _tell_window(window, done, len(planned.computed))
            _compute(settings, window, planned.folder / window.window, moment)
        for window in planned.removed:
            remove(settings, window)
        spans(settings, as_of=moment, run_id=str(runtime.flow_run.id))
        compare(settings, as_of=moment, run_id=str(runtime.flow_run.id))
        follow_up(settings, as_of=moment, run_id=str(runtime.flow_run.id))
        publish_labels(settings)
        files = report(settings)
    headline = night.headline_period(night.published_periods(settings), as_of=moment, zone=settings.survey.zone)
    _leave_artifacts(settings, headline)
    return NightSummary(
        _labels(planned.computed), _labels(planned.skipped), _labels(planned.removed), headline, tuple(files)
    )


def _compute(settings: Settings, window: PlannedWindow, folder: Path, as_of: dt.datetime) -> None:
    was_read = read(settings, window, folder)
    measured = measure(settings, window, folder, as_of=as_of)
    run_id = str(runtime.flow_run.id)
    publish(settings, window, folder, seconds=was_read.seconds + measured.seconds, run_id=run_id)
    LOGGER.info(
        "window %s (%s): %s responses, %s with text → %s opinions",
        window.window,
        window.cause,
        *(f"{count:,}" for count in (was_read.n_responses, was_read.n_commenters, was_read.n_opinions)),
    )


def _leave_artifacts(settings: Settings, headline: str | None) -> None:
    """Headline drivers as a table, the report as a link, on the run's page."""
    if headline is None:
        return
    key = settings.survey.id.replace("_", "-")
    rows = [{name: row[name] for name in _SHOWN} for row in night.read_headline(settings, headline).drivers]
    create_table_artifact(rows, key=f"drivers-{key}", description=f"{settings.survey.id}, {headline}: the drivers")
    page = night.report_file(settings, headline)
    if page.exists():
        create_link_artifact(page.as_uri(), key=f"report-{key}", link_text=f"Report of {headline}")


def _labels(windows: tuple[PlannedWindow, ...]) -> tuple[str, ...]:
    return tuple(window.window for window in windows)


def _in_short(labels: tuple[str, ...]) -> str:
    """Some labels in full; of years of windows the ends."""
    if len(labels) <= _MOST_LABELS:
        return ", ".join(labels)
    return f"{labels[0]} … {labels[-1]} ({len(labels):,} windows)"


def _named_only() -> Any:
    return night.named_only(debug=get_current_settings().debug_mode)


def _tell_batch(rows: int) -> None:
    STEPS.debug("a batch of %d rows", rows, extra={"batch_rows": rows})


def _tell_window(window: PlannedWindow, done: int, total: int) -> None:
    STEPS.debug("window %s", window.window, extra={"done": done, "total": total})
