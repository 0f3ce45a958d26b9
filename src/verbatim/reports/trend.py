"""The NPS period by period: a line with its interval's band, broken where a period is missing or not shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeAlias

from verbatim.periods import period_bounds
from verbatim.reports.charts import place
from verbatim.reports.publication import Publication, Row
from verbatim.reports.typography import abbreviate_period
from verbatim.reports.wording import Wording
from verbatim.settings import Settings

LONGEST = 25
"""Periods drawn at most: two years of months, and the one to compare with."""
_Bounds: TypeAlias = tuple[dt.datetime, dt.datetime]
_LONGEST_QUARTER = dt.timedelta(days=92, hours=1)  # in which clocks go back
_LABELS_THAT_FIT = 9
_LEFT_MARGIN, _RIGHT_MARGIN = 8.0, 93.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A label beside an axis, at a place of it in percent."""

    place: float
    label: str
    minor: bool
    """True: left out on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Dot:
    """The NPS of one period; ``y`` runs from the top, in percent."""

    x: float
    y: float
    top: float
    bottom: float
    text: str
    provisional: bool
    last: bool


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The same in a table, for those who do not see the chart."""

    period: str
    base: str
    nps: str
    interval: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart and its table."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    """`points` of SVG polylines in a box of 100 × 100, one a stretch without a gap."""
    bands: tuple[str, ...]
    """`points` of SVG polygons in the same box."""
    gaps: tuple[float, ...]
    """Places of the periods that are not shown."""
    levels: tuple[Tick, ...]
    periods: tuple[Tick, ...]
    rows: tuple[TrendRow, ...]
    description: str
    note: str


def build_trend(publication: Publication, *, settings: Settings, words: Wording) -> Trend | None:
    """Place the periods in time; None when fewer than two of them are shown."""
    history = publication.history[-LONGEST:]
    shown = [row for row in history if row["nps"] is not None]
    if len(shown) < 2:
        return None
    xs = _places(history, settings)
    scale = _scale(shown)
    dots = (_dot(row, x, scale, words, last=row is shown[-1]) for row, x in zip(history, xs, strict=True))
    stretches = list(_stretches(history, xs, scale, settings))
    provisional = any(row["provisional"] for row in shown)
    return Trend(
        dots=tuple(dot for dot in dots if dot is not None),
        lines=tuple(_join((x, y) for x, y, _, _ in stretch) for stretch in stretches),
        bands=tuple(_band(stretch) for stretch in stretches),
        gaps=tuple(x for row, x in zip(history, xs, strict=True) if row["nps"] is None),
        levels=_levels(scale, words),
        periods=_period_ticks(history, xs, words),
        rows=tuple(_table_row(row, words) for row in reversed(history)),
        description=_describe(shown, words),
        note=words.say("trend.provisional") if provisional else "",
    )


def _places(history: Sequence[Row], settings: Settings) -> list[float]:
    starts = [period_bounds(row["period"], settings.survey.zone)[0].timestamp() for row in history]
    width = _RIGHT_MARGIN - _LEFT_MARGIN
    return [round(_LEFT_MARGIN + width * place(start, (starts[0], starts[-1])) / 100, 2) for start in starts]


def _scale(shown: Sequence[Row]) -> tuple[float, float]:
    """Round the range of the intervals outwards to tens: small moves must not look like large ones."""
    low = max(10 * floor(min(row["ci_low"] for row in shown) / 10), -100)
    high = min(10 * ceil(max(row["ci_high"] for row in shown) / 10), 100)
    return (low, high) if high > low else (low - 10, low + 10)


def _dot(row: Row, x: float, scale: tuple[float, float], words: Wording, *, last: bool) -> Dot | None:
    if row["nps"] is None:
        return None
    y, top, bottom = (_down(row[name], scale) for name in ("nps", "ci_high", "ci_low"))
    return Dot(x, y, top, bottom, words.points(row["nps"]), bool(row["provisional"]), last)


def _down(value: float, scale: tuple[float, float]) -> float:
    return round(100 - place(value, scale), 2)


def _stretches(
    history: Sequence[Row], xs: Sequence[float], scale: tuple[float, float], settings: Settings
) -> Iterator[list[tuple[float, float, float, float]]]:
    """Runs of shown periods that follow each other in time: (x, nps, ci_high, ci_low), y downwards."""
    stretch: list[tuple[float, float, float, float]] = []
    before = None
    for row, x in zip(history, xs, strict=True):
        bounds = period_bounds(row["period"], settings.survey.zone)
        if stretch and (row["nps"] is None or not _follows(bounds, before)):
            yield stretch
            stretch = []
        before = bounds
        if row["nps"] is not None:
            y, top, bottom = (_down(row[name], scale) for name in ("nps", "ci_high", "ci_low"))
            stretch.append((x, y, top, bottom))
    if stretch:
        yield stretch


def _follows(bounds: _Bounds, before: _Bounds | None) -> bool:
    """Begins where the other ends, or rolls on by a month, or by a quarter in a survey of quarters."""
    if before is None:
        return False
    rolls = before[0] < bounds[0] < before[1] and bounds[1] - before[1] <= _LONGEST_QUARTER
    return bounds[0] == before[1] or rolls


def _join(points: Iterator[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _band(stretch: Sequence[tuple[float, float, float, float]]) -> str:
    there = ((x, top) for x, _, top, _ in stretch)
    back = ((x, bottom) for x, _, _, bottom in reversed(stretch))
    return f"{_join(there)} {_join(back)}"


def _levels(scale: tuple[float, float], words: Wording) -> tuple[Tick, ...]:
    low, high = int(scale[0]), int(scale[1])
    step = next(step for step in (5, 10, 20, 50, 100) if (high - low) / step <= 5)
    levels = range(-(-low // step) * step, high + 1, step)
    return tuple(Tick(_down(level, scale), words.level(level), minor=False) for level in levels)


def _period_ticks(history: Sequence[Row], xs: Sequence[float], words: Wording) -> tuple[Tick, ...]:
    every = -(-len(history) // _LABELS_THAT_FIT)
    from_last = range(len(history) - 1, -1, -1)
    return tuple(
        Tick(x, abbreviate_period(row["period"], words.language), minor=(back // every) % 3 > 0)
        for row, x, back in zip(history, xs, from_last, strict=True)
        if back % every == 0
    )


def _table_row(row: Row, words: Wording) -> TrendRow:
    period = words.period(row["period"]) + (f" ({words.say('provisional.short')})" if row["provisional"] else "")
    if row["nps"] is None:
        return TrendRow(period, "", words.say("suppressed.short"), "")
    interval = words.say("interval.short", low=words.points(row["ci_low"]), high=words.points(row["ci_high"]))
    return TrendRow(period, words.count(row["n"]), words.points(row["nps"]), interval)


def _describe(shown: Sequence[Row], words: Wording) -> str:
    first, last = shown[0], shown[-1]
    return words.say(
        "trend.description",
        first=words.period(first["period"]),
        first_nps=words.points(first["nps"]),
        last=words.period(last["period"]),
        last_nps=words.points(last["nps"]),
    )
