"""Two closed periods side by side: common slices, common customers, and the change of the NPS between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import repeat_rows
from verbatim.measures.estimates import Z_95, ratio
from verbatim.measures.respondents import DETRACTOR, PROMOTER, Respondents
from verbatim.measures.slices import Slices


@dataclass(frozen=True, slots=True)
class Pair:
    """The R respondents with a score of two periods, by customer.

    Rows that tie in customer, period, weight, group and `wrote` are interchangeable in every sum of these, so sums are
    the same to the last bit, however the input was shuffled.
    """

    period: Ints
    """0: the earlier period, 1: the later one; shape (R,)."""
    customer: Ints
    """Number of the customer, shape (R,), ascending; the same in both periods where the pair is `paired`."""
    n_customers: int
    """Number of customers of both periods."""
    weight: Floats
    """Survey weight, shape (R,)."""
    group: Ints
    """Promoter, passive or detractor, shape (R,)."""
    wrote: Bools
    """True: a commenter, shape (R,)."""
    slices: Slices
    """The S slices of either period, and who is in them."""
    places: tuple[Ints, Ints]
    """Position in the pair of each period's respondents; −1 without a score."""
    rows: tuple[Ints, Ints]
    """Row in `slices` of each period's slices."""

    @property
    def sign(self) -> Ints:
        """1 for a promoter, −1 for a detractor, 0 else, shape (R,)."""
        sign: Ints = (self.group == PROMOTER).astype(np.int64) - (self.group == DETRACTOR)
        return sign


def read_pair(before: Respondents, after: Respondents, *, paired: bool) -> Pair:
    """Put two periods side by side.

    Parameters
    ----------
    before, after : Respondents
        Read with the same dimensions.
    paired : bool
        True: a customer has the same number in both (both were read from one frame). False: nobody is known to have
        answered in both.

    Raises
    ------
    ValueError
        They were read with different numbers of dimensions.
    """
    both = (before, after)
    offset = 0 if paired else int(before.customer.max(initial=-1)) + 1
    customer = np.concatenate([before.customer, after.customer + offset])
    period = np.repeat([0, 1], [len(one.group) for one in both])
    weight, group, wrote = (
        np.concatenate([getattr(one, name) for one in both]) for name in ("weight", "group", "wrote")
    )
    order = np.lexsort((wrote, group, weight, period, customer))
    order = order[group[order] >= 0]
    place = np.full(len(group), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    slices, rows = _common_slices(before.slices, after.slices, order)
    return Pair(
        period[order],
        customer[order],
        int(customer.max(initial=-1)) + 1,
        weight[order],
        group[order],
        wrote[order],
        slices,
        (place[: len(before.group)], place[len(before.group) :]),
        rows,
    )


def _common_slices(before: Slices, after: Slices, order: Ints) -> tuple[Slices, tuple[Ints, Ints]]:
    """Slices of either period over the respondents `order` of both; the row of each period's slices in them."""
    keys = ["population", "dimension", "slice"]
    names = pd.concat([before.names, after.names])[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    index = pd.MultiIndex.from_frame(names)
    rows = [index.get_indexer(pd.MultiIndex.from_frame(one.names[keys])).astype(np.int64) for one in (before, after)]
    members = []
    for own in zip(before.members, after.members, strict=True):
        # −1, no slice, reads the last place.
        parts = [np.append(row, -1)[member] for row, member in zip(rows, own, strict=True)]
        members.append(np.concatenate(parts)[order])
    whole = np.full(len(names), -1, dtype=np.int64)
    for one, row in zip((before, after), rows, strict=True):
        whole[row] = row[one.whole]
    partition = names.groupby(keys[:2], sort=False).ngroup().to_numpy().astype(np.int64)
    return Slices(names, partition, whole, tuple(members)), (rows[0], rows[1])


def nps_change(before: Respondents, after: Respondents, *, paired: bool) -> pd.DataFrame:
    """Change of the NPS between two periods, with its 95 % interval, where customers may have answered in both.

    Pour le lecteur : « De combien de points le NPS a bougé, et l'intervalle où se situe très probablement l'évolution
    réelle. »

    var(after − before) = var(before) + var(after) − 2 cov, the covariance over the customers of both periods (Cochran,
    *Sampling Techniques*, 3rd edition 1977, section 12.11, sampling on two occasions). A weighted NPS is a ratio of
    sums, so a customer stands for the sum of w (x − NPS) / Σw over their answers, x = ±1 or 0 (Woodruff, *A simple
    method for approximating the variance of a complicated estimate*, JASA 66, 1971); the variance of the change is the
    sum of the squares of each customer's later less earlier sum. The interval is the normal one, for a few dozen
    respondents and more: a slice of which all agree in both periods has an interval of width 0.

    Parameters
    ----------
    before, after : Respondents
        Read with the same dimensions.
    paired : bool
        True: a customer has the same number in both.

    Returns
    -------
    DataFrame
        One row for each slice that has respondents of positive weight in both periods, small ones too (the caller hides
        these): population, dimension, slice, nps_before, nps_after, change, change_low, change_high (points) and
        variance (points²).
    """
    pair = read_pair(before, after, paired=paired)
    weight = pair.slices.tally(pair.period, 2, pair.weight)
    nps = ratio(pair.slices.tally(pair.period, 2, pair.weight * pair.sign), weight)
    row = np.flatnonzero((weight > 0).all(axis=1))
    variance, change = _change_variance(pair, weight, nps)[row], nps[row, 1] - nps[row, 0]
    half = Z_95 * np.sqrt(variance)
    return repeat_rows(pair.slices.names, row).assign(
        nps_before=100 * nps[row, 0],
        nps_after=100 * nps[row, 1],
        change=100 * change,
        change_low=100 * np.maximum(change - half, -2),
        change_high=100 * np.minimum(change + half, 2),
        variance=100**2 * variance,
    )


def _change_variance(pair: Pair, weight: Floats, nps: Floats) -> Floats:
    """Variance of after − before in each slice, shape (S,), of weights and NPS of shape (S, 2)."""
    total = np.zeros(pair.slices.count)
    for member in pair.slices.members:
        inside = np.flatnonzero(member >= 0)
        row, period = member[inside], pair.period[inside]
        departure = pair.weight[inside] * ratio(pair.sign[inside] - nps[row, period], weight[row, period])
        pairs, place = np.unique(row * pair.n_customers + pair.customer[inside], return_inverse=True)
        change = np.bincount(place, (2 * period - 1) * departure, minlength=len(pairs))
        total += np.bincount(pairs // max(pair.n_customers, 1), change**2, minlength=len(total))
    return total
