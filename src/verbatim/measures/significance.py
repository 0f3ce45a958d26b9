"""Is a difference more than chance, and how often would we say so wrongly."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from verbatim.measures.arrays import Floats, Ints


def score_test(share: Floats, base: Floats, other: Floats, other_base: Floats) -> Floats:
    """Two-sided p-value of "both shares are the same": the score test, without continuity correction.

    Pour le lecteur : « La probabilité d'observer un écart au moins aussi grand si les groupes ne différaient pas. »

    Pearson's chi-square of the 2 × 2 table; Agresti, *Categorical Data Analysis* (2013), section 3.2.

    Parameters
    ----------
    share, other : array
        In [0, 1].
    base, other_base : array
        Respondents; with weights, the effective bases.

    Returns
    -------
    array
        In [0, 1]; 1 where nobody, or everybody, said it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (share * base + other * other_base) / (base + other_base)
        error = np.sqrt(pooled * (1 - pooled) * (1 / base + 1 / other_base))
        statistic = np.where(share == other, 0.0, np.abs(share - other) / error)
    p_value: Floats = 2 * ndtr(-statistic)
    return p_value


def mean_test(mean: Floats, base: Floats, other: Floats, other_base: Floats, variance: Floats) -> Floats:
    """Two-sided p-value of "both means are the same", their variance pooled.

    The score test of two proportions is the case of answers of 0 and 1; Agresti, *Categorical Data Analysis* (2013),
    section 3.2.

    Parameters
    ----------
    mean, other : array
        Of two sets of respondents.
    base, other_base : array
        Respondents; with weights, the effective bases.
    variance : array
        Of an answer, both sets together.

    Returns
    -------
    array
        In [0, 1]; 1 where all answers are the same.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.maximum(variance, 0) * (1 / base + 1 / other_base))
        statistic = np.where(mean == other, 0.0, np.abs(mean - other) / error)
    p_value: Floats = 2 * ndtr(-statistic)
    return p_value


def adjust(p_values: Floats, families: Ints) -> Floats:
    """Adjust p-values for their number, family by family: Benjamini-Hochberg q-values.

    Pour le lecteur : « Parmi les écarts signalés à ce seuil, la part attendue de fausses alertes. »

    Benjamini and Hochberg, *Controlling the false discovery rate*, JRSS B 57 (1995).

    Parameters
    ----------
    p_values : array of shape (k,)
        In [0, 1]; NaN where no test was made, which does not count in the family.
    families : array of shape (k,)
        Family of each test.

    Returns
    -------
    array of shape (k,)
        In [0, 1]; NaN where no test was made.
    """
    # scipy.stats takes a second to import: only who measures waits for it.
    from scipy.stats import false_discovery_control

    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    for positions in pd.Series(tested).groupby(families[tested]).groups.values():
        rows = tested[positions]
        adjusted[rows] = false_discovery_control(p_values[rows], method="bh")
    return adjusted


def simes(p_values: Floats, families: Ints, n_families: int) -> Floats:
    """One p-value a family: of "nothing in this family differs".

    Simes, *An improved Bonferroni procedure for multiple tests of significance*, Biometrika 73 (1986).

    Parameters
    ----------
    p_values : array of shape (k,)
        In [0, 1]; NaN where no test was made.
    families : array of shape (k,)
        Family of each test, from 0 up.
    n_families : int
        F.

    Returns
    -------
    array of shape (F,)
        In [0, 1]; NaN for a family without a test.
    """
    lowest = np.full(n_families, np.inf)
    tested = ~np.isnan(p_values)
    np.minimum.at(lowest, families[tested], adjust(p_values, families)[tested])
    return np.where(np.isinf(lowest), np.nan, lowest)


def open_families(p_values: Floats, weights: Floats) -> Floats:
    """Adjusted p-values of families, some of which weigh more: weighted Benjamini-Hochberg.

    Genovese, Roeder and Wasserman, *False discovery control with p-value weighting*, Biometrika 93 (2006).

    Parameters
    ----------
    p_values : array of shape (F,)
        One a family; NaN where none was tested.
    weights : array of shape (F,)
        Above 0; only their ratios count.
    """
    tested = ~np.isnan(p_values)
    mean = weights[tested].mean() if tested.any() else 1.0
    return adjust(np.where(tested, np.minimum(p_values * mean / weights, 1), np.nan), np.zeros(len(weights), np.int64))


def adjust_opened(p_values: Floats, families: Ints, family_q: Floats, weights: Floats, *, level: float) -> Floats:
    """Adjust the tests inside families of which only those that differ as a whole are opened.

    Benjamini and Bogomolov, *Selective inference on multiple families of hypotheses*, JRSS B 76 (2014): inside an
    opened family, Benjamini-Hochberg at the level times the share of families opened (here: of their weight).

    Parameters
    ----------
    p_values, families : array of shape (k,)
        Tests and their families; NaN where no test was made.
    family_q, weights : array of shape (F,)
        From :func:`open_families`.
    level : float
        Level at which a family is opened.

    Returns
    -------
    array of shape (k,)
        In [0, 1], at least the family's own; NaN where no test was made.
    """
    tested = ~np.isnan(family_q)
    opened = tested & (np.where(tested, family_q, 1) < level)
    share = weights[opened].sum() / weights[tested].sum() if opened.any() else 1.0
    inside = np.minimum(adjust(p_values, families) / share, 1)
    gate = np.where(tested, family_q, 1.0)[families]
    return np.where(np.isnan(p_values), np.nan, np.maximum(inside, gate))
