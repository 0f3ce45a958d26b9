"""The wide branch: linear models over hashed words and character n-grams, beside the transformer.

Words that name a theme ("caisse", "livreur", "mutuelle") are better remembered by a table than by 7 million parameters
trained from scratch; the two err on different clauses, so their mean is better than either (recipe.wide, and the card).
The same features of a whole answer tell whether it says anything at all.
After Cheng et al., *Wide & Deep Learning* (2016), and Weinberger et al., *Feature Hashing* (2009).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from verbatim.reading.marked import Kind
from verbatim.reading.wordlists import plain

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WIDE_FILE = "wide.safetensors"
BUCKETS = 1 << 16
"""Features of a clause's words, and again of its characters: 2 × BUCKETS columns."""

_SIZES = (2, 3, 4, 5)  # characters
_SPACE = 32
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 16)
_CHUNK = 4096  # clauses held at a time
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class WideHeads:
    """Weights of a linear model: the themes of one kind of survey, or silence alone.

    Attributes
    ----------
    weight : array, shape (2 × BUCKETS, outputs)
    bias : array, shape (outputs,)
    """

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Wide:
    """The wide branch at work.

    Attributes
    ----------
    rarity : array, shape (2 × BUCKETS,)
        What each feature counts for: inverse document frequency on the training clauses.
    themes : mapping, kind of survey → weights
    silence : WideHeads, optional
        One output: whether a whole answer holds no opinion.
    """

    rarity: npt.NDArray[np.float32]
    themes: Mapping[Kind, WideHeads]
    silence: WideHeads | None = None

    def logits(self, clauses: Sequence[str], kind: Kind) -> npt.NDArray[np.float32]:
        """Logits of the themes, shape (clauses, themes); a clause's do not depend on its neighbours."""
        return self._run(clauses, self.themes[kind])

    def silence_logits(self, answers: Sequence[str]) -> npt.NDArray[np.float32]:
        """Log-odds that an answer holds no opinion, shape (answers,); -inf from a branch that was not taught them."""
        if self.silence is None:
            return np.full(len(answers), -np.inf, dtype=np.float32)
        return self._run(answers, self.silence)[:, 0]

    def _run(self, texts: Sequence[str], heads: WideHeads) -> npt.NDArray[np.float32]:
        found = np.empty((len(texts), len(heads.bias)), dtype=np.float32)
        for at in range(0, len(texts), _CHUNK):
            features = weigh(count_features(texts[at : at + _CHUNK]), self.rarity)
            found[at : at + _CHUNK] = features @ heads.weight + heads.bias
        return found


def count_features(clauses: Sequence[str]) -> csr_array:
    """Count the words, pairs of words and character n-grams of clauses, hashed into buckets.

    Parameters
    ----------
    clauses : sequence of str

    Returns
    -------
    csr_array, shape (clauses, 2 × BUCKETS), float32
        Words in the first half of the columns, characters in the second.
    """
    from scipy.sparse import csr_array

    words = [_WORD.findall(plain(clause)) for clause in clauses]
    rows, columns = zip(_word_features(words), _character_features(words), strict=True)
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(clauses), 2 * BUCKETS)
    # Equal pairs are summed, and columns come in order: a row is the same whatever stands around it.
    counted = csr_array((np.ones(len(row), dtype=np.float32), (row, column)), shape=shape)
    counted.sum_duplicates()
    counted.sort_indices()
    return counted


def weigh(counted: csr_array, rarity: npt.NDArray[np.float32]) -> csr_array:
    """Damp counts (1 + log), weigh them by rarity, and give words and characters of a clause length 1 each."""
    from scipy.sparse import csr_array

    data = (1 + np.log(counted.data)) * rarity[counted.indices]
    row = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))
    block = 2 * row + (counted.indices >= BUCKETS)
    length = np.sqrt(np.bincount(block, data**2, minlength=2 * counted.shape[0]))
    scaled = data / np.maximum(length, 1e-12)[block]
    return csr_array((scaled.astype(np.float32), counted.indices, counted.indptr), shape=counted.shape)


