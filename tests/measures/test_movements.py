"""What rises, falls or steps is found; what only wobbles raises no more alerts than are stated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from verbatim.measures import movements
from verbatim.measures.mentions import Mentions
from verbatim.measures.movements import Weeks, count_weeks, find_movements, withdraw
from verbatim.measures.respondents import Respondents
from verbatim.measures.slices import Slices
from verbatim.tables import ALERTS, AlertKind

RISE = np.r_[np.full(40, 0.05), np.linspace(0.05, 0.2, 12)]
STEP = np.r_[np.full(43, 0.04), np.full(9, 0.16)]


def survey(seed: int, *, course=None, n_weeks: int = 52, n_subjects: int = 20, a_week: int = 100):
    """Weekly commenters of two channels; subject 0 follows the course, the others stay where they are."""
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(n_weeks), rng.poisson(a_week, n_weeks))
    size = len(week)
    share = np.tile(rng.choice([0.02, 0.05, 0.1], n_subjects), (n_weeks, 1))
    if course is not None:
        share[:, 0] = course
    who, what = np.nonzero(rng.random((size, n_subjects)) < share[week])
    names = pd.DataFrame(
        {"population": "all", "dimension": ["all", "channel", "channel"], "slice": ["all", "tel", "web"]}
    )
    channel = 1 + rng.integers(0, 2, size)
    slices = Slices(names, np.array([0, 1, 1]), np.zeros(3, dtype=np.int64), (np.zeros(size, dtype=np.int64), channel))
    one = np.ones(size)
    people = Respondents(
        pd.Index([f"r{number}" for number in range(size)]),
        np.full(size, 5),
        np.full(size, 2),
        one,
        one.astype(bool),
        np.zeros(size, dtype=bool),
        np.arange(size),
        {},
        slices,
    )
    subjects = pd.DataFrame({"theme_id": [f"t{number:02}" for number in range(n_subjects)], "polarity": "negative"})
    return people, Mentions(who.astype(np.int64), what.astype(np.int64), subjects), week


def moved(seed: int, course, **more) -> pd.DataFrame:
    people, mentions, week = survey(seed, course=course)
    return find_movements(people, mentions, week, 52, minimum=10, **more)


def test_weeks_count_respondents_of_their_slice():
    people, mentions, week = survey(1)
    weeks = count_weeks(people, mentions, week, 52)
    assert weeks.wrote[:, 0].sum() == len(week)
    assert (weeks.wrote[:, 1] + weeks.wrote[:, 2] == weeks.wrote[:, 0]).all()
    assert weeks.said[:, 0].sum() == len(mentions.respondent)


@pytest.mark.parametrize(
    ("course", "kinds"),
    [
        (RISE, {AlertKind.RISING, AlertKind.STEP_CHANGE}),
        (RISE[::-1], {AlertKind.FALLING, AlertKind.STEP_CHANGE}),
        (STEP, {AlertKind.STEP_CHANGE, AlertKind.RISING}),
    ],
    ids=["rise", "fall", "step"],
)
def test_a_planted_movement_is_found_in_the_whole_survey(course, kinds):
    for seed in range(3):
        found = moved(seed, course).query("dimension == 'all' and theme_id == 't00'")
        assert len(found) == 1
        row = found.iloc[0]
        assert row["kind"] in kinds
        assert (row["share"] > row["share_before"]) == (course[-1] > course[0])
        assert row["false_alerts_per_year"] < 0.1


def test_a_step_is_told_from_a_rise():
    steps = [movements._is_step(*_weeks(seed, STEP)) for seed in range(12)]
    rises = [movements._is_step(*_weeks(seed, np.linspace(0.04, 0.2, 52))) for seed in range(12)]
    assert sum(steps) >= 8
    assert sum(rises) <= 3


def _weeks(seed: int, course):
    people, mentions, week = survey(seed, course=course, a_week=150)
    weeks: Weeks = count_weeks(people, mentions, week, 52)
    return weeks.said[-30:, 0, 0], weeks.wrote[-30:, 0]


def test_a_slice_that_follows_the_whole_has_no_alert_of_its_own():
    assert moved(4, RISE).query("theme_id == 't00'")["dimension"].tolist() == ["all"]


def test_a_short_history_raises_nothing():
    people, mentions, week = survey(1, course=RISE)
    recent = np.where(week >= 41, week - 41, -1)
    assert find_movements(people, mentions, recent, 11, minimum=10).empty


def test_the_order_of_the_rows_changes_nothing():
    people, mentions, week = survey(2, course=RISE)
    again = Mentions(mentions.respondent[::-1], mentions.subject[::-1], mentions.subjects)
    first, second = (find_movements(people, one, week, 52, minimum=10) for one in (mentions, again))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.slow
def test_false_alerts_come_as_often_as_stated():
    """Sixteen years without any cause: new alerts within the Poisson bound of two a year."""
    raised, years = 0, 0.0
    for seed in range(16):
        people, mentions, week = survey(100 + seed, n_weeks=64)
        weeks = count_weeks(people, mentions, week, 64)
        main, sums = np.array([True, False, False]), movements._cumulated(weeks)
        tails = movements._false_alerts(weeks, main, minimum=10)
        last = np.zeros(weeks.said.shape[1:], dtype=bool)
        for end in range(movements._FIRST_LOOK, 65):
            distance = np.abs(movements._look(sums, end, minimum=10)[0])
            expected = np.stack(
                [2 * movements._expected(tails[0 if row == 0 else 1], distance[row]) for row in range(3)]
            )
            now = (distance > 0) & (expected <= movements.RATE)
            raised += int((now & ~last).sum())
            last = now
        years += (65 - movements._FIRST_LOOK) / 52
    assert raised <= poisson.ppf(0.99, movements.RATE * years)


def alert(theme: str, state: str = "raised", kind: str = "rising") -> dict:
    row = dict.fromkeys(ALERTS.column_names)
    return row | {"population": "all", "dimension": "all", "slice": "all", "polarity": "negative",
                  "theme_id": theme, "kind": kind, "state": state}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "before", "states"),
    [
        ([alert("prix")], [alert("prix")], {"prix": "raised"}),
        ([], [alert("prix")], {"prix": "withdrawn"}),
        ([], [alert("prix", "withdrawn")], {"prix": "withdrawn"}),
        ([alert("prix")], [alert("prix", "withdrawn")], {"prix": "raised"}),
        ([], [alert("sujet", kind="new")], {}),
    ],
    ids=["stands", "cancelled", "stays withdrawn", "raised again", "new subjects are another matter"],
)
def test_what_late_answers_cancel_is_withdrawn_in_the_open(found, before, states):
    frames = [pd.DataFrame(rows, columns=ALERTS.column_names) for rows in (found, before)]
    kept = withdraw(*frames)
    assert dict(zip(kept["theme_id"], kept["state"], strict=True)) == states
