"""Effects: the NPS points that go with a theme's being praised, or complained of, all other themes being equal.

An association, not a cause: those who complain of a wait may differ from the others in what nobody wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr, ndtri, stdtrit

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column, repeat_rows
from verbatim.measures.estimates import Z_95, effective_base, ratio
from verbatim.measures.mentions import Mentions
from verbatim.measures.ordinal import OrdinalFit, cluster_covariance, fit_ordinal, likelihood_ratios
from verbatim.measures.respondents import DETRACTOR, GROUPS, Respondents
from verbatim.measures.significance import adjust
from verbatim.measures.suppression import hide_derivable, suppress
from verbatim.tables import EffectVerdict, Polarity, Quadrant

FALSE_DISCOVERY_RATE = 0.05
"""An effect is confirmed below this q-value."""
PRIOR_SD = 2.5
"""Standard deviation of the log odds ratios' normal prior, before anything is read."""
_RIDGE = PRIOR_SD**-2
_SIDES = (Polarity.POSITIVE, Polarity.NEGATIVE)
_UNREACHABLE = 1e9  # more respondents than any survey will have


@dataclass(frozen=True, slots=True)
class _Judgements:
    """Who was read, and which of the 2 T features (theme × side, praise first) each one has."""

    themes: Any
    """Theme ids, ascending, shape (T,)."""
    respondent: Ints
    """Respondent of each of the J judgements, shape (J,)."""
    feature: Ints
    """2 · theme + side, shape (J,)."""
    read: Bools
    """Has a score and a verbatim in a language that is read, shape (R,)."""
    pattern: Ints
    """Row of `patterns`, shape (R,)."""
    patterns: Any
    """The P distinct sets of features, sparse, shape (P, 2 T)."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """Respondents of each slice."""

    base: Ints
    """Those who were read, shape (S,)."""
    judges: Ints
    """Those of them with each feature, shape (S, T, 2)."""
    weight: Floats
    """What these weigh, shape (S, T, 2)."""
    scored: Floats
    """Weight of all with a score, shape (S,)."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """Those of a slice who were read, put together by features and group."""

    x: Any
    """Features that occur, sparse, shape (n, p)."""
    feature: Ints
    """Column of the judgements' features for each of the p, shape (p,)."""
    y: Ints
    """Group of each cell, among those that occur, worst first, shape (n,)."""
    steps: Ints
    """How much the NPS of one respondent gains from each group to the next, shape (K − 1,)."""
    weight: Floats
    """Sum of the weights, shape (n,)."""
    shares: Any
    """What each customer weighs in each cell, sparse, shape (C, n)."""
    kish: float
    """Σw / Σw²: weights times this add up to the effective number of respondents."""


