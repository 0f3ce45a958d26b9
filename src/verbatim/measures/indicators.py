"""Mean answers to the other closed questions (satisfaction, effort, …), each on its own scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats
from verbatim.measures.columns import count_column, figure_column
from verbatim.measures.estimates import effective_base, mean_interval, ratio
from verbatim.measures.respondents import Respondents
from verbatim.measures.suppression import suppress

_COLUMNS = ["indicator", "scale_low", "scale_high", "base", "mean", "ci_low", "ci_high", "suppressed"]


def measure_indicators(
    respondents: Respondents, hidden: Bools, *, scales: Mapping[str, tuple[int, int]], minimum: int
) -> pd.DataFrame:
    """Mean answer of each indicator in each slice, with its interval; weighted where the survey has weights.

    Pour le lecteur : « La note moyenne donnée à cette question, sur sa propre échelle. »

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period. All who answered the indicator count, with or without a score.
    hidden : array of bool of shape (S,)
        Slices suppressed in `nps`; they are suppressed here too.
    scales : mapping of str to tuple of int
        Lowest and highest answer of each indicator.
    minimum : int
        Smallest base that may be shown.

    Returns
    -------
    DataFrame
        S × indicators rows; columns of `indicators` from population to suppressed, without period.
    """
    frames = [
        _measure_one(respondents, hidden, name, scale=scale, minimum=minimum) for name, scale in sorted(scales.items())
    ]
    if not frames:
        return pd.DataFrame(columns=[*respondents.slices.names.columns, *_COLUMNS])
    return pd.concat(frames, ignore_index=True)


def _measure_one(
    respondents: Respondents, hidden: Bools, name: str, *, scale: tuple[int, int], minimum: int
) -> pd.DataFrame:
    answers = respondents.answers[name]
    base = respondents.tally(np.where(np.isnan(answers), -1, 0), 1)[:, 0]
    mean, variance, effective = _moments(respondents, answers, scale)
    low, high = mean_interval(mean, variance, effective, scale)
    unseen = suppress(base, respondents.slices, minimum=minimum, hidden=hidden)
    return respondents.slices.names.assign(
        indicator=name,
        scale_low=scale[0],
        scale_high=scale[1],
        base=count_column(base, unseen),
        mean=figure_column(mean, unseen),
        ci_low=figure_column(low, unseen),
        ci_high=figure_column(high, unseen),
        suppressed=unseen,
    )


def _moments(respondents: Respondents, answers: Floats, scale: tuple[int, int]) -> tuple[Floats, Floats, Floats]:
    """Weighted mean, weighted variance and effective base of each slice, shape (S,)."""
    # By answer, then by weight: products are then summed in an order that does not depend on the input's.
    order = np.argsort(answers, kind="stable")
    order = order[~np.isnan(answers[order])]
    # Counted from the scale's foot, to lose no digits in the squares.
    weight, steps = respondents.weight[order], answers[order] - scale[0]

    def total(values: Floats) -> Floats:
        sums: Floats = respondents.slices.tally(np.zeros(len(order), np.int64), 1, values, order)[:, 0]
        return sums

    weights = total(weight)
    mean = ratio(total(weight * steps), weights)
    variance = np.maximum(ratio(total(weight * steps**2), weights) - mean**2, 0)
    on_scale = np.clip(scale[0] + mean, scale[0], scale[1])
    return on_scale, variance, effective_base(weights, total(weight**2))
