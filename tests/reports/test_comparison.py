import pytest

from verbatim.reports.comparison import between_periods, from_whole


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


def test_a_random_part_of_the_whole_has_the_interval_of_a_draw():
    # Half width 20 for 100 of 400: 20 × √(1 − ¼), for a whole of half width 10.
    gap = from_whole(_row(30, 20, n=100), _row(30, 10, n=400))
    assert gap.high == pytest.approx(20 * 0.75**0.5)


def test_the_whole_does_not_differ_from_itself():
    gap = from_whole(_row(30, 10), _row(30, 10))
    assert (gap.low, gap.high) == (0, 0)
    assert gap.may_be_chance


def test_what_is_suppressed_is_not_compared():
    hidden = {"nps": None, "ci_low": None, "ci_high": None, "n": None}
    assert between_periods(_row(1, 1), hidden) is None
    assert from_whole(hidden, _row(1, 1)) is None
