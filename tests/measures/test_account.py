"""The account: every point of the NPS has a line, whoever wrote what; small lines are put together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.measures.account import measure_account, read_entries
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import read_respondents
from verbatim.tables import RESPONSES, empty

OPTIONS = MeasureOptions(("channel",), {}, (0, 10), 1, "cx-fr")
GROUPS = {0: "detractor", 8: "passive", 10: "promoter"}


def survey(rows: list[tuple[int, bool, list[tuple[str, str]]]], *, weight=None, population="all", channel=None):
    """Respondents given by score, whether they wrote, and their opinions (theme, polarity)."""
    responses = (
        empty(RESPONSES)
        .reindex(range(len(rows)))
        .assign(
            response_id=[f"r{number:03d}" for number in range(len(rows))],
            population=population,
            score=[score for score, _, _ in rows],
            nps_group=[GROUPS[score] for score, _, _ in rows],
            verbatim=["…" if wrote else None for _, wrote, _ in rows],
            weight=weight,
            dimensions=["{}" if one is None else f'{{"channel": "{one}"}}' for one in channel or [None] * len(rows)],
            indicators="{}",
            flags="",
        )
    )
    said = [(f"r{number:03d}", *one) for number, (_, wrote, own) in enumerate(rows) if wrote for one in own]
    opinions = pd.DataFrame(said, columns=["response_id", "theme_id", "polarity"])
    return responses.astype(empty(RESPONSES).dtypes.to_dict()), opinions


def account(responses, opinions, *, minimum=1, draws=50, mix=None) -> pd.DataFrame:
    respondents = read_respondents(responses, OPTIONS)
    hidden = np.zeros(respondents.slices.count, dtype=bool)
    entries = read_entries(opinions, respondents)
    return measure_account(respondents, entries, hidden, minimum=minimum, mix=mix, draws=draws)


def points(frame) -> dict[tuple[str, str, str], float]:
    told = frame[frame["line"] != "commenters_bias"]
    return {(row.line, row.theme_id, row.polarity): round(row.points, 6) for row in told.itertuples()}


ROWS = [
    (10, True, [("accueil", "positive"), ("prix", "positive"), ("prix", "negative")]),
    (10, False, []),
    (10, True, [("prix", "negative")]),
    (10, True, [("choix", "neutral")]),
    (0, True, [("prix", "negative")]),
    (0, True, [("accueil", "positive")]),
    (0, True, []),
    (8, True, [("prix", "negative")]),
    (8, False, []),
    (0, False, []),
]


def test_each_respondent_brings_its_points_to_the_opinions_that_match_its_score():
    assert points(account(*survey(ROWS))) == {
        # One promoter without a word, one detractor.
        ("no_verbatim", "all", "all"): 0.0,
        # A promoter's ten points, shared between two praises; the complaint beside them brings nothing.
        ("theme", "accueil", "positive"): 5.0,
        ("theme", "prix", "positive"): 5.0,
        ("theme", "prix", "negative"): -10.0,
        ("only_complaints", "all", "all"): 10.0,
        ("no_judgement", "all", "all"): 10.0,
        ("only_praise", "all", "all"): -10.0,
        ("no_opinion", "all", "all"): -10.0,
    }


def test_respondents_of_a_line_are_counted_once():
    rows = [(10, True, [("prix", "positive"), ("prix", "positive"), ("accueil", "positive")]), (8, True, [])]
    frame = account(*survey(rows)).set_index("theme_id")
    assert frame["respondents"].to_dict() == {"prix": 1, "accueil": 1}
    assert frame["points"].round(6).to_dict() == {"prix": 33.333333, "accueil": 16.666667}


def test_lines_on_the_scale_of_those_who_wrote_lead_from_their_nps_to_the_nps():
    frame = account(*survey([*ROWS, (0, False, [])])).set_index("line")
    # Three promoters and three detractors of seven who wrote; four and five of eleven in all.
    assert frame["points_commenters"].drop("commenters_bias").sum() == pytest.approx(0)
    assert frame.loc["commenters_bias", "points_commenters"] == pytest.approx(-100 / 11)
    assert frame.loc["commenters_bias", "points"] == 0
    assert np.isnan(frame.loc["no_verbatim", "points_commenters"])


def test_those_who_wrote_stand_for_all_of_their_score_and_slice():
    # Two promoters in three of the shop wrote, one in two of the web: each stands for 1.5, or for 2, of five.
    rows = [(10, True, [("accueil", "positive")])] * 2 + [(10, False, [])] + [(10, True, [("choix", "positive")])]
    channel = ["shop"] * 3 + ["web"]
    frame = account(*survey([*rows, (10, False, [])], channel=[*channel, "web"]), mix="channel")
    whole = frame[frame["dimension"] == "all"].set_index("theme_id")["points_reweighted"]
    assert whole[["accueil", "choix"]].tolist() == pytest.approx([60, 40])


def test_a_group_of_which_nobody_wrote_stays_with_those_who_wrote_nothing():
    frame = account(*survey([(10, True, [("prix", "positive")]), (0, False, []), (8, True, [])])).set_index("line")
    assert frame.loc["no_verbatim", "points_reweighted"] == pytest.approx(-100 / 3)
    assert frame["points_reweighted"].sum() == pytest.approx(0)


def test_a_text_in_another_language_has_a_line_of_its_own():
    responses, opinions = survey([(10, True, []), (0, True, []), (8, True, [])])
    responses["flags"] = pd.array(["other_language,repaired", "", ""], dtype="string")
    assert points(account(responses, opinions)) == {
        ("other_language", "all", "all"): 33.333333,
        ("no_opinion", "all", "all"): -33.333333,
    }


opinion = st.tuples(st.sampled_from(["prix", "accueil", "choix"]), st.sampled_from(["positive", "negative", "neutral"]))
respondent = st.tuples(st.sampled_from([0, 8, 10]), st.booleans(), st.lists(opinion, max_size=4))


@given(st.lists(respondent, min_size=1, max_size=40), st.integers(1, 12), st.randoms(use_true_random=False))
def test_lines_add_up_to_the_nps_and_the_order_of_rows_changes_nothing(rows, minimum, random):
    weight = [random.choice((0.5, 1.0, 2.5)) for _ in rows]
    channel = [random.choice((None, "shop", "web")) for _ in rows]
    responses, opinions = survey(rows, weight=weight, channel=channel)
    frame = account(responses, opinions, minimum=minimum, draws=10, mix=random.choice((None, "channel")))
    sign = np.array([{0: -1, 8: 0, 10: 1}[score] for score, _, _ in rows])
    for (_, one), lines in frame.groupby(["dimension", "slice"]):
        inside = np.array([one in ("all", own) for own in channel])
        nps = 100 * np.dot(sign * inside, weight) / np.dot(inside, weight)
        assert lines["points"].sum() == pytest.approx(nps, abs=1e-9)
        assert lines["points_reweighted"].sum() == pytest.approx(nps, abs=1e-9)
        if lines["points_commenters"].notna().any():
            assert lines["points_commenters"].sum() == pytest.approx(nps, abs=1e-9)
    shuffled = responses.sample(frac=1, random_state=random.randrange(1000)), opinions.sample(frac=1, random_state=1)
    again = account(*shuffled, minimum=minimum, draws=10, mix="channel")
    pd.testing.assert_frame_equal(again, account(responses, opinions, minimum=minimum, draws=10, mix="channel"))


@given(st.lists(st.tuples(respondent, st.sampled_from(["shop", "web", "phone"])), min_size=1, max_size=60))
def test_no_line_of_a_slice_follows_from_the_others(rows):
    responses, opinions = survey([row for row, _ in rows], channel=[one for _, one in rows])
    frame = account(responses, opinions, minimum=5, draws=5)
    counts = frame[frame["line"] != "other_reasons"].dropna(subset=["respondents"])
    for _, line in counts.groupby(["line", "theme_id", "polarity"]):
        whole = line.loc[line["dimension"] == "all", "respondents"].sum()
        rest = whole - line.loc[line["dimension"] == "channel", "respondents"].sum()
        # Shown in the whole survey: what the slices do not show of it is nobody's or many's.
        assert rest <= 0 or rest >= 5 or whole < 5


@given(st.lists(respondent, min_size=1, max_size=60))
def test_no_line_of_few_respondents_is_shown(rows):
    frame = account(*survey(rows), minimum=5, draws=5)
    few = frame[frame["respondents"] < 5]
    # Where all of them together are few, the slice itself is one that is not shown.
    assert few.empty or len(frame[frame["line"] != "commenters_bias"]) == 1


def test_small_gains_and_small_losses_stand_apart_where_both_are_many():
    rows = [(10, True, [(f"motif{number}", "positive")]) for number in range(6)]
    rows += [(0, True, [(f"motif{number}", "negative")]) for number in range(6)]
    folded = account(*survey(rows), minimum=5).set_index("polarity")
    assert set(folded["line"]) == {"other_reasons"}
    assert folded["points"].round(6).to_dict() == {"positive": 50.0, "negative": -50.0}
    together = account(*survey(rows[:8]), minimum=5)
    assert together[["line", "polarity", "respondents"]].to_numpy().tolist() == [["other_reasons", "all", 8]]


def test_intervals_hold_the_points_and_narrow_with_the_number_of_respondents():
    small, large = (account(*survey(ROWS * times), draws=400) for times in (5, 50))
    for frame in (small, large):
        assert ((frame["ci_low"] <= frame["points"] + 1e-9) & (frame["points"] <= frame["ci_high"] + 1e-9)).all()
    assert (large["ci_high"] - large["ci_low"]).mean() < (small["ci_high"] - small["ci_low"]).mean() / 2


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(120):
        rows = [
            (10, True, [("accueil", "positive")]) if draw < 0.3 else (0, True, [("prix", "negative")]) if draw < 0.5
            else (8, False, [])
            for draw in rng.random(150)
        ]  # fmt: skip
        frame = account(*survey(rows), draws=200).set_index("theme_id")
        covered.append(frame.loc["accueil", "ci_low"] <= 30 <= frame.loc["accueil", "ci_high"])
    # 95 % intervals; 120 of them.
    assert np.mean(covered) > 0.88


def test_populations_have_accounts_of_their_own():
    responses, opinions = survey(ROWS * 2, population=["a"] * 10 + ["b"] * 10)
    sums = account(responses, opinions).groupby("population")["points"].sum()
    assert sums.to_dict() == {"a": pytest.approx(0.0), "b": pytest.approx(0.0)}


def test_without_opinions_all_points_stand_on_two_lines():
    frame = account(*survey([(10, True, []), (10, False, []), (0, False, []), (10, False, [])]))
    assert points(frame) == {("no_verbatim", "all", "all"): 25.0, ("no_opinion", "all", "all"): 25.0}


def test_opinions_of_others_are_not_looked_at():
    responses, _ = survey(ROWS)
    strangers = pd.DataFrame([("x", "prix", "positive")], columns=["response_id", "theme_id", "polarity"])
    assert "theme" not in set(account(responses, strangers)["line"])
