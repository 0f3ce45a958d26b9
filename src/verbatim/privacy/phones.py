"""Telephone numbers in the usual French and international spellings.

Candidates by regular expression, then the numbering plans of phonenumbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_BLANK = r"[ .\-/_·\u00a0\u202f\u2009\u2010\u2011\u2013]"
_NATIONAL = re.compile(rf"(?<![\d+])(?<!\d[.,])\(?0\)?(?:{_BLANK}{{0,3}}\d){{9}}(?!\d)")
_COMMAS = re.compile(r"(?<!\d)0[1-9](?:, ?\d{2}){4}(?!\d)")
# A spreadsheet takes the leading zero away.
_ZERO_LOST = re.compile(rf"(?<![\d,.+])[67](?:{_BLANK}\d{{2}}){{4}}(?!\d)")
_BELGIAN = re.compile(rf"(?<![\d+])0\d{{1,2}}(?:{_BLANK}\d{{2,3}}){{3}}(?!\d)")
_PLUS_LOST = re.compile(rf"(?<![\d+])33{_BLANK}?(?:\(0\){_BLANK}?)?[1-9](?:{_BLANK}?\d{{2}}){{4}}(?!\d)")
_INTERNATIONAL = re.compile(rf"(?:\+ ?|(?<![\d.,])00 ?)\(?[1-9](?:(?:{_BLANK}|[()]){{0,3}}\d){{6,16}}")
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:19|20)\d\d(?!\d)")
# Overseas numbers are written like those of the mainland but belong to other plans.
_FRENCH_REGIONS = ("FR", "GP", "RE", "MQ", "GF", "YT", "PM")


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Spans of telephone numbers that a numbering plan knows, longest spellings first."""
    yield from _find_international(text)
    dates = [match.span() for match in _DATE.finditer(text)]
    for pattern, prefix, regions in (
        (_PLUS_LOST, "+", ("FR",)),
        (_NATIONAL, "", _FRENCH_REGIONS),
        (_COMMAS, "", _FRENCH_REGIONS),
        (_ZERO_LOST, "0", ("FR",)),
        (_BELGIAN, "", ("BE",)),
    ):
        for start, end in (match.span() for match in pattern.finditer(text)):
            groups = _DIGITS.findall(text, start, end)
            in_date = any(first < end and start < last for first, last in dates)
            if not in_date and _is_grouped(groups) and _is_number(prefix + "".join(groups), regions):
                yield start, end


def _is_grouped(groups: list[str]) -> bool:
    """Tell the groups of a number ("06 12 34 56 78", "0 612 345 678", ten single digits) from a list of numbers."""
    return all(len(group) >= 2 for group in groups[1:]) or all(len(group) == 1 for group in groups)


def _find_international(text: str) -> Iterator[tuple[int, int]]:
    for match in _INTERNATIONAL.finditer(text):
        start = match.start()
        prefix = text[start:].startswith("00")
        ends = [group.end() for group in _DIGITS.finditer(text, *match.span())]
        # "+32 475 12 34 56 100 fois": a figure may follow, so the last groups are dropped until the number is valid.
        for end in reversed(ends):
            digits = "".join(_DIGITS.findall(text, start, end))
            if not text[end : end + 1].isdigit() and _is_number("+" + (digits[2:] if prefix else digits), ("FR",)):
                yield start, end
                break


@lru_cache(maxsize=4096)
def _is_number(digits: str, regions: tuple[str, ...]) -> bool:
    """Ask the numbering plans; lists and prices rarely pass them."""
    import phonenumbers

    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(digits, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
