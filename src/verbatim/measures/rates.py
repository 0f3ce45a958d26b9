"""Rates within strata of two periods, and how the change of the NPS follows from theirs, exactly.

With W the share of a stratum (a slice of the declared dimension; those without a value are one), N its NPS, c the
share of commenters, C their NPS, Q the NPS of those who wrote nothing, p the share of the commenters who speak of a
line (theme × polarity), m what they bring to it on average, and u what is brought by those whose opinions do not
explain their score::

    NPS = Σ W N        N = c C + (1 − c) Q        C = Σ p m + u

Each product of two factors changes by Δ(x y) = Δx · mean(y) + mean(x) · Δy, means over both periods: exact, and the
signs flip when the periods are swapped (Kitagawa, *Components of a difference between two rates*, JASA 50, 1955,
sections 2-3). Factors within factors are taken one level after the other, so that no part has a remainder.

- mix: Σ ΔW · (mean N − overall mean)
- commenters: Σ mean W · Δc · mean(C − Q)
- prevalence of a line: Σ mean W · mean c · Δp · mean m
- effect of a line: Σ mean W · mean c · mean p · Δm
- residual: Σ mean W · (mean(1 − c) · ΔQ + mean c · Δu), the change of the score of those who do not say why

A factor that one period lacks (nobody of a stratum answered, or wrote, or speaks of the line) is taken to be that of
the other: all goes to the share, nothing to the effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.draws import draw_blocks
from verbatim.measures.estimates import ratio
from verbatim.measures.pairs import Pair
from verbatim.measures.reasons import Reasons
from verbatim.measures.respondents import DETRACTOR, GROUPS, PROMOTER

_GROUPS = 2 * len(GROUPS)
"""Sums of a stratum before those by line: weights of the silent by group, then of the commenters."""
_Terms: TypeAlias = tuple[Ints, Ints, Floats]


@dataclass(frozen=True, slots=True)
class Strata:
    """The K combinations of a shown slice and a stratum, by ascending slice."""

    cells: tuple[Ints, ...]
    """One array of shape (R,) a dimension: 2 × each respondent's combination + period; −1 outside."""
    row: Ints
    """Slice of each combination, shape (K,)."""


