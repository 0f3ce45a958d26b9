"""Letters that an export lost for good: U+FFFD, or a question mark where an apostrophe stood."""

from __future__ import annotations

import re
from functools import cache, partial

from verbatim.ingest.resources import read_rows

LOST = "\ufffd"
_LETTER = f"[A-Za-zÀ-ÖØ-öø-ÿœ{LOST}]"
# "l?accueil", "qu?il", but not "c?ur": no French sentence ends between an elided word and its vowel.
_APOSTROPHES = re.compile(r"(?<![^\W_])([cdjlmnst]|qu)\?(?!u[dr]s?\b)(?=[aeiouyhàâéèêëîïôûœ])", re.IGNORECASE)


def restore_letters(text: str) -> str:
    """Put back what the place in the word gives away; a lost character that it does not is dropped.

    Examples
    --------
    >>> restore_letters("tr\ufffds bon accueil, personnel comp\ufffdtent \ufffd l?\ufffdcoute")
    "très bon accueil, personnel compétent à l'écoute"
    """
    if LOST in text:
        for place, letter in _places():
            text = place.sub(partial(_in_case, letter), text)
        text = text.replace(LOST, "")
    return _APOSTROPHES.sub(r"\1'", text) if "?" in text else text


@cache
def _places() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = read_rows("lettres-perdues.tsv")
    return tuple((re.compile(_expanded(place), re.IGNORECASE), letter) for place, letter in rows)


def _in_case(letter: str, match: re.Match[str]) -> str:
    """In capitals between capitals, or behind one in a word of two letters."""
    around = match.string[max(0, match.start() - 1) : match.end() + 1].replace(LOST, "")
    return letter.upper() if around.isupper() else letter


def _expanded(place: str) -> str:
    """The expression of a place; a lost character counts as a letter for what begins a word."""
    return place.replace("{L}", _LETTER).replace(r"(?<=\b", f"(?<=(?<!{_LETTER})")
