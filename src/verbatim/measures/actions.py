"""Actions: whether fewer, or more, speak of a theme since something was done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.errors import SettingsError
from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.draws import DRAWS, draw_blocks, percentile_interval
from verbatim.measures.estimates import effective_base, newcombe_interval, ratio
from verbatim.measures.respondents import number_customers
from verbatim.tables import ALL, ActionVerdict, Polarity

LEAST_DAYS = 14
"""Days after an action before anything is said."""
_FIGURES = ["share_before", "share_after", "others_change", "effect", "ci_low", "ci_high"]
_KEYS = ["population", "action", "dimension", "slice"]
_COLUMNS = [
    *_KEYS,
    *["codebook", "theme_id", "polarity", "taken_on", "days", "base_before", "base_after"],
    *_FIGURES,
    "verdict",
]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that was done about a theme."""

    name: str
    """Name in the settings."""
    date: dt.date
    """First day on which it was in force."""
    theme_id: str
    """Theme that it is about."""
    polarity: str = Polarity.NEGATIVE
    """Which opinions of the theme it should change."""
    dimension: str = ALL
    """Dimension of the slice that it was taken in; `all` for the whole survey."""
    slice: str = ALL
    """Slice that it was taken in; `all` for the whole survey."""
    days: int = 90
    """Days to look at before it, and after it."""
    population: str | None = None
    """Population; None: each of those that have the slice."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Who was read to say what, each pair once."""

    respondent: Ints
    """Row of the commenters, shape (M,)."""
    theme: Ints
    """Number of the theme among those that are read, shape (M,)."""
    polarity: pd.Series
    """Polarity, length M."""
    themes: pd.Index
    """Themes that are read."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """The commenters of an action's population and time, n of them."""

    row: Ints
    """Row of the commenters, shape (n,)."""
    after: Bools
    """Answered on the day of the action or later, shape (n,)."""
    inside: Bools
    """In the action's slice, shape (n,)."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Scope before, scope after, control before, control after: what the shares are made of."""

    table: Floats
    """Weight of those who say so, then of all, of each of the four, by customer, shape (C, 8)."""
    base: Floats
    """Effective base of each, respondents taken one by one, shape (4,)."""