def cross_strata(pair: Pair, dimension: str | None, hidden: Bools) -> Strata:
    """Cross the slices with the strata.

    Parameters
    ----------
    pair : Pair
        Both periods.
    dimension : str, optional
        Its slices, and those without a value, are the strata; None: there is one stratum.
    hidden : array of bool of shape (S,)
        Slices that are left out, though not as strata of others.
    """
    slices, stratum = pair.slices, _stratum(pair, dimension)
    width = slices.count + 1
    codes = [np.where((one >= 0) & ~hidden[one], one * width + stratum, -1) for one in slices.members]
    occurring = np.unique(np.concatenate([np.unique(code) for code in codes]))
    occurring = occurring[occurring >= 0]
    number = np.full(slices.count * width + 1, -1, dtype=np.int64)
    number[occurring] = np.arange(len(occurring))
    # Code −1 reads the last place, which stays −1.
    cells = tuple(np.where(code >= 0, 2 * number[code] + pair.period, -1) for code in codes)
    return Strata(cells, occurring // width)


def _stratum(pair: Pair, dimension: str | None) -> Ints:
    """Stratum of each respondent, from 1 up; 0 without a value; shape (R,)."""
    stratum = np.zeros(len(pair.group), dtype=np.int64)
    own = (pair.slices.names["dimension"] == dimension).to_numpy(bool)
    for member in pair.slices.members[1:]:
        inside = np.flatnonzero(member >= 0)
        inside = inside[own[member[inside]]]
        stratum[inside] = member[inside] + 1
    return stratum


def _terms(pair: Pair, reasons: Reasons, strata: Strata, respondents: slice, pairs: slice) -> Iterator[_Terms]:
    """What some respondents, and pairs of a respondent and a line, add to the sums: respondent, column, value.

    Columns: combination × period × (groups of the silent, of the commenters, weights by line, amounts by line).
    """
    width, n_lines = _width(reasons), len(reasons.lines)
    everyone = np.arange(respondents.start, respondents.stop)
    group = pair.wrote[everyone] * len(GROUPS) + pair.group[everyone]
    who, line = reasons.respondent[pairs], reasons.line[pairs]
    weight, amount = pair.weight[who], reasons.amount[pairs] * pair.weight[who]
    brings = np.flatnonzero(amount)
    for cells in strata.cells:
        for one, column, value in (
            (everyone, group, pair.weight[everyone]),
            (who, _GROUPS + line, weight),
            (who[brings], _GROUPS + n_lines + line[brings], amount[brings]),
        ):
            cell = cells[one]
            inside = np.flatnonzero(cell >= 0)
            yield one[inside], cell[inside] * width + column[inside], value[inside]


def _width(reasons: Reasons) -> int:
    return _GROUPS + 2 * len(reasons.lines)


def sum_up(pair: Pair, reasons: Reasons, strata: Strata) -> Floats:
    """Sums of the survey as it is, shape (K, 2, width)."""
    shape = (len(strata.row), 2, _width(reasons))
    total = np.zeros(shape[0] * shape[1] * shape[2])
    everything = slice(0, len(pair.group)), slice(0, len(reasons.respondent))
    for _, column, value in _terms(pair, reasons, strata, *everything):
        total += np.bincount(column, value, minlength=len(total))
    return total.reshape(shape)


def draw_sums(pair: Pair, reasons: Reasons, strata: Strata, *, draws: int) -> NDArray[np.float32]:
    """Sums of resampled surveys, shape (K, 2, width, draws)."""
    from scipy.sparse import csr_array

    shape = (len(strata.row), 2, _width(reasons))
    total = np.zeros((shape[0] * shape[1] * shape[2], draws), dtype=np.float32)
    speaker = pair.customer[reasons.respondent]
    for block, weights in draw_blocks(pair.n_customers, draws):
        ends = [block.start, block.stop]
        own = slice(*np.searchsorted(pair.customer, ends)), slice(*np.searchsorted(speaker, ends))
        who, column, value = (np.concatenate(one) for one in zip(*_terms(pair, reasons, strata, *own), strict=True))
        used, place = np.unique(column, return_inverse=True)
        where = place, pair.customer[who] - block.start
        matrix: Any = csr_array((value.astype(np.float32), where), shape=(len(used), len(weights)))
        total[used] += matrix @ weights
    return total.reshape(*shape, draws)


def split_change(sums: Floats, n_lines: int) -> Floats:
    """Split the change of the NPS of a slice into its parts.

    Parameters
    ----------
    sums : array of shape (P, 2, width, D)
        Sums of the P strata.
    n_lines : int
        L.

    Returns
    -------
    array of shape (4 + 2 L, D)
        Mix, commenters, silent, unexplained, the prevalence and the effect of each line; they add up to the change.
    """
    sums = sums.swapaxes(0, 1)
    groups = sums[:, :, :_GROUPS].reshape(*sums.shape[:2], 2, len(GROUPS), -1)
    count, net = groups.sum(axis=3), groups[:, :, :, PROMOTER] - groups[:, :, :, DETRACTOR]
    silent, wrote = count[:, :, 0], count[:, :, 1]
    weight = ratio(silent + wrote, (silent + wrote).sum(axis=1, keepdims=True))
    nps, share = _known(ratio(net.sum(axis=2), silent + wrote)), _known(ratio(wrote, silent + wrote))
    nps_silent, nps_wrote = _known(ratio(net[:, :, 0], silent)), _known(ratio(net[:, :, 1], wrote))
    spoken, brought = sums[:, :, _GROUPS : _GROUPS + n_lines], sums[:, :, _GROUPS + n_lines :]
    unexplained = _known(ratio(net[:, :, 1] - brought.sum(axis=2), wrote))
    prevalence, effect = _known(ratio(spoken, wrote[:, :, None])), _known(ratio(brought, spoken))
    inside = _mean(weight)
    speaking = inside * _mean(share)
    centred = _mean(nps) - (inside * _mean(nps)).sum(axis=0)
    plain = (
        _change(weight) * centred,
        inside * _change(share) * _mean(nps_wrote - nps_silent),
        inside * (1 - _mean(share)) * _change(nps_silent),
        speaking * _change(unexplained),
    )
    by_line = (
        (speaking[:, None] * _change(prevalence) * _mean(effect)).sum(axis=0),
        (speaking[:, None] * _mean(prevalence) * _change(effect)).sum(axis=0),
    )
    return np.concatenate([np.stack([one.sum(axis=0) for one in plain]), *by_line])


def _known(values: Floats) -> Floats:
    """Take what one period lacks from the other; 0 where both lack it. Axis 0 holds the periods."""
    filled = np.where(np.isnan(values), values[::-1], values)
    return np.where(np.isnan(filled), 0.0, filled)


def _mean(values: Floats) -> Floats:
    mean: Floats = (values[0] + values[1]) / 2
    return mean


def _change(values: Floats) -> Floats:
    change: Floats = values[1] - values[0]
    return change


def nps_of(sums: Floats) -> Floats:
    """NPS of a slice of strata, shape (P, 2, width, D): shape (2, D)."""
    groups = sums[:, :, :_GROUPS].sum(axis=0).reshape(2, 2, len(GROUPS), -1).sum(axis=1)
    return ratio(groups[:, PROMOTER] - groups[:, DETRACTOR], groups.sum(axis=1))
