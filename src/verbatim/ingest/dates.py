"""Dates as survey tools, spreadsheets and databases write them, in UTC.

The order of a date is decided, not guessed: the year first is ISO, else the day comes first as in France, unless "AM"
or "PM" shows an American export.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = r"(?P<a>\d{1,4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
_TIME = r"(?P<hour>\d{1,2})(?:[:hH](?P<minute>\d{2})?)(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_HALF = r"(?P<half>[AaPp])\.?[Mm]\.?"
_OFFSET = r"(?:UTC|GMT)?(?P<offset>Z|[+-]\d{1,2}(?::?\d{2})?)|(?P<utc>UTC|GMT)"
_WRITTEN = re.compile(rf"{_DAY}(?:(?:[T ]|, | à )\s*{_TIME}\s*(?:{_HALF})?\s*(?:{_OFFSET})?)?")
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?|\d{8}|\d{9,10}(?:[.,]\d+)?|\d{13}")
# Day 0 of the workbooks of Excel; the false leap day of 1900 lies before any survey.
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)
# A year outside is a slip of the keyboard, and would open a period of its own.
_YEARS = range(1970, 2200)


@lru_cache(maxsize=65_536)
def read_date(cell: str, zone: ZoneInfo) -> dt.datetime | None:
    """Instant of a date, in UTC; None if it cannot be read, or its year lies outside 1970-2199.

    Parameters
    ----------
    cell : str
        ISO 8601, ``dd/mm/yyyy [hh:mm[:ss]]``, an Excel day number, ``yyyymmdd``, or seconds or milliseconds since 1970.
    zone : ZoneInfo
        Zone of a date without an offset. An hour that exists twice is its first; one that does not exist is read
        with the offset before the gap.

    Examples
    --------
    >>> read_date("01/03/2024 09:15", ZoneInfo("Europe/Paris")).isoformat()
    '2024-03-01T08:15:00+00:00'
    """
    cell = cell.strip().lstrip("'")
    try:
        moment = _from_number(cell) if _NUMBER.fullmatch(cell) else _from_text(cell)
        return in_utc(moment, zone) if moment is not None and moment.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def in_utc(moment: dt.datetime | dt.date, zone: ZoneInfo) -> dt.datetime:
    """Bring a date or time to UTC; a bare date is its first instant in the zone."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)


def _from_number(cell: str) -> dt.datetime:
    number = float(cell.replace(",", "."))
    if len(cell) == 8 and cell.isdigit():
        return dt.datetime.strptime(cell, "%Y%m%d")
    if number < 1e6:
        return _EXCEL_EPOCH + dt.timedelta(seconds=round(number * 86_400))
    return dt.datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, tz=dt.UTC)


def _from_text(cell: str) -> dt.datetime | None:
    match = _WRITTEN.fullmatch(cell)
    if match is None:
        return None
    year, month, day = _day(match)
    hour, half = int(match["hour"] or 0), match["half"]
    if half:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    fraction = int((match["fraction"] or "0").ljust(6, "0")[:6])
    zone = _offset(match["offset"], match["utc"])
    return dt.datetime(year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0), fraction, zone)


def _day(match: re.Match[str]) -> tuple[int, int, int]:
    first, second, third = match["a"], match["b"], match["c"]
    if len(first) == 4:
        return int(first), int(second), int(third)
    if len(first) > 2 or len(third) not in (2, 4):
        raise ValueError("neither the first nor the last part is a year")
    year = int(third) + (2000 if len(third) == 2 else 0)
    return (year, int(first), int(second)) if match["half"] else (year, int(second), int(first))


def _offset(offset: str | None, utc: str | None) -> dt.tzinfo | None:
    if offset is None:
        return dt.UTC if utc else None
    if offset == "Z":
        return dt.UTC
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    minutes_east = int(hours) * 60 + int(minutes)
    return dt.timezone(dt.timedelta(minutes=-minutes_east if offset[0] == "-" else minutes_east))
