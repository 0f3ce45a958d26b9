"""From tags of tokens to spans of the text: decoding at word borders, trimming, and back from characters to tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
# What an opinion neither starts nor ends with; emoji are no punctuation here.
_TRIMMED = " \t\n\r\u00a0\u202f.,;:!?…-–—_/\\*()[]{}\"'«»“”’•|+=&"


@dataclass(frozen=True)
class Span:
    """Characters ``start:end`` of a text and tokens ``first:last`` of its encoding."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class TokenLayout:
    """Where the tokens of one encoded text stand.

    Attributes
    ----------
    start, end : sequences of int
        Characters of each token, its leading space taken off; equal where a token holds no visible character.
    leads : sequence of bool
        The token is the first visible one of its word: the one whose tag counts.
    """

    start: Sequence[int]
    end: Sequence[int]
    leads: Sequence[bool]


def lay_out(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int | None]) -> TokenLayout:
    """Lay out tokens from a tokenizer's `offsets` and word ids (None: special token)."""
    starts, ends, leads = [], [], []
    seen: set[int] = set()
    for (start, end), word in zip(offsets, words, strict=True):
        while start < end and text[start].isspace():
            start += 1
        starts.append(start)
        ends.append(end)
        lead = word is not None and start < end and word not in seen
        leads.append(lead)
        if lead and word is not None:
            seen.add(word)
    return TokenLayout(starts, ends, leads)


def decode(
    text: str, layout: TokenLayout, logits: npt.NDArray[np.floating], *, outside_bias: float = 0.0
) -> list[Span]:
    """Spans that the tags of leading tokens draw.

    Parameters
    ----------
    text : str
    layout : TokenLayout of T tokens
    logits : array, shape (T, 3)
        Scores of O, B, I.
    outside_bias : float
        Added to O.

    Returns
    -------
    list of Span
        In order, without overlap, none empty once trimmed. An I behind an O opens a span.
    """
    tags = (logits + np.array([outside_bias, 0.0, 0.0])).argmax(axis=1)
    runs: list[list[int]] = []
    open_run = False
    for token, leads in enumerate(layout.leads):
        if not leads:
            if open_run and layout.start[token] < layout.end[token]:
                runs[-1].append(token)
            continue
        tag = tags[token]
        if tag == BEGIN or (tag == INSIDE and not open_run):
            runs.append([token])
        elif tag == INSIDE:
            runs[-1].append(token)
        open_run = tag != OUTSIDE
    spans = (trim(text, layout.start[run[0]], layout.end[run[-1]]) for run in runs)
    return [Span(start, end, *tokens_of(layout, start, end)) for start, end in spans if start < end]


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink ``start:end`` past spaces and punctuation; a redaction tag keeps its brackets."""
    while start < end and text[start] in _TRIMMED and not _opens_tag(text, start, end):
        start += 1
    while start < end and text[end - 1] in _TRIMMED and not _closes_tag(text, start, end):
        end -= 1
    return start, end


def tokens_of(layout: TokenLayout, start: int, end: int) -> tuple[int, int]:
    """First token and token behind the last one that show a character of ``start:end``."""
    touched = [
        token
        for token, (left, right) in enumerate(zip(layout.start, layout.end, strict=True))
        if left < right and left < end and right > start
    ]
    # A span of nothing that the tokenizer keeps falls back on the first token.
    return (touched[0], touched[-1] + 1) if touched else (0, 1)


def _opens_tag(text: str, start: int, end: int) -> bool:
    return text[start] == "[" and text[start + 1 : end].split("]")[0].isupper() and "]" in text[start:end]


def _closes_tag(text: str, start: int, end: int) -> bool:
    return text[end - 1] == "]" and "[" in text[start:end] and text[start : end - 1].rsplit("[", 1)[-1].isupper()
