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
from verbatim.measures.estimates import effective_base, newcombe_interval, ratio
from verbatim.measures.mentions import Mentions
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import GROUPS, Respondents
from verbatim.measures.significance import adjust, score_test
from verbatim.measures.suppression import suppress
from verbatim.tables import DriverVerdict

FALSE_DISCOVERY_RATE = 0.05
"""A difference is confirmed below this q-value."""
EQUIVALENCE_MARGIN = 0.03
"""Shares that differ by less than 3 points of percentage are called the same."""

_OTHERS = ([1, 0, 0], [2, 2, 1])
"""Both other groups of each group."""


@dataclass(frozen=True, slots=True)
class _Base:
    """Commenters of each slice and group, and the sums of their weights; shape (S, 3)."""

    commenters: Ints
    weight: Floats
    square: Floats

    @property
    def effective(self) -> Floats:
        """Effective base."""
        return effective_base(self.weight, self.square)

    def elsewhere(self) -> _Base:
        """Those of the other two groups."""
        return _Base(_elsewhere(self.commenters), _elsewhere(self.weight), _elsewhere(self.square))


def measure_drivers(
    respondents: Respondents, mentions: Mentions, hidden: Bools, *, options: MeasureOptions
) -> pd.DataFrame:
    """Drivers of each slice and group: who speaks of a theme so, how much more than the others, the points at stake.

    Pour le lecteur : « La part de ce groupe qui en parle ainsi, l'écart avec les autres clients, et les points de NPS
    en jeu si chacun d'eux changeait d'un cran. »

    - `share`: of the group's commenters (a score and a verbatim), those with such an opinion. `share_elsewhere`: the
      same among the other two groups' commenters of the slice. Both are weighted where the survey has weights.
    - `difference` with Newcombe's interval; `q_value`: score test, Benjamini-Hochberg over the family of all themes
      and groups of one slice within one polarity (the slice's complaints, its praises, its wishes).
    - `stake_points`: 100 × respondents / N, N = all with a score in the slice. Each detractor who becomes a passive,
      or passive who becomes a promoter, lifts the NPS by 100 / N; for promoters it is what would be lost if each went
      down one step. It counts those who said it, and guesses nothing about those who wrote nothing.
    - `rank`: within a slice, group and polarity, the largest stake first, ties by theme. Null where nobody said it,
      and for themes that name nothing to act on.
    - `verdict`: more or less than elsewhere when q < 0.05 and the interval excludes 0; as elsewhere only when the
      whole interval lies within ±0.03; else inconclusive.

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
        Threshold, codebook and the themes that get no rank.

    Returns
    -------
    DataFrame
        Columns of `drivers` from population to suppressed, without period.
    """
    base = _count_bases(respondents)
    unseen = _suppress_groups(base.commenters, hidden, respondents, minimum=options.min_respondents)
    counts = mentions.tally(respondents)
    weights = mentions.tally(respondents, respondents.weight)
    rows = _cells_to_show(counts, unseen)
    row, group, subject = rows
    scored = respondents.tally(respondents.group, len(GROUPS), respondents.weight).sum(axis=1)
    frame = pd.concat(
        [
            _own_figures(base, counts[rows], weights[rows], scored[row], cell=(row, group), unseen=unseen),
            _comparison(base, weights, rows, unseen=unseen),
        ],
        axis=1,
    )
    keys = repeat_rows(respondents.slices.names, row).assign(
        nps_group=np.array([str(name) for name in GROUPS], dtype=object)[group],
        codebook=options.codebook,
        theme_id=mentions.subjects["theme_id"].to_numpy(dtype=object)[subject],
        polarity=mentions.subjects["polarity"].to_numpy(dtype=object)[subject],
    )
    frame = pd.concat([keys, frame], axis=1)
    family = pd.Series(row).astype(str) + frame["polarity"]
    frame["q_value"] = _null(adjust(frame.pop("p_value").to_numpy(), pd.factorize(family)[0]))
    frame["rank"] = _ranks(frame, options.unranked_themes)
    frame["verdict"] = _verdicts(frame)
    return frame


def _null(values: Floats) -> pd.Series:
    return figure_column(values, np.isnan(values))


def _count_bases(respondents: Respondents) -> _Base:
    writing, weight, n_groups = respondents.writing_group, respondents.weight, len(GROUPS)
    return _Base(
        commenters=respondents.tally(writing, n_groups),
        weight=respondents.tally(writing, n_groups, weight),
        square=respondents.tally(writing, n_groups, weight**2),
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


def _own_figures(
    base: _Base, counts: Ints, weights: Floats, scored: Floats, *, cell: tuple[Ints, Ints], unseen: Bools
) -> pd.DataFrame:
    """What a group says, whatever the others say."""
    suppressed = unseen[cell]
    return pd.DataFrame(
        {
            "base": count_column(base.commenters[cell], suppressed),
            "respondents": count_column(counts, suppressed),
            "share": figure_column(_share(weights, base.weight[cell]), suppressed),
            "stake_points": figure_column(100 * _share(weights, scored), suppressed),
            "suppressed": suppressed,
        }
    )


def _comparison(base: _Base, weights: Floats, rows: tuple[Ints, Ints, Ints], *, unseen: Bools) -> pd.DataFrame:
    """What a group says beside what the other two say."""
    row, group, _ = rows
    cell, others = (row, group), base.elsewhere()
    share = _share(weights[rows], base.weight[cell])
    other = _share(_elsewhere(weights)[rows], others.weight[cell])
    effective, others_effective = base.effective[cell], others.effective[cell]
    low, high = newcombe_interval(share, effective, other, others_effective)
    gives_away: Bools = np.any(unseen & (base.commenters > 0), axis=1)
    alone = unseen[cell] | gives_away[row] | (others.commenters[cell] == 0)
    return pd.DataFrame(
        {
            "base_elsewhere": count_column(others.commenters[cell], alone),
            "share_elsewhere": figure_column(other, alone),
            "difference": figure_column(share - other, alone),
            "ci_low": figure_column(low, alone),
            "ci_high": figure_column(high, alone),
            "p_value": np.where(alone, np.nan, score_test(share, effective, other, others_effective)),
        }
    )


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


def _verdicts(frame: pd.DataFrame) -> pd.Series:
    low, high, q_value = (frame[name].to_numpy(float, na_value=np.nan) for name in ("ci_low", "ci_high", "q_value"))
    confirmed = q_value < FALSE_DISCOVERY_RATE
    # A confirmed difference comes first: 2 % against 0.5 % is four times as many, though both are small.
    conditions = {
        DriverVerdict.MORE_THAN_ELSEWHERE: confirmed & (low > 0),
        DriverVerdict.LESS_THAN_ELSEWHERE: confirmed & (high < 0),
        DriverVerdict.AS_ELSEWHERE: (low > -EQUIVALENCE_MARGIN) & (high < EQUIVALENCE_MARGIN),
    }
    codes = np.select(list(conditions.values()), [str(name) for name in conditions], DriverVerdict.INCONCLUSIVE)
    return pd.Series(codes, dtype="string").mask(frame["suppressed"].to_numpy(bool))
