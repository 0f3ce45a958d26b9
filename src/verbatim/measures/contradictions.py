"""Where a score and its text do not say the same: scales read the wrong way, promoters at risk, passives near the top.

Nobody is corrected or left out for it: these are figures beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import figure_column, repeat_rows
from verbatim.measures.estimates import ratio, wilson_interval
from verbatim.measures.respondents import PASSIVE, PROMOTER, Respondents
from verbatim.measures.slices import Slices
from verbatim.measures.suppression import suppress_part
from verbatim.tables import ALL, Polarity, ScoreTextKind

STRONG = 0.9
"""Least probability of a polarity that counts as strong praise, or as violent blame."""
_NPS_SCALE = (0, 10)
_LOWEST = 2  # scores from 0 to this one are the scale's bottom
_PASSIVE_TOP = 8
# Multiples of this step add up to the same total in whatever order: 2^20 respondents of at most 2^30 steps each.
_STEP = 2.0**-30


@dataclass(frozen=True, slots=True)
class _Judgements:
    """J opinions that praise or blame, of those who wrote; arrays of shape (J,)."""

    respondent: Ints
    theme: Ints
    praises: Bools
    right: Floats
    """Probability that the polarity is as read, in [0, 1]; NaN where it is not known."""
    themes: tuple[str, ...]
    """T themes, sorted."""

    @property
    def wrong(self) -> Floats:
        """Probability that the polarity is another; an even chance where nothing is known."""
        return np.where(np.isnan(self.right), 0.5, 1 - self.right)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of contradiction: whom it could hold, and the judgements that make it hold them."""

    name: ScoreTextKind
    base: Bools
    """Respondents whom it could hold, shape (R,)."""
    grounds: Bools
    """Judgements of those whom it holds, shape (J,)."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """Figures of a kind; shape (S, 1 + T): all themes together, then each."""

    respondents: Ints
    weight: Floats
    wrong: Floats
    """Expected number of respondents whom misread opinions alone put there."""


def measure_contradictions(
    respondents: Respondents,
    opinions: pd.DataFrame,
    hidden: Bools,
    *,
    minimum: int,
    codebook: str,
    scale: tuple[int, int] = _NPS_SCALE,
    reader: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count, by slice, the respondents whose score and text contradict each other.

    - `reversed_scale`: 0 to 2 with nothing but strong praise, or the top score with nothing but violent blame: every
      opinion that judges has this polarity with a probability of 0.9 or more. Only on a scale from 0 to 10.
      Pour le lecteur : « Échelle probablement inversée : la note dit le contraire du texte. Ces réponses restent
      comptées telles quelles dans tous les chiffres. »
    - `promoter_at_risk`: promoters with a complaint, by its theme (a promoter may stand under several) and together.
      Pour le lecteur : « Des promoteurs qui se plaignent déjà, et les points de NPS perdus si chacun d'eux descendait
      d'un cran. »
    - `passive_one_point_away`: the highest passive score with exactly one complaint, by its theme and together.
      Pour le lecteur : « Des passifs à un point : un seul reproche les sépare des promoteurs, et les points de NPS
      gagnés si chacun d'eux montait d'un cran. »

    The range `respondents_low` to `respondents_high` is the base times Wilson's interval of the share (Wilson 1927, see
    :func:`verbatim.measures.estimates.wilson_interval`); its lower end gives up the respondents expected to stand there
    by misreading alone. A respondent does where every opinion that counts against the score is misread: with
    independent errors Σ Π (1 − p), p being the probability of the polarity as read. A theme's own expected number is,
    where held-out answers tell the reader's precision on complaints of this theme, (1 − precision) × respondents.

    What is shown. Rows of at least `minimum` respondents, of a base of at least as many, none of whose complements
    (base less all, all less a theme) is a small one, neither in the slice nor in what remains of a dimension. Passives'
    themes share nobody: what their shown themes leave of "all" is no small number either. The empty cells and the
    small ones look alike, no row stands for either.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    opinions : DataFrame
        Columns response_id, theme_id, polarity, p_positive, p_negative, in any order; each opinion under one theme
        alone. Opinions of others than those who wrote do not count.
    hidden : array of bool of shape (S,)
        Slices of which nothing may be shown.
    minimum : int
        Least respondents of a figure.
    codebook : str
        Codebook of the themes.
    scale : tuple of int
        Lowest and highest score.
    reader : DataFrame, optional
        Columns theme_id, polarity, tp, fp: answers of a held-out set.

    Returns
    -------
    DataFrame
        Columns of `score_text` from population to stake_points, without period.
    """
    judged = _read_judgements(opinions, respondents)
    kinds = [_promoters_at_risk(judged, respondents), _passives_one_point_away(judged, respondents, scale)]
    if scale == _NPS_SCALE:
        kinds.append(_reversed_scales(judged, respondents))
    frames = []
    for kind in kinds:
        cells = _count(kind, judged, respondents, reader)
        frames.append(_rows(kind, cells, judged.themes, respondents, hidden, minimum=minimum))
    return pd.concat(frames, ignore_index=True).assign(codebook=codebook)


