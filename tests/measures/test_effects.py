from dataclasses import replace
from itertools import chain, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import expit

from tests.measures.surveys import OPTIONS, crowd, frames, response, said, surveys
from verbatim.measures.effects import measure_effects
from verbatim.measures.mentions import Mentions, read_mentions
from verbatim.measures.respondents import Respondents, read_respondents
from verbatim.measures.slices import Slices
from verbatim.tables import EFFECTS

ENVELOPE = {"survey_id", "period", "window", "run_id"}


def measure(responses, opinions, *, hidden=None, minimum=3, **options):
    """Effects of rows."""
    return measure_of_frames(*frames(responses, opinions), hidden=hidden, minimum=minimum, **options)


def measure_of_frames(responses, opinions, *, hidden=None, minimum=3, **options):
    respondents = read_respondents(responses, replace(OPTIONS, indicators={}))
    mentions = read_mentions(opinions, respondents, codebook="cx-fr")
    nothing = np.zeros(respondents.slices.count, dtype=bool)
    return measure_effects(
        respondents, mentions, nothing if hidden is None else hidden, minimum=minimum, codebook="cx-fr", **options
    )


def whole(effects, theme="prix_tarif"):
    return effects[(effects["dimension"] == "all") & (effects["theme_id"] == theme)].iloc[0]


def split(promoters, passives, detractors, *, of, start=0, polarity="negative", theme="prix_tarif"):
    """A crowd of which the first `of` (one number a group) say it, and the opinions."""
    responses = crowd(promoters, passives, detractors, start=start)
    firsts = (start, start + promoters, start + promoters + passives)
    numbers = [first + place for first, count in zip(firsts, of, strict=True) for place in range(count)]
    return responses, said(numbers, theme, polarity)


def test_the_columns_are_those_of_the_table():
    effects = measure(*split(40, 40, 40, of=(5, 10, 20)))
    assert list(effects.columns) == [name for name in EFFECTS.column_names if name not in ENVELOPE]
    assert effects[["population", "dimension", "slice", "codebook", "theme_id"]].to_numpy().tolist() == [
        ["all", "all", "all", "cx-fr", "prix_tarif"]
    ]


def test_the_points_are_those_that_the_complainers_would_have_without_their_complaint():
    """Two groups and one feature: the model reproduces the table. Silent respondents count in N alone."""
    responses, opinions = split(120, 0, 160, of=(20, 0, 60))
    row = whole(measure([*responses, *crowd(60, 60, 0, start=900, text=False)], opinions))
    # NPS of the 80 who complain: −50; of the 200 others: 0. They are 80 of 400 with a score.
    assert row["effect_points_negative"] == pytest.approx(80 / 400 * -50, rel=0.02)
    assert row["negative_low"] < row["effect_points_negative"] < row["negative_high"] < 0
    assert row[["base", "respondents_negative", "respondents_positive"]].tolist() == [280, 80, 0]
    assert pd.isna(row["effect_points_positive"])
    assert row["importance_points"] == -row["effect_points_negative"]
    assert row["performance"] == 0


def test_the_interval_is_that_of_a_difference_of_shares_where_the_model_is_saturated():
    """Delta method: variance of the table's f1 − f0, both 2 p − 1, times the share of those who complain."""
    row = whole(measure(*split(1200, 0, 1600, of=(200, 0, 600))))
    error = 100 * 800 / 2800 * 2 * np.sqrt(0.25 * 0.75 / 800 + 0.5 * 0.5 / 2000)
    assert row["negative_high"] - row["effect_points_negative"] == pytest.approx(1.96 * error, rel=0.01)


