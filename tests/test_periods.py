import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.periods import label_periods, period_bounds, period_kind, spans_between

PARIS = ZoneInfo("Europe/Paris")
KINDS = ["day", "week", "month", "quarter"]


def label(instant: str, kind: str, zone: ZoneInfo = PARIS) -> str:
    answered_at = pd.Series(pd.to_datetime([instant], utc=True)).astype("datetime64[us, UTC]")
    return label_periods(answered_at, kind=kind, zone=zone).iloc[0]


@pytest.mark.parametrize(
    ("instant", "kind", "expected"),
    [
        ("2026-03-14T12:00Z", "day", "2026-03-14"),
        ("2026-03-14T12:00Z", "week", "2026-W11"),
        ("2026-03-14T12:00Z", "month", "2026-03"),
        ("2026-03-14T12:00Z", "quarter", "2026-Q1"),
        ("2025-12-31T23:30Z", "day", "2026-01-01"),
        ("2025-12-31T23:30Z", "month", "2026-01"),
        ("2025-12-31T23:30Z", "quarter", "2026-Q1"),
        ("2025-12-31T22:30Z", "quarter", "2025-Q4"),
        ("2026-12-31T12:00Z", "week", "2026-W53"),
        ("2027-01-01T12:00Z", "week", "2026-W53"),
        ("2027-01-03T22:59Z", "week", "2026-W53"),
        ("2027-01-03T23:00Z", "week", "2027-W01"),
        ("2024-12-30T12:00Z", "week", "2025-W01"),
        ("2024-02-29T12:00Z", "day", "2024-02-29"),
        ("2024-02-29T23:30Z", "month", "2024-03"),
        ("2026-06-30T22:00Z", "quarter", "2026-Q3"),
    ],
)
def test_a_date_belongs_to_the_period_of_the_survey_s_zone(instant, kind, expected):
    assert label(instant, kind) == expected


@pytest.mark.parametrize(
    ("text", "start", "end", "hours"),
    [
        ("2026-03-28", "2026-03-27T23:00", "2026-03-28T23:00", 24),
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00", 23),
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00", 25),
        ("2024-02-29", "2024-02-28T23:00", "2024-02-29T23:00", 24),
        ("2026-W53", "2026-12-27T23:00", "2027-01-03T23:00", 168),
        ("2026-W13", "2026-03-22T23:00", "2026-03-29T22:00", 167),
        ("2024-02", "2024-01-31T23:00", "2024-02-29T23:00", 29 * 24),
        ("2026-02", "2026-01-31T23:00", "2026-02-28T23:00", 28 * 24),
        ("2026-12", "2026-11-30T23:00", "2026-12-31T23:00", 31 * 24),
        ("2026-01-3m", "2025-10-31T23:00", "2026-01-31T23:00", 92 * 24),
        ("2026-03-12m", "2025-03-31T22:00", "2026-03-31T22:00", 365 * 24),
        ("2026-ytd", "2025-12-31T23:00", "2026-12-31T23:00", 365 * 24),
        ("2026-Q1", "2025-12-31T23:00", "2026-03-31T22:00", 90 * 24 - 1),
        ("2026-Q4", "2026-09-30T22:00", "2026-12-31T23:00", 92 * 24 + 1),
    ],
)
def test_bounds_are_the_zone_s_midnights(text, start, end, hours):
    bounds = period_bounds(text, PARIS)
    assert bounds == tuple(dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC) for instant in (start, end))
    assert bounds[1] - bounds[0] == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-03-14", "day"),
        ("2026-W09", "week"),
        ("2026-03", "month"),
        ("2026-Q1", "quarter"),
        ("2026-03-3m", "rolling_3m"),
        ("2026-03-12m", "rolling_12m"),
        ("2026-ytd", "ytd"),
    ],
)
def test_a_label_tells_its_kind(text, kind):
    assert period_kind(text) == kind


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-Q5", "2026-W9", "26-03", "2026-3", "undated", "2026-03-6m", "2026-03-ytd"]
)
def test_what_is_no_label_is_refused(text):
    with pytest.raises(ValueError, match="not a period label"):
        period_bounds(text, PARIS)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "2025-W53", "2026-00"])
def test_a_period_that_does_not_exist_is_refused(text):
    with pytest.raises(ValueError):
        period_bounds(text, PARIS)


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1)),
    st.sampled_from(KINDS),
    st.sampled_from(["Europe/Paris", "America/Martinique", "Indian/Reunion", "Asia/Kathmandu", "UTC"]),
)
def test_a_date_lies_within_the_bounds_of_its_period(instant, kind, zone_name):
    zone = ZoneInfo(zone_name)
    text = label(instant.isoformat() + "Z", kind, zone)
    start, end = period_bounds(text, zone)
    assert period_kind(text) == kind
    assert start <= instant.replace(tzinfo=dt.UTC) < end


@pytest.mark.parametrize("kind", KINDS)
def test_periods_follow_one_another_without_gap(kind):
    text = label("2023-12-20T12:00Z", kind)
    for _ in range(60):
        _, end = period_bounds(text, PARIS)
        following = label(end.isoformat(), kind)
        assert following > text
        assert period_bounds(following, PARIS)[0] == end
        text = following


@pytest.mark.parametrize("kind", KINDS)
def test_no_dates_no_labels(kind):
    nothing = pd.Series([], dtype="datetime64[us, UTC]")
    assert label_periods(nothing, kind=kind, zone=PARIS).tolist() == []


@pytest.mark.parametrize(
    ("first", "last", "base", "spans"),
    [
        ("2026-01-10", "2026-02-03", "month", ["2026-Q1", "2026-ytd"]),
        ("2026-01-10", "2026-04-03", "month", ["2026-Q1", "2026-03-3m", "2026-Q2", "2026-04-3m", "2026-ytd"]),
        ("2026-01-10", "2026-02-03", "week", ["2026-01", "2026-02", "2026-Q1", "2026-ytd"]),
        ("2025-04-01", "2026-03-31", "quarter", ["2025-ytd", "2026-03-12m", "2026-ytd"]),
    ],
    ids=["first months", "a rolling span needs its months", "weeks have months", "quarters"],
)
def test_spans_of_a_survey(first, last, base, spans):
    assert spans_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last), base=base) == spans


def test_a_year_of_months_has_its_spans():
    spans = spans_between(dt.date(2025, 10, 1), dt.date(2026, 9, 30), base="month")
    assert len(spans) == len(set(spans)) == 4 + 10 + 1 + 2
    assert spans[-3:] == ["2026-09-3m", "2026-09-12m", "2026-ytd"]