def measure_effects(
    respondents: Respondents,
    mentions: Mentions,
    hidden: Bools,
    *,
    minimum: int,
    codebook: str,
    margin: float = 1.0,
    unranked: Collection[str] = frozenset(),
    reliable: Mapping[str, bool] | pd.Series | None = None,
) -> pd.DataFrame:
    """NPS points that go with the praise of each theme, and with the complaints of it, in each slice.

    Pour le lecteur : « Les points de NPS associés au fait d'en parler en bien, ou en mal, à autres thèmes égaux. C'est
    un lien, pas une preuve de cause. »

    - One model a slice, over the three ordered groups of all who were read: proportional odds with two binary features
      a theme (praised, complained of); a neutral opinion gives none. See :mod:`verbatim.measures.ordinal`.
    - `effect_points_positive`: 100 / N × Σ w · [f(features) − f(features without this praise)] over those who praise
      the theme, f = P(promoter) − P(detractor), N = weight of all with a score: points on the scale of the slice's NPS.
      The same for complaints, where it is mostly below 0. Average effect on the treated, over observed features:
      Gelman and Pardoe, *Average predictive comparisons*, Sociological Methodology 37 (2007).
    - The log odds ratios have a normal prior of standard deviation 2.5 (`PRIOR_SD`), a ridge of 0.16. Gelman, Jakulin,
      Pittau and Su, *A weakly informative default prior distribution for logistic regression models*, Annals of
      Applied Statistics 2 (2008): scale 2.5 for a binary feature, as an odds ratio above e⁵ = 148 hardly occurs. Ten
      respondents weigh some ten times as much as the prior; what it does is keep themes finite that only promoters
      praise, and pool those that next to nobody mentions.
    - 95 % interval: delta method on the parameters, features taken as given. The variance is, effect by effect, the
      larger of the model's own, at Kish's effective number of respondents, and of the sandwich clustered by customer:
      the first is too small where customers answer twice, the second where it rests on a dozen residuals (Angrist and
      Pischke, *Mostly Harmless Econometrics* (2009), section 8.1). The sandwich of a feature that m customers have is
      taken with m − 1 degrees of freedom, both with what the parameters use up.
    - Evidence: the weaker of the interval's z and the root of the likelihood ratio of "the theme has no effect",
      corrected for the clusters (Rao and Scott 1984). Either is too ready to confirm what a dozen people agree on.
    - `importance_points`: positive less negative effect, one that is not shown counting 0.
    - `performance`: weight of those who praise ÷ (those who praise + those who complain).
    - `verdict`: rewards when the interval of praise is above 0, penalises when that of complaints is below 0, both with
      Benjamini-Hochberg q < 0.05 over all sides of all themes shown in the slice; no effect only when every shown
      interval lies within ±`margin`; indicative, whatever the figures, where the reader is not reliable.
    - `respondents_needed`: where inconclusive, the respondents to read so that, were the present effects the true ones
      and errors to shrink with √n, one side would be confirmed or all lie within the margin; rounded up to two
      digits. Null where neither can come about.
    - `quadrant`: importance above the median of the slice's ranked themes, performance above that of all of them.

    What is shown. A side with fewer than `minimum` respondents has no effect, nor a count unless it is 0; so do sides
    whose slices would give them away by subtraction. A theme with neither side has no row, and `performance` is null
    unless both counts are shown. The features stay in the model. A slice whose respondents are all of one group has no
    rows.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    mentions : Mentions
        What they speak of.
    hidden : array of bool of shape (S,)
        Slices of which nothing may be shown.
    minimum : int
        Smallest number of respondents that may be shown.
    codebook : str
        Codebook of the themes.
    margin : float
        NPS points below which an effect does not matter.
    unranked : collection of str
        Themes that nobody can act on: no quadrant.
    reliable : mapping or Series of theme_id → bool, optional
        False: the reader finds the theme too seldom or too often wrongly. Themes that are not in it are reliable.

    Returns
    -------
    DataFrame
        Columns of `effects` from population to verdict, without period; by slice, then theme.
    """
    judgements = _read_judgements(respondents, mentions)
    counts = _count(respondents, judgements)
    unseen = suppress(counts.base, respondents.slices, minimum=minimum, hidden=hidden)
    concealed = _conceal(counts, unseen, respondents, minimum=minimum)
    estimates = _estimate_slices(respondents, judgements, counts.scored, fitted=~unseen)
    shown = ~concealed & (counts.judges >= max(minimum, 1)) & np.isfinite(estimates).all(axis=0)
    cells = np.nonzero(shown.any(axis=2))
    row, theme = cells
    sides = _sides(estimates[:, row, theme], shown[cells], row)
    themes = judgements.themes[theme]
    keys = repeat_rows(respondents.slices.names, row).assign(codebook=codebook, theme_id=themes)
    verdict = _verdicts(sides, _reliability(themes, reliable), margin=margin)
    needed = np.where(
        verdict == EffectVerdict.INCONCLUSIVE, _respondents_needed(sides, counts.base[row], margin=margin), np.nan
    )
    weight, ranked = counts.weight[cells], ~np.isin(themes, list(unranked))
    parts = [keys, _count_columns(counts, concealed, cells), _figure_columns(sides)]
    return pd.concat(parts, axis=1).assign(
        performance=figure_column(_performance(weight), np.any(concealed[cells], axis=1, keepdims=True)[:, 0]),
        respondents_needed=figure_column(needed, np.isnan(needed)).astype("Int64"),
        quadrant=_quadrants(sides.importance, weight, ranked, row),
        verdict=pd.Series(verdict, dtype="string"),
    )


