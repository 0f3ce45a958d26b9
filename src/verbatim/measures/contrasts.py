"""Slices against the rest of the survey: who speaks of what more often than the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column, repeat_rows
from verbatim.measures.comparison import compare_shares, is_reliable
from verbatim.measures.correction import ReaderRates
from verbatim.measures.estimates import effective_base, ratio
from verbatim.measures.families import FALSE_DISCOVERY_RATE, Families
from verbatim.measures.mentions import Mentions
from verbatim.measures.respondents import Respondents
from verbatim.measures.significance import score_test, simes
from verbatim.measures.suppression import suppress
from verbatim.tables import ContrastVerdict

_LEAST_EXPECTED = 8.0
EQUIVALENCE_MARGIN = 0.03
"""Shares that differ by less than 3 points of percentage are called the same."""


@dataclass(frozen=True, slots=True)
class SliceTests:
    """k comparisons of a slice with the rest of its survey, one a subject."""

    row: Ints
    """Slice, shape (k,)."""
    subject: Ints
    """Row of the mentions' subjects, shape (k,)."""
    base: Ints
    """Commenters of the slice, shape (k,)."""
    respondents: Ints
    """Those of them who mention the subject, shape (k,)."""
    base_outside: Ints
    """Commenters of the rest of the survey, shape (k,)."""
    share: Floats
    """As read, shape (k,)."""
    share_outside: Floats
    """As read, shape (k,)."""
    effective: Floats
    """Effective base of the slice, shape (k,)."""
    effective_outside: Floats
    """Effective base of the rest, shape (k,)."""
    p_value: Floats
    """Score test of equal shares, shape (k,)."""

    def gates(self, n_slices: int) -> Floats:
        """p-value of "the slice speaks of the same as the rest, all subjects together", shape (S,); NaN: no test."""
        return simes(self.p_value, self.row, n_slices)


def compare_slices(respondents: Respondents, mentions: Mentions, hidden: Bools, *, minimum: int) -> SliceTests:
    """Compare each slice with the rest of its survey, subject by subject.

    Slices of which those who wrote may not be shown, and subjects that fewer than `minimum` mention in all, are left
    out. The rest of the survey holds those without a value of the dimension too.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    mentions : Mentions
        What they speak of.
    hidden : array of bool of shape (S,)
        Slices of which those who wrote may not be told from the others.
    minimum : int
        Smallest base that may be shown.
    """
    slices = respondents.slices
    commenters, weight, square = _commenters(respondents)
    said = mentions.tally(respondents).sum(axis=1)
    said_weight = mentions.tally(respondents, respondents.weight).sum(axis=1)
    outside = commenters[slices.whole] - commenters
    unseen = suppress(commenters, slices, minimum=minimum, hidden=hidden) | (outside < minimum)
    compared = ~unseen & (slices.whole != np.arange(slices.count))
    row, subject = np.nonzero(compared[:, None] & (said[slices.whole] >= minimum))
    whole = slices.whole[row]
    share = _share(said_weight[row, subject], weight[row])
    other = _share(said_weight[whole, subject] - said_weight[row, subject], weight[whole] - weight[row])
    effective = effective_base(weight[row], square[row])
    # A customer may have answered inside and outside: the rest's squares are then a little too small, never negative.
    rest_square = np.maximum(square[whole] - square[row], weight[whole] - weight[row])
    effective_outside = np.minimum(effective_base(weight[whole] - weight[row], rest_square), outside[row])
    expected = ratio(share * effective + other * effective_outside, effective + effective_outside) * np.minimum(
        effective, effective_outside
    )
    p_value = score_test(share, effective, other, effective_outside)
    return SliceTests(
        row,
        subject,
        commenters[row],
        said[row, subject],
        outside[row],
        share,
        other,
        effective,
        effective_outside,
        # A normal law does not hold for a handful of respondents.
        np.where(expected >= _LEAST_EXPECTED, p_value, np.nan),
    )


def measure_contrasts(
    tests: SliceTests,
    families: Families,
    respondents: Respondents,
    mentions: Mentions,
    *,
    codebook: str,
    rates: ReaderRates | None,
) -> pd.DataFrame:
    """What each slice speaks of more, or less, than the rest of the survey.

    Pour le lecteur : « La part des clients de ce segment qui en parlent ainsi, et l'écart avec tous les autres. »

    The difference has Newcombe's interval, widened by the reader's own errors. Subjects of a slice are looked at only
    where the slice differs as a whole (`q_slice`: Simes, then Benjamini-Hochberg over the report's families).

    Parameters
    ----------
    tests : SliceTests
        From :func:`compare_slices`.
    families : Families
        The report's.
    respondents, mentions
        Those of the tests.
    codebook : str
        Codebook of the themes.
    rates : ReaderRates, optional
        What the reader misses and makes up, a subject of the mentions each.

    Returns
    -------
    DataFrame
        Columns of `contrasts` from population to verdict, without period.
    """
    own_rates = None if rates is None else rates.take(tests.subject)
    corrected = compare_shares(tests.share, tests.effective, tests.share_outside, tests.effective_outside, own_rates)
    shown = np.zeros(len(tests.row), dtype=bool)
    q_value = families.adjust(tests.p_value, tests.row)
    frame = repeat_rows(respondents.slices.names, tests.row).assign(
        codebook=codebook,
        theme_id=mentions.subjects["theme_id"].to_numpy(dtype=object)[tests.subject],
        polarity=mentions.subjects["polarity"].to_numpy(dtype=object)[tests.subject],
        base=count_column(tests.base, shown),
        respondents=count_column(tests.respondents, shown),
        share=figure_column(corrected.share, shown),
        base_outside=count_column(tests.base_outside, shown),
        share_outside=figure_column(corrected.other, shown),
        difference=figure_column(corrected.difference, shown),
        ci_low=figure_column(corrected.low, shown),
        ci_high=figure_column(corrected.high, shown),
        q_slice=figure_column(families.q_value[tests.row], shown),
        q_value=figure_column(q_value, shown),
    )
    reliable = is_reliable(own_rates, len(tests.row))
    return frame.assign(verdict=_verdicts(corrected.low, corrected.high, q_value, reliable))


def _verdicts(low: Floats, high: Floats, q_value: Floats, reliable: Bools) -> np.ndarray:
    confirmed = q_value < FALSE_DISCOVERY_RATE
    conditions = {
        ContrastVerdict.INDICATIVE: ~reliable,
        ContrastVerdict.MORE_THAN_OUTSIDE: confirmed & (low > 0),
        ContrastVerdict.LESS_THAN_OUTSIDE: confirmed & (high < 0),
        ContrastVerdict.AS_OUTSIDE: (low > -EQUIVALENCE_MARGIN) & (high < EQUIVALENCE_MARGIN),
    }
    return np.select(list(conditions.values()), [str(name) for name in conditions], ContrastVerdict.INCONCLUSIVE)


def _commenters(respondents: Respondents) -> tuple[Ints, Floats, Floats]:
    """Commenters of each slice, the sum of their weights, and of the squares of what a customer weighs; shape (S,)."""
    one = np.where(respondents.wrote, 0, -1)
    return (
        respondents.tally(one, 1)[:, 0],
        respondents.tally(one, 1, respondents.weight)[:, 0],
        respondents.tally_squares(one, 1)[:, 0],
    )


def _share(part: Floats, whole: Floats) -> Floats:
    # Two sums of the same weights in another order may differ in the last digit.
    return np.clip(ratio(part, whole), 0, 1)
