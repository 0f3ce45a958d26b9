"""Numbers as people and spreadsheets write them, and scores with their wording."""

from __future__ import annotations

import math
import re
from functools import lru_cache

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_UNITS = re.compile(r"(?:€|eur|euros?|%)$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
# "9", "9,0", "9/10", "9 sur 10", "9 - Extremely Likely", "10 : Très probable", "8 (plutôt)"
_SCORE = re.compile(
    r"(?P<number>[+-]?\d{1,9}(?:[.,]0+)?)\s*(?:(?:/|sur\b)\s*(?P<highest>\d{1,9}))?"
    r"\s*(?:(?:[-–—:=]\s*|\()[^\d\s].*)?",
    re.DOTALL,
)


@lru_cache(maxsize=65_536)
def read_number(cell: str) -> float | None:
    """Number of a cell, decimal comma or point, thousands apart, a unit behind; None if there is none.

    Examples
    --------
    >>> read_number("1 234,50 €"), read_number("1.234,5"), read_number("-3.2"), read_number("beaucoup")
    (1234.5, 1234.5, -3.2, None)
    """
    text = _UNITS.sub("", _BLANKS.sub("", cell))
    if "," in text:
        # The mark that comes last parts the decimals.
        decimal, thousands = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
        text = text.replace(thousands, "").replace(decimal, ".")
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


@lru_cache(maxsize=4096)
def read_score(cell: str, highest: int) -> int | None:
    """Whole score of a cell, its wording dropped; None if it cannot be read.

    Parameters
    ----------
    cell : str
        As the tool wrote it.
    highest : int
        Highest score of the scale: "9/10" is a score out of 10 only on a scale that ends at 10.

    Examples
    --------
    >>> read_score("9 - Extremely Likely", 10), read_score("9,0", 10), read_score("9/10", 10), read_score("dix", 10)
    (9, 9, 9, None)
    """
    match = _SCORE.fullmatch(cell.strip())
    if match is None or (match["highest"] and int(match["highest"]) != highest):
        return None
    return int(re.split("[.,]", match["number"])[0])
