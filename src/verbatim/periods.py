"""Periods: day, week, month or quarter of a date in the survey's time zone, and their labels.

A label sorts within its kind and tells its kind: `2026-03-14`, `2026-W09` (ISO 8601), `2026-03`, `2026-Q1`. Spans hold
several of them: `2026-03-3m` and `2026-03-12m` (the months up to and with March), `2026-ytd` (the year so far).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal, get_args
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pandas as pd

PeriodKind = Literal["day", "week", "month", "quarter"]
SpanKind = Literal["rolling_3m", "rolling_12m", "ytd"]

_LABELS: dict[PeriodKind | SpanKind, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "week": re.compile(r"\d{4}-W\d{2}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
    "rolling_3m": re.compile(r"\d{4}-\d{2}-3m"),
    "rolling_12m": re.compile(r"\d{4}-\d{2}-12m"),
    "ytd": re.compile(r"\d{4}-ytd"),
}
_MONTHS = {"month": 1, "quarter": 3, "rolling_3m": 3, "rolling_12m": 12, "ytd": 12}


def label_periods(answered_at: pd.Series, *, kind: PeriodKind, zone: ZoneInfo) -> pd.Series:
    """Label the period of each date.

    Parameters
    ----------
    answered_at : Series of datetime64[us, UTC]
        Dates without a missing value.
    kind : {"day", "week", "month", "quarter"}
        Length of the periods.
    zone : ZoneInfo
        Time zone in which they begin and end.

    Returns
    -------
    Series of string
        Labels, same index.
    """
    local = answered_at.dt.tz_convert(zone)
    if kind == "quarter":
        labels = local.dt.year.astype("string") + "-Q" + local.dt.quarter.astype("string")
    else:
        labels = local.dt.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[kind])
    result: pd.Series = labels.astype("string")
    return result


def period_kind(label: str) -> PeriodKind | SpanKind:
    """Tell the kind of a label.

    Raises
    ------
    ValueError
        It is no period label.
    """
    for kind, pattern in _LABELS.items():
        if pattern.fullmatch(label):
            return kind
    raise ValueError(
        "not a period label; expected 2026-03-14, 2026-W09, 2026-03, 2026-Q1, 2026-03-3m, 2026-03-12m or 2026-ytd"
    )


def spans_between(first: dt.date, last: dt.date, *, base: PeriodKind) -> list[str]:
    """Label the periods beyond the base ones that a survey of these days has: month, quarter, rolling, year to date.

    A rolling span is there once its first month lies within the survey: twelve months of five would be five.

    Parameters
    ----------
    first, last : date
        First and last day of an answer.
    base : {"day", "week", "month", "quarter"}
        Length of the survey's own periods; spans that are no longer than these are left out.

    Returns
    -------
    list of str
        By their end, the shorter first.
    """
    months = _months_later(last.year, last.month, 1).year * 12 + _months_later(last.year, last.month, 1).month
    start = dt.date(first.year, first.month, 1)
    found: list[tuple[dt.date, int, str]] = []
    for index in range(first.year * 12 + first.month, months):
        year, month = divmod(index - 1, 12)
        label, behind = f"{year:04d}-{month + 1:02d}", _months_later(year, month + 1, 1)
        quarter_ends = month % 3 == 2 or behind > last
        if base in ("day", "week"):
            found.append((behind, 1, label))
        if base != "quarter":
            quarter = f"{year:04d}-Q{month // 3 + 1}"
            found += [(behind, 3, quarter)] if quarter_ends else []
            found += [(behind, 4, f"{label}-3m")] if _first_days(f"{label}-3m")[0] >= start else []
        rolled = base != "quarter" or month % 3 == 2
        found += [(behind, 12, f"{label}-12m")] if rolled and _first_days(f"{label}-12m")[0] >= start else []
        found += [(behind, 13, f"{year:04d}-ytd")] if month == 11 or behind > last else []
    return [label for _, _, label in sorted(found)]


def is_span(label: str) -> bool:
    """Tell a rolling period or a year to date from a day, week, month or quarter."""
    return period_kind(label) in get_args(SpanKind)


def rolling_labels(period: str) -> tuple[str, ...]:
    """Label the rolling spans that end with a month, the shorter first; other periods have none.

    Examples
    --------
    >>> rolling_labels("2026-03"), rolling_labels("2026-Q1")
    (('2026-03-3m', '2026-03-12m'), ())
    """
    return (f"{period}-3m", f"{period}-12m") if period_kind(period) == "month" else ()


def period_bounds(label: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """First instant of a period and first instant behind it, in UTC (days of 23 and 25 hours included).

    Raises
    ------
    ValueError
        It is no period label.
    """
    first, behind = _first_days(label)
    start, end = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, behind))
    return start, end


def _first_days(label: str) -> tuple[dt.date, dt.date]:
    kind = period_kind(label)
    if kind == "day":
        day = dt.date.fromisoformat(label)
        return day, day + dt.timedelta(days=1)
    year, rest = int(label[:4]), label[5:]
    if kind == "week":
        monday = dt.date.fromisocalendar(year, int(rest[1:]), 1)
        return monday, monday + dt.timedelta(weeks=1)
    last = 12 if kind == "ytd" else 3 * int(rest[1:]) if kind == "quarter" else int(rest[:2])
    dt.date(year, last, 1)  # A month that does not exist is refused.
    return _months_later(year, last, 1 - _MONTHS[kind]), _months_later(year, last, 1)


def _months_later(year: int, month: int, months: int) -> dt.date:
    years, index = divmod(month - 1 + months, 12)
    return dt.date(year + years, index + 1, 1)