def measure_actions(
    commenters: pd.DataFrame,
    mentions: pd.DataFrame,
    actions: Sequence[Action],
    *,
    as_of: dt.date,
    themes: Collection[str],
    codebook: str,
    minimum: int,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Compare the share of commenters who speak of a theme before and after an action, less a control's change.

    Pour le lecteur : « Depuis cette action, en parle-t-on moins ? On retire ce qui a bougé ailleurs dans le même temps.
    Autre chose a pu se passer au même moment : c'est un indice, pas une preuve. »

    - Before: the `days` days up to the eve of the action. After: as many, from its date on. Where fewer have passed, or
      the population answers since fewer, both are as much shorter; under 14 days nothing is said.
    - `effect`: (share_after − share_before) − others_change, difference in differences (Card and Krueger, *Minimum
      wages and employment*, American Economic Review 84, 1994; Angrist and Pischke, *Mostly Harmless Econometrics*,
      2009, section 5.2).
    - `others_change`, the control. An action in a slice: the change of the same theme and polarity among the
      population's other commenters. An action on the whole survey: the mean change of the other themes of the same
      polarity that are spoken of before or after. It takes the theme to have moved by as many points as its control,
      had nothing been done; beside rarer themes, a frequent one moves by more when all complaints become rarer.
    - 95 % interval: percentile, cluster bootstrap by customer (:mod:`verbatim.measures.draws`), or by respondent where
      customers are not known. It is no narrower than Newcombe's interval of the change, respondents taken one by one: a
      bootstrap of a dozen respondents of whom nobody complains finds no error at all.
    - `verdict`: fewer or more where the interval excludes 0, else inconclusive.

    Shares are as read (weighted where the survey has weights): what the reader misses it misses before and after alike,
    so that an effect is seen smaller than it is, by and large, and none is made up.

    What is shown. Bases and figures are null unless the scope's commenters, and those outside it where there are any,
    reach the minimum both before and after: the whole survey less the scope is a cell too.

    Parameters
    ----------
    commenters : DataFrame
        Those with a score and a verbatim, any order: response_id, population, day (datetime64 without zone: by the
        survey's calendar), customer (null where not known), weight (null: 1), a column a dimension of the actions.
        All of a survey's, or at least those of the actions' days.
    mentions : DataFrame
        Columns response_id, theme_id and polarity of `opinions`, any order; leave out themes that name nothing.
    actions : sequence of Action
        What was done. A population × name × slice stands once.
    as_of : date
        First day that is not looked at: the run's own, which is not over.
    themes : collection of str
        Themes of the codebook.
    codebook : str
        Codebook that the mentions were read with.
    minimum : int
        Smallest number of respondents that may be shown.
    draws : int
        Draws of the bootstrap.

    Returns
    -------
    DataFrame
        Columns of `actions` but survey_id, window and run_id; by population, action, slice.

    Raises
    ------
    SettingsError
        The codebook lacks an action's theme, or no commenter falls into its slice.
    """
    people = commenters.sort_values("response_id", ignore_index=True)
    said = _read_mentions(mentions, people)
    rows = [
        _measure(people, said, action, population, as_of=as_of, minimum=minimum, draws=draws)
        for action in actions
        for population in _populations(people, action, themes)
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS).assign(codebook=codebook)
    types = dict.fromkeys(_FIGURES, "Float64") | dict.fromkeys(("days", "base_before", "base_after"), "Int64")
    return frame.astype(types).sort_values(_KEYS, ignore_index=True)


def _read_mentions(mentions: pd.DataFrame, people: pd.DataFrame) -> _Said:
    once = mentions[["response_id", "theme_id", "polarity"]].drop_duplicates()
    respondent = pd.Index(people["response_id"]).get_indexer(pd.Index(once["response_id"])).astype(np.int64)
    known = respondent >= 0
    theme, themes = pd.factorize(once["theme_id"][known], sort=True)
    return _Said(respondent[known], theme.astype(np.int64), once["polarity"][known], pd.Index(themes))


def _populations(people: pd.DataFrame, action: Action, themes: Collection[str]) -> list[str]:
    """Populations that an action is measured in; none before the survey's first commenter."""
    where = f"actions.{action.name}"
    if action.theme_id not in themes:
        raise SettingsError(
            f"the codebook has no theme {action.theme_id}",
            where=where,
            expected=f"one of its themes: {_some(themes)}",
            next_step="correct the theme of the action in the settings",
        )
    if action.dimension != ALL and action.dimension not in people.columns:
        raise SettingsError(
            f"the survey has no dimension {action.dimension}",
            where=where,
            expected="a dimension that columns.dimensions names",
            next_step="correct the dimension of the action in the settings",
        )
    here = _in_slice(people, action)
    if action.population is not None:
        here &= (people["population"] == action.population).to_numpy(bool)
    if len(people) and not here.any():
        known = [] if action.dimension == ALL else people[action.dimension].dropna().unique().tolist()
        raise SettingsError(
            f"no response falls into the slice {action.dimension} = {action.slice}",
            where=where,
            expected=f"a slice of the survey: {_some(known or [ALL])}",
            next_step="correct the dimension, slice or population of the action in the settings",
        )
    return sorted(str(name) for name in people["population"][here].unique())


def _some(names: Collection[str]) -> str:
    known = sorted(str(name) for name in names)
    return ", ".join(known[:10]) + (", …" if len(known) > 10 else "")


def _in_slice(people: pd.DataFrame, action: Action) -> Bools:
    if action.dimension == ALL:
        return np.full(len(people), action.slice == ALL)
    return (people[action.dimension] == action.slice).fillna(False).to_numpy(bool)


def _measure(
    people: pd.DataFrame, said: _Said, action: Action, population: str, *, as_of: dt.date, minimum: int, draws: int
) -> dict[str, object]:
    belongs = (people["population"] == population).to_numpy(bool)
    day = people["day"].to_numpy("datetime64[D]")
    days = _days(action, day[belongs], as_of)
    row: dict[str, object] = {
        "population": population,
        "action": action.name,
        "dimension": action.dimension,
        "slice": action.slice,
        "theme_id": action.theme_id,
        "polarity": str(action.polarity),
        "taken_on": action.date.isoformat(),
        "days": days,
        "verdict": str(ActionVerdict.INCONCLUSIVE),
    }
    scope = _scope(people, action, belongs, day, days)
    before, after, outside_before, outside_after = _bases(scope)
    outside = (outside_before, outside_after)
    shown = days >= LEAST_DAYS and min(before, after) >= minimum
    if not shown or any(0 < base < minimum for base in outside):
        return row
    sums = _count(people, said, action, scope)
    shares = _shares(sums.table.sum(axis=0)[:, None])[:, 0]
    low, high = _interval(sums, shares, draws=draws, two_groups=action.dimension != ALL)
    figures = (shares[0], shares[1], shares[3] - shares[2], _effect(shares), low, high)
    row |= {name: _figure(float(value)) for name, value in zip(_FIGURES, figures, strict=True)}
    return row | {"base_before": before, "base_after": after, "verdict": str(_verdict(low, high))}


def _days(action: Action, day: np.ndarray, as_of: dt.date) -> int:
    """Days to look at on either side of an action."""
    first = day.min().astype(object) if len(day) else as_of
    return max(min(action.days, (as_of - action.date).days, (action.date - first).days), 0)


def _scope(people: pd.DataFrame, action: Action, belongs: Bools, day: np.ndarray, days: int) -> _Scope:
    since = (day - np.datetime64(action.date, "D")).astype(np.int64)
    row = np.flatnonzero(belongs & (since >= -days) & (since < days))
    return _Scope(row, since[row] >= 0, _in_slice(people, action)[row])


def _bases(scope: _Scope) -> list[int]:
    """Commenters in the scope, before and after; then those outside it."""
    counts = np.bincount(2 * ~scope.inside + scope.after, minlength=4)
    return [int(count) for count in counts]


def _count(people: pd.DataFrame, said: _Said, action: Action, scope: _Scope) -> _Sums:
    spoken, others = _spoken(said, action, scope, len(people))
    weight = people["weight"].astype("Float64").fillna(1).to_numpy(np.float64)[scope.row]
    whole = action.dimension == ALL
    control, part = (scope.inside, others) if whole else (~scope.inside, spoken)
    who = number_customers(people["customer"].iloc[scope.row], people["response_id"].iloc[scope.row])
    sides = [side & when for side in (scope.inside, control) for when in (~scope.after, scope.after)]
    said_so, n_customers = (spoken, spoken, part, part), int(who.max(initial=-1)) + 1
    values = [weight * value for value in said_so] + [weight] * 4
    columns = [
        np.bincount(who, value * side, minlength=n_customers) for value, side in zip(values, sides * 2, strict=True)
    ]
    base = [effective_base((weight * side).sum(), (weight**2 * side).sum()) for side in sides]
    return _Sums(np.stack(columns, axis=1), np.array(base))


def _spoken(said: _Said, action: Action, scope: _Scope, n_people: int) -> tuple[Floats, Floats]:
    """For each commenter of the time: 1 with the theme; and the share of the other themes that they speak of."""
    place = np.full(n_people, -1, dtype=np.int64)
    place[scope.row] = np.arange(len(scope.row))
    here = (place[said.respondent] >= 0) & (said.polarity == str(action.polarity)).to_numpy(bool)
    who, theme = place[said.respondent[here]], said.theme[here]
    own = theme == said.themes.get_indexer(pd.Index([action.theme_id]))[0]
    others = np.unique(theme[~own & scope.inside[who]])
    spoken = np.bincount(who[own], minlength=len(scope.row)).astype(np.float64)
    counted = np.bincount(who[~own], minlength=len(scope.row)).astype(np.float64)
    # Without another theme there is no control: 0 / 0.
    return spoken, ratio(counted, np.full(len(counted), float(len(others))))


def _interval(sums: _Sums, shares: Floats, *, draws: int, two_groups: bool) -> tuple[float, float]:
    """95 % interval of the effect: the bootstrap's, or that of shares on such bases where this is wider."""
    table, drawn = sums.table.astype(np.float32), np.zeros((sums.table.shape[1], draws))
    for block, weights in draw_blocks(len(table), draws):
        drawn += table[block].T @ weights
    bounds = percentile_interval(_effect(_shares(drawn))[None, :])
    below, above = _least_errors(sums.base, shares, two_groups=two_groups)
    effect = float(_effect(shares))
    return min(float(bounds[0][0]), effect - below), max(float(bounds[1][0]), effect + above)


def _least_errors(base: Floats, shares: Floats, *, two_groups: bool) -> tuple[float, float]:
    """Errors below and above that such bases make at least: no draw holds what nobody happened to say."""
    before, after, control_before, control_after = np.minimum(shares, 1)
    low, high = newcombe_interval(after, base[1], before, base[0])
    below, above = after - before - low, high - (after - before)
    if not two_groups:
        return float(below), float(above)
    change = control_after - control_before
    low, high = newcombe_interval(control_after, base[3], control_before, base[2])
    # Put together by squaring and adding: Zou and Donner, Statistics in Medicine 27 (2008).
    return float(np.hypot(below, high - change)), float(np.hypot(above, change - low))


def _shares(sums: Floats) -> Floats:
    """Shares of scope and control, before and after, shape (4, k), of sums of shape (8, k)."""
    return ratio(sums[:4], sums[4:])


def _effect(shares: Floats) -> Floats:
    before, after, control_before, control_after = shares
    return np.asarray((after - before) - (control_after - control_before), dtype=np.float64)


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(np.clip(value, -1, 1))


def _verdict(low: float, high: float) -> ActionVerdict:
    if high < 0:
        return ActionVerdict.FEWER
    return ActionVerdict.MORE if low > 0 else ActionVerdict.INCONCLUSIVE
