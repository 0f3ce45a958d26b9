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
