"""Shares of two sets of respondents side by side, corrected for the reader's errors where these are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verbatim.measures.arrays import Bools, Floats
from verbatim.measures.correction import ReaderRates, correct_difference, correct_share
from verbatim.measures.estimates import newcombe_interval, wilson_interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two shares and their difference with its 95 % interval; arrays of one shape."""

    share: Floats
    other: Floats
    difference: Floats
    low: Floats
    high: Floats


def estimate_share(read: Floats, base: Floats, rates: ReaderRates | None) -> tuple[Floats, Floats, Floats]:
    """Share and its 95 % interval: corrected where the reader's rates are known, else as read, with Wilson's interval.

    Parameters
    ----------
    read : array of shape (k,)
        As read, in [0, 1].
    base : array of shape (k,)
        Respondents; with weights, the effective base.
    rates : ReaderRates, optional
        Of the k subjects.
    """
    return (read, *wilson_interval(read, base)) if rates is None else correct_share(read, base, rates)


def compare_shares(
    share: Floats, base: Floats, other: Floats, other_base: Floats, rates: ReaderRates | None
) -> Comparison:
    """Compare two shares as read: corrected where the reader's rates are known, else with Newcombe's interval.

    Parameters
    ----------
    share, other : arrays of shape (k,)
        As read, in [0, 1].
    base, other_base : arrays of shape (k,)
        Respondents; with weights, the effective bases.
    rates : ReaderRates, optional
        Of the k subjects.
    """
    if rates is None:
        return Comparison(share, other, share - other, *newcombe_interval(share, base, other, other_base))
    own, others = (estimate_share(read, of, rates)[0] for read, of in ((share, base), (other, other_base)))
    return Comparison(own, others, *correct_difference(share, base, other, other_base, rates))


def is_reliable(rates: ReaderRates | None, n_rows: int) -> Bools:
    """True where the reader is good enough for a verdict, or nothing is known of it, shape (k,)."""
    return np.ones(n_rows, dtype=bool) if rates is None else ~rates.is_indicative
