"""Answers that hold no opinion at all ("RAS", "néant", "…"), recognised before the model sees them."""

from __future__ import annotations

import re
from functools import cache

from verbatim.reading.wordlists import plain, read_list

_TAIL = "+"
_LONGEST = 120  # a few lines in a row; beyond that the expression would only cost time
# "10/10" is a verdict; a bare number is none.
_MARK_OUT_OF = re.compile(r"\d\s*/\s*\d")


def is_silent(text: str) -> bool:
    """Tell whether a whole answer says nothing that could be an opinion.

    Parameters
    ----------
    text : str
        Redacted answer.

    Returns
    -------
    bool
        True for an answer without letters (punctuation, digits, emoji) and for one made of nothing but lines of
        ``resources/ras-fr.txt``. A verdict ("bien", "nul", "10/10", "rien à redire") is not silent.

    Examples
    --------
    >>> is_silent("R.A.S., merci !"), is_silent("RAS tout est parfait")
    (True, False)
    """
    if not re.search(r"[^\W\d_]", text):
        return _MARK_OUT_OF.search(text) is None
    return len(text) <= _LONGEST and bool(_silent().fullmatch(_words(text)))


@cache
def _silent() -> re.Pattern[str]:
    lines = read_list("ras-fr.txt")
    heads = "|".join(sorted({re.escape(_words(line)) for line in lines if not line.startswith(_TAIL)}))
    tails = "|".join(sorted({re.escape(_words(line)) for line in lines if line.startswith(_TAIL)}))
    return re.compile(f"(?:{heads})(?: (?:{heads}|{tails}))*")


def _words(text: str) -> str:
    """Words in plain letters, repeated letters once, a plural's s off, one space between them."""
    letters = re.sub(r"[\W_]+", " ", plain(text))
    # "R.A.S." falls into letters, and so does "n/a": put together again.
    letters = re.sub(r"\b[^\W\d_](?: [^\W\d_]\b)+", lambda run: run[0].replace(" ", ""), letters)
    return " ".join(_word(word) for word in letters.split())


def _word(word: str) -> str:
    once = re.sub(r"(.)\1+", r"\1", word)
    return once[:-1] if len(once) > 3 and once.endswith("s") else once
