"""How far a reader and a person's marks agree: precision and recall, Cohen's kappa, what is taken for what.

Two levels, both on marked answers. **By answer**, as a night reads: sets of labels, (theme, polarity) or theme alone,
counted as `verbatim.training.scoring` and the model card count them. **On the marked spans**: the reader is shown where
the opinions are, and one label is compared with one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Label = TypeVar("_Label", bound=Hashable)

_Z = 1.959964  # 95 % of a normal distribution lie within
_LONGEST = 90  # characters of a clause that is shown, where a shorter one is there


@dataclass(frozen=True)
class Hits:
    """Answers in which a label, or all labels of a kind, are marked and said.

    Attributes
    ----------
    marked : int
        (answer, label) pairs that the person marked; a label counts once an answer.
    said : int
        Those that the reader gives.
    right : int
        Those that both give.
    """

    marked: int
    said: int
    right: int

    @property
    def precision(self) -> float | None:
        """Right of the said, in [0, 1]; None where nothing is said."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """Right of the marked, in [0, 1]; None where nothing is marked."""
        return self.right / self.marked if self.marked else None

    @property
    def f1(self) -> float | None:
        """2 × right / (marked + said), in [0, 1]; None where neither gives any."""
        total = self.marked + self.said
        return 2 * self.right / total if total else None


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance of two labels an opinion.

    Attributes
    ----------
    value : float or None
        Cohen's kappa, (agreed − chance) / (1 − chance), at most 1; 0 is what chance gives. None without an opinion, or
        where both give one and the same label to all.
    low, high : float or None
        95 % interval, within [−1, 1].
    agreed : float or None
        Share of the opinions with the same label, in [0, 1].
    opinions : int
    """

    value: float | None
    low: float | None
    high: float | None
    agreed: float | None
    opinions: int


@dataclass(frozen=True)
class Confusion:
    """A marked label that was taken for another one.

    Attributes
    ----------
    marked, said : str
    opinions : int
        Marked spans for which this happened.
    share : float
        Part of all opinions marked so, in (0, 1].
    examples : tuple of str
        Clauses of the surest of them, white space made one blank.
    """

    marked: str
    said: str
    opinions: int
    share: float
    examples: tuple[str, ...]


def count_hits(guessed: Iterable[set[_Label]], truth: Iterable[set[_Label]]) -> Hits:
    """Count over all answers and labels: the F1 of these hits is `verbatim.training.scoring.micro_f1`.

    Parameters
    ----------
    guessed, truth : iterables of set
        What the reader says and what is marked, a set an answer, in the same order.

    Examples
    --------
    >>> count_hits([{"a", "b"}, set()], [{"a"}, {"c"}])
    Hits(marked=2, said=2, right=1)
    """
    marked = said = right = 0
    for guess, true in zip(guessed, truth, strict=True):
        marked, said, right = marked + len(true), said + len(guess), right + len(guess & true)
    return Hits(marked, said, right)


def hits_by_label(guessed: Sequence[set[_Label]], truth: Sequence[set[_Label]]) -> dict[_Label, Hits]:
    """Hits of each label that stands anywhere; parameters as for :func:`count_hits`."""
    marked = Counter(label for true in truth for label in true)
    said = Counter(label for guess in guessed for label in guess)
    right = Counter(label for guess, true in zip(guessed, truth, strict=True) for label in guess & true)
    return {label: Hits(marked[label], said[label], right[label]) for label in marked | said}


def cohen_kappa(marked: Sequence[str], said: Sequence[str], answers: Sequence[int] | None = None) -> Kappa:
    """Cohen's kappa with its interval.

    The estimate is Cohen's (1960, *A Coefficient of Agreement for Nominal Scales*), its large-sample variance that of
    Fleiss, Cohen and Everitt (1969, *Large Sample Standard Errors of Kappa and Weighted Kappa*, equation 13), written
    as the mean square of what each opinion adds. Opinions of one answer are not drawn one by one: what they add is
    summed by answer first, which gives the 1969 variance back where each answer holds one.

    Parameters
    ----------
    marked, said : sequences of str
        Labels of the same S opinions.
    answers : sequence of int, optional
        Which answer each opinion stands in; by default each in its own.
    """
    n = len(marked)
    if not n:
        return Kappa(None, None, None, None, 0)
    names = {name: place for place, name in enumerate(sorted({*marked, *said}))}
    rows, columns = (np.array([names[label] for label in given]) for given in (marked, said))
    by_row, by_column = (np.bincount(given, minlength=len(names)) / n for given in (rows, columns))
    same = (rows == columns).astype(float)
    agreed, chance = float(same.mean()), float(by_row @ by_column)
    if len(names) == 1:
        return Kappa(None, None, None, agreed, n)
    value = (agreed - chance) / (1 - chance)
    added = (same - agreed) / (1 - chance)
    added -= (1 - agreed) / (1 - chance) ** 2 * (by_column[rows] + by_row[columns] - 2 * chance)
    half = _Z * math.sqrt(_squares(added, answers)) / n
    return Kappa(value, max(-1.0, value - half), min(1.0, value + half), agreed, n)


def worst_confusions(
    marked: Sequence[str],
    said: Sequence[str],
    quotes: Sequence[str],
    sure: Sequence[float] | npt.NDArray[np.floating],
    *,
    shown: int = 10,
    examples: int = 2,
) -> tuple[Confusion, ...]:
    """What is most often taken for what, on marked spans.

    Parameters
    ----------
    marked, said : sequences of str
        Labels of the same S opinions.
    quotes : sequence of str
        Their words.
    sure : sequence of float
        How sure the reader was: the surest errors are the examples, those that fit on a line first.
    shown, examples : int
        Confusions at most; examples of each at most.

    Returns
    -------
    tuple of Confusion
        The most frequent first, then by labels; an example stands once.
    """
    total = Counter(marked)
    wrong: defaultdict[tuple[str, str], list[tuple[bool, float, str]]] = defaultdict(list)
    for true, guess, quote, certain in zip(marked, said, quotes, sure, strict=True):
        if true != guess:
            words = " ".join(quote.split())
            wrong[true, guess].append((len(words) > _LONGEST, -float(certain), words))
    frequent = sorted(wrong.items(), key=lambda found: (-len(found[1]), found[0]))
    return tuple(
        Confusion(
            *pair,
            opinions=len(errors),
            share=len(errors) / total[pair[0]],
            examples=tuple(dict.fromkeys(words for _, _, words in sorted(errors)))[:examples],
        )
        for pair, errors in frequent[:shown]
    )


def _squares(added: npt.NDArray[np.float64], answers: Sequence[int] | None) -> float:
    """Sum of squares of what each answer's opinions add together."""
    if answers is None:
        return float(np.square(added).sum())
    _, places = np.unique(np.asarray(answers), return_inverse=True)
    return float(np.square(np.bincount(places, weights=added)).sum())
