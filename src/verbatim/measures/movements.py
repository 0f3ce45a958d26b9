"""Themes that rise, fall or step: each series of weeks beside its own past, at a known rate of false alerts.

Every theme × polarity × slice is a series, looked at anew every week for years: some move far by chance. How far, the
survey itself tells: its weeks are shuffled, all series together, and every look of the year is taken again. The number
of alerts that this raises without any cause is what each alert states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import repeat_rows
from verbatim.measures.estimates import ratio
from verbatim.measures.mentions import Mentions
from verbatim.measures.respondents import Respondents
from verbatim.measures.suppression import suppress
from verbatim.tables import ALL, AlertKind, AlertState

SCALES = ((4, 26), (13, 39))
"""Weeks that are looked at, and weeks before them that they are compared with at most: a jolt, and a slow drift."""
LEAST_PAST = 8
"""Weeks that the past needs."""
_FIRST_LOOK = SCALES[0][0] + LEAST_PAST
RATE = 2.0
"""False alerts a year that are borne by default: one in half a year."""
NPS_GROUP = "nps_group"
"""Dimension under which the groups of the score are watched."""
SHUFFLES = 200
_SEED = 20261127
_YEAR = 52
_TAIL = np.linspace(1.5, 8.0, 66)
_EXPLAINED = 2.0  # standard errors by which a slice must outdo the whole survey
_LEAST_SIDE = 3  # weeks on either side of a step
_CLEARLY = 5.0  # chi-square


@dataclass(frozen=True, slots=True)
class Weeks:
    """Counts of S slices and Q subjects in W weeks, the oldest first."""

    said: Floats
    """Respondents with such an opinion, shape (W, S, Q)."""
    wrote: Floats
    """Commenters, shape (W, S)."""


def count_weeks(respondents: Respondents, mentions: Mentions, week: Ints, n_weeks: int) -> Weeks:
    """Count who speaks of what, week by week.

    Parameters
    ----------
    respondents : Respondents
        Of one survey, some weeks.
    mentions : Mentions
        What they speak of.
    week : array of shape (R,)
        Week of each respondent, 0 the oldest; −1 is left out.
    n_weeks : int
        W.
    """
    slices, n_subjects = respondents.slices, len(mentions.subjects)
    when = week[mentions.respondent]
    cell = np.where(when >= 0, when * n_subjects + mentions.subject, -1)
    said = slices.tally(cell, n_weeks * n_subjects, None, mentions.respondent)
    wrote = slices.tally(np.where(respondents.wrote, week, -1), n_weeks)
    shape = (slices.count, n_weeks, n_subjects)
    return Weeks(said.reshape(shape).swapaxes(0, 1).astype(np.float64), wrote.T.astype(np.float64))


def find_movements(
    respondents: Respondents, mentions: Mentions, week: Ints, n_weeks: int, *, minimum: int, rate: float = RATE
) -> pd.DataFrame:
    """Find the themes that rise, fall or step, looking from the end of the last week.

    Pour le lecteur : « Ce thème revient nettement plus (ou moins) qu'avant. Sans aucune cause, toute l'enquête lèverait
    tant d'alertes de ce genre par an. »

    - The last 4 weeks are compared with up to 26 before them, and the last 13 with up to 39; the larger movement
      counts. It is the difference of the variance-stabilised shares (Freeman and
      Tukey, *Transformations related to the angular and the square root*, Annals of Mathematical Statistics 21,
      1950, as refined by Anscombe, Biometrika 35, 1948), in standard errors.
    - A drift of the past year is looked at as a whole too (Cochran-Armitage trend); the largest of the three counts.
    - `false_alerts_per_year`: new alerts a year at least as far out, over all series and weekly looks, in shuffles of
      the survey's own weeks (whole weeks keep their weekdays; with two years of history a week only changes place with
      weeks of the same quarter, which keeps the season). Few shuffles go far out: there the log of the number falls
      off as a straight line in the square of the distance. An alert is raised where this number is at most `rate`:
      the looks of all nights are counted, as a week is looked at once, when it is complete.
    - A movement is a step where one change of level tells the past half year better than a level and then a slope,
      else a rise or a fall.
    - A slice that only follows the whole survey has no alert of its own. Where the recent base is under the minimum, or
      would give such a slice away, there is none; nor where fewer than the minimum speak of it on either side.

    Parameters
    ----------
    respondents, mentions, week, n_weeks
        As in :func:`count_weeks`.
    minimum : int
        Smallest base that may be shown.
    rate : float
        False alerts a year that are borne.

    Returns
    -------
    DataFrame
        Columns of `alerts` from population to state but period and codebook.
    """
    weeks = count_weeks(respondents, mentions, week, n_weeks)
    if n_weeks < _FIRST_LOOK:
        return _rows([], respondents, mentions)
    distance, scale = _look(_cumulated(weeks), n_weeks, minimum=minimum)
    recent_base = weeks.wrote[-SCALES[0][0] :].sum(axis=0).astype(np.int64)
    unseen = suppress(recent_base, respondents.slices, minimum=minimum)
    main = respondents.slices.names["dimension"].isin([ALL, NPS_GROUP]).to_numpy(bool)
    expected = _expected_of(weeks, main, np.abs(distance), minimum=minimum)
    raised = (distance != 0) & ~unseen[:, None] & (expected <= rate)
    raised &= ~_follows(weeks, distance, scale, raised, respondents.slices.whole)
    found = [
        _movement(weeks, cell, SCALES[scale[cell]], float(distance[cell]), float(expected[cell]))
        for cell in zip(*np.nonzero(raised), strict=True)
    ]
    return _rows(found, respondents, mentions)


def withdraw(found: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Keep in the open what was raised and is not found any more, now that late answers are in.

    Parameters
    ----------
    found : DataFrame
        Alerts of a period as they are found now.
    before : DataFrame
        Alerts of the same period as they were published.

    Returns
    -------
    DataFrame
        `found`, and the rows of `before` that it lacks, withdrawn.
    """
    key = ["population", "dimension", "slice", "theme_id", "polarity"]
    kinds = [str(kind) for kind in (AlertKind.RISING, AlertKind.FALLING, AlertKind.STEP_CHANGE)]
    former = before[before["kind"].isin(kinds)]
    known = set(found[key].astype(str).itertuples(index=False, name=None))
    gone = [row not in known for row in former[key].astype(str).itertuples(index=False, name=None)]
    lost = former[np.array(gone, dtype=bool)].assign(state=str(AlertState.WITHDRAWN))
    return pd.concat([found, lost[found.columns]], ignore_index=True) if len(lost) else found


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over the weeks before each; said (W + 1, S, Q), wrote (W + 1, S); times week, times its square."""

    said: Floats
    wrote: Floats
    said_t: Floats
    wrote_t: Floats
    wrote_tt: Floats


def _cumulated(weeks: Weeks) -> _Sums:
    time = np.arange(len(weeks.wrote), dtype=np.float64)
    of_said, of_wrote = time[:, None, None], time[:, None]
    parts = (weeks.said, weeks.wrote, weeks.said * of_said, weeks.wrote * of_wrote, weeks.wrote * of_wrote**2)
    return _Sums(*(_before_each(part) for part in parts))


def _before_each(values: Floats) -> Floats:
    return np.concatenate([np.zeros((1, *values.shape[1:])), values.cumsum(axis=0)])


def _look(sums: _Sums, end: int, *, minimum: int) -> tuple[Floats, Ints]:
    """Distance of the last weeks before `end` from their past, standard errors, and its scale; 0: not looked at."""
    possible = [(recent, past) for recent, past in SCALES if end >= recent + LEAST_PAST]
    looks = [_look_at(sums, end, recent, past, minimum=minimum) for recent, past in possible]
    if end >= 2 * SCALES[-1][0]:
        looks.append(_trend(sums, end, minimum=minimum))
    all_of = np.stack(looks)
    place = np.abs(all_of).argmax(axis=0)
    # A drift is told on the longer scale.
    return np.take_along_axis(all_of, place[None], axis=0)[0], np.minimum(place, len(SCALES) - 1)


def _trend(sums: _Sums, end: int, *, minimum: int) -> Floats:
    """Cochran-Armitage trend of the past year, standard errors, shape (S, Q).

    Armitage, *Tests for linear trends in proportions and frequencies*, Biometrics 11 (1955).
    """
    start = max(end - sum(SCALES[-1]), 0)
    said, said_t = sums.said[end] - sums.said[start], sums.said_t[end] - sums.said_t[start]
    wrote, wrote_t, wrote_tt = ((one[end] - one[start])[:, None] for one in (sums.wrote, sums.wrote_t, sums.wrote_tt))
    share, middle = ratio(said, wrote), ratio(wrote_t, wrote)
    spread = wrote_tt - wrote * np.nan_to_num(middle) ** 2
    enough = (said >= 2 * minimum) & (wrote >= 2 * minimum) & (spread > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (said_t - middle * said) / np.sqrt(share * (1 - share) * spread)
    return np.where(enough & np.isfinite(distance), distance, 0.0)


def _look_at(sums: _Sums, end: int, recent: int, past: int, *, minimum: int) -> Floats:
    middle, start = end - recent, max(end - recent - past, 0)
    said, said_before = sums.said[end] - sums.said[middle], sums.said[middle] - sums.said[start]
    wrote = (sums.wrote[end] - sums.wrote[middle])[:, None]
    wrote_before = (sums.wrote[middle] - sums.wrote[start])[:, None]
    some = (wrote >= minimum) & (wrote_before >= minimum)
    expected = said_before * ratio(wrote, np.maximum(wrote_before, 1))
    enough = some & (np.maximum(said, expected) >= minimum) & (said_before + said >= 2 * minimum)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = _angle(said, wrote) - _angle(said_before, wrote_before)
        distance = 2 * gap / np.sqrt(1 / (wrote + 0.5) + 1 / (wrote_before + 0.5))
    return np.where(enough, distance, 0.0)


def _angle(said: Floats, wrote: Floats) -> Floats:
    angle: Floats = np.arcsin(np.sqrt(np.clip((said + 0.375) / (wrote + 0.75), 0, 1)))
    return angle


def _expected_of(weeks: Weeks, main: Bools, distance: Floats, *, minimum: int) -> Floats:
    """False alerts a year of each series' distance, shape (S, Q).

    The whole survey with its groups has half of the budget, all slices together the other half: what a class spends at
    this distance is counted twice.
    """
    expected = np.full(distance.shape, np.inf)
    tails = _false_alerts(weeks, main, minimum=minimum)
    for tail, own in zip(tails, (main, ~main), strict=True):
        if own.any():
            expected[own] = (1 if own.all() else 2) * _expected(tail, distance[own])
    return expected


def _false_alerts(weeks: Weeks, main: Bools, *, minimum: int) -> Floats:
    """New alerts a year of both classes at each distance of the tail, weeks changing places, shape (2, len(_TAIL))."""
    rng = np.random.default_rng(_SEED)
    n_weeks, weeks = len(weeks.wrote), _levelled(weeks)
    looks = range(_FIRST_LOOK, n_weeks + 1)
    total = np.zeros((2, len(_TAIL)))
    for _ in range(SHUFFLES):
        order = _shuffled(n_weeks, rng)
        sums = _cumulated(Weeks(weeks.said[order], weeks.wrote[order]))
        last = np.zeros(weeks.said.shape[1:])
        for end in looks:
            distance = _look(sums, end, minimum=minimum)[0]
            # New: further out than at the look before, on the same side.
            before = np.where(np.sign(last) == np.sign(distance), np.abs(last), 0.0)
            for number, own in enumerate((main, ~main)):
                total[number] += _crossings(before[own], np.abs(distance[own]))
            last = distance
    return total * _YEAR / (SHUFFLES * len(looks))


def _levelled(weeks: Weeks) -> Weeks:
    """Weeks without their slow movements: what really rose must not make false alerts look frequent.

    A moving average is taken off in the scale in which all counts are as noisy. It spans four months; with two years of
    history a year, so that the season stays in.
    """
    n_weeks = len(weeks.wrote)
    half = 26 if n_weeks >= 2 * _YEAR else 8
    angle, weight = _angle(weeks.said, weeks.wrote[..., None]), weeks.wrote[..., None]
    sums, weights = (
        np.concatenate([np.zeros((1, *one.shape[1:])), one.cumsum(axis=0)]) for one in (angle * weight, weight)
    )
    first, behind = np.maximum(np.arange(n_weeks) - half, 0), np.minimum(np.arange(n_weeks) + half + 1, n_weeks)
    smooth = (sums[behind] - sums[first]) / np.maximum(weights[behind] - weights[first], 1e-9)
    # A week is a part of its own average.
    held = (behind - first)[:, None, None]
    rest = (angle - smooth) * np.sqrt(held / np.maximum(held - 1, 1))
    level = sums[-1] / np.maximum(weights[-1], 1e-9)
    back = (weight + 0.75) * np.sin(np.clip(level + rest, 0, np.pi / 2)) ** 2 - 0.375
    return Weeks(np.clip(back, 0, weight), weeks.wrote)


def _crossings(before: Floats, now: Floats) -> Floats:
    """How many series cross each distance of the tail upwards."""
    above, below = (np.searchsorted(_TAIL, values.ravel(), side="right") for values in (now, before))
    new = above > below
    steps = np.bincount(below[new], minlength=len(_TAIL) + 1) - np.bincount(above[new], minlength=len(_TAIL) + 1)
    crossed: Floats = steps.cumsum()[: len(_TAIL)].astype(np.float64)
    return crossed


def _shuffled(n_weeks: int, rng: np.random.Generator) -> Ints:
    """Weeks in another order; with two years of them, each quarter of the year among itself."""
    if n_weeks < 2 * _YEAR:
        return rng.permutation(n_weeks)
    season = np.arange(n_weeks) % _YEAR // (_YEAR // 4)
    order = np.arange(n_weeks)
    for quarter in np.unique(season):
        own = np.flatnonzero(season == quarter)
        order[own] = rng.permutation(own)
    return order


def _expected(tail: Floats, distance: Floats) -> Floats:
    """False alerts a year of a distance: as counted, and beyond the shuffles as a normal tail would go on."""
    counted = tail * SHUFFLES >= 10  # so many crossings are a figure
    if not counted.any():
        return np.full(distance.shape, np.inf)
    edge = int(np.flatnonzero(counted)[-1])
    start = max(edge - 12, 0)
    squares, logs = _TAIL[start : edge + 1] ** 2, np.log(tail[start : edge + 1])
    slope = min(float(np.polyfit(squares, logs, 1)[0]), -0.25) if edge > start else -0.5
    inside = np.interp(distance, _TAIL[: edge + 1], np.log(np.maximum(tail[: edge + 1], 1e-300)))
    beyond = logs[-1] + slope * (distance**2 - squares[-1])
    expected: Floats = np.exp(np.where(distance > _TAIL[edge], beyond, inside))
    return expected


def _follows(weeks: Weeks, distance: Floats, scale: Ints, raised: Bools, whole: Ints) -> Bools:
    """Slices that move as the whole survey does."""
    further = np.zeros(distance.shape)
    for number, (recent, past) in enumerate(SCALES):
        said, before = weeks.said[-recent:].sum(axis=0), weeks.said[-recent - past : -recent].sum(axis=0)
        wrote, wrote_before = (
            weeks.wrote[own].sum(axis=0)[:, None] for own in (slice(-recent, None), slice(-recent - past, -recent))
        )
        share, former = ratio(said, wrote), ratio(before, wrote_before)
        as_whole = np.clip(former * ratio(share[whole], former[whole]), 1e-9, 1 - 1e-9)
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.sign(distance) * (share - as_whole) / np.sqrt(as_whole * (1 - as_whole) / wrote)
        further = np.where(scale == number, gap, further)
    is_whole = (whole == np.arange(len(whole)))[:, None]
    same_way = raised[whole] & (np.sign(distance[whole]) == np.sign(distance))
    follows: Bools = ~is_whole & same_way & ~(further > _EXPLAINED)
    return follows


@dataclass(frozen=True, slots=True)
class _Movement:
    row: int
    subject: int
    kind: AlertKind
    respondents: int
    base: int
    share_before: float
    p_value: float
    expected: float


def _movement(
    weeks: Weeks, cell: tuple[int, int], scale: tuple[int, int], distance: float, expected: float
) -> _Movement:
    row, subject = cell
    recent, past = scale
    said, wrote = weeks.said[-recent - past :, row, subject], weeks.wrote[-recent - past :, row]
    way = AlertKind.RISING if distance > 0 else AlertKind.FALLING
    return _Movement(
        int(row),
        int(subject),
        AlertKind.STEP_CHANGE if _is_step(said, wrote) else way,
        int(said[-recent:].sum()),
        int(wrote[-recent:].sum()),
        float(said[:-recent].sum() / wrote[:-recent].sum()),
        float(ndtr(-abs(distance))),
        expected,
    )


def _is_step(said: Floats, wrote: Floats) -> bool:
    """Whether two levels tell the weeks better than a level and a slope from some week on (weighted least squares)."""
    angle, weight = _angle(said, wrote), np.maximum(wrote, 1e-9)
    places = range(_LEAST_SIDE, len(angle) - _LEAST_SIDE + 1)
    time = np.arange(len(angle), dtype=np.float64)
    step = min(_unexplained((time >= at).astype(np.float64), angle, weight) for at in places)
    slope = min(_unexplained(np.maximum(time - at, 0), angle, weight) for at in (0, *places))
    # Four times an angle's squared error is its chi-square; a step must be clearly better.
    return bool(4 * (slope - step) > _CLEARLY)


def _unexplained(shape: Floats, values: Floats, weight: Floats) -> float:
    """Weighted sum of squares that a course of this shape leaves."""
    centred, gap = shape - np.average(shape, weights=weight), values - np.average(values, weights=weight)
    slope = (weight * centred * gap).sum() / max((weight * centred**2).sum(), 1e-12)
    return float((weight * (gap - slope * centred) ** 2).sum())


def _rows(found: list[_Movement], respondents: Respondents, mentions: Mentions) -> pd.DataFrame:
    rows, subjects = (np.array([getattr(one, name) for one in found], dtype=np.int64) for name in ("row", "subject"))
    told = repeat_rows(mentions.subjects[["theme_id", "polarity"]], subjects)
    return pd.concat([repeat_rows(respondents.slices.names, rows), told], axis=1).assign(
        kind=[str(one.kind) for one in found],
        label_fr=None,
        respondents=[one.respondents for one in found],
        base=[one.base for one in found],
        share=[one.respondents / one.base for one in found],
        share_before=[one.share_before for one in found],
        statistic=[one.p_value for one in found],
        false_alerts_per_year=[one.expected for one in found],
        state=str(AlertState.RAISED),
        quotes="[]",
    )
