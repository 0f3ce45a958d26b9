"""Periods: day, week, month or quarter of a date in the survey's time zone, and their labels.

A label sorts within its kind and tells its kind: `2026-03-14`, `2026-W09` (ISO 8601), `2026-03`, `2026-Q1`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pandas as pd

PeriodKind = Literal["day", "week", "month", "quarter"]

_LABELS: dict[PeriodKind, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "week": re.compile(r"\d{4}-W\d{2}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
}


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


def period_kind(label: str) -> PeriodKind:
    """Tell the kind of a label.

    Raises
    ------
    ValueError
        It is no period label.
    """
    for kind, pattern in _LABELS.items():
        if pattern.fullmatch(label):
            return kind
    raise ValueError("not a period label; expected 2026-03-14, 2026-W09, 2026-03 or 2026-Q1")


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
    month, length = (int(rest), 1) if kind == "month" else (3 * int(rest[1:]) - 2, 3)
    return dt.date(year, month, 1), _months_later(year, month, length)


def _months_later(year: int, month: int, months: int) -> dt.date:
    years, index = divmod(month - 1 + months, 12)
    return dt.date(year + years, index + 1, 1)
