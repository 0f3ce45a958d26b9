"""Numbers with a check: bank accounts (IBAN), payment cards (Luhn), French social security numbers (NIR).

Candidates by regular expression, then python-stdnum's validators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK = r"[ .\-\u00a0\u202f\u2009]"
_IBAN = re.compile(rf"[A-Za-z]{{2}}\d{{2}}(?:{_BLANK}{{0,2}}[A-Za-z0-9]){{11,30}}")
_IBAN_LENGTHS = range(15, 35)
_NIR = re.compile(
    rf"(?<!\d)[1-478]{_BLANK}?\d{{2}}{_BLANK}?\d{{2}}{_BLANK}?(?:\d{{2}}|2[ABab]){_BLANK}?\d{{3}}{_BLANK}?\d{{3}}"
    rf"{_BLANK}{{0,3}}\d{{2}}(?!\d)"
)
_DIGITS = re.compile(r"\d+")
_DIGIT_RUN = re.compile(rf"(?<!\d)\d(?:{_BLANK}{{0,2}}\d){{13,}}")
# First digits and length of a card number, ISO/IEC 7812 as the networks use it. Thirteen digits (the Visa cards of
# before 2000) are left out: a tenth of all EAN-13 bar codes would pass.
_CARD = re.compile(
    r"4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6\d{15}(?:\d{3})?"
)


def find_ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of international bank account numbers of any country, in any case and grouping."""
    position = 0
    while match := _IBAN.search(text, position):
        position = match.start() + 1
        # What follows may be glued to the number by blanks ("… 189 merci"): try every length, the longest first.
        places = [place for place in range(*match.span()) if text[place].isalnum()]
        for length in reversed(_IBAN_LENGTHS):
            if length <= len(places) and _is_iban("".join(text[place] for place in places[:length])):
                position = places[length - 1] + 1
                yield match.start(), position
                break


def _is_iban(number: str) -> bool:
    """Length and form of the country, and the key of two digits; the bank's own key is not asked for."""
    from stdnum import iban

    return bool(iban.is_valid(number, check_country=False))


def find_nirs(text: str) -> Iterator[tuple[int, int]]:
    """Spans of French social security numbers whose key is right."""
    from stdnum.fr import nir

    for match in _NIR.finditer(text):
        if nir.is_valid("".join(filter(str.isalnum, match.group()))):
            yield match.span()


def find_cards(text: str) -> Iterator[tuple[int, int]]:
    """Spans of payment card numbers whose check digit is right."""
    for run in _DIGIT_RUN.finditer(text):
        yield from _cards_in(text, [match.span() for match in _DIGITS.finditer(text, *run.span())])


def _cards_in(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cards that begin and end with a group of digits; a date or a cryptogram may stand beside them."""
    from stdnum import luhn

    first = 0
    while first < len(groups):
        number = ""
        for last in range(first, len(groups)):
            number += text[slice(*groups[last])]
            if len(number) > 19:
                break
            if _CARD.fullmatch(number) and luhn.is_valid(number):
                yield groups[first][0], groups[last][1]
                first = last
                break
        first += 1
