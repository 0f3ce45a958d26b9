"""Reasons of the scores of two periods: who speaks of which theme, what it brings, and which are too small to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.account import Entries
from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.mentions import Mentions
from verbatim.measures.pairs import Pair
from verbatim.measures.slices import Slices
from verbatim.measures.suppression import hide_derivable
from verbatim.tables import AccountLine, Polarity

_JUDGEMENTS = (str(Polarity.POSITIVE), str(Polarity.NEGATIVE))
_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Reasons:
    """M pairs of a commenter and a line (theme × polarity) that they speak of, each once."""

    respondent: Ints
    """Position in the :class:`Pair`, shape (M,), by ascending customer."""
    line: Ints
    """Row of `lines`, shape (M,)."""
    amount: Floats
    """Share of their score that they bring to the line, shape (M,), in [−1, 1]; 0 where it does not match the score."""
    lines: pd.DataFrame
    """Columns theme_id and polarity, L rows, sorted; praise and complaints only: the rest brings nothing."""


def read_reasons(pair: Pair, entries: tuple[Entries, Entries], mentions: tuple[Mentions, Mentions]) -> Reasons:
    """Put together who speaks of a line in either period, and what they bring to it.

    Parameters
    ----------
    pair : Pair
        Both periods.
    entries : tuple of Entries
        What the respondents of each period bring to their lines; those of themes are taken.
    mentions : tuple of Mentions
        Who speaks of what in each period, whatever their score; each opinion under one theme alone.
    """
    spoken = [_spoken(one, place) for one, place in zip(mentions, pair.places, strict=True)]
    brought = [_brought(one, place) for one, place in zip(entries, pair.places, strict=True)]
    rows = pd.concat([*spoken, *brought], ignore_index=True)
    lines = rows[["theme_id", "polarity"]].drop_duplicates().sort_values(["theme_id", "polarity"], ignore_index=True)
    number = pd.MultiIndex.from_frame(lines).get_indexer(pd.MultiIndex.from_frame(rows[lines.columns]))
    width = max(len(lines), 1)
    # One of the amounts of a pair at most is not 0.
    once, place = np.unique(rows["respondent"].to_numpy(np.int64) * width + number, return_inverse=True)
    amount: Floats = np.bincount(place, rows["amount"].to_numpy(float), minlength=len(once)).astype(float)
    respondent, line = once // width, once % width
    order = np.lexsort((amount, pair.weight[respondent], line, pair.customer[respondent]))
    return Reasons(respondent[order], line[order], amount[order], lines)


def no_reasons(pair: Pair) -> Reasons:
    """No themes at all: those of the two periods do not compare."""
    nothing = np.zeros(0, dtype=np.int64)
    lines = pd.DataFrame({"theme_id": [], "polarity": []}, dtype="object")
    return Reasons(nothing, nothing, np.zeros(0), lines)


def _spoken(mentions: Mentions, place: Ints) -> pd.DataFrame:
    rows = mentions.subjects.iloc[mentions.subject].astype(str)
    rows = rows.assign(respondent=place[mentions.respondent], amount=0.0)
    return rows[rows["polarity"].isin(_JUDGEMENTS) & (rows["respondent"] >= 0)]


def _brought(entries: Entries, place: Ints) -> pd.DataFrame:
    rows = entries.lines.iloc[entries.line].astype(str)
    rows = rows.assign(respondent=place[entries.respondent], amount=entries.amount)
    return rows.loc[rows["line"] == AccountLine.THEME, ["theme_id", "polarity", "respondent", "amount"]]


@dataclass(frozen=True, slots=True)
class Folds:
    """Which lines stand alone, and which are put together."""

    heard: Bools
    """True: somebody brings something to the line, shape (S, L)."""
    together: Bools
    """True: too small, or gives a small one away, shape (S, L + 1); the last is "no theme explains the score"."""
    untold: Bools
    """True: too few bring anything to any line, so no theme is told, shape (S,)."""


def fold_reasons(pair: Pair, reasons: Reasons, hidden: Bools, *, minimum: int) -> Folds:
    """Put small lines together, as in the account (:mod:`verbatim.measures.folding`), for two periods at once.

    A line stands alone in a slice where, in each period, nobody or at least `minimum` bring something to it, and no
    subtraction within a dimension leaves fewer. Lines put together in the whole survey are so in every slice. Those put
    together are joined by the smallest line that stands alone while fewer than `minimum` bring something to them all.

    Parameters
    ----------
    pair : Pair
        Both periods.
    reasons : Reasons
        Of their commenters.
    hidden : array of bool of shape (S,)
        Slices of which nothing is shown.
    minimum : int
        Least respondents of a line.
    """
    slices, n_lines = pair.slices, len(reasons.lines)
    spoken = _count(pair, reasons.respondent, reasons.line, n_lines + 1)
    respondent, line = _bringing(pair, reasons)
    brought = _count(pair, respondent, line, n_lines + 1)
    bases = np.concatenate([spoken, brought], axis=2)
    primary = ((bases > 0) & (bases < minimum)).any(axis=2) | hidden[:, None]
    together = np.stack(
        [
            hide_derivable(one, base, slices, minimum=minimum)
            for one, base in zip(primary.T, bases.swapaxes(0, 1), strict=True)
        ],
        axis=1,
    )
    size = brought.sum(axis=2)
    while True:
        together = _with_company(_everywhere(together, slices, hidden), brought, slices, hidden)
        base = _base_of_all(pair, respondent, line, together)
        few: Bools = ~hidden & ((base > 0) & (base < minimum)).any(axis=1)
        alone = np.where(together | (size == 0), _NONE, size)
        joined = few & (alone.min(axis=1) < _NONE)
        if not joined.any():
            return Folds((size > 0)[:, :n_lines], together, few)
        together[np.flatnonzero(joined), alone.argmin(axis=1)[joined]] = True


def _bringing(pair: Pair, reasons: Reasons) -> tuple[Ints, Ints]:
    """Who brings something to which line; promoters and detractors who wrote and name no matching reason: line L."""
    brings = np.flatnonzero(reasons.amount != 0)
    explained = np.zeros(len(pair.group), dtype=bool)
    explained[reasons.respondent[brings]] = True
    rest = np.flatnonzero(pair.wrote & (pair.sign != 0) & ~explained)
    line = np.concatenate([reasons.line[brings], np.full(len(rest), len(reasons.lines))])
    return np.concatenate([reasons.respondent[brings], rest]), line


def _count(pair: Pair, respondent: Ints, line: Ints, n_lines: int) -> Ints:
    """Respondents of each slice, line and period, shape (S, n_lines, 2)."""
    counted = pair.slices.tally(line * 2 + pair.period[respondent], 2 * n_lines, None, respondent)
    return np.asarray(counted, dtype=np.int64).reshape(pair.slices.count, n_lines, 2)


def _everywhere(together: Bools, slices: Slices, hidden: Bools) -> Bools:
    """Put together in every slice what is put together in the whole survey that is shown."""
    shown: Bools = ~hidden[slices.whole][:, None]
    return together | (together[slices.whole] & shown)


def _base_of_all(pair: Pair, respondent: Ints, line: Ints, together: Bools) -> Ints:
    """Those of each slice and period who bring something to a line that is put together, each once; shape (S, 2)."""
    total = np.zeros((len(together), 2), dtype=np.int64)
    for member in pair.slices.members:
        row = member[respondent]
        who = np.unique(respondent[(row >= 0) & together[row, line]])
        total += np.bincount(member[who] * 2 + pair.period[who], minlength=total.size).reshape(total.shape)
    return total


def _with_company(together: Bools, base: Ints, slices: Slices, hidden: Bools) -> Bools:
    """Put a line together in a second slice where it is so in one alone: a subtraction from the whole would find it.

    In one period at least, all that the shown slices leave of the line is that slice's.
    """
    result, whole = together.copy(), slices.whole
    for number in np.unique(slices.partition):
        rows = np.flatnonzero((slices.partition == number) & ~hidden & (whole != np.arange(len(whole))))
        if not len(rows) or hidden[whole[rows[0]]]:
            continue
        folded = result[rows][:, :, None]
        apart = np.where(folded, base[rows], 0)
        left = base[whole[rows[0]]] - np.where(folded, 0, base[rows]).sum(axis=0)
        found = (((apart > 0).sum(axis=0) == 1) & (left == apart.sum(axis=0))).any(axis=1)
        size = base[rows].sum(axis=2)
        for line in np.flatnonzero(found & ~result[whole[rows[0]]]):
            others = np.flatnonzero(~result[rows, line] & (size[:, line] > 0))
            # Where no other slice has the line, the whole survey tells it.
            company = rows[others[np.argmin(size[others, line])]] if len(others) else whole[rows[0]]
            result[company, line] = True
    return result
