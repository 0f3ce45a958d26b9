from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.measures.surveys import OPTIONS, crowd, frames, measure, measure_frames, opinion, response, said
from verbatim.errors import ContractError


def cell(drivers, group, theme="prix_tarif", polarity="negative"):
    wanted = (drivers["nps_group"] == group) & (drivers["theme_id"] == theme) & (drivers["polarity"] == polarity)
    return drivers[wanted & (drivers["dimension"] == "all")].iloc[0]


def test_a_driver_counts_respondents_not_mentions():
    opinions = [opinion(20), opinion(20), opinion(21), opinion(0)]
    row = cell(measure(crowd(10, 10, 10), opinions)["drivers"], "detractor")
    assert row[["base", "respondents", "share"]].tolist() == [10, 2, 0.2]
    assert row[["base_elsewhere", "share_elsewhere"]].tolist() == [20, 0.05]
    assert row["difference"] == pytest.approx(0.15)
    assert row["ci_low"] < 0.15 < row["ci_high"]


def test_the_stake_counts_all_with_a_score():
    responses = [*crowd(10, 10, 10), *crowd(10, 5, 5, start=50, text=False)]
    row = cell(measure(responses, said([20, 21]))["drivers"], "detractor")
    assert (row["base"], row["stake_points"]) == (10, pytest.approx(100 * 2 / 50))


def test_only_those_with_a_score_and_a_text_count():
    responses = [*crowd(5, 5, 5), response(50, None), response(51, "detractor", text=False)]
    row = cell(measure(responses, said([10, 50, 51]))["drivers"], "detractor")
    assert row[["base", "respondents"]].tolist() == [5, 1]


def test_a_group_that_says_nothing_of_it_has_a_row():
    drivers = measure(crowd(5, 5, 5), said([10]))["drivers"]
    assert drivers["nps_group"].tolist() == ["detractor", "passive", "promoter"]
    row = cell(drivers, "promoter")
    assert row[["respondents", "share", "stake_points"]].tolist() == [0, 0, 0]
    assert pd.isna(row["rank"])


def test_ranks_follow_the_stake_within_a_polarity():
    opinions = [
        *said([20, 21, 22], "attente"),
        *said([20, 21], "prix_tarif"),
        *said([23, 24], "choix"),
        *said([20, 21, 22, 23], "image_recommandation"),
        *said([20, 21, 22, 23], "a_classer"),
        *said([20], "accueil", "positive"),
    ]
    drivers = measure(crowd(10, 10, 10), opinions)["drivers"]
    ranks = {
        (row.polarity, row.theme_id): row.rank for row in drivers[drivers["nps_group"] == "detractor"].itertuples()
    }
    assert ranks == {
        ("negative", "attente"): 1,
        ("negative", "choix"): 2,
        ("negative", "prix_tarif"): 3,
        ("negative", "image_recommandation"): pd.NA,
        ("negative", "a_classer"): pd.NA,
        ("positive", "accueil"): 1,
    }


@pytest.mark.parametrize(
    ("size", "speakers", "verdicts"),
    [
        (100, range(200, 240), ["more_than_elsewhere", "less_than_elsewhere", "less_than_elsewhere"]),
        (100, [*range(0, 20), *range(100, 120), *range(200, 222)], ["inconclusive"] * 3),
        (10, range(20, 22), ["inconclusive"] * 3),
        (3000, range(0, 9000, 50), ["as_elsewhere"] * 3),
    ],
    ids=["clear", "unclear", "few", "alike"],
)
def test_a_verdict_says_no_more_than_the_interval(size, speakers, verdicts):
    drivers = measure(crowd(size, size, size), said(speakers))["drivers"]
    assert [cell(drivers, group)["verdict"] for group in ("detractor", "passive", "promoter")] == verdicts


def test_weights_carry_the_shares():
    responses = [*crowd(5, 5, 4), response(20, "detractor", weight=6.0)]
    row = cell(measure(responses, said([20]))["drivers"], "detractor")
    assert row[["base", "respondents", "share"]].tolist() == [5, 1, 0.6]
    assert row["stake_points"] == pytest.approx(100 * 6 / 20)


def test_families_are_a_slice_and_a_polarity():
    alone = measure(crowd(30, 30, 30), said(range(60, 75)))["drivers"]
    opinions = [*said(range(60, 75)), *said([0, 31], "choix", "positive")]
    beside_praise = measure(crowd(30, 30, 30), opinions)["drivers"]
    beside_complaint = measure(crowd(30, 30, 30), [*said(range(60, 75)), *said([0, 31], "choix")])["drivers"]
    first, second, third = (
        cell(drivers, "promoter")["q_value"] for drivers in (alone, beside_praise, beside_complaint)
    )
    assert first == second < third


def test_no_theme_is_confirmed_more_often_than_promised_when_nothing_differs():
    """200 surveys without any effect: those with a confirmed driver stay under the binomial bound of 5 %."""
    generator = np.random.default_rng(7)
    responses, opinions = frames(crowd(60, 60, 60), [opinion(0)])
    options = replace(OPTIONS, dimensions=(), indicators={}, min_respondents=10)
    themes = [f"t{number}" for number in range(10)]
    found = 0
    for _ in range(200):
        who, what = np.nonzero(generator.random((180, 10)) < 0.15)
        spoken = pd.concat([opinions] * len(who), ignore_index=True)
        spoken["response_id"] = pd.array([f"r{number}" for number in who], dtype="string")
        spoken["theme_id"] = pd.array([themes[number] for number in what], dtype="string")
        verdicts = measure_frames(responses, spoken, options)["drivers"]["verdict"]
        found += bool(verdicts.isin(["more_than_elsewhere", "less_than_elsewhere"]).any())
    # 10 are expected of 200; 16 is the 97.5 % bound.
    assert found <= 16


def test_opinions_of_another_codebook_are_refused():
    with pytest.raises(ContractError, match=r"1 opinions were read with another codebook"):
        measure(crowd(3, 3, 3), [opinion(0) | {"codebook": "ex-fr"}])
