"""Symmetry of attentions: whether customers' NPS moves with employees' eNPS, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column
from verbatim.measures.draws import DRAWS, draw_blocks, percentile_interval
from verbatim.measures.estimates import ratio
from verbatim.measures.respondents import DETRACTOR, GROUPS, PROMOTER
from verbatim.measures.slices import Slices
from verbatim.measures.suppression import hide_derivable
from verbatim.tables import SymmetryVerdict

LEAST_UNITS = 20
"""Units with changes of both, below which no slope is stated."""
LEAST_RELIABILITY = 0.2
"""Part of the eNPS changes' variance that must not be chance for a slope to be stated."""
SLOPE_IN_LITERATURE = 0.5
"""One point of customers' satisfaction for two of employees' engagement."""
_LEAST_DRAWN = LEAST_RELIABILITY / 2


@dataclass(frozen=True, slots=True)
class _Cells:
    """Scores of U units in P periods."""

    n: Ints
    """With a score, shape (U, P)."""
    nps: Floats
    """NPS, points, shape (U, P); NaN without a score."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes from each period to the next, shape (U, Q) each; weight 0 where either side has none."""

    x: Floats
    """Of the eNPS, points."""
    y: Floats
    """Of the NPS, `lag` periods later, points."""
    noise: Floats
    """Sampling variance of x, squared points."""
    weight: Floats
    """Harmonic base of the two NPS."""

    @property
    def known(self) -> Bools:
        """There is a change of both, shape (U, Q)."""
        return self.weight > 0


