"""Targets: whether an NPS was reached, or the chance that it will be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from scipy.special import ndtr

from verbatim.errors import SettingsError
from verbatim.measures.arrays import Bools, Floats
from verbatim.measures.estimates import Z_95
from verbatim.periods import PeriodKind, label_periods, period_bounds, period_kind
from verbatim.tables import ALL, TargetState

LIKELY, UNLIKELY = 0.8, 0.2
"""Chances from which, and up to which, more is said than `open`."""
LEAST_PERIODS = 4
"""Closed periods without which no chance is stated."""
SURELY = 0.99
"""No chance is stated nearer to certainty."""
FLOOR_SD, PRIOR_SD, TOP_SD = 0.5, 2.0, 15.0
"""NPS points a month: least, prior scale of, and largest standard deviation of what the true NPS moves by."""
_GRID = 64
_LATELY = 4  # closed periods whose bases stand for those to come
_DAYS: dict[PeriodKind, float] = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3}
_UTC = ZoneInfo("UTC")
_ROUNDING = 1e-9
_COLUMNS = ["population", "target", "dimension", "slice", "period", "target_nps", "nps", "n", "chance", "state"]


@dataclass(frozen=True, slots=True)
class Target:
    """An NPS to reach."""

    name: str
    """Name in the settings."""
    nps: float
    """Points to reach, within ±100."""
    by: str
    """Period in which it is to be reached: `2026-12`, `2026-Q4`."""
    dimension: str = ALL
    """Dimension of its slice; `all` for the whole survey."""
    slice: str = ALL
    """Slice; `all` for the whole survey."""
    population: str | None = None
    """Population; None: each of those that have the slice."""


@dataclass(frozen=True, slots=True)
class _Series:
    """Base periods from the first closed one to the end of the target's period, none left out: T of them."""

    nps: Floats
    """NPS, shape (T,); NaN where not closed or not shown."""
    noise: Floats
    """Its sampling variance, squared points, shape (T,)."""
    n: Floats
    """Respondents behind it, shape (T,)."""
    inside: Bools
    """Belongs to the target's period, shape (T,)."""
    to_come: Bools
    """Not over at `as_of`, shape (T,)."""

    @property
    def last(self) -> int:
        """Place of the last closed period."""
        return int(np.flatnonzero(np.isfinite(self.nps))[-1])


@dataclass(frozen=True, slots=True)
class _Filtered:
    """What closed periods say of the true NPS of the last one, for each of G standard deviations of the walk."""

    level: Floats
    """Mean, shape (G,)."""
    variance: Floats
    """Variance, shape (G,)."""
    log_likelihood: Floats
    """Of the closed periods, shape (G,)."""


