"""Scores and texts that contradict each other: who is counted, between which bounds, and what is shown."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.measures.surveys import OPTIONS, crowd, frames, opinion, response, said
from verbatim.measures.contradictions import measure_contradictions
from verbatim.measures.respondents import read_respondents

MINIMUM = OPTIONS.min_respondents
KEY = ["population", "dimension", "slice", "kind", "theme_id"]
PASSIVE = "passive_one_point_away"
PROMOTER = "promoter_at_risk"
REVERSED = "reversed_scale"


def contradictions(responses, opinions=(), *, minimum=MINIMUM, hidden=(), **options) -> pd.DataFrame:
    return of_frames(*frames(responses, opinions), minimum=minimum, hidden=hidden, **options)


def of_frames(responses, opinions, *, minimum=MINIMUM, hidden=(), **options) -> pd.DataFrame:
    respondents = read_respondents(responses, OPTIONS)
    unseen = respondents.slices.names["slice"].isin(list(hidden)).to_numpy(bool)
    return measure_contradictions(respondents, opinions, unseen, minimum=minimum, codebook=OPTIONS.codebook, **options)


def counts(frame: pd.DataFrame, kind: str, slice_: str = "all") -> dict[str, int]:
    """Theme → respondents."""
    rows = frame[(frame["kind"] == kind) & (frame["slice"] == slice_)]
    return dict(zip(rows["theme_id"], rows["respondents"], strict=True))


def only(frame: pd.DataFrame, kind: str, theme: str = "all") -> pd.Series:
    (found,) = [
        row for _, row in frame.iterrows() if (row["kind"], row["theme_id"], row["slice"]) == (kind, theme, "all")
    ]
    return found


def praised(number: int, sure: float = 0.95) -> dict:
    return opinion(number, polarity="positive") | {"p_positive": sure, "p_negative": 1 - sure}


def blamed(number: int, sure: float = 0.95) -> dict:
    return opinion(number) | {"p_positive": 1 - sure, "p_negative": sure}


def scored(numbers: range, score: int, group: str, **fields) -> list[dict]:
    return [response(number, group, score=score, **fields) for number in numbers]


@pytest.mark.parametrize(
    ("score", "group", "opinions", "held"),
    [
        pytest.param(0, "detractor", [praised], True, id="zero and praise"),
        pytest.param(2, "detractor", [praised, praised], True, id="two and praise twice"),
        pytest.param(3, "detractor", [praised], False, id="three is no bottom"),
        pytest.param(10, "promoter", [blamed], True, id="ten and blame"),
        pytest.param(9, "promoter", [blamed], False, id="nine is no top"),
        pytest.param(10, "promoter", [praised], False, id="ten and praise agree"),
        pytest.param(0, "detractor", [blamed], False, id="zero and blame agree"),
        pytest.param(0, "detractor", [praised, blamed], False, id="both"),
        pytest.param(0, "detractor", [lambda number: praised(number, 0.89)], False, id="not sure enough"),
        pytest.param(0, "detractor", [praised, lambda number: opinion(number, "choix", "neutral")], True, id="a wish"),
        pytest.param(0, "detractor", [lambda number: opinion(number, "choix", "neutral")], False, id="a wish alone"),
        pytest.param(0, "detractor", [], False, id="nothing read"),
    ],
)  # fmt: skip
def test_a_scale_is_probably_reversed_at_its_ends_with_nothing_but_strong_opinions_to_the_contrary(
    score, group, opinions, held
):
    responses = scored(range(6), score, group) + scored(range(6, 12), 10, "promoter")
    found = contradictions(responses, [say(number) for number in range(6) for say in opinions])
    assert counts(found, REVERSED) == ({"all": 6} if held else {})


def test_the_range_of_reversed_scales_is_wilsons_less_the_expected_misreadings():
    # Wilson (1927), 20 of 100: 13.34 % to 28.88 % (Newcombe 1998, Statistics in Medicine 17:857, method 3).
    responses = scored(range(100), 1, "detractor")
    opinions = [praised(number, 0.9) for number in range(20)]
    found = only(contradictions(responses, opinions), REVERSED)
    # Each of 20 is misread with a probability of 0.1: 13.34 − 2 = 11.34.
    assert found[["base", "respondents", "respondents_low", "respondents_high"]].tolist() == [100, 20, 11, 29]
    assert found["share"] == 0.2
    assert pd.isna(found["stake_points"])


def test_two_opinions_are_seldom_misread_together():
    responses = scored(range(100), 1, "detractor")
    opinions = [praised(number, 0.9) for number in [*range(20), *range(20)]]
    # 13.34 − 20 × 0.1 × 0.1 = 13.14
    assert only(contradictions(responses, opinions), REVERSED)["respondents_low"] == 13


def test_a_polarity_without_a_probability_is_an_even_chance_and_never_strong():
    unsure = {"p_positive": None, "p_negative": None}
    responses = scored(range(100), 1, "detractor") + scored(range(100, 200), 10, "promoter")
    found = contradictions(responses, [opinion(number) | unsure for number in range(100, 120)])
    assert counts(found, REVERSED) == {}
    # 13.34 − 20 × 0.5 = 3.34
    assert only(found, PROMOTER)["respondents_low"] == 3


def test_a_promoter_is_at_risk_under_each_theme_that_they_complain_of_and_once_together():
    responses = crowd(40, 0, 10)
    opinions = said(range(10), "choix") + said(range(5, 15), "prix_tarif") + said(range(5), "prix_tarif", "positive")
    found = contradictions([*responses, response(60, text=False)], [*opinions, *said(range(5), "choix")])
    assert counts(found, PROMOTER) == {"all": 15, "choix": 10, "prix_tarif": 10}
    # Without a text nobody could complain: the base is of those who wrote, N of all with a score.
    assert only(found, PROMOTER)[["base", "stake_points"]].tolist() == [40, pytest.approx(100 * 15 / 51)]
    assert only(found, PROMOTER, "choix")["share"] == 0.25


def test_stakes_are_weighted_and_counts_are_not():
    heavy, light = crowd(10, 0, 0, weight=3.0), crowd(10, 0, 0, start=10, weight=1.0)
    found = only(contradictions([*heavy, *light], said(range(5))), PROMOTER)
    assert found[["respondents", "share", "stake_points"]].tolist() == [5, 0.25, pytest.approx(100 * 15 / 40)]


@pytest.mark.parametrize(
    ("score", "opinions", "held"),
    [
        pytest.param(8, ["negative"], True, id="one complaint"),
        pytest.param(8, ["negative", "positive", "neutral"], True, id="one complaint beside praise and a wish"),
        pytest.param(8, ["negative", "negative"], False, id="two complaints"),
        pytest.param(8, ["positive"], False, id="no complaint"),
        pytest.param(7, ["negative"], False, id="a seven is two points away"),
    ],
)
def test_a_passive_is_one_point_away_with_an_eight_and_a_single_complaint(score, opinions, held):
    responses = scored(range(5), score, "passive") + scored(range(5, 10), 8, "passive")
    spoken = [opinion(number, "choix", polarity) for number in range(5) for polarity in opinions]
    assert counts(contradictions(responses, spoken), PASSIVE) == ({"all": 5, "choix": 5} if held else {})


def test_on_another_scale_the_highest_passives_count_and_no_end_is_reversed():
    responses = (
        scored(range(6), 4, "passive") + scored(range(6, 12), 3, "passive") + scored(range(12, 18), 1, "detractor")
    )
    opinions = [*said(range(3), "choix"), *said(range(6, 12), "choix"), *map(praised, range(12, 18))]
    found = contradictions(responses, opinions, scale=(1, 5))
    assert counts(found, PASSIVE) == {"all": 3, "choix": 3}
    assert set(found["kind"]) == {PASSIVE}


def test_the_readers_precision_on_a_theme_lowers_its_lower_bound():
    responses, opinions = crowd(100, 0, 0), said(range(20), "choix") + said(range(20, 40), "prix_tarif")
    reader = pd.DataFrame({"theme_id": ["choix"], "polarity": ["negative"], "tp": [60], "fp": [40], "fn": 0, "tn": 0})
    found = contradictions(responses, opinions, reader=reader)
    # 13.34 − 20 × 0.4 = 5.34; no held-out answer tells of prices.
    assert only(found, PROMOTER, "choix")["respondents_low"] == 5
    assert only(found, PROMOTER, "prix_tarif")["respondents_low"] == 13


@pytest.mark.parametrize(
    ("n", "held", "shown"),
    [
        pytest.param(20, 2, False, id="too few held"),
        pytest.param(20, 3, True, id="just enough held"),
        pytest.param(20, 18, False, id="too few of the base left over"),
        pytest.param(20, 17, True, id="just enough left over"),
        pytest.param(20, 20, True, id="nobody left over"),
        pytest.param(2, 2, False, id="too small a base"),
    ],
)
def test_a_row_stands_for_enough_respondents_only(n, held, shown):
    found = contradictions(crowd(n, 0, 0), said(range(held)))
    assert (PROMOTER in set(found["kind"])) is shown


def test_a_theme_that_gives_away_the_few_who_complain_of_something_else_is_not_shown():
    opinions = said(range(10), "prix_tarif") + said(range(10, 12), "choix")
    assert counts(contradictions(crowd(40, 0, 0), opinions), PROMOTER) == {"all": 12}


def test_passives_themes_leave_no_small_remainder():
    # 5 + 6 of 13: the two others would follow, so the smaller theme is hidden with them.
    responses = scored(range(40), 8, "passive")
    opinions = said(range(5), "choix") + said(range(5, 11), "prix_tarif") + said(range(11, 13), "accueil")
    assert counts(contradictions(responses, opinions), PASSIVE) == {"all": 13, "prix_tarif": 6}


def test_a_theme_hidden_in_the_whole_survey_does_not_follow_from_its_slices():
    # "choix" is hidden with the two of "accueil" (13 − 6); all who say it are on the web.
    responses = scored(range(20), 8, "passive", channel="web") + scored(range(20, 40), 8, "passive", channel="tel")
    opinions = said([*range(3), *range(20, 23)], "prix_tarif") + said(range(3, 8), "choix") + said([23, 24], "accueil")
    found = contradictions(responses, opinions)
    assert counts(found, PASSIVE) == {"all": 13, "prix_tarif": 6}
    assert "choix" not in counts(found, PASSIVE, "web")


def test_a_small_slice_does_not_follow_from_the_whole_and_the_others():
    channels = [("web", 30), ("tel", 20), ("magasin", 20)]
    responses, opinions = [], []
    for channel, held in zip(channels, (10, 8, 2), strict=True):
        start = len(responses)
        responses += crowd(channel[1], 0, 0, start=start, channel=channel[0])
        opinions += said(range(start, start + held))
    found = contradictions(responses, opinions)
    assert {slice_: counts(found, PROMOTER, slice_).get("all") for slice_ in ("all", "web", "tel", "magasin")} == {
        "all": 20,
        "web": 10,
        "tel": None,
        "magasin": None,
    }


def test_a_hidden_slice_has_no_row_and_a_hidden_survey_has_none_at_all():
    responses = crowd(20, 0, 0, channel="web") + crowd(20, 0, 0, start=20, channel="tel")
    opinions = said([*range(5), *range(20, 25)])
    assert set(contradictions(responses, opinions)["slice"]) == {"all", "web", "tel"}
    assert set(contradictions(responses, opinions, hidden=["web", "tel"])["slice"]) == {"all"}
    assert contradictions(responses, opinions, hidden=["all"]).empty


def test_nobody_gives_an_empty_frame_with_its_columns():
    found = contradictions([])
    figures = ["base", "respondents", "respondents_low", "respondents_high", "share", "stake_points"]
    assert list(found.columns) == [*KEY, *figures, "codebook"]
    assert found.empty


@st.composite
def extremes(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Surveys of up to sixty answers whose scores and opinions often contradict each other."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from([(10, "promoter"), (9, "promoter"), (8, "passive"), (8, "passive"), (1, "detractor")]),
                st.sampled_from([None, "web", "tel", "magasin"]),
                st.lists(
                    st.tuples(
                        st.sampled_from(["choix", "prix_tarif", "accueil"]),
                        st.sampled_from(["negative", "negative", "positive"]),
                        st.sampled_from([0.6, 0.9, 0.97]),
                    ),
                    max_size=3,
                ),
                st.sampled_from([0.1, 0.3, 1.0]),
            ),
            max_size=60,
        )
    )
    responses = [
        response(number, group, score=score, channel=channel, weight=weight)
        for number, ((score, group), channel, _, weight) in enumerate(rows)
    ]
    spoken = [
        opinion(number, theme, polarity) | {"p_positive": p, "p_negative": p}
        for number, (_, _, said_, _) in enumerate(rows)
        for theme, polarity, p in said_
    ]
    return frames(responses, spoken)


searching = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@searching
@given(extremes())
def test_figures_keep_within_each_other(survey):
    found = of_frames(*survey)
    assert found[KEY].duplicated().sum() == 0
    assert (found["respondents"] >= MINIMUM).all()
    assert (found["base"] >= found["respondents"]).all()
    rest = found["base"] - found["respondents"]
    assert ((rest == 0) | (rest >= MINIMUM) | (found["theme_id"] != "all")).all()
    assert (found["respondents_low"] >= 0).all()
    assert (found["respondents_low"] <= found["respondents"]).all()
    assert (found["respondents_high"] >= found["respondents"]).all()
    assert (found["respondents_high"] <= found["base"]).all()
    for _, cell in found.groupby([*KEY[:3], "kind"]):
        everyone, themes = cell[cell["theme_id"] == "all"], cell[cell["theme_id"] != "all"]
        total = int(everyone["respondents"].iloc[0])
        assert (themes["respondents"] <= total).all()
        if (cell["kind"] == PASSIVE).all():
            left = total - themes["respondents"].sum()
            assert left == 0 or left >= MINIMUM


@searching
@given(extremes())
def test_what_the_shown_slices_leave_of_the_whole_is_no_small_number(survey):
    found = of_frames(*survey)
    for (_, _, _), cell in found.groupby(["population", "kind", "theme_id"]):
        whole, slices = cell[cell["dimension"] == "all"], cell[cell["dimension"] == "channel"]
        if slices.empty:
            continue
        for figure in ("respondents", "base"):
            left = whole[figure].iloc[0] - slices[figure].sum()
            assert left == 0 or left >= MINIMUM


@searching
@given(extremes(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter_to_the_last_bit(survey, random):
    responses, opinions = survey
    shuffled = [frame.sample(frac=1, random_state=random.randrange(2**31)) for frame in survey]
    pd.testing.assert_frame_equal(of_frames(responses, opinions), of_frames(*shuffled), check_exact=True)
