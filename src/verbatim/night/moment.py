"""The moment a run looks from (`as_of`): which periods were still open then, and which one makes the headline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from verbatim.errors import SettingsError
from verbatim.periods import period_bounds
from verbatim.tables import UNDATED


def parse_as_of(text: str | None, zone: ZoneInfo) -> dt.datetime:
    """Read an `as_of`; without one it is now.

    Parameters
    ----------
    text : str, optional
        ISO 8601 date or time; without an offset it is read in the zone.
    zone : ZoneInfo
        The survey's time zone.

    Raises
    ------
    SettingsError
        It is neither.
    """
    if text is None:
        return dt.datetime.now(dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            "as-of is no date", where="--as-of", expected="2026-10-01 or 2026-10-01T06:00+02:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)


def is_open(window: str, *, as_of: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether a window may still get answers; `undated` never closes and never opens."""
    return window != UNDATED and period_bounds(window, zone)[1] > as_of


def headline_period(windows: Iterable[str], *, as_of: dt.datetime, zone: ZoneInfo) -> str | None:
    """Choose the period that a night tells of first: the last closed one, else the last one; None without any."""
    periods = sorted((window for window in windows if window != UNDATED), key=lambda label: period_bounds(label, zone))
    closed = [period for period in periods if not is_open(period, as_of=as_of, zone=zone)]
    return next(reversed(closed or periods), None)
