"""Geometry of the bars: places in percent of the width, heights in pixels; `templates/charts.html.j2` draws them.

Percentages let a chart follow the width of the page while its texts keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DISTRIBUTION_HEIGHT = 200
"""Pixels, labels included."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar; the parts add up to 100 %."""

    code: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class StackedBar:
    """Parts side by side."""

    segments: tuple[Segment, ...]
    description: str


@dataclass(frozen=True, slots=True)
class ShareBar:
    """A share, the same share elsewhere, and the interval of their difference put around the share."""

    share: float
    elsewhere: float | None
    interval: tuple[float, float] | None
    description: str


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """A value and its interval on a scale, with a mark to compare with."""

    value: float
    low: float
    high: float
    mark: float | None
    description: str


@dataclass(frozen=True, slots=True)
class StepBar:
    """A step from one level to the next; of code `level` where it is a level itself."""

    code: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a distribution."""

    label: str
    code: str
    text: str
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns side by side."""

    columns: tuple[Column, ...]
    description: str
    height: int = DISTRIBUTION_HEIGHT


def place(value: float, scale: tuple[float, float]) -> float:
    """Place of a value on a scale, in percent, kept within it.

    Examples
    --------
    >>> place(0.0, (-100, 100)), place(12.0, (0, 10))
    (50.0, 100.0)
    """
    low, high = scale
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 2)


def stack(parts: Sequence[tuple[str, float]], description: str) -> StackedBar:
    """Put parts side by side, scaled to fill the width."""
    total = sum(value for _, value in parts) or 1
    segments, start = [], 0.0
    for code, value in parts:
        width = 100 * value / total
        segments.append(Segment(code, round(start, 2), round(width, 2)))
        start += width
    return StackedBar(tuple(segments), description)


def share_bar(
    share: float,
    elsewhere: float | None,
    difference: tuple[float, float] | None,
    *,
    widest: float,
    description: str,
) -> ShareBar:
    """Place a share on an axis from 0 to ``widest``; ``difference`` is the interval of share − elsewhere."""
    scale = (0.0, widest)
    interval = None
    if elsewhere is not None and difference is not None:
        interval = place(elsewhere + difference[0], scale), place(elsewhere + difference[1], scale)
    mark = None if elsewhere is None else place(elsewhere, scale)
    return ShareBar(place(share, scale), mark, interval, description)


def interval_bar(
    value: float,
    interval: tuple[float, float],
    *,
    scale: tuple[float, float],
    description: str,
    mark: float | None = None,
) -> IntervalBar:
    """Place a value, its interval and a mark on a scale."""
    low, high = (place(bound, scale) for bound in interval)
    return IntervalBar(place(value, scale), low, high, None if mark is None else place(mark, scale), description)


def step_bar(start: float | None, end: float, *, scale: tuple[float, float]) -> StepBar:
    """Place a step on a scale; without a start, a level, which is a place.

    Examples
    --------
    >>> step_bar(50.0, 40.0, scale=(0, 100))
    StepBar(code='down', start=40.0, width=10.0)
    """
    first, last = place(end if start is None else start, scale), place(end, scale)
    code = "level" if start is None else "down" if last < first else "up"
    return StepBar(code, min(first, last), round(abs(last - first), 2))


def stand(bars: Sequence[tuple[str, str, float, str]], description: str) -> Columns:
    """Stand columns side by side from (label, code, share, written share); the tallest fills the height."""
    room = DISTRIBUTION_HEIGHT - 40
    tallest = max((share for _, _, share, _ in bars), default=0) or 1
    step = 100 / max(len(bars), 1)
    columns = []
    for index, (label, code, share, text) in enumerate(bars):
        height = round(room * share / tallest, 1)
        left, top = round((index + 0.12) * step, 2), round(20 + room - height, 1)
        columns.append(Column(label, code, text, left, round(0.76 * step, 2), top, height))
    return Columns(tuple(columns), description)
