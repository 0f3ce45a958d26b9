"""Telephone numbers in the usual French and international spellings.

Candidates by regular expression, then the numbering plans of phonenumbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_BLANK = r"[ .\-/_·\u00a0\u202f\u2009\u2010\u2011\u2013]"
_NATIONAL = re.compile(
    rf"(?<![\d+])(?<!\d[.,])(?:(?:\(0\)|0)(?:{_BLANK}{{0,3}}\d){{9}}|\(0\d\)(?:{_BLANK}{{0,3}}\d){{8}})(?!\d)"
)
_COMMAS = re.compile(r"(?<!\d)0[1-9](?:, ?\d{2}){4}(?!\d)")
# A spreadsheet takes the leading zero away.
_ZERO_LOST = re.compile(rf"(?<![\d,.+])[67](?:{_BLANK}\d{{2}}){{4}}(?!\d)")
_BELGIAN = re.compile(rf"(?<![\d+])0\d{{1,2}}(?:{_BLANK}\d{{2,3}}){{3}}(?!\d)")
_PLUS_LOST = re.compile(rf"(?<![\d+])33{_BLANK}?(?:\(0\){_BLANK}?)?[1-9](?:{_BLANK}?\d{{2}}){{4}}(?!\d)")
_INTERNATIONAL = re.compile(rf"(?:\+ ?|(?<![\d.,])00 ?)\(?[1-9](?:(?:{_BLANK}|[()]){{0,3}}\d){{6,16}}")
_UNIT = r"(?:z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf)"
_SPOKEN_PART = rf"(?:{_UNIT}|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|et)"
# "zéro six douze trente-quatre …": a zero and its figure, then at least four pairs of one word.
SPOKEN = rf"\bz[ée]ro[ ,-]{{1,2}}{_UNIT}(?:[ ,.-]{{1,2}}{_SPOKEN_PART}){{4,}}\b"
_SPOKEN = re.compile(SPOKEN, re.IGNORECASE)
# Behind an explicit 33 the overseas numbers and those of no plan count too.
_FRENCH = re.compile(r"330?[1-9]\d{8}")
_MARKS = re.compile(r"[.,/_·\-\u2010\u2011\u2013]")
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:19|20)\d\d(?!\d)")
# Overseas numbers are written like those of the mainland but belong to other plans.
_FRENCH_REGIONS = ("FR", "GP", "RE", "MQ", "GF", "YT", "PM")


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Spans of telephone numbers that a numbering plan knows, longest spellings first."""
    yield from _find_international(text)
    yield from (match.span() for match in _SPOKEN.finditer(text))
    # A date beside a number would lend it its figures; the mask keeps the offsets.
    masked = _DATE.sub(lambda match: "x" * len(match.group()), text)
    for pattern, prefix, regions in (
        (_PLUS_LOST, "+", ("FR",)),
        (_NATIONAL, "", _FRENCH_REGIONS),
        (_COMMAS, "", _FRENCH_REGIONS),
        (_ZERO_LOST, "0", ("FR",)),
        (_BELGIAN, "", ("BE",)),
    ):
        yield from _find_grouped(masked, pattern, prefix, regions)


def _find_grouped(
    text: str, pattern: re.Pattern[str], prefix: str, regions: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    position = 0
    while match := pattern.search(text, position):
        groups = _groups(match.group())
        is_number = _is_pairs(groups) or _is_number(prefix + "".join(groups), regions)
        if is_number and _is_grouped(groups, match.group()):
            position = match.end()
            yield match.span()
        else:
            # The number may begin inside: "… en 03/2026. 04 69 75 75 27".
            position = match.start() + 1


def _groups(written: str) -> list[str]:
    """Groups of figures; the zero of "(0)6 12…" belongs to the figure behind it."""
    groups = _DIGITS.findall(written)
    if groups[0] == "0" and len(groups[1]) == 1 and len(groups) < 9:
        groups[:2] = ["".join(groups[:2])]
    return groups


def _is_grouped(groups: list[str], written: str) -> bool:
    """Tell the groups of a number ("06 12 34 56 78", "(0)6 12…", ten single digits) from a list of numbers.

    A number keeps to one mark between its groups; blanks beside it do not count.
    """
    if len(set(_MARKS.findall(written))) > 1:
        return False
    return all(len(group) >= 2 for group in groups[1:]) or set(map(len, groups[1:])) == {1}


def _is_pairs(groups: list[str]) -> bool:
    """Tell "04 00 12 34 56": whoever writes five pairs means a telephone, also where no plan holds the number."""
    return len(groups) == 5 and groups[0][0] == "0" and groups[0] != "00" and all(len(group) == 2 for group in groups)


def _find_international(text: str) -> Iterator[tuple[int, int]]:
    for match in _INTERNATIONAL.finditer(text):
        start = match.start()
        prefix = text[start:].startswith("00")
        ends = [group.end() for group in _DIGITS.finditer(text, *match.span())]
        # "+32 475 12 34 56 100 fois": a figure may follow, so the last groups are dropped until the number is valid.
        for end in reversed(ends):
            digits = "".join(_DIGITS.findall(text, start, end))
            number = digits[2:] if prefix else digits
            if not text[end : end + 1].isdigit() and (_FRENCH.fullmatch(number) or _is_number(f"+{number}", ("FR",))):
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
