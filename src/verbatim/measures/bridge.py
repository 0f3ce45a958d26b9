"""The bridge: where the change of the NPS between two closed periods comes from, exact to the last point.

Pour le lecteur : « De combien de points le NPS a bougé, et d'où viennent ces points ; la somme des lignes est
l'évolution du NPS. »

The formulas stand in :mod:`verbatim.measures.rates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from verbatim.measures.account import Entries
from verbatim.measures.arrays import Bools, Floats
from verbatim.measures.draws import DRAWS, percentile_interval
from verbatim.measures.mentions import Mentions
from verbatim.measures.pairs import Pair, read_pair
from verbatim.measures.rates import cross_strata, draw_sums, nps_of, split_change, sum_up
from verbatim.measures.reasons import Folds, fold_reasons, no_reasons, read_reasons
from verbatim.measures.respondents import Respondents
from verbatim.tables import ALL, BridgeComponent

_Key: TypeAlias = tuple[str, str, str]
_SLICE = ["population", "dimension", "slice"]
_COLUMNS = [
    *_SLICE,
    *("component", "theme_id", "polarity", "points", "ci_low", "ci_high"),
    *("nps_before", "nps_after", "change_low", "change_high", "moved"),
]


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """What the bridge needs to know of a closed period."""

    respondents: Respondents
    """Of one survey and period."""
    entries: Entries
    """What they bring to their lines (:func:`verbatim.measures.account.read_entries`)."""
    mentions: Mentions
    """Who speaks of what, whatever their score; each opinion under one theme alone, parents not added."""
    hidden: Bools
    """Slices in which those who wrote may not be told from the others (:func:`verbatim.measures.nps.hide_parts`)."""


def measure_bridge(
    before: ClosedPeriod,
    after: ClosedPeriod,
    *,
    dimension: str | None,
    minimum: int,
    same_method: bool,
    paired: bool,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Bridge of the whole survey of each population, and of each slice, that is shown in both periods.

    Pour le lecteur : « Sur les points gagnés ou perdus : ceux qui tiennent à la composition de la clientèle, à la part
    de ceux qui écrivent, aux motifs dont on parle plus ou moins, et aux motifs qui pèsent plus ou moins dans la note. »

    - `mix`: customers are spread otherwise over the declared dimension; 0 within one of its own slices.
    - `commenters`: more or fewer write, and those who write do not score as those who do not.
    - `prevalence`: more or fewer of the commenters speak so of the theme, whatever their score.
    - `effect`: those who speak so of it bring more or fewer points to it: they are detractors (promoters) more often,
      or name fewer other reasons beside it (a score is shared equally among its reasons).
    - `residual`: change of the score of those who wrote nothing, and of those whose opinions do not explain theirs.
    - `method`: the periods were not read alike; change of the commenters' score, no theme may be told.

    Theme `all` of a prevalence or an effect holds the small lines put together; promoters and detractors whose opinions
    do not explain their score stand there too, not in the residual, where they are too few by themselves. Where nobody
    brings anything to a line, or too few to tell of any, residual holds all that they bring. Where the NPS has not
    moved (the interval of its change covers 0) each component is one row.

    Parameters
    ----------
    before, after : ClosedPeriod
        Earlier and later period, read with the same dimensions.
    dimension : str, optional
        Dimension of the mix; None, or one that nobody has: mix is 0.
    minimum : int
        Smallest base that may be shown; a line with fewer in either period is folded into theme `all`.
    same_method : bool
        True: both were read with one codebook and one model.
    paired : bool
        True: customers have the same number in both (:func:`verbatim.measures.pairs.read_pair`).
    draws : int
        Bootstrap draws, of customers: one who answered in both periods is drawn alike in both.

    Returns
    -------
    DataFrame
        Columns of `nps_bridge` but survey_id, period, period_before, window and run_id; sorted by key. The rows of a
        slice add up to nps_after − nps_before.
    """
    pair = read_pair(before.respondents, after.respondents, paired=paired)
    hidden = _hidden(pair, before.hidden, after.hidden, minimum=minimum)
    mentions, entries = (before.mentions, after.mentions), (before.entries, after.entries)
    reasons = read_reasons(pair, entries, mentions) if same_method else no_reasons(pair)
    strata = cross_strata(pair, dimension, hidden)
    folds = fold_reasons(pair, reasons, hidden, minimum=minimum)
    sums = sum_up(pair, reasons, strata)
    drawn = draw_sums(pair, reasons, strata, draws=draws)
    parts = []
    for row in np.flatnonzero(~hidden):
        own = slice(*np.searchsorted(strata.row, [row, row + 1]))
        namer = _Namer(reasons.lines, folds, int(row), same_method=same_method)
        frame = _bridge_slice(sums[own][..., None], drawn[own].astype(np.float64), namer)
        parts.append(frame.assign(**dict(zip(_SLICE, pair.slices.names.iloc[row][_SLICE], strict=True))))
    return pd.concat(parts, ignore_index=True)[_COLUMNS] if parts else pd.DataFrame(columns=_COLUMNS)