def measure_symmetry(
    customers: pd.DataFrame,
    employees: pd.DataFrame,
    *,
    periods: Sequence[str],
    lag: int,
    minimum: int,
    draws: int = DRAWS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put customers' NPS beside employees' eNPS, and tell how much of a change of one goes with the other's.

    Pour le lecteur : « Quand l'eNPS d'une équipe progresse, le NPS de ses clients progresse-t-il ensuite ? C'est un
    lien entre évolutions, pas une preuve de cause, et ce n'est pas un classement. »

    - Changes, not levels: what distinguishes one unit from another and lasts drops out (first differences: Allison,
      *Fixed Effects Regression Models*, 2009, chapter 2). An intercept a period takes out what moved all units at once,
      a season for one.
    - `slope`: weighted least squares of the change of NPS from period t + lag − 1 to t + lag on that of eNPS from t − 1
      to t. Weights: harmonic base of the two NPS. The lag is one, declared before looking: the best of several would be
      found by chance. Cells with fewer than `minimum` scores do not enter.
    - Regression dilution: the eNPS of a team of fifteen is uncertain by some twenty points, which draws the slope
      towards 0. The sampling variance of each change of eNPS is known, and is taken off the denominator (method of
      moments: Fuller, *Measurement Error Models*, 1987, sections 1.1 and 1.2). Those who answered both times count as
      one where `customer` tells; where it does not, or where a whole team answered and is no sample of anything, too
      much is taken off: the slope is too steep, its sign is right. It is stated only where at least a fifth of the
      variance of the eNPS changes is left (reliability ratio).
    - 95 % interval: percentile, bootstrap of whole units (Cameron, Gelbach and Miller, *Bootstrap-based improvements
      for inference with clustered errors*, Review of Economics and Statistics 90, 2008); a draw's reliability is taken
      to be a tenth at least.
    - `verdict`: move_together when the interval lies above 0; else, and with fewer than 20 units, inconclusive.

    What is shown. A unit's period with fewer customers or employees than the minimum, but not none, is suppressed; so
    are units that would give it away by subtraction from the survey of the population, or of all employees, in the
    period. Units stand in order of name.

    Parameters
    ----------
    customers : DataFrame
        Any order: population, unit (null where not known: counted in the whole survey), period, customer and nps_group
        of the responses.
    employees : DataFrame
        The same of the employees; `customer` tells whose answers are one person's. Their population does not matter:
        units are the same.
    periods : sequence of str
        Consecutive periods, in order; rows of others are left out.
    lag : int
        Periods by which customers are looked at after employees, from 0 up.
    minimum : int
        Smallest number of respondents that may be shown.
    draws : int
        Draws of the bootstrap.

    Returns
    -------
    symmetry : DataFrame
        Columns of `symmetry` but survey_id, employees_survey, window and run_id: a row for each unit of a population
        and period with a score of either.
    links : DataFrame
        Columns of `symmetry_links` but the same, a row a population.
    """
    if lag < 0:
        raise ValueError(f"a lag of {lag}: customers cannot be looked at before employees")
    asked = _scored(customers, periods)
    units = pd.Index(sorted(asked["unit"].dropna().astype(str).unique()))
    staff = _scored(employees, periods)
    team, noise = _cells(staff, units, periods), _change_noise(staff, units, periods)
    cells, links = [], []
    for population, rows in asked.groupby("population"):
        shop = _cells(rows, units, periods)
        cells.append(_rows(shop, team, units, periods).assign(population=str(population)))
        changes = _changes(shop, team, noise, lag=lag, minimum=max(minimum, 2))
        links.append(_link(changes, draws=draws) | {"population": str(population), "lag": lag})
    return _symmetry(cells, asked, staff, minimum=minimum), _links(links)


def _scored(responses: pd.DataFrame, periods: Sequence[str]) -> pd.DataFrame:
    """Responses with a score in the given periods, with `group`."""
    group = pd.Categorical(responses["nps_group"], categories=[str(name) for name in GROUPS]).codes.astype(np.int64)
    kept = (group >= 0) & responses["period"].isin(list(periods)).to_numpy(bool)
    return responses.assign(group=group)[kept].reset_index(drop=True)


def _places(scored: pd.DataFrame, units: pd.Index, periods: Sequence[str]) -> tuple[Ints, Ints]:
    """Unit and period of each row; unit −1 where it is none of the customers'."""
    unit = units.get_indexer(pd.Index(scored["unit"])).astype(np.int64)
    return unit, pd.Index(list(periods)).get_indexer(pd.Index(scored["period"])).astype(np.int64)


def _cells(scored: pd.DataFrame, units: pd.Index, periods: Sequence[str]) -> _Cells:
    unit, period = _places(scored, units, periods)
    shape = (len(units), len(periods))
    here = unit >= 0
    cell = (unit * shape[1] + period)[here] * len(GROUPS) + scored["group"].to_numpy(np.int64)[here]
    counts = np.bincount(cell, minlength=shape[0] * shape[1] * len(GROUPS)).reshape(*shape, len(GROUPS))
    n = counts.sum(axis=2)
    return _Cells(n, 100 * ratio((counts[..., PROMOTER] - counts[..., DETRACTOR]).astype(np.float64), n.astype(float)))


def _change_noise(staff: pd.DataFrame, units: pd.Index, periods: Sequence[str]) -> Floats:
    """Sampling variance of each change of a unit's eNPS, squared points, shape (U, P − 1).

    Linearised, a person a cluster: Σ (z_t − z_{t−1})², z = (answer − mean) / n of the period, with n / (n − 1) for the
    mean. Those who answer twice the same add nothing.
    """
    unit, period = _places(staff, units, periods)
    n_steps = max(len(periods) - 1, 0)
    here = unit >= 0
    cells = _cells(staff, units, periods)
    unit, period, group = unit[here], period[here], staff["group"].to_numpy(np.int64)[here]
    answer = 100.0 * (group == PROMOTER) - 100.0 * (group == DETRACTOR)
    n = cells.n[unit, period].astype(np.float64)
    # A cell of one is known not at all; it never enters.
    part = (answer - cells.nps[unit, period]) / np.sqrt(n * np.maximum(n - 1, 1))
    person, _ = pd.factorize(staff["customer"][here])
    # Without a key each answer is a person of its own.
    person = np.where(person >= 0, person, len(person) + np.arange(len(person)))
    sides = [(period - 1, part), (period, -part)]
    step = np.concatenate([one for one, _ in sides])
    inside = (step >= 0) & (step < n_steps)
    change = np.tile(unit, 2) * n_steps + step
    pairs = pd.DataFrame(
        {"change": change, "person": np.tile(person, 2), "part": np.concatenate([z for _, z in sides])}
    )
    # Sorted by value before they are added: no sum depends on the order of the rows.
    squares = pairs[inside].sort_values(["change", "part"]).groupby(["change", "person"])["part"].sum() ** 2
    squares = squares.sort_values(kind="stable")
    where = squares.index.get_level_values("change").to_numpy(np.int64)
    noise = np.bincount(where, squares.to_numpy(np.float64), minlength=len(units) * n_steps).astype(np.float64)
    return noise.reshape(len(units), n_steps)


def _changes(shop: _Cells, team: _Cells, noise: Floats, *, lag: int, minimum: int) -> _Changes:
    n_changes = max(shop.n.shape[1] - 1 - lag, 0)
    late = slice(lag, lag + n_changes)
    x, y = np.diff(team.nps, axis=1)[:, :n_changes], np.diff(shop.nps, axis=1)[:, late]
    known = _both(team.n >= minimum)[:, :n_changes] & _both(shop.n >= minimum)[:, late]
    base = shop.n.astype(np.float64)
    harmonic = ratio(base[:, 1:] * base[:, :-1], base[:, 1:] + base[:, :-1])[:, late]
    blank = [np.where(known, values, 0.0) for values in (x, y, noise[:, :n_changes], harmonic)]
    return _Changes(*blank)


def _both(enough: Bools) -> Bools:
    both: Bools = enough[:, 1:] & enough[:, :-1]
    return both


def _link(changes: _Changes, *, draws: int) -> dict[str, object]:
    units = int(changes.known.any(axis=1).sum())
    row: dict[str, object] = {
        "units": units,
        "changes": int(changes.known.sum()),
        "slope": None,
        "ci_low": None,
        "ci_high": None,
        "verdict": str(SymmetryVerdict.INCONCLUSIVE),
    }
    if units < LEAST_UNITS:
        return row
    taken = changes.known.any(axis=1)
    changes = _Changes(*(values[taken] for values in (changes.x, changes.y, changes.noise, changes.weight)))
    slope, reliability = _slopes(changes, np.ones((units, 1)))
    if not reliability[0] >= LEAST_RELIABILITY:
        return row
    often = np.concatenate([weights for _, weights in draw_blocks(units, draws)]).astype(np.float64)
    low, high = percentile_interval(_slopes(changes, often)[0][None, :])
    together = low[0] > 0
    verdict = SymmetryVerdict.MOVE_TOGETHER if together else SymmetryVerdict.INCONCLUSIVE
    return row | {"slope": slope[0], "ci_low": low[0], "ci_high": high[0], "verdict": str(verdict)}


def _slopes(changes: _Changes, often: Floats) -> tuple[Floats, Floats]:
    """Slope and reliability of k resamples of the units.

    Parameters
    ----------
    changes : _Changes
        Of U units.
    often : array of shape (U, k)
        How often each unit comes up.

    Returns
    -------
    slope : array of shape (k,)
        Corrected for the noise of x.
    reliability : array of shape (k,)
        Part of the variance of x that is not noise, before any floor; NaN where x does not vary.
    """
    w, x, y = changes.weight, changes.x, changes.y
    total, sum_x, sum_y = (often.T @ values for values in (w, w * x, w * y))
    mean_x = np.where(total > 0, ratio(sum_x, total), 0.0)
    around = (often.T @ (w * x * x)).sum(axis=1) - (mean_x * sum_x).sum(axis=1)
    along = (often.T @ (w * x * y)).sum(axis=1) - (mean_x * sum_y).sum(axis=1)
    # A period's own mean takes up part of its noise.
    taken_up = np.where(total > 0, ratio((often.T**2) @ (w**2 * changes.noise), total), 0.0)
    noise = (often.T @ (w * changes.noise)).sum(axis=1) - taken_up.sum(axis=1)
    reliability = ratio(around - noise, np.where(around > 0, around, np.nan))
    return ratio(along, around * np.maximum(reliability, _LEAST_DRAWN)), reliability


def _rows(shop: _Cells, team: _Cells, units: pd.Index, periods: Sequence[str]) -> pd.DataFrame:
    """Cells of a population with a score of either survey; a unit without any customer is another population's."""
    present = (shop.n + team.n > 0) & (shop.n.sum(axis=1) > 0)[:, None]
    unit, period = np.nonzero(present)
    return pd.DataFrame(
        {
            "unit": units.to_numpy(dtype=object)[unit],
            "period": np.array(list(periods), dtype=object)[period],
            "n": shop.n[unit, period],
            "nps": shop.nps[unit, period],
            "n_employees": team.n[unit, period],
            "enps": team.nps[unit, period],
        }
    )


def _symmetry(cells: list[pd.DataFrame], asked: pd.DataFrame, staff: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    names = ["population", "unit", "period", "n", "nps", "n_employees", "enps"]
    frame = pd.concat(cells, ignore_index=True)[names] if cells else pd.DataFrame(columns=names)
    frame = frame.sort_values(["population", "unit", "period"], ignore_index=True)
    n, n_employees = frame["n"].to_numpy(np.int64), frame["n_employees"].to_numpy(np.int64)
    hidden = _hide(frame, asked, staff, minimum=minimum)
    return frame.assign(
        n=count_column(n, hidden),
        nps=figure_column(frame["nps"].to_numpy(np.float64), hidden),
        n_employees=count_column(n_employees, hidden),
        enps=figure_column(frame["enps"].to_numpy(np.float64), hidden),
        suppressed=hidden,
    )


def _hide(frame: pd.DataFrame, asked: pd.DataFrame, staff: pd.DataFrame, *, minimum: int) -> Bools:
    """Rows that are too small, or give away one that is, from the side of the customers or of the employees."""
    n, n_employees = frame["n"].to_numpy(np.int64), frame["n_employees"].to_numpy(np.int64)
    team, first = _number(frame[["unit", "period"]])
    few, few_employees = ((base > 0) & (base < minimum) for base in (n, n_employees))
    shops = _below(frame, asked, ["population", "period"], n)
    teams = _below(frame.iloc[first], staff, ["period"], n_employees[first])
    # Each side by itself first, as other tables hide it that know nothing of the other side.
    hidden = _derivable(few, shops, minimum) | _derivable(few_employees[first], teams, minimum)[team]
    while True:
        # A team's figure stands in the rows of all populations that it serves.
        seen = np.bincount(team[~hidden], minlength=len(first)) > 0
        wider = _derivable(hidden, shops, minimum) | _derivable(~seen, teams, minimum)[team]
        if (wider == hidden).all():
            return hidden
        hidden = wider


def _number(keys: pd.DataFrame) -> tuple[Ints, Ints]:
    """Number of each row's keys, and the first row of each number."""
    number = keys.groupby(list(keys.columns), sort=True).ngroup().to_numpy(np.int64).astype(np.int64)
    _, first = np.unique(number, return_index=True)
    return number, first.astype(np.int64)


def _below(frame: pd.DataFrame, responses: pd.DataFrame, keys: list[str], base: Ints) -> tuple[Slices, Ints]:
    """Cells below the survey that they are parts of, as slices, and the bases of both: surveys first."""
    whole = responses.groupby(keys).size()
    rows = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
    whole = whole.reindex(rows.unique(), fill_value=0)
    place, surveys = whole.index.get_indexer(rows), np.arange(len(whole))
    partition, above = np.concatenate([surveys, len(whole) + place]), np.concatenate([surveys, place])
    slices = Slices(pd.DataFrame(index=range(len(partition))), partition.astype(np.int64), above.astype(np.int64), ())
    bases: Ints = np.append(whole.to_numpy(np.int64), base).astype(np.int64)
    return slices, bases


def _derivable(hidden: Bools, below: tuple[Slices, Ints], minimum: int) -> Bools:
    slices, bases = below
    n_surveys = len(bases) - len(hidden)
    nobody = bases[n_surveys:] == 0
    # The survey's own figure stands in its own table. To hide what nobody answered would hide nothing.
    unseen = np.concatenate([np.zeros(n_surveys, dtype=bool), hidden | nobody])
    wider = hide_derivable(unseen, bases[:, None], slices, minimum=minimum)[n_surveys:]
    return np.where(nobody, hidden, wider)


def _links(rows: list[dict[str, object]]) -> pd.DataFrame:
    figures = ["slope", "ci_low", "ci_high"]
    names = ["population", "lag", "units", "changes", *figures, "slope_in_literature", "verdict"]
    frame = pd.DataFrame(rows, columns=names).assign(slope_in_literature=SLOPE_IN_LITERATURE)
    return frame.astype(dict.fromkeys(figures, "Float64") | dict.fromkeys(("lag", "units", "changes"), "Int64"))
