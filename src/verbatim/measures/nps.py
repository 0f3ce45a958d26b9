"""The Net Promoter Score of each slice, with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column
from verbatim.measures.estimates import effective_base, nps_interval, ratio
from verbatim.measures.respondents import DETRACTOR, GROUPS, PASSIVE, PROMOTER, Respondents
from verbatim.measures.suppression import suppress_part


def measure_nps(respondents: Respondents, hidden: Bools, *, minimum: int, provisional: bool) -> pd.DataFrame:
    """NPS of each slice: 100 × (promoters − detractors) / respondents with a score, in points from −100 to +100.

    Pour le lecteur : « Sur 100 clients, combien de plus vous recommanderaient que ne vous recommanderaient pas. »

    Reichheld, *The One Number You Need to Grow*, Harvard Business Review (2003). The headline is weighted where the
    survey has weights (without any, all are 1); its interval rests on the effective base, in which all answers of a
    customer count as one. `nps_commenters` is
    the NPS of those who wrote something; it is null where those who wrote, or those who did not, are too few to show.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    hidden : array of bool of shape (S,)
        Suppressed slices.
    minimum : int
        Smallest base that may be shown.
    provisional : bool
        True: the period is still open.

    Returns
    -------
    DataFrame
        S rows; columns of `nps` from population to suppressed, without period.
    """
    counts = respondents.tally(respondents.group, len(GROUPS))
    written = respondents.tally(respondents.writing_group, len(GROUPS))
    n, n_commenters = counts.sum(axis=1), written.sum(axis=1)
    nps, low, high = _headline(respondents)
    no_commenters = hide_parts(respondents, hidden, minimum=minimum)
    nothing = np.full(len(n), np.nan)
    return respondents.slices.names.assign(
        n=count_column(n, hidden),
        promoters=count_column(counts[:, PROMOTER], hidden),
        passives=count_column(counts[:, PASSIVE], hidden),
        detractors=count_column(counts[:, DETRACTOR], hidden),
        nps=figure_column(nps, hidden),
        ci_low=figure_column(low, hidden),
        ci_high=figure_column(high, hidden),
        nps_unweighted=figure_column(_balance(counts.astype(float)), hidden),
        **_against_the_rest(respondents, hidden),
        n_commenters=count_column(n_commenters, hidden),
        nps_commenters=figure_column(_weighted_nps(respondents, respondents.writing_group), no_commenters),
        # Invitations are not in `responses`.
        response_rate=figure_column(nothing, hidden),
        provisional=provisional,
        suppressed=hidden,
    )


def _against_the_rest(respondents: Respondents, hidden: Bools) -> dict[str, pd.Series]:
    """NPS of a slice less that of the rest of its survey.

    Both intervals are put together by squaring and adding: Zou and Donner, *Construction of confidence limits about
    effect measures: a general approach*, Statistics in Medicine 27 (2008).
    """
    whole = respondents.slices.whole
    weights = respondents.tally(respondents.group, len(GROUPS), respondents.weight)
    squares = respondents.tally_squares(np.where(respondents.group >= 0, 0, -1), 1)[:, 0]
    counts = scored_base(respondents)
    rest = np.maximum(weights[whole] - weights, 0)
    # Squares of customers who answered on both sides do not add up: the rest's are at least its weights' own.
    n_rest = (counts[whole] - counts).astype(np.float64)
    rest_square = np.maximum(squares[whole] - squares, ratio(rest.sum(axis=1) ** 2, n_rest))
    own, own_low, own_high = _estimate(weights, squares)
    other, other_low, other_high = _estimate(rest, rest_square)
    difference = own - other
    below = np.sqrt((own - own_low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((own_high - own) ** 2 + (other - other_low) ** 2)
    alone = hidden | (counts[whole] == counts)
    return {
        "difference": figure_column(difference, alone),
        "difference_low": figure_column(difference - below, alone),
        "difference_high": figure_column(difference + above, alone),
    }


def hide_parts(respondents: Respondents, hidden: Bools, *, minimum: int) -> Bools:
    """Slices in which those who wrote may not be told from those who did not, shape (S,)."""
    n = scored_base(respondents)
    wrote: Ints = respondents.tally(respondents.writing_group, len(GROUPS)).sum(axis=1)
    return suppress_part(wrote, n, respondents.slices, minimum=minimum, hidden=hidden)


def scored_base(respondents: Respondents) -> Ints:
    """Respondents with a score in each slice: the base of the NPS, shape (S,).

    Pour le lecteur : « Le nombre de clients qui ont donné une note. »
    """
    base: Ints = respondents.tally(respondents.group, len(GROUPS)).sum(axis=1)
    return base


def _headline(respondents: Respondents) -> tuple[Floats, Floats, Floats]:
    weights = respondents.tally(respondents.group, len(GROUPS), respondents.weight)
    scored = np.where(respondents.group >= 0, 0, -1)
    return _estimate(weights, respondents.tally_squares(scored, 1)[:, 0])


def _estimate(weights: Floats, square: Floats) -> tuple[Floats, Floats, Floats]:
    """NPS and its interval, points, of weights by group, shape (S, 3), and their squares, shape (S,)."""
    total = weights.sum(axis=1)
    promoters, detractors = ratio(weights[:, PROMOTER], total), ratio(weights[:, DETRACTOR], total)
    low, high = nps_interval(promoters, detractors, effective_base(total, square))
    return 100 * (promoters - detractors), low, high


def _weighted_nps(respondents: Respondents, group: Ints) -> Floats:
    return _balance(respondents.tally(group, len(GROUPS), respondents.weight))


def _balance(sums: Floats) -> Floats:
    """NPS, points, of counts or weights by group, shape (S, 3)."""
    total = sums.sum(axis=1)
    # Shares first, as in the headline: without weights both agree to the last bit.
    return 100 * (ratio(sums[:, PROMOTER], total) - ratio(sums[:, DETRACTOR], total))