def _read_judgements(opinions: pd.DataFrame, respondents: Respondents) -> _Judgements:
    place = respondents.response_id.get_indexer(pd.Index(opinions["response_id"])).astype(np.int64)
    polarity = opinions["polarity"].astype(str).to_numpy(object)
    praises = polarity == str(Polarity.POSITIVE)
    kept = np.isin(place, np.flatnonzero(respondents.wrote)) & (praises | (polarity == str(Polarity.NEGATIVE)))
    positive, negative = (
        opinions[f"p_{name}"].to_numpy(np.float64, na_value=np.nan) for name in (Polarity.POSITIVE, Polarity.NEGATIVE)
    )
    theme, names = pd.factorize(opinions.loc[kept, "theme_id"].astype(str), sort=True)
    right = np.where(praises, positive, negative)[kept]
    return _Judgements(place[kept], theme.astype(np.int64), praises[kept], right, tuple(map(str, names)))


def _promoters_at_risk(judged: _Judgements, respondents: Respondents) -> _Kind:
    base = respondents.wrote & (respondents.group == PROMOTER)
    return _Kind(ScoreTextKind.PROMOTER_AT_RISK, base, ~judged.praises & base[judged.respondent])


def _passives_one_point_away(judged: _Judgements, respondents: Respondents, scale: tuple[int, int]) -> _Kind:
    passive = respondents.group == PASSIVE
    top = _PASSIVE_TOP if scale == _NPS_SCALE else respondents.score[passive].max(initial=-1)
    base = respondents.wrote & passive & (respondents.score == top)
    complaints = _per_respondent(judged, ~judged.praises, len(base))
    held = base & (complaints == 1)
    return _Kind(ScoreTextKind.PASSIVE_ONE_POINT_AWAY, base, ~judged.praises & held[judged.respondent])


def _reversed_scales(judged: _Judgements, respondents: Respondents) -> _Kind:
    score, n = respondents.score, len(respondents.score)
    bottom, top = (score >= _NPS_SCALE[0]) & (score <= _LOWEST), score == _NPS_SCALE[1]
    spoken = _per_respondent(judged, np.ones(len(judged.right), dtype=bool), n)
    strong = judged.right >= STRONG
    praise = _per_respondent(judged, judged.praises & strong, n)
    blame = _per_respondent(judged, ~judged.praises & strong, n)
    base = respondents.wrote & (bottom | top)
    held = base & (spoken > 0) & np.where(bottom, praise == spoken, blame == spoken)
    return _Kind(ScoreTextKind.REVERSED_SCALE, base, held[judged.respondent])


def _per_respondent(judged: _Judgements, counted: Bools, n_respondents: int) -> Ints:
    return np.bincount(judged.respondent[counted], minlength=n_respondents).astype(np.int64)


def _count(kind: _Kind, judged: _Judgements, respondents: Respondents, reader: pd.DataFrame | None) -> _Cells:
    """Count a kind's respondents together and by theme; `reversed_scale` has no themes."""
    n_themes = 0 if kind.name == ScoreTextKind.REVERSED_SCALE else len(judged.themes)
    who, wrong = judged.respondent[kind.grounds], judged.wrong[kind.grounds]
    together = _tally(who, wrong, respondents, 1)
    if not n_themes:
        return together
    apart = _tally(who * n_themes + judged.theme[kind.grounds], wrong, respondents, n_themes)
    precision = _precision(reader, judged.themes)
    misread = np.where(np.isnan(precision), apart.wrong, apart.respondents * (1 - precision))
    return _Cells(
        np.hstack([together.respondents, apart.respondents]),
        np.hstack([together.weight, apart.weight]),
        np.hstack([together.wrong, misread]),
    )


