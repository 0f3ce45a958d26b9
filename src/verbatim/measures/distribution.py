"""How the scores are spread, slice by slice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools
from verbatim.measures.columns import count_column, figure_column, repeat_rows
from verbatim.measures.estimates import ratio
from verbatim.measures.respondents import Respondents


def measure_distribution(respondents: Respondents, hidden: Bools, *, scale: tuple[int, int]) -> pd.DataFrame:
    """Respondents and share of each score of the scale, those that nobody gave included.

    Pour le lecteur : « La part des clients qui ont donné cette note. »

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    hidden : array of bool of shape (S,)
        Suppressed slices.
    scale : tuple of int
        Lowest and highest score.

    Returns
    -------
    DataFrame
        S × scores rows; columns of `score_distribution` from population to suppressed, without period. `share` is in
        [0, 1], weighted where the survey has weights, and adds up to 1 in a slice.
    """
    scores = np.arange(scale[0], scale[1] + 1)
    on_scale = (respondents.score >= scale[0]) & (respondents.score <= scale[1])
    category = np.where(on_scale, respondents.score - scale[0], -1)
    counts = respondents.tally(category, len(scores))
    weights = respondents.tally(category, len(scores), respondents.weight)
    row = np.repeat(np.arange(respondents.slices.count), len(scores))
    unseen = hidden[row]
    return repeat_rows(respondents.slices.names, row).assign(
        score=np.tile(scores, respondents.slices.count),
        base=count_column(counts.sum(axis=1)[row], unseen),
        respondents=count_column(counts.ravel(), unseen),
        share=figure_column(ratio(weights, weights.sum(axis=1, keepdims=True)).ravel(), unseen),
        suppressed=unseen,
    )