def measure_targets(nps: pd.DataFrame, targets: Sequence[Target], *, as_of_period: str) -> pd.DataFrame:
    """Tell where each target stands: reached, missed, or the chance that it will be reached.

    Pour le lecteur : « La probabilité d'atteindre l'objectif si le NPS continue de bouger comme il a bougé jusqu'ici ;
    ni la saison ni ce que vous ferez d'ici là n'y entrent. »

    - A period that is closed: `reached` when its headline is at or above the target, else `missed`. That is a statement
      on those who answered: the interval of the headline may well straddle the target.
    - One that is not: local-level model (Durbin and Koopman, *Time Series Analysis by State Space Methods*, 2nd ed.
      2012, chapter 2: filter 2.2, missing periods 2.7, initialisation from the first period 2.9, likelihood 2.10). The
      true NPS walks at random; what is measured adds sampling noise, known from the published intervals (so weights
      and customers who answer twice are allowed for). `chance` is P(measured NPS of the period ≥ target), its base
      taken to be that of the last four closed periods, clamped to [0.01, 0.99].
    - The walk's standard deviation is not set to its most likely value, which is 0 for many a short series and would
      make chances far too sure: the chance is averaged over it, by likelihood × a half-Cauchy prior of scale 2 points
      a month (Gelman, *Prior distributions for variance parameters in hierarchical models*, Bayesian Analysis 1, 2006),
      from a floor of 0.5 points a month up.
    - A period longer than the survey's base periods (a quarter of months) is their mean by base: those that are closed
      are known, the others predicted together. A week belongs to the period that holds its middle.
    - `chance` is null with fewer than four closed periods, for a period that is over without a headline that may be
      shown, and for one shorter than the base periods. The state is then `open`.

    Only figures that are published enter: nothing suppressed can follow.

    Parameters
    ----------
    nps : DataFrame
        Published rows of `nps` of one survey, any order: population, period, dimension, slice, n, nps, ci_low, ci_high,
        provisional, suppressed. All base periods, and the targets' own periods where these are longer.
    targets : sequence of Target
        What to reach. A population × name × slice stands once.
    as_of_period : str
        Label of the base period that holds the run's `as_of`; its kind tells the base periods.

    Returns
    -------
    DataFrame
        Columns of `targets` but survey_id, window and run_id; by population, target, slice.

    Raises
    ------
    SettingsError
        No row of `nps` has the slice that a target is set for.
    """
    rows = [
        _stand(rows, target, as_of_period) | {"population": population}
        for target in targets
        for population, rows in _cells(nps, target)
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    typed = frame.astype({"target_nps": "Float64", "nps": "Float64", "n": "Int64", "chance": "Float64"})
    return typed.sort_values(["population", "target", "dimension", "slice"], ignore_index=True)


def _cells(nps: pd.DataFrame, target: Target) -> list[tuple[str, pd.DataFrame]]:
    """Population and rows of each cell that a target is set for; none before the survey's first answer."""
    here = (nps["dimension"] == target.dimension) & (nps["slice"] == target.slice)
    if target.population is not None:
        here &= nps["population"] == target.population
    if len(nps) and not here.any():
        raise SettingsError(
            f"no response falls into the slice {target.dimension} = {target.slice}",
            where=f"targets.{target.name}",
            expected=f"a slice of the survey: {_some(nps.loc[nps['dimension'] == target.dimension, 'slice'])}",
            next_step="correct its dimension, slice or population in the settings",
        )
    return [(str(name), rows) for name, rows in nps[here].groupby("population")]


def _some(names: pd.Series) -> str:
    known = sorted(names.astype(str).unique())
    return ", ".join(known[:10]) + (", …" if len(known) > 10 else "") if known else "none has this dimension"


def _stand(rows: pd.DataFrame, target: Target, as_of_period: str) -> dict[str, object]:
    shown = ~(rows["provisional"].astype(bool) | rows["suppressed"].astype(bool)) & rows["nps"].notna()
    closed = rows[shown].sort_values("period")
    own = closed[closed["period"] == target.by]
    base = closed[[_of_base(label, as_of_period, target.by) for label in closed["period"]]]
    latest = own if len(own) else base.iloc[-1:]
    chance = None if len(own) else _chance(base, target, as_of_period)
    return {
        "target": target.name,
        "dimension": target.dimension,
        "slice": target.slice,
        "period": target.by,
        "target_nps": target.nps,
        "nps": latest["nps"].iloc[0] if len(latest) else None,
        "n": latest["n"].iloc[0] if len(latest) else None,
        "chance": chance,
        "state": str(_verdict(float(own["nps"].iloc[0]), target.nps) if len(own) else _outlook(chance)),
    }


def _of_base(label: str, as_of_period: str, by: str) -> bool:
    """Tell base periods that are not behind the target's from others."""
    return period_kind(label) == period_kind(as_of_period) and _bounds(label)[0] < _bounds(by)[1]


def _verdict(nps: float, goal: float) -> TargetState:
    return TargetState.REACHED if nps >= goal - _ROUNDING else TargetState.MISSED


def _outlook(chance: float | None) -> TargetState:
    if chance is None or UNLIKELY < chance < LIKELY:
        return TargetState.OPEN
    return TargetState.LIKELY if chance >= LIKELY else TargetState.UNLIKELY


def _chance(base: pd.DataFrame, target: Target, as_of_period: str) -> float | None:
    """Chance of a period that is not closed, from the closed base periods in order; None where too little is known."""
    if len(base) < LEAST_PERIODS:
        return None
    series = _series(base, target.by, as_of_period)
    if not (series.inside & series.to_come).any():
        return None
    sd = _walk_grid(_base_kind(as_of_period))
    filtered = _filter(series.nps[: series.last + 1], series.noise[: series.last + 1], sd**2)
    mean, variance = _predict(series, filtered, sd**2)
    weight = _plausibility(filtered.log_likelihood, sd)
    chance = float((weight * ndtr((mean - target.nps) / np.sqrt(variance))).sum())
    return min(max(chance, 1 - SURELY), SURELY)


def _series(base: pd.DataFrame, by: str, as_of_period: str) -> _Series:
    labels = _labels_between(str(base["period"].iloc[0]), max(_bounds(by)[1], _bounds(as_of_period)[1]), as_of_period)
    figures = base.set_index("period")[["nps", "ci_low", "ci_high", "n"]].astype("Float64").reindex(labels)
    nps, low, high, n = figures.to_numpy(np.float64, na_value=np.nan).T
    return _Series(
        nps=nps,
        # The interval is cut off at ±100: what is left of it is half as wide at worst.
        noise=((high - low) / (2 * Z_95)) ** 2,
        n=n,
        inside=np.array([_holds(by, label) for label in labels], dtype=bool),
        to_come=np.isnan(nps) & np.array([label >= as_of_period for label in labels], dtype=bool),
    )


def _labels_between(first: str, behind: dt.datetime, as_of_period: str) -> list[str]:
    """Labels of all base periods from one on to those that begin before an instant."""
    days = pd.date_range(_bounds(first)[0], behind, freq="D", inclusive="left").to_series()
    return [str(label) for label in label_periods(days, kind=_base_kind(as_of_period), zone=_UTC).unique()]


def _base_kind(as_of_period: str) -> PeriodKind:
    kind = period_kind(as_of_period)
    if kind == "rolling_3m" or kind == "rolling_12m" or kind == "ytd":
        raise ValueError(f"no base period: {as_of_period}")
    return kind


def _holds(by: str, label: str) -> bool:
    (start, behind), (first, last) = _bounds(by), _bounds(label)
    return start <= first + (last - first) / 2 < behind and last - first <= behind - start


def _bounds(label: str) -> tuple[dt.datetime, dt.datetime]:
    # Days of the calendar are compared with each other: any one time zone will do.
    return period_bounds(label, _UTC)


def _walk_grid(kind: PeriodKind) -> Floats:
    """Standard deviations of the walk from one period to the next, points, shape (G,)."""
    months = _DAYS[kind] / _DAYS["month"]
    return np.asarray(np.geomspace(FLOOR_SD, TOP_SD, _GRID) * np.sqrt(months), dtype=np.float64)


def _filter(nps: Floats, noise: Floats, walk: Floats) -> _Filtered:
    """Kalman filter of the local-level model, for G variances of the walk at once.

    Parameters
    ----------
    nps, noise : arrays of shape (T,)
        Points and their sampling variances; NaN in periods without.
    walk : array of shape (G,)
        Variances of the walk.
    """
    level, variance = np.full(len(walk), nps[0]), np.full(len(walk), noise[0])
    log_likelihood = np.zeros(len(walk))
    for value, error in zip(nps[1:], noise[1:], strict=True):
        variance = variance + walk
        if np.isnan(value):
            continue
        spread, surprise = variance + error, value - level
        log_likelihood -= (np.log(spread) + surprise**2 / spread) / 2
        level = level + variance / spread * surprise
        variance = variance * error / spread
    return _Filtered(level, variance, log_likelihood)


def _predict(series: _Series, filtered: _Filtered, walk: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the NPS to be measured in the target's period, shape (G,)."""
    closed = np.isfinite(series.nps)
    expected = series.n[closed][-_LATELY:].mean()
    noise = (series.noise * series.n)[closed].mean() / expected
    part = np.where(series.inside, np.where(series.to_come, expected, np.where(closed, series.n, 0.0)), 0.0)
    part /= part.sum()
    ahead = np.flatnonzero(series.to_come & series.inside)
    steps, share = ahead - series.last, part[ahead]
    # Two periods ahead have walked together up to the nearer one.
    walked = share @ np.minimum(steps[:, None], steps[None, :]) @ share
    known = (part[closed] * series.nps[closed]).sum()
    mean = known + share.sum() * filtered.level
    return mean, share.sum() ** 2 * filtered.variance + walked * walk + (share**2).sum() * noise


def _plausibility(log_likelihood: Floats, sd: Floats) -> Floats:
    """Weights of the standard deviations, which add up to 1: likelihood × half-Cauchy prior, shape (G,)."""
    scale = sd[-1] * PRIOR_SD / TOP_SD
    # The grid is even in the logarithm: each point stands for a stretch as long as it is far from 0.
    weight = np.exp(log_likelihood - log_likelihood.max()) / (1 + (sd / scale) ** 2) * sd
    return np.asarray(weight / weight.sum(), dtype=np.float64)
