import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from tests.measures.surveys import OPTIONS, RUN, crowd, frames, measure, measure_frames, opinion, surveys
from verbatim.measures import measure_period
from verbatim.tables import (
    CONTRASTS,
    DRIVERS,
    EFFECTS,
    INDICATORS,
    NPS,
    NPS_ACCOUNT,
    SCORE_DISTRIBUTION,
    SCORE_TEXT,
    conform,
)

TABLES = {
    table.name: table
    for table in (NPS, SCORE_DISTRIBUTION, INDICATORS, DRIVERS, CONTRASTS, EFFECTS, NPS_ACCOUNT, SCORE_TEXT)
}
SLICE = ["population", "dimension", "slice"]
MINIMUM = OPTIONS.min_respondents

generated = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shown(frame):
    return frame[~frame["suppressed"].astype(bool)]


@generated
@given(surveys())
def test_every_survey_keeps_the_contracts(survey):
    for name, frame in measure_frames(*survey).items():
        conformed = conform(frame.assign(**RUN), TABLES[name])
        assert conformed.sort_values(list(TABLES[name].key), ignore_index=True).equals(conformed)


@generated
@given(surveys())
def test_intervals_hold_their_figures(survey):
    tables = measure_frames(*survey)
    for name, figure in [("nps", "nps"), ("indicators", "mean"), ("drivers", "difference")]:
        rows = tables[name].dropna(subset=[figure])
        assert ((rows["ci_low"] <= rows[figure]) & (rows[figure] <= rows["ci_high"])).all(), name


@generated
@given(surveys())
def test_counts_add_up(survey):
    tables = measure_frames(*survey)
    nps = shown(tables["nps"])
    assert (nps["promoters"] + nps["passives"] + nps["detractors"] == nps["n"]).all()
    assert (nps["n_commenters"] <= nps["n"]).all()
    scores = shown(tables["score_distribution"])
    totals = scores.groupby(SLICE)[["respondents", "share"]].sum()
    assert (totals["respondents"] == scores.groupby(SLICE)["base"].first()).all()
    drivers = shown(tables["drivers"])
    assert (drivers["respondents"] <= drivers["base"]).all()
    assert (tables["drivers"].groupby([*SLICE, "theme_id", "polarity"]).size() == 3).all()


@generated
@given(surveys())
def test_no_small_base_is_shown_and_none_follows_by_subtraction(survey):
    tables = measure_frames(*survey)
    nps = tables["nps"]
    assert (shown(nps)["n"] >= MINIMUM).all()
    assert nps[nps["suppressed"]].drop(columns=["provisional", "suppressed"]).iloc[:, 5:].isna().all(axis=None)
    for population, rows in shown(nps).groupby("population"):
        whole = int(rows.loc[rows["dimension"] == "all", "n"].iloc[0])
        slices = rows[rows["dimension"] == "channel"]
        remainder = whole - int(slices["n"].sum())
        assert remainder == 0 or remainder >= MINIMUM, population


@settings(max_examples=30, deadline=None)
@given(surveys())
def test_the_order_of_the_rows_changes_no_bit(survey):
    responses, opinions = survey
    first = measure_frames(responses, opinions)
    second = measure_frames(responses.iloc[::-1], opinions.sample(frac=1, random_state=1))
    for name in first:
        assert_frame_equal(first[name], second[name], check_exact=True)


def test_uneven_weights_in_another_order_change_no_bit():
    generator = np.random.default_rng(3)
    rows = crowd(40, 40, 40, channel="web", satisfaction=3)
    rows = [row | {"weight": float(weight)} for row, weight in zip(rows, generator.random(120), strict=True)]
    spoken = [opinion(int(number)) for number in generator.choice(120, 50, replace=False)]
    for _ in range(5):
        first, second = (
            measure([rows[i] for i in generator.permutation(120)], [spoken[i] for i in generator.permutation(50)])
            for _ in range(2)
        )
        for name in first:
            assert_frame_equal(first[name], second[name], check_exact=True)


@pytest.mark.parametrize("provisional", [True, False])
def test_every_row_says_whose_and_when(provisional):
    responses, opinions = frames(crowd(3, 3, 3))
    tables = measure_period(
        responses, opinions, survey_id="s", period="2026-Q1", provisional=provisional, options=OPTIONS
    )
    assert tables["nps"].loc[0, ["survey_id", "period", "provisional"]].tolist() == ["s", "2026-Q1", provisional]
    assert set(tables) == set(TABLES)
    for name, frame in tables.items():
        assert list(frame.columns) == [c for c in TABLES[name].column_names if c not in RUN]
