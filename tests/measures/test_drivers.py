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
    assert row[["base", "respondents", "share_read", "share"]].tolist() == [10, 2, 0.2, 0.2]
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
    # Everybody complains of something else too: what is tested is whose complaint it is.
    others = said(range(0, 3 * size), "choix")
    drivers = measure(crowd(size, size, size), [*said(speakers), *others])["drivers"]
    assert [cell(drivers, group)["verdict"] for group in ("detractor", "passive", "promoter")] == verdicts


def test_weights_carry_the_shares():
    responses = [*crowd(5, 5, 4), response(20, "detractor", weight=6.0)]
    row = cell(measure(responses, said([20]))["drivers"], "detractor")
    assert row[["base", "respondents", "share"]].tolist() == [5, 1, 0.6]
    assert row["stake_points"] == pytest.approx(100 * 6 / 20)


def test_more_complaints_of_everything_are_no_driver():
    """Detractors complain five times as often as others, of the same things: none of these is their own."""
    speakers = [*range(0, 20), *range(100, 120), *range(200, 300)]
    opinions = [opinion(number, "prix_tarif" if place % 2 else "choix") for place, number in enumerate(speakers)]
    drivers = measure(crowd(100, 100, 100), opinions)["drivers"]
    row = cell(drivers, "detractor")
    assert row["difference"] == pytest.approx(0.4)
    assert row[["share_within", "share_within_elsewhere"]].tolist() == [0.5, 0.5]
    assert row["verdict"] == "inconclusive"


def test_shares_among_few_complaints_are_not_compared():
    drivers = measure(crowd(30, 30, 30), [*said(range(60, 75)), *said([0, 31], "choix")])["drivers"]
    # Two promoters or passives complain; three are the least.
    assert pd.isna(cell(drivers, "detractor")["share_within"])
    assert pd.isna(cell(drivers, "detractor")["q_value"])


def test_a_slice_is_opened_only_when_it_differs_as_a_whole():
    def survey(of_web):
        responses = [*crowd(60, 60, 60, channel="web"), *crowd(60, 60, 60, start=200, channel="tel")]
        spoken = [*said(range(120, 160)), *said(range(320, 360)), *said([*range(180), *range(200, 380)], "choix")]
        return measure(responses, [*spoken, *said(of_web, "attente")])

    def of_web(tables):
        rows = tables["drivers"]
        wanted = (rows["slice"] == "web") & (rows["theme_id"] == "prix_tarif") & (rows["nps_group"] == "detractor")
        return rows[wanted].iloc[0]["verdict"]

    # The price is the detractors' own in both channels, as in the whole survey: nothing is said of the channels.
    alike, different = survey([]), survey(range(0, 90))
    assert cell(alike["drivers"], "detractor")["verdict"] == "more_than_elsewhere"
    assert of_web(alike) == "inconclusive"
    assert of_web(different) == "more_than_elsewhere"
    contrast = different["contrasts"].set_index(["slice", "theme_id"]).loc[("web", "attente")]
    assert contrast["verdict"] == "more_than_outside"
    assert contrast["difference"] == pytest.approx(0.5)


def test_a_customer_who_answers_four_times_weighs_as_one():
    alone = [*crowd(60, 60, 60)]
    same = [row | {"customer_key": "k" if 120 <= place < 124 else None} for place, row in enumerate(alone)]
    opinions = [*said(range(120, 150)), *said(range(0, 180), "choix")]
    first, second = (cell(measure(rows, opinions)["drivers"], "detractor") for rows in (alone, same))
    assert first["share"] == second["share"]
    assert second["ci_high"] - second["ci_low"] > first["ci_high"] - first["ci_low"]
    assert second["q_value"] > first["q_value"]


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
