"""Put a tag in the place of every personal value that a recogniser finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from verbatim.privacy.emails import SPOKEN_AT, find_emails
from verbatim.privacy.identifiers import find_cards, find_ibans, find_nirs
from verbatim.privacy.persons import find_persons, title_pattern
from verbatim.privacy.phones import find_phones
from verbatim.privacy.tags import Tag

# Order matters: a card or an account holds digits that would pass for a telephone number.
_RECOGNISERS: tuple[tuple[Tag, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (Tag.EMAIL, find_emails),
    (Tag.IBAN, find_ibans),
    (Tag.NIR, find_nirs),
    (Tag.CARTE, find_cards),
    (Tag.TELEPHONE, find_phones),
    (Tag.PERSONNE, find_persons),
)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a personal value stood; offsets in the text that was given, the value itself is not kept."""

    start: int
    end: int
    tag: Tag


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its personal values, and what was replaced, in the order of the text."""

    text: str
    spans: tuple[Span, ...] = ()


def redact(text: str) -> Redacted:
    """Replace each recognised personal value by its tag. Redacting again changes nothing.

    Examples
    --------
    >>> redact("Mme Le Goff est parfaite, son 06 12 34 56 78").text
    '[PERSONNE] est parfaite, son [TELEPHONE]'
    """
    if _candidates().search(text) is None:
        return Redacted(text)
    spans = tuple(sorted(_find_spans(text), key=lambda span: span.start))
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], span.tag.token]
        position = span.end
    return Redacted("".join([*pieces, text[position:]]), spans)


def redact_many(texts: Iterable[str]) -> list[Redacted]:
    """Redact a batch of texts, same order."""
    return [redact(text) for text in texts]


@cache
def _candidates() -> re.Pattern[str]:
    """One search that most answers fail: they go through untouched."""
    digits = r"\d(?:[^\w\n]{0,4}\d){7}"
    account = r"[A-Za-z]{2}\d{2}[ .\-\u00a0\u202f\u2009]{0,2}[A-Za-z0-9]{2}"
    spoken = rf"(?i:{SPOKEN_AT}|\bz[ée]ro )"
    return re.compile(rf"@|{digits}|{account}|{spoken}|{title_pattern()}")


def _find_spans(text: str) -> list[Span]:
    spans: list[Span] = []
    # A tag can free what was glued to its value ("4970…0612345678"): look again until nothing is found.
    while True:
        before = len(spans)
        for tag, find in _RECOGNISERS:
            for start, end in list(find(text)):
                if any(span.start < end and start < span.end for span in spans):
                    continue
                spans.append(Span(start, end, tag))
                # The mask looks to every recogniser as the tag does, and keeps the offsets.
                text = text[:start] + "[" + "]" * (end - start - 1) + text[end:]
        if len(spans) == before:
            return spans
