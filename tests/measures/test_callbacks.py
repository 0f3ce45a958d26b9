import datetime as dt
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measures.surveys import OPTIONS, crowd, frames, opinion, response
from verbatim.measures.callbacks import first_calls, measure_inner_loop, plan_callbacks
from verbatim.measures.respondents import read_respondents
from verbatim.tables import CALLBACKS, INNER_LOOP, conform

ENVELOPE = {"survey_id", "period", "window", "run_id"}
NOON = pd.Timestamp("2026-03-14 12:00", tz="UTC")
AS_OF = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def calls(*rows):
    """Calls about responses, hours after noon of the 14th; None: without a time."""
    hours = [pd.NaT if hour is None else NOON + pd.Timedelta(hours=hour) for _, hour in rows]
    return pd.DataFrame(
        {
            "response_id": pd.Series([f"r{number}" for number, _ in rows], dtype="string"),
            "called_at": pd.Series(hours, dtype="datetime64[us, UTC]"),
        }
    )


def detractors(count, *, start=0, **fields):
    return crowd(0, 0, count, start=start, answered_at=NOON, **fields)


def plan(responses, opinions=(), called=(), *, as_of=AS_OF):
    return plan_callbacks(*frames(responses, opinions), calls(*called), as_of=as_of)


def loop(responses, called, later=(), *, minimum=3, hidden=None):
    """Inner loop of rows; `later` are responses of later periods."""
    here, _ = frames(responses)
    respondents = read_respondents(here, replace(OPTIONS, indicators={}))
    answers, _ = frames([*responses, *later])
    due = plan_callbacks(*frames(responses), calls(*called), as_of=AS_OF)
    nothing = np.zeros(respondents.slices.count, dtype=bool)
    return measure_inner_loop(respondents, due, answers, nothing if hidden is None else hidden, minimum=minimum)


def again(number, score, *, customer, days=10):
    """A later answer of a customer."""
    group = "promoter" if score > 8 else "detractor" if score < 7 else "passive"
    return response(number, group, score=score, customer_key=customer, answered_at=NOON + pd.Timedelta(days=days))


def test_the_columns_are_those_of_the_tables():
    planned, measured = plan(detractors(3), called=[(1, 3)]), loop(detractors(5), [(1, 3)])
    for frame, table in ((planned, CALLBACKS), (measured, INNER_LOOP)):
        assert list(frame.columns) == [name for name in table.column_names if name not in ENVELOPE]
        conform(frame.assign(**dict.fromkeys(ENVELOPE, "x")), table)
    conform(plan([]).assign(**dict.fromkeys(ENVELOPE, "x")), CALLBACKS)
    conform(loop([], []).assign(**dict.fromkeys(ENVELOPE, "x")), INNER_LOOP)


def test_detractors_alone_are_called():
    groups = ["promoter", "passive", "detractor", None]
    frame = plan([response(number, group, answered_at=NOON) for number, group in enumerate(groups)])
    assert frame["response_id"].tolist() == ["r2"]
    assert frame["due_at"].tolist() == [NOON + pd.Timedelta(days=2)]


@pytest.mark.parametrize(
    ("called", "as_of", "state", "called_at"),
    [
        ([], 48, "due", None),
        ([], 48.01, "late", None),
        ([(0, 5)], 100, "done", 5),
        ([(0, 72)], 100, "done", 72),
        ([(0, 72)], 50, "late", None),
        ([(0, 30), (0, 5), (0, None)], 100, "done", 5),
        ([(0, -1)], 100, "late", None),
        ([(0, -1), (0, 6)], 100, "done", 6),
        ([(7, 1)], 100, "late", None),
    ],
    ids=[
        "to the minute",
        "too late",
        "called",
        "called late",
        "called after the run looks",
        "first call counts",
        "called before the answer",
        "called before and after",
        "another was called",
    ],
)
def test_a_call_is_due_done_or_late(called, as_of, state, called_at):
    row = plan(detractors(1), called=called, as_of=NOON + pd.Timedelta(hours=as_of)).iloc[0]
    assert row["state"] == state
    assert (None if pd.isna(row["called_at"]) else (row["called_at"] - NOON) / pd.Timedelta(hours=1)) == called_at


def test_what_to_call_about_is_the_first_complaint():
    said = [
        opinion(0, "accueil", "positive") | {"start": 0},
        opinion(0, "attente") | {"start": 40},
        opinion(0, "prix_tarif") | {"start": 9},
        opinion(1, "accueil", "neutral"),
    ]
    for order in (said, said[::-1]):
        theme = plan(detractors(3), order)["theme_id"]
        assert theme.fillna("none").tolist() == ["prix_tarif", "none", "none"]


