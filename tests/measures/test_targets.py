import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatim.errors import SettingsError
from verbatim.measures.targets import Target, measure_targets
from verbatim.tables import TARGETS, conform

ENVELOPE = {"survey_id", "window", "run_id"}
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def row(period, nps, *, n=400, half=7.8, provisional=False, suppressed=False, **cell):
    """One published row of `nps`."""
    figures = {"n": n, "nps": nps, "ci_low": max(nps - half, -100), "ci_high": min(nps + half, 100)}
    shown = dict.fromkeys(figures) if suppressed else figures
    key = {"population": "all", "period": period, "dimension": "all", "slice": "all"}
    return {**key, **shown, "provisional": provisional, "suppressed": suppressed, **cell}


def published(*rows):
    figures = dict.fromkeys(("nps", "ci_low", "ci_high"), "Float64") | {"n": "Int64"}
    frame = pd.DataFrame(list(rows), columns=list(row("2026-01", 0)))
    return frame.astype(figures | {"provisional": "boolean", "suppressed": "boolean"})


def steady(count, nps=30.0, **fields):
    """So many closed months with one NPS."""
    return [row(month, nps, **fields) for month in MONTHS[:count]]


def stand(rows, *, nps=30.0, by="2026-12", now="2026-07", **scope):
    return measure_targets(published(*rows), [Target("t", nps, by, **scope)], as_of_period=now).iloc[0]


def test_the_columns_are_those_of_the_table():
    targets = [Target("b", 30, "2026-12"), Target("a", 20, "2026-03")]
    frame = measure_targets(published(*steady(6)), targets, as_of_period="2026-07")
    assert list(frame.columns) == [name for name in TARGETS.column_names if name not in ENVELOPE]
    assert frame["target"].tolist() == ["a", "b"]
    conform(frame.assign(**dict.fromkeys(ENVELOPE, "x")), TARGETS)
    conform(
        measure_targets(published(), targets, as_of_period="2026-07").assign(**dict.fromkeys(ENVELOPE, "x")), TARGETS
    )


@pytest.mark.parametrize(
    ("nps", "target", "state"),
    [(30.0, 30, "reached"), (29.9, 30, "missed"), (0.1 + 0.2, 0.3, "reached"), (0.3, 0.1 + 0.2, "reached")],
    ids=["to the point", "a tenth short", "rounding up", "rounding down"],
)
def test_a_closed_period_is_reached_or_missed_by_its_headline(nps, target, state):
    found = stand([*steady(2), row("2026-03", nps, n=123)], nps=target, by="2026-03")
    assert (found["state"], found["nps"], found["n"]) == (state, nps, 123)
    assert pd.isna(found["chance"])


def test_a_closed_quarter_is_judged_by_its_own_row():
    rows = [*steady(3), row("2026-Q1", 31.0, n=1200)]
    assert stand(rows, by="2026-Q1")[["state", "nps", "n"]].tolist() == ["reached", 31.0, 1200]
    provisional = [*steady(5), row("2026-Q2", 99.0, provisional=True)]
    assert stand(provisional, by="2026-Q2", now="2026-06")[["state", "nps"]].tolist() == ["open", 30.0]


@pytest.mark.parametrize(
    ("target", "state"), [(0, "likely"), (30, "open"), (60, "unlikely")], ids=["far below", "where it is", "far above"]
)
def test_an_open_period_has_a_chance(target, state):
    found = stand([*steady(6), row("2026-07", 90.0, provisional=True)], nps=target)
    assert (found["state"], found["nps"], found["n"]) == (state, 30.0, 400)
    assert found["chance"] == pytest.approx({"likely": 0.99, "open": 0.5, "unlikely": 0.01}[state], abs=1e-9)


def test_the_chance_is_that_of_a_known_walk():
    """So many respondents that the NPS is known: the next is normal around the last, its spread that of the steps."""
    rng = np.random.default_rng(7)
    walk = 20 + np.cumsum(rng.normal(0, 2, 240))
    days = pd.date_range("2000-01", periods=240, freq="MS").strftime("%Y-%m")
    rows = [row(day, value, n=10**7, half=0.05) for day, value in zip(days, walk, strict=True)]
    spread = np.sqrt((np.diff(walk) ** 2).mean())
    for steps, by in ((1, "2020-01"), (9, "2020-09")):
        found = stand(rows, nps=walk[-1] - spread * np.sqrt(steps), by=by, now="2020-01")
        assert found["chance"] == pytest.approx(0.8413, abs=0.01)


def test_what_is_measured_of_few_may_lie_anywhere():
    """A level well below the target is reached now and then where the base is small."""
    many, few = (stand(steady(6, n=n, half=half), nps=36)["chance"] for n, half in ((4000, 2.5), (40, 24.7)))
    assert many < few < 0.5


