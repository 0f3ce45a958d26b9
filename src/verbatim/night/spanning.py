"""Periods that span windows: month, quarter, rolling 3 and 12 months, the year so far; measured after the windows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from verbatim.night.comparing import bridge_between, rows_between
from verbatim.night.computing import measure_options
from verbatim.night.moment import is_open
from verbatim.night.reporting import report_file
from verbatim.periods import is_span, label_periods, period_bounds, period_kind, spans_between
from verbatim.settings import Settings
from verbatim.tables import UNDATED, WindowState
from verbatim.warehouse import Warehouse, open_warehouse
from verbatim.warehouse.fingerprints import METHOD_VERSION

if TYPE_CHECKING:
    import pandas as pd

Slice = tuple[str, str, str]
"""Population, dimension and slice."""
_COUNTED = ("response_id", "population", "dimensions", "answered_at", "score", "window")


@dataclass(frozen=True, slots=True)
class Spanned:
    """What measuring the spans came to."""

    computed: tuple[str, ...]
    """Spans measured tonight."""
    removed: tuple[str, ...]
    """Spans that the survey does not have any more."""
    n_unchanged: int


@dataclass(frozen=True, slots=True)
class _Span:
    label: str
    windows: tuple[str, ...]
    provisional: bool
    withheld: frozenset[Slice]
    before: str
    """Period of the same length that ends where this one begins; empty for a rolling one."""
    windows_before: tuple[str, ...]
    digest: str


def publish_spans(settings: Settings, *, as_of: dt.datetime, run_id: str) -> Spanned:
    """Measure and publish the spans whose windows changed; each in one transaction, as a window is.

    What a span was computed from stands on its row of `spans`: a run killed in between is healed by the next.

    Parameters
    ----------
    settings : Settings
        The survey.
    as_of : datetime
        The moment the run looks from.
    run_id : str
        The run that publishes.
    """
    survey_id = settings.survey.id
    with open_warehouse(settings.warehouse.url) as warehouse:
        known = warehouse.read("spans", survey_id=survey_id)
        before = dict(zip(known["window"], known["digest"], strict=True))
        windows = warehouse.read("windows", survey_id=survey_id)
        spans = _spans(settings, warehouse, windows, as_of)
        due = [span for span in spans if before.get(span.label) != span.digest]
        for span in due:
            _publish(settings, warehouse, span, windows, run_id)
        gone = sorted(before.keys() - {span.label for span in spans})
        for label in gone:
            shutil.rmtree(report_file(settings, label).parent, ignore_errors=True)
            warehouse.publish({}, partition={"survey_id": survey_id, "window": label})
    return Spanned(tuple(span.label for span in due), tuple(gone), len(spans) - len(due))


def _spans(settings: Settings, warehouse: Warehouse, windows: pd.DataFrame, as_of: dt.datetime) -> list[_Span]:
    """Spans of a survey as its windows stand, by their end."""
    zone = settings.survey.zone
    marks = zip(windows["window"], windows["fingerprint"], strict=True)
    prints = {name: mark for name, mark in marks if name != UNDATED}
    if not prints:
        return []
    bounds = {window: period_bounds(window, zone) for window in prints}
    first, behind = min(start for start, _ in bounds.values()), max(end for _, end in bounds.values())
    last = (behind - dt.timedelta(microseconds=1)).astimezone(zone).date()
    labels = spans_between(first.astimezone(zone).date(), last, base=settings.survey.period)
    withheld = _withheld(settings, warehouse, sorted(prints), labels)
    spans = []
    for label in labels:
        held = _held(label, bounds, zone)
        before = "" if is_span(label) else _period_before(label, zone)
        held_before = _held(before, bounds, zone) if before else ()
        provisional, hidden = is_open(label, as_of=as_of, zone=zone), withheld[label]
        basis = [METHOD_VERSION, label, provisional, sorted(hidden), [prints[one] for one in (*held_before, *held)]]
        digest = hashlib.sha256(json.dumps(basis).encode()).hexdigest()
        spans += [_Span(label, held, provisional, hidden, before, held_before, digest)] if held else []
    return spans


def _held(label: str, bounds: Mapping[str, tuple[dt.datetime, dt.datetime]], zone: ZoneInfo) -> tuple[str, ...]:
    """Windows that a period holds, or holds a part of, in the order of their labels."""
    start, end = period_bounds(label, zone)
    return tuple(window for window in sorted(bounds) if bounds[window][0] < end and bounds[window][1] > start)


def _period_before(label: str, zone: ZoneInfo) -> str:
    import pandas as pd

    kind = period_kind(label)
    last = period_bounds(label, zone)[0] - dt.timedelta(microseconds=1)
    dates = pd.Series([last]).astype("datetime64[us, UTC]")
    return str(label_periods(dates, kind="quarter" if kind == "quarter" else "month", zone=zone).iloc[0])


def _withheld(
    settings: Settings, warehouse: Warehouse, windows: Sequence[str], labels: Sequence[str]
) -> Mapping[str, frozenset[Slice]]:
    """Slices of each span that would give a thin cell of another period away."""
    import pandas as pd

    from verbatim.measures.overlap import hide_overlapping
    from verbatim.measures.slices import slice_respondents

    zone, survey_id = settings.survey.zone, settings.survey.id
    rows = warehouse.read("responses", survey_id=survey_id, columns=list(_COUNTED))
    rows = rows[rows["score"].notna()]
    months = label_periods(rows["answered_at"], kind="month", zone=zone)
    atoms, atom_names = pd.factorize(pd.MultiIndex.from_arrays([rows["window"], months]), sort=True)
    slices = slice_respondents(rows["population"], rows["dimensions"], tuple(settings.columns.dimensions))
    base = slices.tally(atoms.astype(np.int64), len(atom_names))
    names = list(slices.names.itertuples(index=False, name=None))
    shown = _shown(warehouse.read("nps", survey_id=survey_id), windows, names)
    starts = [period_bounds(month, zone)[0] for _, month in atom_names]
    periods = [[window == own for own, _ in atom_names] for window in windows]
    for label in labels:
        first, behind = period_bounds(label, zone)
        periods.append([first <= start < behind for start in starts])
    hidden = {label: set[Slice]() for label in labels}
    held = np.array(periods, dtype=bool).reshape(len(periods), len(atom_names))
    minimum = settings.privacy.min_respondents
    for place, name in enumerate(names):
        found = hide_overlapping(base[place], held, shown[:, place], minimum=minimum)
        for label in np.array(labels, dtype=object)[found]:
            hidden[label].add(name)
    return {label: frozenset(found) for label, found in hidden.items()}


def _shown(nps: pd.DataFrame, windows: Sequence[str], names: Sequence[Slice]) -> np.ndarray:
    """Which slices the windows show, shape (windows, slices)."""
    rows = nps[~nps["suppressed"].astype(bool)]
    shown = set(zip(rows["window"], rows["population"], rows["dimension"], rows["slice"], strict=True))
    return np.array([[(window, *name) in shown for name in names] for window in windows], dtype=bool)


def _publish(settings: Settings, warehouse: Warehouse, span: _Span, windows: pd.DataFrame, run_id: str) -> None:
    import pandas as pd

    from verbatim.measures import measure_period

    started = time.monotonic()
    survey_id = settings.survey.id
    responses, opinions = rows_between(settings, warehouse, span.windows, span.label)
    partition = {"survey_id": survey_id, "window": span.label}
    frames = measure_period(
        responses,
        opinions,
        survey_id=survey_id,
        period=span.label,
        provisional=span.provisional,
        options=measure_options(settings),
        withheld=span.withheld,
    )
    held = (span.windows_before, span.windows)
    periods = ([span.before] if span.before else [], [span.label])
    frames["nps_bridge"] = bridge_between(settings, warehouse, windows, held, periods)
    row = {
        "state": WindowState.PUBLISHED.value,
        "first_window": span.windows[0],
        "last_window": span.windows[-1],
        "n_windows": len(span.windows),
        "digest": span.digest,
        "provisional": span.provisional,
        "seconds": round(time.monotonic() - started, 3),
    }
    published = {name: frame.assign(window=span.label, run_id=run_id) for name, frame in frames.items()}
    published["spans"] = pd.DataFrame([row | partition | {"run_id": run_id}])
    warehouse.publish(published, partition=partition)