def rarity_of(counted: csr_array) -> npt.NDArray[np.float32]:
    """Inverse document frequency of each feature, smoothed; shape (2 × BUCKETS,)."""
    clauses = np.bincount(counted.indices, minlength=counted.shape[1])
    rarity: npt.NDArray[np.float32] = (np.log((1 + counted.shape[0]) / (1 + clauses)) + 1).astype(np.float32)
    return rarity


def save_wide(wide: Wide, folder: Path) -> None:
    """Write the branch: a byte a weight, one scale an output."""
    from safetensors.numpy import save_file

    tensors: dict[str, Any] = {"rarity": wide.rarity.astype(np.float16)}
    named: dict[str, WideHeads] = {str(kind): heads for kind, heads in wide.themes.items()}
    if wide.silence is not None:
        named["silence"] = wide.silence
    for name, heads in named.items():
        scale = np.maximum(np.abs(heads.weight).max(axis=0), 1e-9) / 127
        # safetensors writes memory as it lies: rows must lie in rows.
        tensors[f"{name}.weight"] = np.ascontiguousarray(np.round(heads.weight / scale).astype(np.int8))
        tensors[f"{name}.scale"] = scale.astype(np.float32)
        tensors[f"{name}.bias"] = heads.bias.astype(np.float32)
    save_file(tensors, str(folder / WIDE_FILE))


def load_wide(folder: Path) -> Wide | None:
    """Open the branch of an encoder's folder; None where it has none."""
    from safetensors.numpy import load_file

    file = folder / WIDE_FILE
    if not file.is_file():
        return None
    tensors = load_file(str(file))

    def heads(name: str) -> WideHeads:
        return WideHeads(
            tensors[f"{name}.weight"].astype(np.float32) * tensors[f"{name}.scale"], tensors[f"{name}.bias"]
        )

    silence = heads("silence") if "silence.weight" in tensors else None
    return Wide(tensors["rarity"].astype(np.float32), {"nps": heads("nps"), "enps": heads("enps")}, silence)


def _word_features(words: Sequence[Sequence[str]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    hashes = {word: _hash_word(word) for word in {word for clause in words for word in clause}}
    row, found = [], []
    for place, clause in enumerate(words):
        singles = [hashes[word] for word in clause]
        pairs = [(31 * first + 7 * second + 1) & 0xFFFFFFFFFFFFFFFF for first, second in pairwise(singles)]
        found += singles + pairs
        row += [place] * (len(singles) + len(pairs))
    return np.array(row, dtype=np.int64), _buckets(np.array(found, dtype=np.uint64))


def _hash_word(word: str) -> int:
    value = 0
    for character in word:
        value = (value * int(_PRIME) + ord(character)) & 0xFFFFFFFFFFFFFFFF
    return value


def _character_features(words: Sequence[Sequence[str]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """N-grams within " word ", of all clauses at once."""
    padded = [f" {'  '.join(clause)} " if clause else "" for clause in words]
    codes = np.array([ord(character) for character in "".join(padded)], dtype=np.uint64)
    owner = np.repeat(np.arange(len(words)), [len(text) for text in padded])
    is_space = codes == _SPACE
    rows, columns = [], []
    for size in _SIZES:
        count = len(codes) - size + 1
        if count <= 0:
            break
        # Two spaces stand between words, so no n-gram over a border is without a space inside or two at its ends.
        inside = np.zeros(count, dtype=bool)
        for offset in range(1, size - 1):
            inside |= is_space[offset : offset + count]
        kept = ~inside & ~(is_space[:count] & is_space[size - 1 : size - 1 + count] & (size == 2))
        value = np.full(count, size, dtype=np.uint64)
        for offset in range(size):
            value = value * _PRIME + codes[offset : offset + count]
        rows.append(owner[:count][kept])
        columns.append(_buckets(value[kept]) + BUCKETS)
    nothing = np.zeros(0, dtype=np.int64)
    return np.concatenate([nothing, *rows]), np.concatenate([nothing, *columns])


def _buckets(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    mixed = hashes * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _PRIME
    return (mixed >> _SHIFT).astype(np.int64)
