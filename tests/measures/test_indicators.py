import pytest
from scipy.stats import t

from tests.measures.surveys import measure, response


def answers(*values, **fields):
    return [response(place, satisfaction=value, **fields) for place, value in enumerate(values)]


def whole(responses):
    rows = measure(responses)["indicators"]
    return rows[rows["dimension"] == "all"].iloc[0]


def test_a_mean_on_its_own_scale():
    row = whole(answers(1, 3, 5, 4, None))
    assert row[["scale_low", "scale_high", "base", "mean"]].tolist() == [1, 5, 4, 3.25]
    low, high = t.interval(0.95, 3, 3.25, 1.7078251 / 2)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((1 if low < 1 else low, 5 if high > 5 else high))


def test_an_answer_outside_its_scale_is_none():
    assert whole(answers(1, 3, 5, 4, 9))["base"] == 4


def test_weights_carry_the_mean():
    rows = [response(place, satisfaction=1, weight=1.0) for place in range(4)]
    rows += [response(place, satisfaction=5, weight=3.0) for place in range(4, 8)]
    assert whole(rows)["mean"] == pytest.approx(4)


def test_too_few_answers_are_not_shown():
    row = whole(answers(1, 5, None, None, None))
    assert row["suppressed"]
    assert row[["base", "mean", "ci_low", "ci_high"]].isna().all()
