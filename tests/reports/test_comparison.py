import pytest

from verbatim.reports.comparison import between_periods, from_the_rest


def _row(nps, half, n=100):
    return {"nps": nps, "ci_low": nps - half, "ci_high": nps + half, "n": n}


@pytest.mark.parametrize(
    ("now", "before", "chance"),
    [
        (_row(50, 3), _row(45, 4), True),
        (_row(50, 3), _row(44.9, 4), False),
        (_row(40, 3), _row(50, 4), False),
    ],
)
def test_a_change_is_chance_while_its_interval_holds_zero(now, before, chance):
    # 3, 4, 5: half widths add up as the sides of a right angle.
    change = between_periods(now, before)
    assert change.high - change.low == pytest.approx(10)
    assert change.may_be_chance is chance


def test_intervals_that_are_not_symmetric_stay_so():
    now = {"nps": 90, "ci_low": 80, "ci_high": 94}
    before = {"nps": 80, "ci_low": 77, "ci_high": 80}
    change = between_periods(now, before)
    assert (change.low, change.high) == (0, 15)


@pytest.mark.parametrize(("low", "chance"), [(0.5, False), (0.0, True), (-3.0, True)])
def test_a_slice_is_compared_with_the_rest_as_published(low, chance):
    gap = from_the_rest({"difference": 6.0, "difference_low": low, "difference_high": 12.0})
    assert (gap.points, gap.low, gap.high) == (6.0, low, 12.0)
    assert gap.may_be_chance is chance


def test_what_is_suppressed_is_not_compared():
    hidden = {"nps": None, "ci_low": None, "ci_high": None, "n": None}
    assert between_periods(_row(1, 1), hidden) is None
    assert from_the_rest({"difference": None, "difference_low": None, "difference_high": None}) is None