def test_an_effect_is_that_of_the_theme_alone():
    """Those who complain of the price complain of the wait too; others of the wait only: price adds nothing."""
    waiting, wait = split(100, 100, 400, of=(100, 100, 400), theme="attente")
    happy, _ = split(400, 100, 100, of=(0, 0, 0), start=1000)
    both = said([*range(50), *range(100, 150), *range(200, 400)], "prix_tarif")
    effects = measure([*waiting, *happy], [*wait, *both])
    assert whole(effects, "attente")["effect_points_negative"] < -40
    assert abs(whole(effects, "prix_tarif")["effect_points_negative"]) < 3
    # Alone in the model, the price carries the blame of the wait.
    assert whole(measure([*waiting, *happy], both))["effect_points_negative"] < -10


@pytest.mark.parametrize(
    ("praise", "complaints", "verdict"),
    [
        ((60, 20, 5), (0, 0, 0), "rewards"),
        ((0, 0, 0), (5, 20, 60), "penalises"),
        ((60, 20, 5), (5, 20, 60), "both"),
        ((8, 8, 8), (0, 0, 0), "inconclusive"),
        ((5, 20, 60), (0, 0, 0), "inconclusive"),
        ((0, 0, 0), (60, 20, 5), "inconclusive"),
        ((0, 0, 0), (0, 0, 12), "penalises"),
    ],
    ids=[
        "praise",
        "complaint",
        "both",
        "unclear",
        "praise goes with low scores",
        "complaint with high",
        "twelve agree",
    ],
)
def test_a_verdict_says_no_more_than_the_interval(praise, complaints, verdict):
    responses, opinions = split(200, 200, 200, of=praise, polarity="positive")
    last = [*range(199, 199 - complaints[0], -1), *range(399, 399 - complaints[1], -1)]
    last += range(599, 599 - complaints[2], -1)
    assert whole(measure(responses, [*opinions, *said(last)]))["verdict"] == verdict


def test_no_effect_takes_an_interval_within_the_margin():
    responses, opinions = split(2000, 2000, 2000, of=(40, 40, 40))
    assert whole(measure(responses, opinions))["verdict"] == "no_effect"
    row = whole(measure(responses, opinions, margin=0.1))
    assert (row["verdict"], row["respondents_needed"] > 6000) == ("inconclusive", True)


def test_a_theme_that_is_not_read_reliably_is_indicative_whatever_its_figures():
    responses, opinions = split(200, 200, 200, of=(5, 20, 60))
    for reliable in ({"prix_tarif": False}, pd.Series({"prix_tarif": False})):
        row = whole(measure(responses, opinions, reliable=reliable))
        assert (row["verdict"], row["respondents_needed"]) == ("indicative", pd.NA)
        assert row["negative_high"] < 0
    assert whole(measure(responses, opinions, reliable={"attente": False}))["verdict"] == "penalises"