@pytest.mark.parametrize(
    ("rows", "by", "now"),
    [
        (steady(3), "2026-12", "2026-04"),
        (
            [*steady(3), row("2026-04", 0, suppressed=True), row("2026-05", 30.0, provisional=True)],
            "2026-12",
            "2026-05",
        ),
        (steady(6), "2026-W40", "2026-07"),
        (
            [*steady(4), row("2026-05", 0, suppressed=True), row("2026-06", 30.0)],
            "2026-05",
            "2026-07",
        ),
        ([], "2026-12", "2026-07"),
    ],
    ids=["three periods", "three that are shown", "shorter than a month", "over and suppressed", "none"],
)
def test_no_chance_where_too_little_is_known(rows, by, now):
    frame = measure_targets(published(*rows), [Target("t", 30, by)], as_of_period=now)
    assert frame["state"].tolist() == ["open"] * (len(rows) > 0)
    assert frame["chance"].isna().all()


def test_a_quarter_of_which_two_months_are_known_is_surer_than_one_ahead():
    quarter = [row(month, 30.0) for month in MONTHS[:9]] + [row("2026-10", 40.0), row("2026-11", 40.0)]
    assert stand(quarter, nps=34, by="2026-Q4", now="2026-12")["chance"] > 0.9
    assert stand(quarter[:9], nps=34, by="2026-Q4", now="2026-10")["chance"] < 0.4


def test_weeks_belong_to_the_month_that_holds_their_middle():
    weeks = [row(f"2026-W{week:02d}", 30.0) for week in range(1, 27)]
    # July has five Thursdays, W27 to W31: the fourth and the fifth tell.
    known = [*weeks, *(row(f"2026-W{week}", 50.0) for week in range(27, 31))]
    assert stand(known, nps=40, by="2026-07", now="2026-W31")["chance"] == 0.99
    assert stand(weeks, nps=40, by="2026-07", now="2026-W27")["chance"] < 0.05


def test_months_without_a_figure_are_walked_through():
    whole, gap = steady(8), [one for one in steady(8) if one["period"] not in ("2026-05", "2026-06")]
    surer, less_sure = (stand(rows, nps=25, by="2026-09", now="2026-09")["chance"] for rows in (whole, gap))
    assert 0.5 < less_sure < surer < 0.99


def test_each_population_has_its_row_unless_one_is_named():
    rows = [one | {"population": name} for name in ("b", "a") for one in steady(5)]
    targets = [Target("t", 10, "2026-12"), Target("u", 10, "2026-12", population="b")]
    frame = measure_targets(published(*rows), targets, as_of_period="2026-06")
    assert frame[["population", "target"]].to_numpy().tolist() == [["a", "t"], ["b", "t"], ["b", "u"]]


def test_a_slice_that_nobody_is_in_is_an_error():
    rows = [*steady(5), *(one | {"dimension": "channel", "slice": "web"} for one in steady(5, nps=50.0))]
    assert stand(rows, dimension="channel", slice="web")["nps"] == 50.0
    with pytest.raises(SettingsError, match=r"(?s)channel = wbe.*targets\.t.*web"):
        stand(rows, dimension="channel", slice="wbe")
    with pytest.raises(SettingsError, match=r"targets\.t"):
        stand(rows, population="nobody")


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.floats(-100, 100), st.lists(st.floats(-90, 90), min_size=4, max_size=11))
def test_a_chance_falls_with_the_target_and_knows_no_order(random, target, walk):
    rows = [row(month, value) for month, value in zip(MONTHS, walk, strict=False)]
    targets = [Target("low", target, "2026-12"), Target("high", target + 5, "2026-12")]
    frame = measure_targets(published(*rows), targets, as_of_period=MONTHS[len(walk)])
    high, low = frame["chance"]
    assert 0.01 <= high <= low <= 0.99
    random.shuffle(rows)
    pd.testing.assert_frame_equal(measure_targets(published(*rows), targets, as_of_period=MONTHS[len(walk)]), frame)


@pytest.mark.slow
def test_chances_of_seven_to_nine_in_ten_come_true_as_often():
    """Walks that move by 1 to 4 points a month, of 100 to 800 respondents, a target about where the NPS stands."""
    rng = np.random.default_rng(20260704)
    stated, came = [], []
    for _ in range(1000):
        sd, n, closed, ahead = rng.uniform(1, 4), int(rng.integers(100, 800)), int(rng.integers(4, 12)), 1
        level = rng.uniform(0, 40) + np.cumsum(rng.normal(0, sd, closed + ahead))
        up = rng.multinomial(n, [0.5, 0.3, 0.2], size=closed + ahead)
        measured = level + 100 * ((up[:, 0] - up[:, 2]) / n - 0.3)
        goal = measured[closed - 1] + rng.normal(0, 6)
        rows = [
            row(month, value, n=n, half=1.96 * 78 / np.sqrt(n))
            for month, value in zip(MONTHS, measured[:-1], strict=False)
        ]
        stated.append(stand(rows, nps=goal, by=MONTHS[closed], now=MONTHS[closed])["chance"])
        came.append(measured[-1] >= goal)
    within = (np.array(stated) >= 0.7) & (np.array(stated) <= 0.9)
    share, expected = np.array(came)[within].mean(), np.array(stated)[within].mean()
    assert within.sum() > 150
    # Three standard errors of a binomial share, and two points for what any model of a walk leaves open.
    assert abs(share - expected) < 3 * np.sqrt(0.8 * 0.2 / within.sum()) + 0.02
