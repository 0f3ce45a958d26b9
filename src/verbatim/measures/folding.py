"""Which lines of an account are too small to show, and are put together.

A line to which fewer than the minimum bring something is put with the other small ones (`other_reasons`), and with the
smallest shown one where they are still too few. So is a line of another slice that would give it away: the whole survey
less the slices that show the line. Lines of the whole survey that are put together stand together in every slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Ints
from verbatim.measures.respondents import Respondents
from verbatim.measures.slices import Slices
from verbatim.measures.suppression import suppress
from verbatim.tables import ALL, AccountLine, Polarity

_SIGNS = (str(Polarity.POSITIVE), str(Polarity.NEGATIVE), ALL)
N_FOLDS = len(_SIGNS)
"""Lines that small lines may be put into: gains, losses, or both together."""
_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Folding:
    """Where each line of each slice goes."""

    target: Ints
    """Column of each slice and line, shape (S, L): L and up for folds; −1 in a hidden slice."""

    def cells(self, respondents: Respondents, respondent: Ints, line: Ints) -> Iterator[tuple[Ints, Ints]]:
        """For each dimension: entries in a shown slice, and their cell (slice × (L + folds) + column)."""
        width = self.target.shape[1] + N_FOLDS
        for member in respondents.slices.members:
            row = member[respondent]
            inside = np.flatnonzero((row >= 0) & (self.target[row, line] >= 0))
            yield inside, row[inside] * width + self.target[row[inside], line[inside]]

    def heard(
        self, respondents: Respondents, cells: Sequence[tuple[Ints, Ints]], respondent: Ints, shape: tuple[int, int]
    ) -> Ints:
        """Respondents of each slice and column, shape (S, L + folds)."""
        size = shape[0] * shape[1]
        total = np.zeros(size, dtype=np.int64)
        for entry, cell in cells:
            pairs = np.unique(respondent[entry] * size + cell)
            total += np.bincount(pairs % max(size, 1), minlength=size)
        return total.reshape(shape)


def lines_and_folds(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines, and those that small ones are put into: gains, losses, both."""
    folds = pd.DataFrame({"line": str(AccountLine.OTHER_REASONS), "theme_id": ALL, "polarity": list(_SIGNS)})
    return pd.concat([lines, folds], ignore_index=True)


def fold_lines(
    respondents: Respondents, respondent: Ints, line: Ints, lines: pd.DataFrame, hidden: Bools, *, minimum: int
) -> Folding:
    """Put small lines together.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    respondent, line : arrays of shape (E,)
        Who brings something to which line, each pair once.
    lines : DataFrame
        Columns line, theme_id, polarity; L rows.
    hidden : array of bool of shape (S,)
        Slices of which nothing is shown.
    minimum : int
        Least respondents of a line.
    """
    slices, n_lines = respondents.slices, len(lines)
    heard = slices.tally(line, n_lines, None, respondent)
    columns = [suppress(one, slices, minimum=minimum, hidden=hidden) for one in heard.T]
    folded = np.stack(columns, axis=1) if columns else np.zeros((slices.count, 0), dtype=bool)
    for _ in range(n_lines * slices.count):
        folded = folded | folded[slices.whole]
        together = _together(respondents, respondent, line, folded, np.zeros(n_lines, dtype=np.int64), 1)[:, 0]
        shown = np.where(folded | (heard == 0), _NONE, heard)
        few = (
            ~hidden
            & (together > 0)
            & (together < minimum)
            & (shown.min(axis=1, initial=np.iinfo(np.int64).max) < np.iinfo(np.int64).max)
        )
        if not few.any():
            break
        smallest = shown.argmin(axis=1)
        folded[np.flatnonzero(few), smallest[few]] = True
        folded = _with_company(folded, heard, slices, hidden)
    sign = np.array([_SIGNS.index(one) for one in lines["polarity"]], dtype=np.int64)
    parts = _together(respondents, respondent, line, folded, sign, N_FOLDS)
    # Gains and losses stand apart where both are many; else all small lines are one.
    apart: Bools = np.all((parts == 0) | (parts >= minimum), axis=1)
    fold = n_lines + np.where(apart[:, None], sign[None, :], N_FOLDS - 1)
    target = np.where(folded, fold, np.arange(n_lines)[None, :])
    return Folding(np.where(hidden[:, None], -1, target))


def _together(respondents: Respondents, respondent: Ints, line: Ints, folded: Bools, part: Ints, n_parts: int) -> Ints:
    """Respondents of each slice who bring something to a folded line, by part, shape (S, n_parts)."""
    total = np.zeros((respondents.slices.count, n_parts), dtype=np.int64)
    for member in respondents.slices.members:
        row = member[respondent]
        inside = np.flatnonzero((row >= 0) & folded[row, line])
        pairs = np.unique(respondent[inside] * n_parts + part[line[inside]])
        np.add.at(total, (member[pairs // n_parts], pairs % n_parts), 1)
    return total


def _with_company(folded: Bools, heard: Ints, slices: Slices, hidden: Bools) -> Bools:
    """Fold a line that stands folded in one slice alone in another one too: else a subtraction finds it."""
    result = folded.copy()
    for number in np.unique(slices.partition):
        rows = np.flatnonzero((slices.partition == number) & ~hidden)
        whole = slices.whole[rows[0]] if len(rows) else 0
        if len(rows) < 2:
            continue
        unshown = heard[whole] - np.where(result[rows], 0, heard[rows]).sum(axis=0)
        alone = ((result[rows] & (heard[rows] > 0)).sum(axis=0) == 1) & (
            unshown == np.where(result[rows], heard[rows], 0).sum(axis=0)
        )
        for one in np.flatnonzero(alone & ~result[whole]):
            others = rows[~result[rows, one] & (heard[rows, one] > 0)]
            # No other slice has it: the whole survey would tell of it.
            result[others[np.argmin(heard[others, one])] if len(others) else whole, one] = True
    return result
