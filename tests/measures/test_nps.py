import pytest

from tests.measures.surveys import crowd, measure, response


def whole(responses):
    nps = measure(responses)["nps"]
    return nps[nps["dimension"] == "all"].iloc[0]


def test_the_nps_counts_those_with_a_score():
    row = whole([*crowd(5, 3, 2), *(response(20 + i, None) for i in range(4))])
    assert row[["n", "promoters", "passives", "detractors"]].tolist() == [10, 5, 3, 2]
    assert row["nps"] == row["nps_unweighted"] == pytest.approx(30)
    # (5.75 − 2.75) / 13 ± 1.96 × √((8.5/13 − (3/13)²) / 13)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-19.05, 65.21), abs=0.01)


def test_weights_carry_the_headline_and_widen_its_interval():
    weighted = whole([*crowd(5, 3, 0, weight=1.0), *crowd(0, 0, 2, start=10, weight=4.0)])
    plain = whole(crowd(5, 3, 2))
    assert weighted["nps"] == pytest.approx(100 * (5 - 8) / 16)
    assert weighted["nps_unweighted"] == pytest.approx(30)
    assert weighted["ci_high"] - weighted["ci_low"] > plain["ci_high"] - plain["ci_low"]


def test_a_missing_weight_is_one():
    rows = [*crowd(5, 3, 0), *crowd(0, 0, 2, start=10, weight=4.0)]
    assert whole(rows)["nps"] == pytest.approx(100 * (5 - 8) / 16)


def test_those_who_wrote_stand_beside_the_others():
    row = whole([*crowd(3, 0, 1), *crowd(2, 3, 1, start=10, text=False)])
    assert (row["n_commenters"], row["nps_commenters"]) == (4, 50)


def test_those_who_wrote_are_not_shown_where_the_silent_would_follow():
    row = whole([*crowd(3, 0, 2), *crowd(1, 1, 0, start=10, text=False)])
    assert row["n_commenters"] == 5
    assert row[["nps_commenters"]].isna().all()


def test_populations_are_never_pooled():
    nps = measure([*crowd(4, 0, 0), *crowd(0, 0, 4, start=10, population="b", channel="web")])["nps"]
    assert nps[["population", "dimension", "slice", "nps"]].to_numpy().tolist() == [
        ["all", "all", "all", 100],
        ["b", "all", "all", -100],
        ["b", "channel", "web", -100],
    ]


@pytest.mark.parametrize("responses", [[], [response(0, None)], [response(0)]], ids=["empty", "no score", "one"])
def test_too_few_give_no_figure(responses):
    nps = measure(responses)["nps"]
    assert nps["suppressed"].all()
    assert nps[["n", "nps", "ci_low", "nps_unweighted", "nps_commenters"]].isna().all(axis=None)
