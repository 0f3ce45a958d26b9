"""From tags of tokens to spans of the text: decoding at word borders, trimming, and back from characters to tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from verbatim.reading.wordlists import plain, read_list

_TAGS = (OUTSIDE, BEGIN, INSIDE) = (0, 1, 2)
# Logarithms of how often a tag follows another in the training rows (every third answer), by how often it stands at
# all: an opinion runs on, and seldom begins right behind another one's end. Rows: from O, B, I; columns: to O, B, I.
_NEVER = -math.inf
_FOLLOWS = (
    (1.093, 0.712, _NEVER),
    (-3.008, -4.689, 0.444),
    (-1.087, -3.528, 0.361),
)
_OPENS = (-0.284, 2.061, _NEVER)
_WEIGHT_OF_ORDER = 0.4
"""Weight of these against the encoder's own tags; chosen on the dev families."""
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
    text: str, layout: TokenLayout, logits: npt.NDArray[np.floating], *, outside_bias: float = 0.0, least: float = 0.0
) -> list[Span]:
    """Spans that the most probable sequence of tags draws.

    Parameters
    ----------
    text : str
    layout : TokenLayout of T tokens
    logits : array, shape (T, 3)
        Scores of O, B, I; those of leading tokens count.
    outside_bias : float
        Added to O.
    least : float
        What the sequence must lead that of O alone by, in log-probability; else the text holds no span.

    Returns
    -------
    list of Span
        In order, without overlap, none empty once punctuation and connectives are off.
    """
    leading = [token for token, leads in enumerate(layout.leads) if leads]
    if not leading:
        return []
    tags, lead = best_tags(logits[leading], outside_bias=outside_bias)
    if lead < least:
        return []
    runs: list[list[int]] = []
    for token, tag in zip(leading, tags, strict=True):
        if tag == BEGIN:
            runs.append([token, token])
        elif tag == INSIDE:
            runs[-1][1] = token
    # The subwords behind a word's first token belong to it.
    closes = dict(zip(leading, [*leading[1:], len(layout.leads)], strict=True))
    found = []
    for first, begin in runs:
        last = max(token for token in range(begin, closes[begin]) if layout.start[token] < layout.end[token])
        start, end = _unlink(text, *trim(text, layout.start[first], layout.end[last]))
        if start < end and not _is_filler(text[start:end]):
            found.append(Span(start, end, *tokens_of(layout, start, end, within=(first, last + 1))))
    return found


def best_tags(logits: npt.NDArray[np.floating], *, outside_bias: float = 0.0) -> tuple[list[int], float]:
    """Most probable sequence of tags of W words, by their scores and by which tag follows which (Viterbi 1967).

    Parameters
    ----------
    logits : array, shape (W, 3), W > 0
        Scores of O, B, I.
    outside_bias : float
        Added to O.

    Returns
    -------
    tags : list of int
        One tag a word; an I stands behind a B or an I only.
    lead : float
        By how much their log-probability is above that of O alone; at least 0.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    words = (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)) + np.array([outside_bias, 0.0, 0.0])).tolist()
    best = [word + _WEIGHT_OF_ORDER * opens for word, opens in zip(words[0], _OPENS, strict=True)]
    came_from: list[list[int]] = []
    for word in words[1:]:
        ways = [[best[tag] + _WEIGHT_OF_ORDER * _FOLLOWS[tag][to] for tag in _TAGS] for to in _TAGS]
        came_from.append([way.index(max(way)) for way in ways])
        best = [max(way) + score for way, score in zip(ways, word, strict=True)]
    tags = [best.index(max(best))]
    for sources in reversed(came_from):
        tags.append(sources[tags[-1]])
    outside, stays = _TAGS[0], _WEIGHT_OF_ORDER * _FOLLOWS[0][0]
    silent = sum(word[outside] for word in words) + _WEIGHT_OF_ORDER * _OPENS[outside] + stays * (len(words) - 1)
    return tags[::-1], max(0.0, max(best) - silent)


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink ``start:end`` past spaces and punctuation; a redaction tag keeps its brackets."""
    while start < end and text[start] in _TRIMMED and not _opens_tag(text, start, end):
        start += 1
    while start < end and text[end - 1] in _TRIMMED and not _closes_tag(text, start, end):
        end -= 1
    return start, end


def tokens_of(layout: TokenLayout, start: int, end: int, *, within: tuple[int, int] | None = None) -> tuple[int, int]:
    """First token and token behind the last one that show a character of ``start:end``; looked for `within`."""
    touched = [
        token
        for token in range(*(within or (0, len(layout.start))))
        if layout.start[token] < layout.end[token] and layout.start[token] < end and layout.end[token] > start
    ]
    # A span of nothing that the tokenizer keeps falls back on the first token.
    return (touched[0], touched[-1] + 1) if touched else (0, 1)


def _unlink(text: str, start: int, end: int) -> tuple[int, int]:
    """Take connectives off both ends; nothing is left of a span that is but one."""
    opening, closing = _links()
    while start < end:
        words = plain(text[start:end])
        lead, tail = opening.match(words), closing.search(words)
        if lead is None and tail is None:
            break
        start, end = trim(text, start + (lead.end() if lead else 0), start + tail.start() if tail else end)
    return start, max(start, end)


@cache
def _links() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = "|".join(map(re.escape, sorted(read_list("connectives-fr.txt"), key=len, reverse=True)))
    return re.compile(rf"(?:{words})(?![\w'])"), re.compile(rf"(?<![\w'])(?:{words})$")


def _is_filler(quote: str) -> bool:
    """Whether a span is made of words that say nothing by themselves."""
    words = plain(quote)
    # An emoji speaks for itself.
    return not re.search(r"[^\w\s'-]", words) and all(word in _fillers() for word in re.findall(r"\w+", words))


@cache
def _fillers() -> frozenset[str]:
    return frozenset(read_list("fillers-fr.txt"))


def _opens_tag(text: str, start: int, end: int) -> bool:
    return text[start] == "[" and text[start + 1 : end].split("]")[0].isupper() and "]" in text[start:end]


def _closes_tag(text: str, start: int, end: int) -> bool:
    return text[end - 1] == "]" and "[" in text[start:end] and text[start : end - 1].rsplit("[", 1)[-1].isupper()
