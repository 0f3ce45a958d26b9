import pytest

from tests.measures.surveys import crowd, measure


def test_every_score_of_the_scale_has_its_share():
    rows = measure(crowd(5, 3, 2))["score_distribution"].set_index("score")
    assert list(rows.index) == list(range(11))
    assert rows["respondents"].tolist() == [0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 5]
    assert rows["share"].tolist() == pytest.approx([0, 0, 0.2, 0, 0, 0, 0, 0.3, 0, 0, 0.5])
    assert set(rows["base"]) == {10}


def test_shares_are_weighted_and_counts_are_not():
    rows = measure([*crowd(5, 3, 0), *crowd(0, 0, 2, start=10, weight=4.0)])["score_distribution"].set_index("score")
    assert (rows.loc[2, "respondents"], rows.loc[2, "share"]) == (2, 0.5)