def _tally(key: Ints, wrong: Floats, respondents: Respondents, n_themes: int) -> _Cells:
    """Count the pairs of respondent and theme (`key` = respondent × n_themes + theme), each once."""
    # Factors in ascending order: the product is the same to the last bit, whatever the order of the rows.
    order = np.lexsort((wrong, key))
    pairs, first = np.unique(key[order], return_index=True)
    chance = np.multiply.reduceat(wrong[order], first) if len(pairs) else np.zeros(0)
    who, theme = np.divmod(pairs, n_themes)
    slices = respondents.slices
    return _Cells(
        slices.tally(theme, n_themes, respondent=who),
        slices.tally(theme, n_themes, respondents.weight[who], who),
        slices.tally(theme, n_themes, np.round(chance / _STEP), who) * _STEP,
    )


def _precision(reader: pd.DataFrame | None, themes: tuple[str, ...]) -> Floats:
    """Precision on complaints of each theme, shape (T,); NaN where no held-out answer tells.

    Drawn towards that of all complaints by two answers' weight: two right ones do not make a perfect reader.
    """
    if reader is None:
        return np.full(len(themes), np.nan)
    complaints = reader[reader["polarity"].astype(str) == str(Polarity.NEGATIVE)]
    own = complaints.groupby(complaints["theme_id"].astype(str))[["tp", "fp"]].sum()
    right, false = own.reindex(list(themes)).to_numpy(np.float64, na_value=np.nan).T
    pooled = float(own["tp"].sum()) / max(float(own.to_numpy().sum()), 1.0)
    return np.where(right + false > 0, (right + 2 * pooled) / (right + false + 2), np.nan)


def _rows(
    kind: _Kind, cells: _Cells, themes: tuple[str, ...], respondents: Respondents, hidden: Bools, *, minimum: int
) -> pd.DataFrame:
    slices = respondents.slices
    base = respondents.tally(np.where(kind.base, 0, -1), 1)[:, 0]
    scored = respondents.tally(np.where(respondents.group >= 0, 0, -1), 1, respondents.weight)[:, 0]
    unseen = _suppress_cells(cells.respondents, base, slices, hidden, minimum=minimum)
    if kind.name == ScoreTextKind.PASSIVE_ONE_POINT_AWAY:
        unseen = _fold(cells.respondents, unseen, slices, minimum=minimum)
    row, column = np.nonzero(~unseen)
    cell = row, column
    held, whole = cells.respondents[cell], base[row].astype(np.float64)
    share = ratio(held.astype(np.float64), whole)
    low, high = wilson_interval(share, whole)
    stake = 100 * np.minimum(ratio(cells.weight[cell], scored[row]), 1)
    at_stake = kind.name != ScoreTextKind.REVERSED_SCALE
    return repeat_rows(slices.names, row).assign(
        kind=str(kind.name),
        theme_id=np.array((ALL, *themes), dtype=object)[column],
        base=base[row],
        respondents=held,
        respondents_low=np.floor(np.maximum(low * whole - cells.wrong[cell], 0)).astype(np.int64),
        respondents_high=np.ceil(high * whole).astype(np.int64),
        share=share,
        stake_points=figure_column(stake if at_stake else np.full(len(stake), np.nan), np.zeros(len(stake), bool)),
    )


def _suppress_cells(count: Ints, base: Ints, slices: Slices, hidden: Bools, *, minimum: int) -> Bools:
    """Find the cells that may not be shown, shape (S, 1 + T): small ones, and those that give small ones away."""

    def with_whole(unseen: Bools) -> Bools:
        # The slices of a dimension would add up to what is hidden of the whole survey.
        return unseen | unseen[slices.whole]

    # A base is no smaller than those of it who are held: it is shown with them alone, the same under each theme.
    every = with_whole(suppress_part(count[:, 0], base, slices, minimum=minimum, hidden=hidden))
    themes = [
        with_whole(suppress_part(own, count[:, 0], slices, minimum=minimum, hidden=every)) for own in count[:, 1:].T
    ]
    return np.stack([every, *themes], axis=1)


def _fold(count: Ints, unseen: Bools, slices: Slices, *, minimum: int) -> Bools:
    """Hide further themes, smallest first, while what the shown ones leave of "all" is a small number."""
    result = unseen.copy()
    # Whole surveys come first: a theme that is hidden there is hidden in the slices, which would add up to it.
    for row in np.flatnonzero(~unseen[:, 0]):
        result[row] |= result[slices.whole[row]]
        shown = 1 + np.flatnonzero(~result[row, 1:])
        left = count[row, 0] - count[row, shown].sum()
        for column in shown[np.argsort(count[row, shown], kind="stable")]:
            if not 0 < left < minimum:
                break
            result[row, column] = True
            left += count[row, column]
    return result
