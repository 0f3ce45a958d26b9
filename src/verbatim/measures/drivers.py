"""Drivers: what promoters, passives and detractors speak of, how well or badly, and what is at stake.

The unit is the respondent, never the mention. A share counts those who wrote, a stake all who scored
(docs/decisions/0002).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column, repeat_rows
from verbatim.measures.comparison import compare_shares, estimate_share, is_reliable
from verbatim.measures.contrasts import EQUIVALENCE_MARGIN
from verbatim.measures.correction import ReaderRates
from verbatim.measures.estimates import effective_base, ratio
from verbatim.measures.families import FALSE_DISCOVERY_RATE, Families
from verbatim.measures.mentions import Mentions
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import GROUPS, Respondents
from verbatim.measures.significance import mean_test, simes
from verbatim.measures.suppression import suppress
from verbatim.tables import DriverVerdict

_LEAST_EXPECTED = 3.0
"""Voices that a subject must be expected to have on the smaller side to be tested."""
_OTHERS = ([1, 0, 0], [2, 2, 1])
"""Both other groups of each group."""


@dataclass(frozen=True, slots=True)
class _Base:
    """Respondents of cells, the sums of their weights and of the squares of what a customer weighs.

    Axis 1 holds the groups.
    """

    count: Ints
    weight: Floats
    square: Floats

    @property
    def effective(self) -> Floats:
        """Effective base."""
        return effective_base(self.weight, self.square)

    def elsewhere(self) -> _Base:
        """Those of the other two groups."""
        return _Base(_elsewhere(self.count), _elsewhere(self.weight), _elsewhere(self.square))


@dataclass(frozen=True, slots=True)
class GroupTests:
    """k rows of drivers before their verdict: a slice, a group and a subject each."""

    row: Ints
    """Slice, shape (k,)."""
    p_value: Floats
    """Score test within the polarity, shape (k,); NaN where none was made."""
    reliable: Bools
    """True: the reader reads this subject well enough for a verdict, shape (k,)."""
    frame: pd.DataFrame
    """Columns of `drivers` from population to suppressed, without period, q_value, rank and verdict."""

    def gates(self, n_slices: int) -> Floats:
        """p-value of "no subject is a group's own", all subjects and groups of a slice together, shape (S,)."""
        return simes(self.p_value, self.row, n_slices)


def compare_groups(
    respondents: Respondents,
    mentions: Mentions,
    hidden: Bools,
    *,
    options: MeasureOptions,
    rates: ReaderRates | None = None,
) -> GroupTests:
    """Compare what promoters, passives and detractors speak of, slice by slice.

    - `share_read`: of the group's commenters (a score and a verbatim), those of whom such an opinion was read; `share`
      is corrected for the reader's errors. `share_elsewhere`: the same among the other two groups' commenters of the
      slice. All are weighted where the survey has weights.
    - `difference`: share − share_elsewhere, with Newcombe's interval, widened by the reader's errors.
    - `share_within`, `share_within_elsewhere`: part of the group's complaints (praises, wishes) that this subject has;
      each respondent has one voice, shared among the subjects named. The test compares these. The group is the score
      itself: that detractors complain more, of anything, says nothing; what counts is which complaints are their own.
    - `stake_points`: 100 × share × base / N, N = all with a score in the slice. Each detractor who becomes a passive,
      or passive who becomes a promoter, lifts the NPS by 100 / N; for promoters it is what would be lost if each went
      down one step. It guesses nothing about those who wrote nothing.

    What is shown. A group with fewer commenters than the minimum, or of a slice suppressed in `nps`, is suppressed;
    so are slices that would give it away by subtraction. One slice's two other groups, and a group's "elsewhere",
    would give it away too: while a group with commenters is suppressed in a slice, the other groups show their own
    shares and stakes, but no comparison (`base_elsewhere` to `q_value` are null, the verdict is inconclusive). A
    subject stands in a slice when a shown group speaks of it, with a row for each of the three groups: that a row
    exists must not tell what the few of a suppressed cell wrote, so a suppressed slice has no rows.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    mentions : Mentions
        What they speak of.
    hidden : array of bool of shape (S,)
        Slices suppressed in `nps`.
    options : MeasureOptions
        Threshold and codebook.
    rates : ReaderRates, optional
        What the reader misses and makes up, a subject of the mentions each; None: shares stay as read.
    """
    base = _count_bases(respondents)
    unseen = _suppress_groups(base.count, hidden, respondents, minimum=options.min_respondents)
    counts, weights = mentions.tally(respondents), mentions.tally(respondents, respondents.weight)
    rows = _cells_to_show(counts, unseen)
    row, group, subject = rows
    cell = (row, group)
    own_rates = None if rates is None else rates.take(subject)
    scored = respondents.tally(respondents.group, len(GROUPS), respondents.weight).sum(axis=1)
    alone = _stands_alone(base, cell, unseen)
    within, p_value = _within_polarity(respondents, mentions, rows, minimum=options.min_respondents, alone=alone)
    keys = repeat_rows(respondents.slices.names, row).assign(
        nps_group=np.array([str(name) for name in GROUPS], dtype=object)[group],
        codebook=options.codebook,
        theme_id=mentions.subjects["theme_id"].to_numpy(dtype=object)[subject],
        polarity=mentions.subjects["polarity"].to_numpy(dtype=object)[subject],
    )
    parts = [
        keys,
        _own_figures(base, counts[rows], weights[rows], scored[row], cell=cell, unseen=unseen, rates=own_rates),
        _comparison(base, weights, rows, alone=alone, rates=own_rates),
        within,
    ]
    reliable = is_reliable(own_rates, len(row))
    return GroupTests(row, p_value, reliable, pd.concat(parts, axis=1))


def measure_drivers(tests: GroupTests, families: Families, *, options: MeasureOptions) -> pd.DataFrame:
    """Drivers of each slice and group: who speaks of a theme so, how much more than the others, the points at stake.

    Pour le lecteur : « La part de ce groupe qui en parle ainsi, l'écart avec les autres clients, et les points de NPS
    en jeu si chacun d'eux changeait d'un cran. »

    - `q_value`: adjusted over the report's one family (:mod:`verbatim.measures.families`).
    - `rank`: within a slice, group and polarity, the largest stake first, ties by theme. Null where nobody said it,
      and for themes that name nothing to act on.
    - `verdict`: indicative where the reader's F1 is under its floor; more or less than elsewhere when q < 0.05 and the
      interval excludes 0; as elsewhere only when the whole interval lies within ±0.03; else inconclusive.

    Parameters
    ----------
    tests : GroupTests
        From :func:`compare_groups`.
    families : Families
        The report's.
    options : MeasureOptions
        The themes that get no rank.

    Returns
    -------
    DataFrame
        Columns of `drivers` from population to suppressed, without period.
    """
    q_value = families.adjust(tests.p_value, tests.row)
    frame = tests.frame.assign(q_value=figure_column(q_value, np.isnan(q_value)))
    frame["rank"] = _ranks(frame, options.unranked_themes)
    frame["verdict"] = _verdicts(frame, tests.reliable)
    return frame


def _count_bases(respondents: Respondents) -> _Base:
    writing, n_groups = respondents.writing_group, len(GROUPS)
    return _Base(
        count=respondents.tally(writing, n_groups),
        weight=respondents.tally(writing, n_groups, respondents.weight),
        square=respondents.tally_squares(writing, n_groups),
    )


def _suppress_groups(commenters: Ints, hidden: Bools, respondents: Respondents, *, minimum: int) -> Bools:
    columns = [suppress(base, respondents.slices, minimum=minimum, hidden=hidden) for base in commenters.T]
    return np.stack(columns, axis=1)


def _cells_to_show(counts: Ints, unseen: Bools) -> tuple[Ints, Ints, Ints]:
    """Slice, group and subject of each row: subjects that a shown group speaks of, three groups each."""
    spoken = ((counts > 0) & ~unseen[:, :, None]).any(axis=1)
    row, subject = np.nonzero(spoken)
    n_groups = len(GROUPS)
    return np.repeat(row, n_groups), np.tile(np.arange(n_groups), len(row)), np.repeat(subject, n_groups)


def _stands_alone(base: _Base, cell: tuple[Ints, Ints], unseen: Bools) -> Bools:
    """Rows that may show no comparison: a suppressed group, or nobody, stands on the other side."""
    gives_away: Bools = np.any(unseen & (base.count > 0), axis=1)
    alone: Bools = unseen[cell] | gives_away[cell[0]] | (base.elsewhere().count[cell] == 0)
    return alone


def _own_figures(
    base: _Base,
    counts: Ints,
    weights: Floats,
    scored: Floats,
    *,
    cell: tuple[Ints, Ints],
    unseen: Bools,
    rates: ReaderRates | None,
) -> pd.DataFrame:
    """What a group says, whatever the others say."""
    suppressed = unseen[cell]
    read = _share(weights, base.weight[cell])
    share, low, high = estimate_share(read, base.effective[cell], rates)
    stake = 100 * ratio(base.weight[cell], scored)
    nothing = np.full(len(read), np.nan)
    return pd.DataFrame(
        {
            "base": count_column(base.count[cell], suppressed),
            "respondents": count_column(counts, suppressed),
            "share_read": figure_column(read, suppressed),
            "share": figure_column(share, suppressed),
            "stake_points": figure_column(np.minimum(stake * share, 100), suppressed),
            "stake_low": figure_column(np.minimum(stake * low, 100), suppressed),
            "stake_high": figure_column(np.minimum(stake * high, 100), suppressed),
            "precision": figure_column(nothing if rates is None else rates.precision, suppressed),
            "recall": figure_column(nothing if rates is None else rates.recall, suppressed),
            "suppressed": suppressed,
        }
    )


def _comparison(
    base: _Base, weights: Floats, rows: tuple[Ints, Ints, Ints], *, alone: Bools, rates: ReaderRates | None
) -> pd.DataFrame:
    """What a group says beside what the other two say."""
    row, group, _ = rows
    cell, others = (row, group), base.elsewhere()
    corrected = compare_shares(
        _share(weights[rows], base.weight[cell]),
        base.effective[cell],
        _share(_elsewhere(weights)[rows], others.weight[cell]),
        others.effective[cell],
        rates,
    )
    return pd.DataFrame(
        {
            "base_elsewhere": count_column(others.count[cell], alone),
            "share_elsewhere": figure_column(corrected.other, alone),
            "difference": figure_column(corrected.difference, alone),
            "ci_low": figure_column(corrected.low, alone),
            "ci_high": figure_column(corrected.high, alone),
        }
    )


def _within_polarity(
    respondents: Respondents, mentions: Mentions, rows: tuple[Ints, Ints, Ints], *, minimum: int, alone: Bools
) -> tuple[pd.DataFrame, Floats]:
    """Parts of the complaints (praises, wishes) that a subject has, and the test that they are equal.

    Each respondent with an opinion of the polarity has one voice, shared equally among the subjects named: who
    complains of five things at once makes none of them the group's own. Two means, pooled variance (score test).
    """
    row, group, subject = rows
    judging, polarity = mentions.by_polarity()
    base = _Base(
        judging.tally(respondents), judging.tally(respondents, respondents.weight), judging.tally_squares(respondents)
    )
    first, second = (mentions.tally_voices(respondents, power=power) for power in (1, 2))
    others, cell = base.elsewhere(), (row, group, polarity[subject])
    share, other = _share(first[rows], base.weight[cell]), _share(_elsewhere(first)[rows], others.weight[cell])
    together = base.weight[cell] + others.weight[cell]
    pooled = ratio(first[rows] + _elsewhere(first)[rows], together)
    variance = ratio(second[rows] + _elsewhere(second)[rows], together) - pooled**2
    counts = mentions.tally(respondents)
    few = alone | (base.count[cell] < minimum) | (others.count[cell] < minimum)
    # A normal law does not hold for a handful of voices on either side.
    expected = pooled * np.minimum(base.effective[cell], others.effective[cell])
    untested = few | (counts.sum(axis=1)[row, subject] < minimum) | ~(expected >= _LEAST_EXPECTED)
    p_value = mean_test(share, base.effective[cell], other, others.effective[cell], variance)
    columns = {"share_within": figure_column(share, few), "share_within_elsewhere": figure_column(other, few)}
    return pd.DataFrame(columns), np.where(untested, np.nan, p_value)


def _share(part: Floats, whole: Floats) -> Floats:
    # Two sums of the same weights in another order may differ in the last digit.
    return np.minimum(ratio(part, whole), 1)


def _elsewhere(values: Any) -> Any:
    """Sum of the other two groups; axis 1 holds the groups. Added, not subtracted: no digits are lost."""
    first, second = _OTHERS
    return values[:, first] + values[:, second]


def _ranks(frame: pd.DataFrame, unranked: Collection[str]) -> pd.Series:
    rankable = (frame["respondents"] > 0).fillna(False) & ~frame["theme_id"].isin(unranked)
    ordered = frame[rankable.to_numpy(bool)].sort_values(["stake_points", "theme_id"], ascending=[False, True])
    ranks = ordered.groupby(["population", "dimension", "slice", "nps_group", "polarity"]).cumcount() + 1
    return ranks.reindex(frame.index).astype("Int64")


def _verdicts(frame: pd.DataFrame, reliable: Bools) -> pd.Series:
    names = ("ci_low", "ci_high", "q_value", "share_within", "share_within_elsewhere")
    low, high, q_value, within, elsewhere = (frame[name].to_numpy(float, na_value=np.nan) for name in names)
    confirmed = q_value < FALSE_DISCOVERY_RATE
    # A confirmed difference comes first: 2 % against 0.5 % is four times as many, though both are small.
    conditions = {
        DriverVerdict.INDICATIVE: ~reliable,
        DriverVerdict.MORE_THAN_ELSEWHERE: confirmed & (low > 0) & (within > elsewhere),
        DriverVerdict.LESS_THAN_ELSEWHERE: confirmed & (high < 0) & (within < elsewhere),
        DriverVerdict.AS_ELSEWHERE: (low > -EQUIVALENCE_MARGIN) & (high < EQUIVALENCE_MARGIN),
    }
    codes = np.select(list(conditions.values()), [str(name) for name in conditions], DriverVerdict.INCONCLUSIVE)
    return pd.Series(codes, dtype="string").mask(frame["suppressed"].to_numpy(bool))
