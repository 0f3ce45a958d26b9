"""Text to pre-train on: the sources, their typing noise, and the token streams that a masked step draws from."""

from __future__ import annotations

import lzma
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from random import Random

import numpy as np
from tokenizers import Tokenizer

from recipe.noise import type_answer, type_line
from verbatim.reading.marked import MarkedAnswer

# Share of each step's sequences. Short modern text weighs more than its size: novels are 1840-1920, msdocs is manuals.
WEIGHTS = {"verbatims": 0.14, "commonvoice": 0.18, "tatoeba": 0.10, "msdocs": 0.26, "novels": 0.32}
_LINE_CHARACTERS = 1500


@dataclass(frozen=True)
class Stream:
    """One source as a row of token ids, documents separated by [SEP]."""

    name: str
    weight: float
    tokens: np.ndarray


def read_lines(folder: Path, source: str, limit: int) -> list[str]:
    """Lines of a text source, a spread of at most `limit` of them, long ones cut."""
    with lzma.open(folder / f"{source}.txt.xz", "rt", encoding="utf-8") as file:
        lines = [line.strip()[:_LINE_CHARACTERS] for line in file if line.strip()]
    return lines[:: max(1, -(-len(lines) // limit))]


def typed_texts(answers: tuple[MarkedAnswer, ...], copies: int, seed: int) -> list[str]:
    """`copies` typed versions of each answer's bare text, shuffled: neighbours in a packed sequence are strangers."""
    rng = Random(seed)  # noqa: S311 - seeded noise, no secret
    texts = [type_answer(answer, rng).text for _ in range(copies) for answer in answers]
    rng.shuffle(texts)
    return texts


def build_streams(
    folder: Path, answers: tuple[MarkedAnswer, ...], tokenizer: Tokenizer, *, limit: int, copies: int, seed: int
) -> list[Stream]:
    """Encode every source. Typing noise runs on all cores; `folder` holds the xz files."""
    lines = {"verbatims": typed_texts(answers, copies, seed)}
    sources = [source for source in WEIGHTS if source != "verbatims"]
    with ProcessPoolExecutor(max_workers=cpu_count(), mp_context=get_context("fork")) as pool:
        for source, text in zip(sources, pool.map(read_lines, *_columns(folder, sources, limit)), strict=True):
            chunks = [text[at : at + 5000] for at in range(0, len(text), 5000)]
            typed = pool.map(_type_lines, chunks, range(seed, seed + len(chunks)))
            lines[source] = [line for chunk in typed for line in chunk]
    return [Stream(name, WEIGHTS[name], _encode(text, tokenizer)) for name, text in lines.items()]


def _columns(folder: Path, sources: list[str], limit: int) -> tuple[list[Path], list[str], list[int]]:
    return [folder] * len(sources), sources, [limit] * len(sources)


def _type_lines(lines: list[str], seed: int) -> list[str]:
    rng = Random(seed)  # noqa: S311 - seeded noise, no secret
    return [type_line(line, rng) for line in lines]


def _encode(lines: list[str], tokenizer: Tokenizer) -> np.ndarray:
    separator = tokenizer.token_to_id("[SEP]")
    encoded = tokenizer.encode_batch_fast(lines, add_special_tokens=False)
    parts = [np.asarray([*line.ids, separator], dtype=np.uint16) for line in encoded]
    return np.concatenate(parts)
