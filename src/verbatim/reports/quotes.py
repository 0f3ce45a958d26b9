"""Customers' words, made safe to set beside ours: cut when long, unable to turn the page's direction."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from verbatim.reports.publication import Publication, is_whole
from verbatim.reports.typography import shorten
from verbatim.reports.wording import Wording
from verbatim.tables import QuoteRole

LONGEST_QUOTE = 320
"""Characters of a quote that are shown."""
# Direction overrides and isolates could end the isolation that the page puts around a quote; other controls print
# as nothing or as a box.
_CONTROLS = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Accents piled up by the dozen would cover the lines above; French needs one, Vietnamese two.
_PILED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a customer; ``label`` is empty for a typical one."""

    text: str
    label: str


def read_quotes(publication: Publication, words: Wording) -> dict[tuple[str, str, str], tuple[Quote, ...]]:
    """Quotes of the whole survey by (group, theme, polarity), in their order."""
    quotes: dict[tuple[str, str, str], list[Quote]] = defaultdict(list)
    for row in sorted(filter(is_whole, publication.quotes), key=lambda row: row["position"]):
        label = words.say("quote.counter_example") if row["role"] == QuoteRole.COUNTER_EXAMPLE else ""
        quotes[row["nps_group"], row["theme_id"], row["polarity"]].append(Quote(tidy_quote(row["quote"]), label))
    return {key: tuple(found) for key, found in quotes.items()}


def tidy_quote(text: str) -> str:
    r"""Put a quote on one line, without controls, at most :data:`LONGEST_QUOTE` characters.

    Examples
    --------
    >>> tidy_quote("trop  cher\n\u202eet lent")
    'trop cher et lent'
    """
    line = " ".join(_CONTROLS.sub("", text).split())
    return shorten(_PILED_MARKS.sub(r"\1", line), LONGEST_QUOTE)
