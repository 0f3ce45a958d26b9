"""Shares, effective bases and intervals: numpy in, numpy out; an empty base gives NaN."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from verbatim.measures.arrays import Floats

Z_95 = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""
SMALLEST_VARIANCE = 1 / 12
"""Variance of an answer known to half a step of its scale: that of a uniform law of width 1."""


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where the whole is 0.

    Parameters
    ----------
    part, whole : arrays that broadcast
        Sums of weights.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.true_divide(part, whole)
    return result


def effective_base(weight_sum: Floats, square_sum: Floats) -> Floats:
    """Number of equally weighted respondents that would be as precise: (Σw)² / Σw².

    Kish, *Survey Sampling* (1965), section 11.7. Equal weights give the plain count.

    Parameters
    ----------
    weight_sum, square_sum : array
        Sums of the weights and of their squares.

    Returns
    -------
    array
        Between 1 and the number of respondents; NaN for an empty base.
    """
    return ratio(weight_sum**2, square_sum)


def nps_interval(promoters: Floats, detractors: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Adjusted Wald interval of an NPS, 95 %.

    Pour le lecteur : « Si l'on interrogeait tous les clients, le NPS se situerait très probablement entre ces deux
    valeurs. »

    Rocks, *Interval Estimation for the "Net Promoter Score"*, The American Statistician 70 (2016), arXiv 1601.07235:
    three respondents are added, ¾ a promoter, ¾ a detractor and 1½ passives, then Wald's formula is used on n + 3. The
    centre is thereby drawn towards 0. With one or two respondents who all agree the NPS itself falls outside; the
    interval is then widened to hold it.

    Parameters
    ----------
    promoters, detractors : array of shape (k,)
        Shares in [0, 1].
    base : array of shape (k,)
        Respondents; with weights, the effective base.

    Returns
    -------
    low, high : array of shape (k,)
        NPS points within ±100.
    """
    adjusted = base + 3
    up = (promoters * base + 0.75) / adjusted
    down = (detractors * base + 0.75) / adjusted
    half = Z_95 * np.sqrt((up + down - (up - down) ** 2) / adjusted)
    nps = promoters - detractors
    low = np.maximum(np.minimum(up - down - half, nps), -1)
    high = np.minimum(np.maximum(up - down + half, nps), 1)
    return 100 * low, 100 * high


def wilson_interval(share: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Score interval of a share, 95 %.

    Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927).

    Parameters
    ----------
    share : array
        In [0, 1].
    base : array
        Respondents; with weights, the effective base.

    Returns
    -------
    low, high : array
        In [0, 1].
    """
    square = Z_95**2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + square / (2 * base)) / (1 + square / base)
        half = Z_95 * np.sqrt(share * (1 - share) / base + square / (4 * base**2)) / (1 + square / base)
    # Rounding must not push a bound past the share it belongs to.
    return np.clip(np.minimum(centre - half, share), 0, 1), np.clip(np.maximum(centre + half, share), 0, 1)


def newcombe_interval(share: Floats, base: Floats, other: Floats, other_base: Floats) -> tuple[Floats, Floats]:
    """Interval of the difference between two independent shares, 95 %: hybrid score.

    Pour le lecteur : « L'écart réel entre ce groupe et les autres se situe très probablement entre ces deux valeurs. »

    Newcombe, *Interval estimation for the difference between independent proportions*, Statistics in Medicine 17
    (1998), 873-890, method 10.

    Parameters
    ----------
    share, other : array
        In [0, 1].
    base, other_base : array
        Respondents; with weights, the effective bases.

    Returns
    -------
    low, high : array
        Bounds of share − other, in [−1, 1].
    """
    low, high = wilson_interval(share, base)
    other_low, other_high = wilson_interval(other, other_base)
    difference = share - other
    below = np.sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return np.maximum(difference - below, -1), np.minimum(difference + above, 1)


def mean_interval(mean: Floats, variance: Floats, base: Floats, scale: tuple[int, int]) -> tuple[Floats, Floats]:
    """Student interval of a mean answer, 95 %, clamped to its scale.

    Pour le lecteur : « La note moyenne de l'ensemble des clients se situe très probablement entre ces deux valeurs. »

    Student, *The probable error of a mean*, Biometrika 6 (1908). The variance is taken to be at least 1/12: when
    everyone ticks the same box, the answers are still known to half a step only. A base of 1 gives the whole scale.

    Parameters
    ----------
    mean : array of shape (k,)
        On the scale.
    variance : array of shape (k,)
        Mean squared deviation from the mean, square steps.
    base : array of shape (k,)
        Respondents; with weights, the effective base.
    scale : tuple of int
        Lowest and highest answer.

    Returns
    -------
    low, high : array of shape (k,)
        On the scale.
    """
    # A hair above 1 only: the effective base of one respondent may come out as 1 + 1e-16.
    freedom = np.where(base > 1 + 1e-9, base - 1, np.nan)
    error = np.sqrt(np.maximum(variance * base / freedom, SMALLEST_VARIANCE) / base)
    half = np.where(np.isnan(freedom), np.inf, stdtrit(freedom, 0.975) * error)
    return np.maximum(mean - half, scale[0]), np.minimum(mean + half, scale[1])