def _hidden(pair: Pair, before: Bools, after: Bools, *, minimum: int) -> Bools:
    """Slices that are not shown in both periods, shape (S,)."""
    shown = np.zeros((pair.slices.count, 2), dtype=bool)
    for period, (rows, own) in enumerate(zip(pair.rows, (before, after), strict=True)):
        shown[rows, period] = ~own
    shown &= pair.slices.tally(pair.period, 2) >= minimum
    # Weights may all be 0: then there is no NPS to compare.
    shown &= pair.slices.tally(pair.period, 2, pair.weight) > 0
    return np.asarray(~shown.all(axis=1), dtype=bool)


@dataclass(frozen=True)
class _Namer:
    """Names the rows that the parts of a slice's change go to."""

    lines: pd.DataFrame
    folds: Folds
    row: int
    same_method: bool

    def keys(self, *, moved: bool) -> list[_Key | None]:
        """Component, theme and polarity of each part, length 4 + 2 L; None: nobody speaks of the line."""
        return [
            (str(BridgeComponent.MIX), ALL, ALL),
            (str(BridgeComponent.COMMENTERS), ALL, ALL),
            (str(BridgeComponent.RESIDUAL), ALL, ALL),
            self._unexplained(),
            *self._by_line(BridgeComponent.PREVALENCE, moved=moved),
            *self._by_line(BridgeComponent.EFFECT, moved=moved),
        ]

    def _unexplained(self) -> _Key:
        if not self.same_method:
            return str(BridgeComponent.METHOD), ALL, ALL
        few = self.folds.together[self.row, -1] and not self.folds.untold[self.row]
        heard = self.folds.heard[self.row].any()
        return str(BridgeComponent.PREVALENCE if few and heard else BridgeComponent.RESIDUAL), ALL, ALL

    def _by_line(self, component: BridgeComponent, *, moved: bool) -> Iterator[_Key | None]:
        untold = self.folds.untold[self.row]
        names = zip(self.lines["theme_id"], self.lines["polarity"], strict=True)
        for (theme, polarity), heard, folded in zip(
            names, self.folds.heard[self.row], self.folds.together[self.row], strict=False
        ):
            alone = moved and not folded and not untold
            named = str(BridgeComponent.RESIDUAL if untold else component)
            yield (named, theme if alone else ALL, polarity if alone else ALL) if heard else None


def _bridge_slice(sums: Floats, drawn: Floats, namer: _Namer) -> pd.DataFrame:
    """Rows of one slice, without its names, of sums of shape (P, 2, width, 1) and draws of shape (P, 2, width, D)."""
    n_lines = len(namer.lines)
    (before, after), all_drawn = 100 * nps_of(sums)[:, 0], 100 * nps_of(drawn)
    (low,), (high,) = percentile_interval((all_drawn[1] - all_drawn[0])[None, :])
    moved = bool(low > 0 or high < 0)
    keys = namer.keys(moved=moved)
    rows = sorted({key for key in keys if key is not None})
    place = np.array([-1 if key is None else rows.index(key) for key in keys])
    into = (place == np.arange(len(rows))[:, None]).astype(float)
    ci_low, ci_high = percentile_interval(100 * into @ split_change(drawn, n_lines))
    frame = pd.DataFrame(rows, columns=["component", "theme_id", "polarity"], dtype="object")
    return frame.assign(
        points=(100 * into @ split_change(sums, n_lines))[:, 0],
        ci_low=ci_low,
        ci_high=ci_high,
        nps_before=before,
        nps_after=after,
        change_low=low,
        change_high=high,
        moved=moved,
    )
