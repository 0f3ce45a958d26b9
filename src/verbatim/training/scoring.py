"""How far readings agree with marks: sets of labels an answer, shares, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from verbatim.reading.marked import THEMES, MarkedAnswer
from verbatim.reading.network import POLARITIES

Pairs = list[set[tuple[str, str]]]
"""The set of (theme, polarity) of each answer."""


def labels(answers: Sequence[MarkedAnswer]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Marked polarity and theme of all opinions, as indices, in order of answer and start; shapes (S,), (S,)."""
    polarity = [POLARITIES.index(opinion.polarity) for answer in answers for opinion in answer.opinions]
    themes = [THEMES[answer.kind].index(opinion.theme) for answer in answers for opinion in answer.opinions]
    return np.array(polarity, dtype=np.int64), np.array(themes, dtype=np.int64)


def gold_pairs(answers: Sequence[MarkedAnswer]) -> Pairs:
    """Pairs that a person marked."""
    return [{(opinion.theme, opinion.polarity) for opinion in answer.opinions} for answer in answers]


def themes_of(pairs: Pairs) -> list[set[str]]:
    """The themes alone."""
    return [{theme for theme, _ in answer} for answer in pairs]


def micro_f1(guessed: Sequence[set[Any]], truth: Sequence[set[Any]]) -> float:
    """F1 over all (answer, label) pairs, in [0, 1]."""
    right = sum(len(g & t) for g, t in zip(guessed, truth, strict=True))
    total = sum(map(len, guessed)) + sum(map(len, truth))
    return 2 * right / total if total else 1.0


def share(right: Sequence[bool] | npt.NDArray[Any]) -> float:
    """Part of `right` that is true."""
    return float(np.mean(right))


def calibration_error(probabilities: npt.NDArray[np.floating], truth: npt.NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error, equal-width bins (Guo et al. 2017, section 2)."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[bin_of == b].mean() - right[bin_of == b].mean()) * (bin_of == b).mean() for b in set(bin_of)]
    return float(sum(gaps))


def cross_entropy(probabilities: npt.NDArray[np.floating], truth: npt.NDArray[np.int64]) -> float:
    """Mean cross entropy in nats; `probabilities` has shape (S, classes)."""
    return float(-np.log(np.clip(probabilities[np.arange(len(truth)), truth], 1e-12, 1)).mean())


def fit_temperature(
    logits: npt.NDArray[np.floating], truth: npt.NDArray[np.int64], tried: npt.NDArray[np.floating]
) -> float:
    """Divisor of the logits, among those `tried`, that gives the least cross entropy (Guo et al. 2017)."""
    return float(min(tried, key=lambda divisor: cross_entropy(softmax(logits / divisor), truth)))


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Shares of each row that add up to 1."""
    raised = np.exp(logits - logits.max(1, keepdims=True))
    shares: npt.NDArray[np.float64] = raised / raised.sum(1, keepdims=True)
    return shares