def test_no_call_is_lost_silently():
    responses, _ = frames([*detractors(3), *crowd(1, 0, 0, start=3, answered_at=NOON)])
    listed = calls((0, 5), (0, 9), (1, -2), (2, None), (2, 2000), (3, 4), (8, 1), (9, None))
    first, report = first_calls(responses, listed, as_of=AS_OF)
    assert first["response_id"].tolist() == ["r0", "r3"]
    assert asdict(report) == {
        "used": 2,
        "repeated": 1,
        "unknown": 2,
        "without_time": 1,
        "before_answer": 1,
        "after_as_of": 1,
    }
    assert sum(asdict(report).values()) == len(listed)
    assert first_calls(responses, first, as_of=AS_OF)[1].used == 2


def test_the_share_called_in_time():
    """12 detractors, 7 called, 6 of them in time; Wilson's interval of 6 of 12 is 0.2538 to 0.7462."""
    called = [(number, 48 if number else 49) for number in range(7)]
    row = loop([*detractors(12), *crowd(5, 5, 0, start=20)], called).iloc[0]
    assert row[["detractors", "called", "in_time", "share_in_time"]].tolist() == [12, 7, 6, 0.5]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([0.2538, 0.7462], abs=1e-4)


def test_a_change_is_from_the_detractors_answer_to_the_same_customers_next_one():
    """Called: 2 → 5, 6, 10: +3, +4, +8; mean 5, t(2) = 4.303, sd √7. Not called: 2 → 2, 3, 4: mean 1."""
    responses = [row | {"customer_key": f"c{number}"} for number, row in enumerate(detractors(7))]
    scores = [5, 6, 10, 2, 3, 4]
    later = [again(100 + number, score, customer=f"c{number}") for number, score in enumerate(scores)]
    later += [again(200, 0, customer="c0", days=20), again(201, 9, customer="c9")]
    row = loop(responses, [(0, 1), (1, 1), (2, 1)], later).iloc[0]
    assert row[["called", "answered_again", "score_change", "change_uncalled"]].tolist() == [3, 3, 5.0, 1.0]
    half = 4.302653 * np.sqrt(7 / 3)
    assert row["change_low"] == pytest.approx(5 - half, abs=1e-4)
    assert row["change_high"] == pytest.approx(min(5 + half, 10), abs=1e-4)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({"days": 10}, 1),
        ({"days": 1}, 0),
        ({"days": -3}, 0),
        ({"population": "b"}, 0),
        ({"customer_key": None}, 0),
        ({"score": None, "nps_group": None}, 0),
    ],
    ids=["after the call", "before the call", "before the answer", "another brand", "unknown", "without a score"],
)
def test_the_next_answer_comes_after_the_call_and_from_the_same_survey(later, expected):
    responses = [row | {"customer_key": f"c{number}"} for number, row in enumerate(detractors(3))]
    answers = [again(number + 100, 7, customer=f"c{number}") for number in range(3)]
    fields = {name: value for name, value in later.items() if name != "days"}
    moved = NOON + pd.Timedelta(days=later.get("days", 10))
    changed = [row | fields | {"answered_at": moved} for row in answers]
    row = loop(responses, [(number, 47) for number in range(3)], changed).iloc[0]
    assert pd.notna(row["answered_again"]) == bool(expected)
    assert row["score_change"] == 5 if expected else pd.isna(row["score_change"])


def test_too_few_who_answered_again_have_no_figure():
    responses = [row | {"customer_key": f"c{number}"} for number, row in enumerate(detractors(6))]
    later = [again(number + 100, 7, customer=f"c{number}") for number in (0, 1, 3, 4, 5)]
    row = loop(responses, [(0, 1), (1, 1), (2, 1)], later).iloc[0]
    assert row[["answered_again", "score_change", "change_low", "change_high"]].isna().all()
    assert (row["called"], row["change_uncalled"]) == (3, 5)


def shown(responses, **options):
    frame = loop(responses, [], **options)
    return frame["slice"].tolist()


def test_slices_of_few_detractors_have_no_row_nor_those_that_would_give_them_away():
    shop, web, phone = (
        detractors(n, start=100 * n, channel=name) for name, n in (("magasin", 9), ("web", 6), ("tel", 2))
    )
    happy = crowd(50, 0, 0, start=5000, channel="tel")
    assert shown([*shop, *web]) == ["all", "magasin", "web"]
    assert shown([*shop, *web, *phone, *happy]) == ["all", "magasin"]
    assert shown([*shop, *web, *happy]) == ["all", "magasin", "web"]
    assert shown(detractors(2)) == []
    assert shown([*shop, *web], hidden=np.array([False, True, False])) == ["all", "web"]


@settings(deadline=None, max_examples=10)
@given(st.randoms(use_true_random=False), st.lists(st.tuples(st.integers(0, 5), st.integers(1, 90)), max_size=25))
def test_no_figure_hangs_on_the_order_of_the_rows(random, spoken):
    responses = [row | {"customer_key": f"c{number % 6}"} for number, row in enumerate(detractors(12, channel="web"))]
    later = [again(number + 100, number % 11, customer=f"c{number % 6}", days=number % 7 + 1) for number in range(9)]
    expected = loop(responses, spoken, later)
    shuffled = [responses, list(spoken), later]
    for rows in shuffled:
        random.shuffle(rows)
    pd.testing.assert_frame_equal(loop(*shuffled), expected)