def test_the_respondents_needed_suffice():
    responses, opinions = split(100, 100, 100, of=(8, 10, 15))
    row = whole(measure(responses, opinions))
    needed = row["respondents_needed"]
    assert row["verdict"] == "inconclusive"
    assert 300 < needed < 3000
    assert needed % 10 == 0

    def repeated(times):
        copies = [split(100, 100, 100, of=(8, 10, 15), start=300 * copy) for copy in range(times)]
        people, spoken = (list(chain.from_iterable(parts)) for parts in zip(*copies, strict=True))
        return whole(measure(people, spoken))["verdict"]

    assert repeated(-(-needed // 300)) == "penalises"
    assert repeated(max(needed // 300 - 1, 1)) == "inconclusive"


def test_more_themes_ask_for_more_evidence():
    responses, opinions = split(200, 200, 200, of=(10, 15, 28))
    assert whole(measure(responses, opinions))["verdict"] == "penalises"
    generator = np.random.default_rng(3)
    others = [said(generator.choice(600, 20, replace=False), f"t{number}") for number in range(39)]
    row = whole(measure(responses, [*opinions, *chain.from_iterable(others)]))
    assert row["negative_high"] < 0
    assert row["verdict"] == "inconclusive"
    # The number that is missing is that of the stricter test, not of the interval, which excludes 0 already.
    assert 600 < row["respondents_needed"] < 1200


def test_quadrants_stand_at_the_median_importance_and_the_overall_performance():
    responses = crowd(200, 200, 200)
    opinions = [
        *said([*range(5), *range(400, 440)], "attente"),
        *said([*range(60, 110), *range(460, 463)], "accueil", "positive"),
        *said([110, 111, 310, 311, 510, 511], "site"),
        *said([120, 121, 122, 320, 321, 520, 521], "choix", "positive"),
        *said(range(430, 470), "image_recommandation"),
    ]
    effects = measure(responses, opinions, unranked={"image_recommandation"}).set_index("theme_id")
    assert effects["quadrant"].fillna("").to_dict() == {
        "attente": "improve",
        "accueil": "protect",
        "site": "watch",
        "choix": "maintain",
        "image_recommandation": "",
    }
    assert effects.loc["image_recommandation", "verdict"] == "penalises"


def test_a_few_have_neither_a_count_nor_an_effect():
    responses, opinions = split(40, 40, 40, of=(5, 10, 20))
    few = [*said([0, 1], "prix_tarif", "positive"), *said([3, 4], "attente")]
    effects = measure(responses, [*opinions, *few])
    assert effects["theme_id"].tolist() == ["prix_tarif"]
    row = effects.iloc[0]
    hidden = ["respondents_positive", "effect_points_positive", "positive_low", "positive_high", "performance"]
    assert row[hidden].isna().all()
    assert row["respondents_negative"] == 35
    # 2 praises among 35 complaints: that it goes badly may be said.
    assert not pd.isna(row["quadrant"])


def test_a_few_do_not_follow_from_the_other_slices():
    """37 complain: 20 in shops, 15 on the web, 2 by phone. Shops or web without their count, and the 2 stay unknown."""
    channels = [("magasin", 20), ("web", 15), ("tel", 2)]
    responses = [
        response(100 * place + number, ("promoter", "passive", "detractor")[number % 3], channel=channel)
        for place, (channel, _) in enumerate(channels)
        for number in range(60)
    ]
    opinions = said(100 * place + number for place, (_, count) in enumerate(channels) for number in range(count))
    effects = measure(responses, opinions)
    assert dict(zip(effects["slice"], effects["respondents_negative"], strict=True)) == {"all": 37, "magasin": 20}


def test_hidden_slices_and_slices_of_one_group_have_no_rows():
    responses = [*crowd(20, 20, 20, channel="web"), *crowd(30, 0, 0, start=100, channel="tel")]
    opinions = said([*range(5), *range(40, 55), *range(100, 110)])
    assert measure(responses, opinions)["slice"].tolist() == ["all", "web"]
    assert measure(responses, opinions, hidden=np.array([False, True, True]))["slice"].tolist() == ["all"]
    assert measure(crowd(30, 0, 0), said(range(10))).empty
    assert measure([], []).empty


def test_only_those_who_were_read_count():
    responses, opinions = split(40, 40, 40, of=(5, 10, 20))
    alone = measure(responses, opinions)
    others = [
        response(500, None),
        *(response(number, "promoter", flags="other_language,repaired", weight=1e-9) for number in range(501, 520)),
        *crowd(0, 0, 9, start=600, text=False, weight=0.0),
    ]
    beside = measure([*responses, *others], [*opinions, *said([*range(500, 520), *range(600, 609)])])
    counts = ["base", "respondents_negative", "verdict"]
    assert beside[counts].to_numpy().tolist() == alone[counts].to_numpy().tolist()
    assert beside["effect_points_negative"].tolist() == pytest.approx(alone["effect_points_negative"].tolist())


def test_a_neutral_opinion_is_no_judgement_and_the_number_of_themes_does_not_matter():
    """Forty neutral themes more push the features past the 64 that fit in a machine word."""
    responses, opinions = split(100, 100, 100, of=(5, 10, 20))
    alone = measure(responses, [*opinions, *said([3, 40, 270], "reprise", "positive")])
    neutral = [said([number], f"a{number}", "neutral")[0] for number in range(40)]
    beside = measure(responses, [*opinions, *said([3, 40, 270], "reprise", "positive"), *neutral])
    pd.testing.assert_frame_equal(alone, beside)


def test_weights_are_respected_and_their_unit_does_not_matter():
    responses, opinions = split(40, 40, 40, of=(5, 10, 20))
    plain = whole(measure(responses, opinions))
    thrice = whole(measure([row | {"weight": 3.0} for row in responses], opinions))
    figures = ["effect_points_negative", "negative_low", "negative_high"]
    assert thrice[figures].tolist() == pytest.approx(plain[figures].tolist())
    # Who weighs twice as much moves the points as two would.
    heavy = [row | {"weight": 1.0 if place < 90 else 2.0} for place, row in enumerate(responses)]
    more, opinions_more = split(0, 0, 30, of=(0, 0, 10), start=500)
    doubled = whole(measure([*responses, *more], [*opinions, *opinions_more]))["effect_points_negative"]
    assert whole(measure(heavy, opinions))["effect_points_negative"] == pytest.approx(doubled, rel=0.01)
    assert doubled != pytest.approx(plain["effect_points_negative"], rel=0.02)


def test_a_customer_who_answers_twice_is_no_second_witness():
    responses, opinions = split(60, 60, 60, of=(8, 15, 25))
    again, opinions_again = split(60, 60, 60, of=(8, 15, 25), start=200)
    customers = [f"c{number % 200:03d}" for number in [*range(180), *range(200, 380)]]
    everyone = [*responses, *again]
    strangers = whole(measure(everyone, [*opinions, *opinions_again]))
    known = [row | {"customer_key": key} for row, key in zip(everyone, customers, strict=True)]
    twice = whole(measure(known, [*opinions, *opinions_again]))
    once = whole(measure(responses, opinions))

    def width(row):
        return row["negative_high"] - row["negative_low"]

    assert twice["effect_points_negative"] == strangers["effect_points_negative"]
    assert width(twice) == pytest.approx(width(once), rel=0.1)
    assert width(strangers) == pytest.approx(width(once) / np.sqrt(2), rel=0.1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surveys(), st.randoms(use_true_random=False))
def test_figures_keep_their_bounds_and_do_not_depend_on_the_order_of_the_rows(survey, shuffler):
    responses, opinions = survey
    effects = measure_of_frames(responses, opinions)
    shuffled = []
    for frame in (responses, opinions):
        order = list(range(len(frame)))
        shuffler.shuffle(order)
        shuffled.append(frame.iloc[order].reset_index(drop=True))
    pd.testing.assert_frame_equal(measure_of_frames(*shuffled), effects, check_exact=True)
    for side, name in [("positive", "effect_points_positive"), ("negative", "effect_points_negative")]:
        shown = effects[effects[name].notna()]
        assert (shown[f"respondents_{side}"] >= 3).all()
        assert (shown[f"{side}_low"] <= shown[name]).all()
        assert (shown[name] <= shown[f"{side}_high"]).all()
        assert shown[name].between(-200, 200).all()
        assert not effects[f"respondents_{side}"].between(1, 2).any()
    assert effects["performance"].dropna().between(0, 1).all()
    assert effects["respondents_needed"].isna()[effects["verdict"] != "inconclusive"].all()


# Simulated surveys: 25 themes from 15 % down to 1 % of those who write, praised or complained of evenly.
THEMES = [f"t{number:02d}" for number in range(25)]
PREVALENCE = np.geomspace(0.15, 0.01, 25)
CUTS = (-1.5, 0.2)


def simulate(generator, coefficients, n=2000):
    """One survey from the model; features are theme × (praise, complaint), and talkative people say more."""
    talk = generator.gamma(2, 0.5, n)[:, None]
    named = generator.random((n, 25)) < np.minimum(PREVALENCE * talk, 0.9)
    praise, both = generator.random((n, 25)) < 0.5, generator.random((n, 25)) < 0.05
    features = np.stack([named & (praise | both), named & (~praise | both)], axis=2)
    latent = generator.logistic(size=n) + features.reshape(n, 50) @ coefficients.ravel()
    group = 2 - (latent > CUTS[0]) - (latent > CUTS[1])
    names = pd.DataFrame([["all"] * 3], columns=["population", "dimension", "slice"])
    nobody, everybody, zeros = np.zeros(n, dtype=bool), np.ones(n, dtype=bool), np.zeros(n, dtype=np.int64)
    slices = Slices(names, zeros[:1], zeros[:1], (zeros,))
    ids = pd.Index([f"r{number}" for number in range(n)])
    respondents = Respondents(ids, zeros, group, np.ones(n), everybody, nobody, np.arange(n), {}, slices)
    subjects = pd.DataFrame({"theme_id": np.repeat(THEMES, 2), "polarity": ["positive", "negative"] * 25})
    return respondents, Mentions(*np.nonzero(features.reshape(n, 50)), subjects), features


def true_points(features, coefficients):
    """Effects under the coefficients that made the survey, shape (25, 2)."""

    def expected(linear):
        return 1 - expit(CUTS[1] - linear) - expit(CUTS[0] - linear)

    linear = (features * coefficients).sum(axis=(1, 2))[:, None, None]
    return 100 * (features * (expected(linear) - expected(linear - coefficients))).mean(axis=0)


def estimated(effects, name):
    return effects.set_index("theme_id")[name].reindex(THEMES).to_numpy(float, na_value=np.nan)


_FOUND = [list(verdicts) for verdicts in product(["penalises", "both"], ["penalises", "both"], ["rewards", "both"])]


@pytest.mark.slow
def test_three_known_effects_are_found_and_intervals_hold_what_they_promise():
    """A strong penalty (−6.4 points of NPS), a medium one (−2.9), a reward (1.7), and 47 sides without effect."""
    coefficients = np.zeros((25, 2))
    coefficients[1, 1], coefficients[4, 1], coefficients[7, 0] = -2.5, -1.5, 1.5
    generator, found, covered = np.random.default_rng(8), 0, []
    for _ in range(100):
        respondents, mentions, features = simulate(generator, coefficients)
        effects = measure_effects(respondents, mentions, np.zeros(1, dtype=bool), minimum=10, codebook="cx-fr")
        praise, complaint = (estimated(effects, f"effect_points_{side}") for side in ("positive", "negative"))
        verdicts = effects.set_index("theme_id")["verdict"][["t01", "t04", "t07"]].tolist()
        in_order = complaint[1] < complaint[4] < -praise[7] < 0
        found += in_order and verdicts in _FOUND
        truth = true_points(features, coefficients)
        for side, name in enumerate(("positive", "negative")):
            low, high = estimated(effects, f"{name}_low"), estimated(effects, f"{name}_high")
            covered += ((low <= truth[:, side]) & (truth[:, side] <= high))[~np.isnan(low)].tolist()
    assert found >= 95
    assert 0.93 <= np.mean(covered) <= 0.97


@pytest.mark.slow
def test_nothing_is_found_where_there_is_nothing():
    generator, found = np.random.default_rng(9), 0
    for _ in range(200):
        respondents, mentions, _ = simulate(generator, np.zeros((25, 2)))
        effects = measure_effects(respondents, mentions, np.zeros(1, dtype=bool), minimum=10, codebook="cx-fr")
        found += bool(effects["verdict"].isin(["rewards", "penalises", "both"]).any())
    # 10 are expected of 200 at 5 %; 16 is the 97.5 % bound.
    assert found <= 16
