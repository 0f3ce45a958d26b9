"""Answers as arrays to train on: token ids, tags, spans; every answer in several typed copies."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from random import Random

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from recipe.noise import pieces, type_answer
from verbatim.reading.marked import THEMES, MarkedAnswer, MarkedOpinion
from verbatim.reading.network import POLARITIES
from verbatim.reading.spans import BEGIN, INSIDE, OUTSIDE, TokenLayout, lay_out, tokens_of

LENGTH = 160
SPANS = 8
IGNORED = -100
_KINDS = tuple(THEMES)
_LINKS = (", ", ". ", " ; ", " et ", " mais ", ", par contre ", "\n", " et puis ", ", sinon ", " - ", "... ", " ")


@dataclass(frozen=True)
class Examples:
    """N answers, each in C typed copies, on one device.

    Attributes
    ----------
    tokens : Tensor, shape (C, N, LENGTH), padded with 0
    tags : Tensor, shape (C, N, LENGTH), O, B, I at the first token of a word, IGNORED elsewhere
    spans : Tensor, shape (C, N, SPANS, 4)
        First token, token behind the last, polarity, theme; -1 where there is none.
    kind : Tensor, shape (N,), index into THEMES
    """

    tokens: Tensor
    tags: Tensor
    spans: Tensor
    kind: Tensor

    def to(self, device: torch.device) -> Examples:
        """Copy of these on `device`."""
        return Examples(*(part.to(device) for part in (self.tokens, self.tags, self.spans, self.kind)))

    @property
    def lengths(self) -> Tensor:
        """Tokens of the longest copy of each answer, shape (N,)."""
        return (self.tokens != 0).sum(-1).amax(0)


def recombine(answers: tuple[MarkedAnswer, ...], count: int, rng: Random) -> tuple[MarkedAnswer, ...]:
    """Join two to four short answers of one kind of survey into one, `count` times."""
    pools = [[a for a in answers if a.kind == kind and len(a.text) < 90] for kind in _KINDS]
    sizes = [len(pool) for pool in pools]
    return tuple(
        _join(rng.choices(rng.choices(pools, sizes)[0], k=rng.choice((2, 2, 3, 4))), rng) for _ in range(count)
    )


def build_examples(answers: tuple[MarkedAnswer, ...], tokenizer: Tokenizer, *, copies: int, seed: int) -> Examples:
    """Type each answer `copies` times (the first as it is) and encode all of them."""
    with ProcessPoolExecutor(max_workers=cpu_count(), mp_context=get_context("fork")) as pool:
        parts = list(pool.map(partial(_copy, answers, tokenizer, seed), range(copies)))
    stacked = [torch.from_numpy(np.stack(column)) for column in zip(*parts, strict=True)]
    return Examples(*stacked, torch.tensor([_KINDS.index(answer.kind) for answer in answers]))


def _copy(
    answers: tuple[MarkedAnswer, ...], tokenizer: Tokenizer, seed: int, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = Random(seed + number)  # noqa: S311 - seeded noise, no secret
    version = answers if number == 0 else tuple(type_answer(answer, rng) for answer in answers)
    rows = [_arrays(answer, encoding) for answer, encoding in zip(version, _encode(version, tokenizer), strict=True)]
    tokens, tags, spans = (np.stack(column) for column in zip(*rows, strict=True))
    return tokens, tags, spans


def _join(parts: list[MarkedAnswer], rng: Random) -> MarkedAnswer:
    text, opinions = "", []
    for part in parts:
        if text:
            text += rng.choice(_LINKS)
        for piece, opinion in pieces(part):
            start, text = len(text), text + piece
            if opinion is not None:
                opinions.append(MarkedOpinion(start, len(text), opinion.polarity, opinion.theme))
    return MarkedAnswer(text, tuple(opinions), parts[0].kind)


def _encode(answers: tuple[MarkedAnswer, ...], tokenizer: Tokenizer) -> list[Encoding]:
    return tokenizer.encode_batch([answer.text for answer in answers])


def _arrays(answer: MarkedAnswer, encoding: Encoding) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    layout = lay_out(answer.text, encoding.offsets, encoding.word_ids)
    size = min(LENGTH, len(encoding.ids))
    tokens = np.zeros(LENGTH, dtype=np.int32)
    tokens[:size] = encoding.ids[:size]
    tags = np.full(LENGTH, IGNORED, dtype=np.int8)
    tags[:size] = np.where(layout.leads, OUTSIDE, IGNORED)[:size]
    spans = np.full((SPANS, 4), -1, dtype=np.int16)
    for place, opinion in enumerate(answer.opinions[:SPANS]):
        spans[place] = _mark(opinion, answer, layout, tags)
    return tokens, tags, spans


def _mark(opinion: MarkedOpinion, answer: MarkedAnswer, layout: TokenLayout, tags: np.ndarray) -> tuple[int, ...]:
    first, last = tokens_of(layout, opinion.start, opinion.end)
    if first >= LENGTH - 1:
        return (-1, -1, -1, -1)
    last = min(last, LENGTH - 1)
    leading = [token for token in range(first, last) if layout.leads[token]]
    tags[leading] = INSIDE
    tags[leading[:1]] = BEGIN
    themes = THEMES[answer.kind]
    return first, last, POLARITIES.index(opinion.polarity), themes.index(opinion.theme)
