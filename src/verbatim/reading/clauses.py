"""Borders inside a span at which an answer may turn from praise to blame: the two sides are judged apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from verbatim.reading.spans import Span, TokenLayout, tokens_of, trim
from verbatim.reading.wordlists import plain, read_list

SURE = 0.8
"""Probability that both sides of a border must reach, with opposite polarities, to be taken apart."""
_SHORTEST = 3  # characters of a side
# Each border is scored: a clause of ordinary length has no more, and an endless one must not cost its square.
_MOST_BORDERS = 6
_LONGEST = 160  # tokens of a span
_POSITIVE, _NEGATIVE = 0, 1

Sides = tuple[Span, Span]


def sides_of(text: str, layout: TokenLayout, span: Span) -> list[Sides]:
    """Left and right side of every border inside a span, in order.

    Borders are the connectives of ``resources/borders-fr.txt`` and line breaks; a border belongs to neither side.
    Commas are none: on the dev families they cut more that belongs together than they part what does not.
    """
    found: list[Sides] = []
    if span.last - span.first > _LONGEST:
        return found
    for border in _borders().finditer(plain(text[span.start : span.end])):
        left = trim(text, span.start, span.start + border.start())
        right = trim(text, span.start + border.end(), span.end)
        if min(left[1] - left[0], right[1] - right[0]) >= _SHORTEST:
            first, second = (
                Span(*side, *tokens_of(layout, *side, within=(span.first, span.last))) for side in (left, right)
            )
            found.append((first, second))
    return found[:_MOST_BORDERS]


def opposition(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    """How surely two sides judge the opposite, in [0, 1]: the less sure of the two.

    Parameters
    ----------
    left, right : array, shape (3,)
        Probabilities of positive, negative, neutral.
    """
    return float(max(min(left[_POSITIVE], right[_NEGATIVE]), min(left[_NEGATIVE], right[_POSITIVE])))


def most_opposed(oppositions: Sequence[float]) -> int | None:
    """Which border to cut at; None where no two sides are surely opposed."""
    best = max(range(len(oppositions)), key=oppositions.__getitem__, default=None)
    return None if best is None or oppositions[best] < SURE else best


@cache
def _borders() -> re.Pattern[str]:
    connectives = sorted(read_list("borders-fr.txt"), key=len, reverse=True)
    words = "|".join(re.escape(connective).replace(r"\ ", r"\s+") for connective in connectives)
    return re.compile(rf"\b(?:{words})\b|\s*\n\s*")