def _read_judgements(respondents: Respondents, mentions: Mentions) -> _Judgements:
    read = respondents.wrote & ~respondents.other_language
    themes, names = pd.factorize(mentions.subjects["theme_id"], sort=True)
    # −1: a neutral opinion is no judgement.
    side = pd.Index([str(name) for name in _SIDES]).get_indexer(pd.Index(mentions.subjects["polarity"]))
    feature = np.where(side >= 0, len(_SIDES) * themes + side, -1).astype(np.int64)[mentions.subject]
    kept = (feature >= 0) & read[mentions.respondent]
    respondent, feature = mentions.respondent[kept], feature[kept]
    pattern, patterns = _patterns(respondent, feature, len(read), len(_SIDES) * len(names))
    return _Judgements(np.asarray(names, dtype=object), respondent, feature, read, pattern, patterns)


def _patterns(respondent: Ints, feature: Ints, n_respondents: int, n_features: int) -> tuple[Ints, Any]:
    """Number the distinct sets of features, 64 features at a time."""
    from scipy import sparse

    pattern, first = np.zeros(n_respondents, dtype=np.int64), np.zeros(1, dtype=np.int64)
    words = []
    for start in range(0, n_features, 64):
        chosen = (feature >= start) & (feature < start + 64)
        word = np.zeros(n_respondents, dtype=np.uint64)
        np.bitwise_or.at(word, respondent[chosen], np.left_shift(np.uint64(1), (feature[chosen] - start).astype("u8")))
        words.append(word)
        values, number = np.unique(word, return_inverse=True)
        _, first, pattern = np.unique(pattern * len(values) + number, return_index=True, return_inverse=True)
    bits = [(words[place // 64][first] >> np.uint64(place % 64)) & np.uint64(1) for place in range(n_features)]
    return pattern, sparse.csr_array(np.array(bits, dtype=np.float64).reshape(n_features, len(first)).T)


def _count(respondents: Respondents, judgements: _Judgements) -> _Counts:
    slices, weight = respondents.slices, respondents.weight
    shape = (slices.count, len(judgements.themes), len(_SIDES))
    who, what, n_features = judgements.respondent, judgements.feature, shape[1] * shape[2]
    return _Counts(
        base=slices.tally(np.where(judgements.read, 0, -1), 1)[:, 0],
        judges=slices.tally(what, n_features, respondent=who).reshape(shape),
        weight=slices.tally(what, n_features, weight[who], who).reshape(shape),
        scored=slices.tally(np.where(respondents.group >= 0, 0, -1), 1, weight)[:, 0],
    )


def _conceal(counts: _Counts, unseen: Bools, respondents: Respondents, *, minimum: int) -> Bools:
    """Find the counts that may not be shown, shape (S, T, 2)."""
    judges = counts.judges.reshape(len(unseen), counts.judges.shape[1] * len(_SIDES))
    concealed = unseen[:, None] | ((judges > 0) & (judges < minimum))
    for column in range(judges.shape[1]):
        concealed[:, column] = hide_derivable(
            concealed[:, column], judges[:, column, None], respondents.slices, minimum=minimum
        )
    return concealed.reshape(counts.judges.shape)


def _estimate_slices(respondents: Respondents, judgements: _Judgements, scored: Floats, *, fitted: Bools) -> Floats:
    """Points, half-widths and z, shape (3, S, T, 2); NaN where there is none."""
    n_themes, n_sides = len(judgements.themes), len(_SIDES)
    estimates = np.full((3, len(fitted), n_themes * n_sides), np.nan)
    for row, cells in _cells_of_slices(respondents, judgements, fitted):
        estimates[:, row, cells.feature] = _estimate(cells, scored[row])
    return estimates.reshape(3, len(fitted), n_themes, n_sides)


def _cells_of_slices(respondents: Respondents, judgements: _Judgements, fitted: Bools) -> Iterator[tuple[int, _Cells]]:
    # Who weighs nothing says nothing to a weighted model.
    counted = judgements.read & (respondents.weight > 0)
    for member in respondents.slices.members:
        for row in np.unique(member[counted & (member >= 0)]):
            people = np.flatnonzero(counted & (member == row))
            if fitted[row] and len(np.unique(respondents.group[people])) > 1:
                yield int(row), _cells_of(people, respondents, judgements)


def _cells_of(people: Ints, respondents: Respondents, judgements: _Judgements) -> _Cells:
    """Put people together; they come by ascending weight, so that sums do not depend on the order of the input."""
    weight = respondents.weight[people]
    standing = DETRACTOR - respondents.group[people]
    occurring, y = np.unique(standing, return_inverse=True)
    codes, place = np.unique(judgements.pattern[people] * len(GROUPS) + y, return_inverse=True)
    x = judgements.patterns[codes // len(GROUPS)]
    feature = np.unique(x.indices).astype(np.int64)
    return _Cells(
        x=x[:, feature],
        feature=feature,
        y=codes % len(GROUPS),
        steps=np.diff(occurring),
        weight=np.bincount(place, weight).astype(np.float64),
        shares=_shares(respondents.customer[people], place, weight, len(codes)),
        kish=float(weight.sum() / (weight**2).sum()),
    )


def _shares(customer: Ints, place: Ints, weight: Floats, n_cells: int) -> Any:
    from scipy import sparse

    customers, number = np.unique(customer, return_inverse=True)
    pairs, pair = np.unique(number * n_cells + place, return_inverse=True)
    where = (pairs // n_cells, pairs % n_cells)
    return sparse.csr_array((np.bincount(pair, weight), where), shape=(len(customers), n_cells))


def _estimate(cells: _Cells, scored: float) -> Floats:
    """Points of each feature, half-width of their 95 % interval, and z of "it has no effect"; shape (3, p)."""
    fit = fit_ordinal(cells.x, cells.y, cells.weight * cells.kish, ridge=_RIDGE)
    if not fit.converged:
        return np.full((3, len(cells.feature)), np.nan)
    robust = cluster_covariance(fit, cells.x, cells.y, cells.shares * cells.kish)
    points, gradient = _points(fit, cells, 100 * cells.weight / scored)
    own, inflation = _variances(fit, robust, gradient, cells)
    error = np.sqrt(own * inflation)
    z = np.abs(ratio(points, error))
    doubtful = np.flatnonzero(z > Z_95)
    z[doubtful] = np.minimum(z[doubtful], _root_likelihood_ratios(fit, robust, cells, doubtful))
    return np.stack([points, Z_95 * error, np.sign(points) * z])


def _root_likelihood_ratios(fit: OrdinalFit, robust: Floats, cells: _Cells, features: Ints) -> Floats:
    """Signed roots of likelihood ratios, less the sign, for some features; shape (k,).

    Divided by the design effect: Rao and Scott, *On chi-squared tests for multiway contingency tables*, Annals of
    Statistics 12 (1984).
    """
    weight = cells.weight * cells.kish
    statistics = likelihood_ratios(fit, cells.x, cells.y, weight, ridge=_RIDGE, features=features)
    _, inflation = _variances(fit, robust, np.eye(len(fit.parameters))[len(fit.thresholds) :], cells)
    return np.sqrt(statistics / inflation[features])


def _variances(fit: OrdinalFit, robust: Floats, gradient: Floats, cells: _Cells) -> tuple[Floats, Floats]:
    """Model's variance of one figure a feature, and how much larger it is to be taken, shape (p,) both.

    Parameters
    ----------
    gradient : array of shape (p, q)
        Of the figures by the parameters.
    """
    own, clustered = (
        np.einsum("pq,qr,pr->p", gradient, covariance, gradient, optimize=True)
        for covariance in (fit.covariance, robust)
    )
    # The residuals of the m customers with a feature add up to about 0: m − 1 of them are free.
    customers = _effective_customers(cells)
    free = np.maximum(customers - 1, 1)
    clustered = clustered * customers / free * (stdtrit(free, 0.975) / Z_95) ** 2
    return own, np.maximum(ratio(clustered, own), 1) * _freedom_factor(fit, cells.shares.shape[0])


def _effective_customers(cells: _Cells) -> Floats:
    """Equally weighted customers who would be as precise as those with each feature, shape (p,)."""
    weights = cells.shares @ cells.x
    sums, squares = (np.asarray(one.sum(axis=0), dtype=np.float64) for one in (weights, weights * weights))
    return effective_base(sums, squares)


def _freedom_factor(fit: OrdinalFit, n_customers: int) -> float:
    """Customers over what is left of them when the parameters, as far as the ridge leaves them free, are estimated."""
    n_coefficients = len(fit.coefficients)
    held = _RIDGE * np.trace(fit.covariance[-n_coefficients:, -n_coefficients:]) if n_coefficients else 0.0
    return n_customers / max(n_customers - (len(fit.parameters) - held), 1)


def _points(fit: OrdinalFit, cells: _Cells, weight: Floats) -> tuple[Floats, Floats]:
    """Points of each feature, shape (p,), and their gradient by the parameters, shape (p, K − 1 + p).

    One term for each feature of each cell: that cell with the feature, and without it.
    """
    x, coefficients = cells.x, fit.coefficients
    cell, feature = np.repeat(np.arange(len(cells.y)), np.diff(x.indptr)), x.indices
    linear = (x @ coefficients)[cell]
    terms, n_features = weight[cell], len(coefficients)
    points, slopes, flat = np.zeros(len(cell)), np.zeros(len(cell)), np.zeros(len(cell))
    by_threshold = []
    for step, threshold in zip(cells.steps, fit.thresholds, strict=True):
        above, without = threshold - linear, threshold - linear + coefficients[feature]
        points += step * _logistic_difference(without, above)
        density, density_without = (expit(at) * expit(-at) for at in (above, without))
        by_threshold.append(np.bincount(feature, terms * step * (density_without - density), minlength=n_features))
        slopes += step * (density - density_without)
        flat += step * density_without
    change = x.copy()
    change.data = terms * slopes
    # The feature's own coefficient stands in the cell with it only: what the cell without it has is taken out again.
    own = np.diag(np.bincount(feature, terms * flat, minlength=n_features))
    gradient = np.column_stack([*by_threshold, (change.T @ x).toarray() + own])
    return np.bincount(feature, terms * points, minlength=n_features).astype(np.float64), gradient


def _logistic_difference(high: Floats, low: Floats) -> Floats:
    """σ(high) − σ(low) without cancellation, where both are near 0, near 1, or near each other."""
    top, bottom = np.maximum(high, low), np.minimum(high, low)
    difference: Floats = np.sign(high - low) * expit(top) * expit(-bottom) * -np.expm1(bottom - top)
    return difference


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sides of k themes, shape (k, 2); NaN where one is not shown."""

    points: Floats
    half: Floats
    """Half-width of the 95 % interval."""
    z: Floats
    """Evidence against "no effect", with the sign of the points."""
    confirmed: Bools
    """q < 0.05 among all sides of the slice."""
    needed_z: Floats
    """|z| that would be confirmed as the next one of its slice."""

    @property
    def low(self) -> Floats:
        return self.points - self.half

    @property
    def high(self) -> Floats:
        return self.points + self.half

    @property
    def shown(self) -> Bools:
        return ~np.isnan(self.points)

    @property
    def importance(self) -> Floats:
        """Points of praise less points of complaints, shape (k,)."""
        known = np.where(self.shown, self.points, 0)
        difference: Floats = known[:, 0] - known[:, 1]
        return difference


def _sides(estimates: Floats, shown: Bools, row: Ints) -> _Sides:
    points, half, z = np.where(shown, estimates, np.nan)
    family = np.repeat(row, len(_SIDES)).reshape(points.shape)
    q_value = adjust(2 * ndtr(-np.abs(z)).ravel(), family.ravel()).reshape(points.shape)
    confirmed = np.where(shown, q_value, 1) < FALSE_DISCOVERY_RATE
    n_slices = int(row.max(initial=-1)) + 1
    tests, found = (np.bincount(family.ravel(), one.ravel(), minlength=n_slices)[family] for one in (shown, confirmed))
    # Benjamini-Hochberg confirms k of m where the k-th smallest p-value is below 5 % × k / m.
    next_level = FALSE_DISCOVERY_RATE * np.minimum((found + 1) / tests, 1)
    return _Sides(points, half, z, confirmed, -ndtri(next_level / 2))


def _count_columns(counts: _Counts, concealed: Bools, cells: tuple[Ints, ...]) -> pd.DataFrame:
    base = counts.base[cells[0]]
    judges, unknown = counts.judges[cells], concealed[cells]
    sides = {f"respondents_{name}": count_column(judges[:, side], unknown[:, side]) for side, name in enumerate(_SIDES)}
    return pd.DataFrame({"base": count_column(base, np.zeros(len(base), dtype=bool)), **sides})


def _figure_columns(sides: _Sides) -> pd.DataFrame:
    columns = {}
    for side, name in enumerate(_SIDES):
        unknown = ~sides.shown[:, side]
        columns[f"effect_points_{name}"] = figure_column(sides.points[:, side], unknown)
        columns[f"{name}_low"] = figure_column(np.maximum(sides.low[:, side], -200), unknown)
        columns[f"{name}_high"] = figure_column(np.minimum(sides.high[:, side], 200), unknown)
    columns["importance_points"] = figure_column(sides.importance, np.all(~sides.shown, axis=1))
    return pd.DataFrame(columns)


def _reliability(themes: Any, reliable: Mapping[str, bool] | pd.Series | None) -> Bools:
    known = {} if reliable is None else dict(reliable.items())
    return np.array([bool(known.get(theme, True)) for theme in themes], dtype=bool)


def _verdicts(sides: _Sides, reliable: Bools, *, margin: float) -> Any:
    rewards = sides.confirmed[:, 0] & (sides.low[:, 0] > 0)
    penalises = sides.confirmed[:, 1] & (sides.high[:, 1] < 0)
    inside = (sides.low > -margin) & (sides.high < margin)
    conditions = {
        EffectVerdict.INDICATIVE: ~reliable,
        EffectVerdict.BOTH: rewards & penalises,
        EffectVerdict.REWARDS: rewards,
        EffectVerdict.PENALISES: penalises,
        EffectVerdict.NO_EFFECT: np.all(inside | ~sides.shown, axis=1),
    }
    return np.select(list(conditions.values()), [str(name) for name in conditions], EffectVerdict.INCONCLUSIVE)


def _respondents_needed(sides: _Sides, base: Ints, *, margin: float) -> Floats:
    """Respondents that a verdict needs, shape (k,); NaN where no number would do."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # Praise can only reward, a complaint only penalise.
        towards = sides.z * np.array([1, -1])
        confirm = np.where(towards > 0, (sides.needed_z / towards) ** 2, np.inf).min(axis=1)
        room = margin - np.abs(sides.points)
        fit = np.where(room > 0, (sides.half / room) ** 2, np.inf)
    settle = np.where(sides.shown, fit, 0).max(axis=1, initial=0)
    needed = base * np.minimum(confirm, settle)
    digit = 10 ** np.maximum(np.floor(np.log10(np.clip(needed, 1, _UNREACHABLE))) - 1, 0)
    return np.where(needed < _UNREACHABLE, np.ceil(needed / digit) * digit, np.nan)


def _performance(weight: Floats) -> Floats:
    """Share of praise, shape (k,); weight of both sides (k, 2)."""
    return ratio(weight[:, 0], weight.sum(axis=1))


def _quadrants(importance: Floats, weight: Floats, ranked: Bools, row: Ints) -> pd.Series:
    frame = pd.DataFrame({"importance": importance, "praise": weight[:, 0], "judged": weight.sum(axis=1), "row": row})
    slices = frame[ranked].groupby("row")
    totals = slices[["praise", "judged"]].sum().reindex(row).to_numpy(float)
    much = importance > slices["importance"].median().reindex(row).to_numpy(float)
    performance, overall = _performance(weight), ratio(totals[:, 0], totals[:, 1])
    well = performance > overall
    codes = np.where(
        much,
        np.where(well, Quadrant.PROTECT, Quadrant.IMPROVE),
        np.where(well, Quadrant.MAINTAIN, Quadrant.WATCH),
    )
    return pd.Series(codes, dtype="string").mask(~ranked | np.isnan(performance))
