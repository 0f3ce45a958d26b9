"""The bridge: the points of a change add up, each cause has its own component, and small cells are not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.measures.surveys import OPTIONS, crowd, frames, opinion, response, said
from verbatim.measures.account import read_entries
from verbatim.measures.bridge import ClosedPeriod, measure_bridge
from verbatim.measures.mentions import read_mentions
from verbatim.measures.pairs import nps_change
from verbatim.measures.respondents import read_respondents
from verbatim.tables import NPS_BRIDGE

SLICE = ["population", "dimension", "slice"]
KEY = [*SLICE, "component", "theme_id", "polarity"]


def read_both(before, after, *, paired=False):
    """Respondents of both periods, numbered together where they are paired."""
    both = [read_respondents(responses, OPTIONS) for responses, _ in (before, after)]
    if not paired:
        return both
    later = after[0].assign(response_id="s" + after[0]["response_id"])
    together = read_respondents(pd.concat([before[0], later], ignore_index=True), OPTIONS)
    number = pd.Series(together.customer, index=together.response_id)
    names = both[0].response_id, "s" + both[1].response_id
    return [replace(one, customer=number[name].to_numpy()) for one, name in zip(both, names, strict=True)]


def closed(respondents, opinions, hidden=()):
    """A period of which the slices `hidden` (values of the channel) may not be shown."""
    return ClosedPeriod(
        respondents,
        read_entries(opinions, respondents),
        read_mentions(opinions, respondents, codebook="cx-fr"),
        respondents.slices.names["slice"].isin(hidden).to_numpy(bool),
    )


def bridge(before, after, *, paired=False, hidden=(), **options) -> pd.DataFrame:
    read = read_both(before, after, paired=paired)
    periods = [closed(one, opinions, hidden) for one, (_, opinions) in zip(read, (before, after), strict=True)]
    defaults = {"dimension": "channel", "minimum": 1, "same_method": True, "draws": 20}
    return measure_bridge(*periods, paired=paired, **(defaults | options))


def points(frame) -> dict[tuple[str, str, str], float]:
    """Rows of the whole survey that are not 0."""
    whole = frame[frame["dimension"] == "all"]
    found = {(row.component, row.theme_id, row.polarity): round(row.points, 6) for row in whole.itertuples()}
    return {key: value for key, value in found.items() if value}


# Each cause alone


def channels(web: int, shop: int):
    """So many promoters on the web; in shops, half are detractors and half passives. Nobody writes."""
    shops = crowd(0, shop // 2, shop // 2, start=1000, channel="magasin", text=False)
    return frames([*crowd(web, 0, 0, channel="web", text=False), *shops])


def test_the_mix_takes_all_when_only_the_mix_moves():
    # NPS 100 on the web and −50 in shops, in both periods; 40 % then 60 % on the web.
    assert points(bridge(channels(40, 60), channels(60, 40))) == {("mix", "all", "all"): 30.0}


@pytest.mark.parametrize("dimension", [None, "region"], ids=["none declared", "nobody has it"])
def test_without_a_dimension_there_is_no_mix(dimension):
    frame = bridge(channels(40, 60), channels(60, 40), dimension=dimension)
    assert points(frame) == {("residual", "all", "all"): 30.0}


def commenters(writing: int, silent: int):
    """Those who write: NPS −40; those who do not: NPS 20. Detractors who write complain of the price."""
    wrote = crowd(writing // 5, writing // 5, 3 * writing // 5)
    wrote_nothing = crowd(2 * silent // 5, 2 * silent // 5, silent // 5, start=1000, text=False)
    return frames([*wrote, *wrote_nothing], said(range(2 * writing // 5, writing)))


def test_the_share_of_commenters_takes_all_when_only_it_moves():
    # 20 % write, then 40 %.
    assert points(bridge(commenters(40, 160), commenters(80, 120))) == {("commenters", "all", "all"): -12.0}


def praise_and_complaints(detractors: int, complaining: range):
    """A hundred who write: twenty promoters praise the welcome, and some complain of the price."""
    responses = crowd(20, 80 - detractors, detractors)
    return frames(responses, [*said(range(20), "accueil", "positive"), *said(complaining)])


def test_prevalence_takes_all_when_only_more_speak_of_a_theme():
    # All who complain are detractors: 10 %, then 30 %.
    before, after = praise_and_complaints(10, range(90, 100)), praise_and_complaints(30, range(70, 100))
    assert points(bridge(before, after)) == {("prevalence", "prix_tarif", "negative"): -20.0}


def test_effect_takes_all_when_only_their_score_moves():
    # 40 % complain in both periods; 10, then 30, of them are detractors.
    before, after = praise_and_complaints(10, range(60, 100)), praise_and_complaints(30, range(60, 100))
    assert points(bridge(before, after)) == {("effect", "prix_tarif", "negative"): -20.0}


def test_residual_takes_all_when_only_those_who_do_not_say_why_move():
    before = frames([*crowd(0, 50, 0), *crowd(0, 50, 0, start=100, text=False)])
    after = frames([*crowd(20, 30, 0), *crowd(10, 40, 0, start=100, text=False)])
    assert points(bridge(before, after)) == {("residual", "all", "all"): 30.0}


# Several causes


def test_midpoint_weights_share_what_two_causes_do_together():
    # 10 % then 40 % complain, −1 then −0.75 each: 0.3 · −0.875 and 0.25 · 0.25.
    before, after = praise_and_complaints(10, range(90, 100)), praise_and_complaints(30, range(60, 100))
    assert points(bridge(before, after)) == {
        ("prevalence", "prix_tarif", "negative"): -26.25,
        ("effect", "prix_tarif", "negative"): 6.25,
    }


def test_a_second_reason_takes_its_share_of_the_first():
    # The same detractors complain of the price, then of the price and of the queue.
    before = frames(crowd(50, 0, 50), said(range(50, 100)))
    after = frames(crowd(0, 50, 50), [*said(range(50, 100)), *said(range(50, 100), "attente")])
    assert points(bridge(before, after)) == {
        ("prevalence", "attente", "negative"): -25.0,
        ("effect", "prix_tarif", "negative"): 25.0,
        ("residual", "all", "all"): -50.0,
    }


def test_a_stratum_of_one_period_is_all_mix():
    before = frames(crowd(0, 100, 0, channel="web"))
    after = frames([*crowd(0, 50, 0, channel="web"), *crowd(50, 0, 0, start=50, channel="tel")])
    frame = bridge(before, after)
    assert points(frame) == {("mix", "all", "all"): 50.0}
    assert frame["slice"].unique().tolist() == ["all", "web"]


def test_those_without_a_value_are_a_stratum():
    before = frames([*crowd(60, 0, 0), *crowd(0, 40, 0, start=60, channel="web")])
    after = frames([*crowd(20, 0, 0), *crowd(0, 80, 0, start=60, channel="web")])
    assert points(bridge(before, after)) == {("mix", "all", "all"): -40.0}


def test_a_theme_of_one_period_is_all_prevalence():
    before, after = frames(crowd(0, 100, 0)), frames(crowd(0, 80, 20), said(range(80, 100)))
    assert points(bridge(before, after)) == {("prevalence", "prix_tarif", "negative"): -20.0}


def test_neutral_opinions_explain_nothing():
    before, after = frames(crowd(0, 100, 0)), frames(crowd(0, 80, 20), said(range(80, 100), polarity="neutral"))
    assert points(bridge(before, after)) == {("residual", "all", "all"): -20.0}


def test_a_slice_has_a_bridge_of_its_own():
    before = frames([*crowd(0, 50, 0, channel="web"), *crowd(0, 50, 0, start=50, channel="tel")])
    spoken = said(range(30, 50), "livraison")
    after = frames([*crowd(0, 30, 20, channel="web"), *crowd(0, 50, 0, start=50, channel="tel")], spoken)
    web = bridge(before, after).query("slice == 'web' and points != 0")
    assert web[["component", "theme_id", "points"]].to_numpy().tolist() == [["prevalence", "livraison", -40.0]]


# Method and chance


def test_no_theme_is_told_when_the_periods_were_not_read_alike():
    before, after = commenters(40, 160), frames(crowd(160, 20, 20), said(range(160), "accueil", "positive"))
    alike, other = (bridge(before, after, same_method=same).query("slice == 'all'") for same in (True, False))
    assert other["component"].tolist() == ["commenters", "method", "mix", "residual"]
    assert other["theme_id"].unique().tolist() == ["all"]
    assert points(other)["commenters", "all", "all"] == points(alike)["commenters", "all", "all"]
    assert other["points"].sum() == pytest.approx(70 - 8)


def test_a_change_within_chance_has_one_row_a_component():
    before = frames(crowd(20, 60, 20), [*said(range(20), "accueil", "positive"), *said(range(80, 100))])
    after = frames(crowd(21, 60, 19), [*said(range(21), "accueil", "positive"), *said(range(81, 100), "attente")])
    frame = bridge(before, after, draws=200)
    assert frame[["component", "theme_id", "polarity"]].to_numpy().tolist() == [
        [component, "all", "all"] for component in ("commenters", "effect", "mix", "prevalence", "residual")
    ]
    assert not frame["moved"].any()
    assert ((frame["change_low"] < 0) & (frame["change_high"] > 0)).all()


@pytest.mark.parametrize("paired", [False, True], ids=["strangers", "the same customers"])
def test_drawn_intervals_agree_with_the_formula(paired):
    def year(start, crowded):
        keys = {row["response_id"]: f"k{(place + start) % 400}" for place, row in enumerate(crowded)}
        return frames([row | {"customer_key": keys[row["response_id"]]} for row in crowded])

    before, after = year(0, crowd(200, 100, 100)), year(40, crowd(180, 100, 120))
    drawn = bridge(before, after, paired=paired, draws=2000).iloc[0]
    exact = nps_change(*read_both(before, after, paired=paired), paired=paired).iloc[0]
    widths = drawn["change_high"] - drawn["change_low"], exact["change_high"] - exact["change_low"]
    assert widths[0] == pytest.approx(widths[1], rel=0.06)
    assert widths[1] < 16 if paired else widths[1] > 20


# What is not shown


@pytest.mark.parametrize(
    ("minimum", "told"),
    [
        (3, {"accueil": -40, "prix_tarif": 12, "t0": -3, "t1": -3, "t2": -3, "t3": -3}),
        (4, {"accueil": -40, "prix_tarif": 12, "all": -12}),
        # All twelve are still too few: the smaller of the others joins them.
        (13, {"accueil": -40, "all": 0}),
    ],
    ids=["none is few", "twelve are enough", "twelve are few"],
)
def test_lines_of_few_are_put_together(minimum, told):
    # Later, three detractors each complain of t0, t1, t2 and t3.
    few = [opinion(60 + place, f"t{place // 3}") for place in range(12)]
    before = frames(crowd(60, 0, 40), [*said(range(60), "accueil", "positive"), *said(range(60, 100))])
    after = frames(crowd(20, 40, 40), [*said(range(20), "accueil", "positive"), *few, *said(range(72, 100))])
    rows = bridge(before, after, minimum=minimum).query("component == 'prevalence'")
    assert dict(zip(rows["theme_id"], rows["points"].round(9), strict=True)) == told


def complaints(**channels: dict[str, int]):
    """So many of each channel complain of each theme, and twenty of each channel write that all is well."""
    responses, opinions = [], []
    for channel, themes in channels.items():
        for theme, count in [*themes.items(), (None, 20)]:
            start, group = len(responses), "detractor" if theme else "passive"
            responses += [response(start + place, group, channel=channel) for place in range(count)]
            opinions += said(range(start, len(responses)), theme) if theme else []
    return frames(responses, opinions)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (
            {"web": {"prix_tarif": 20, "attente": 5}, "tel": {"prix_tarif": 20, "attente": 8}},
            {"all": ["attente", "prix_tarif"], "tel": ["attente", "prix_tarif"], "web": ["attente", "prix_tarif"]},
        ),
        # The whole less tel would tell of web's two; the price that joins them would be found in the same way.
        (
            {"web": {"prix_tarif": 20, "attente": 2}, "tel": {"prix_tarif": 20, "attente": 8}},
            {"all": ["attente", "prix_tarif"], "tel": ["all"], "web": ["all"]},
        ),
        # Two and two are four: the whole less magasin would tell of them.
        (
            {
                "web": {"prix_tarif": 20, "attente": 2},
                "tel": {"prix_tarif": 20, "attente": 2},
                "magasin": {"prix_tarif": 20, "attente": 8},
            },
            {"all": ["attente", "prix_tarif"], "magasin": ["all", "prix_tarif"], "tel": ["all"], "web": ["all"]},
        ),
        # The web alone complains of the price: the whole would tell what joins its two.
        (
            {"web": {"prix_tarif": 20, "attente": 2}, "tel": {"attente": 18}},
            {"all": ["all", "attente"], "tel": ["all"], "web": ["all"]},
        ),
        # Few in the whole: the choice joins them, and the telephone may not tell of it alone.
        (
            {"web": {"prix_tarif": 20, "attente": 2}, "tel": {"prix_tarif": 20, "choix": 10}},
            {"all": ["all", "prix_tarif"], "tel": ["all"], "web": ["all"]},
        ),
    ],
    ids=["none is few", "few in a slice", "few in two slices", "another line of one slice", "few in the whole"],
)
def test_no_small_line_of_a_slice_follows_by_subtraction(after, told):
    before = complaints(**{channel: {} for channel in after})
    frame = bridge(before, complaints(**after), minimum=5).query("component == 'prevalence'")
    assert {value: rows["theme_id"].tolist() for value, rows in frame.groupby("slice")} == told


def test_a_few_who_do_not_say_why_join_the_small_lines():
    # All promoters praise the welcome; later, four do not say why.
    complaints = said(range(240, 400))
    before = frames(crowd(160, 80, 160), [*said(range(160), "accueil", "positive"), *complaints])
    after = frames(crowd(80, 160, 160), [*said(range(76), "accueil", "positive"), *complaints])
    assert points(bridge(before, after, minimum=4)) == {
        ("prevalence", "accueil", "positive"): -21.0,
        ("residual", "all", "all"): 1.0,
    }
    # The smallest line, the praise of the welcome, joins the four.
    assert points(bridge(before, after, minimum=5)) == {("prevalence", "all", "all"): -20.0}


def test_no_theme_is_told_where_all_lines_together_are_few():
    before, after = frames(crowd(100, 0, 0, text=False)), frames(crowd(0, 97, 3), said(range(97, 100)))
    frame = bridge(before, after, minimum=5)
    assert frame["component"].tolist() == ["commenters", "mix", "residual"]


def test_slices_that_are_hidden_or_few_in_a_period_have_no_rows():
    before = frames([*crowd(9, 0, 0, channel="web"), *crowd(9, 0, 0, start=10, channel="tel")])
    after = frames([*crowd(0, 0, 9, channel="web"), *crowd(0, 0, 4, start=10, channel="tel")])
    assert set(bridge(before, after, minimum=4)["slice"]) == {"all", "tel", "web"}
    assert set(bridge(before, after, minimum=5)["slice"]) == {"all", "web"}
    assert set(bridge(before, after, minimum=4, hidden=("web",))["slice"]) == {"all", "tel"}


def test_without_respondents_there_are_no_rows():
    frame = bridge(frames([]), frames(crowd(5, 5, 5)))
    assert frame.empty
    assert set(KEY) < set(frame.columns) < set(NPS_BRIDGE.column_names)


# Properties


def survey(rng: np.random.Generator):
    """Up to sixty responses: two populations, scores, texts and channels missing, weights, customers who come again."""
    size, weighted = int(rng.integers(0, 60)), rng.random() < 0.5
    rows, opinions = [], []
    for number in range(size):
        text = bool(rng.random() < rng.choice([0.3, 0.9]))
        row = response(
            number,
            rng.choice(["promoter", "passive", "detractor", None], p=[0.4, 0.2, 0.3, 0.1]),
            text=text,
            channel=rng.choice([None, "magasin", "web", "tel"], p=[0.2, 0.4, 0.3, 0.1]),
            population=str(rng.choice(["all", "b"], p=[0.8, 0.2])),
            weight=float(rng.choice([0.0, 0.1, 0.3, 1.0, 7.0])) if weighted else None,
            customer_key=f"k{rng.integers(30)}",
        )
        rows.append(row)
        for _ in range(int(rng.integers(0, 4)) if text else 0):
            theme = str(rng.choice(["prix_tarif", "choix", "autre"]))
            opinions.append(opinion(number, theme, str(rng.choice(["positive", "negative", "neutral"]))))
    return frames(rows, opinions)


pairs = st.integers(0, 2**32).map(np.random.default_rng).map(lambda rng: (survey(rng), survey(rng)))
generated = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def nps_of(responses) -> float:
    scored = responses.dropna(subset="nps_group")
    sign = scored["nps_group"].map({"promoter": 1.0, "passive": 0.0, "detractor": -1.0}).astype(float)
    weight = scored["weight"].fillna(1).astype(float)
    return 100 * (sign * weight).sum() / weight.sum()


@generated
@given(pairs, st.integers(1, 6), st.booleans(), st.sampled_from(["channel", None]))
def test_rows_add_up_to_the_change(both, minimum, same_method, dimension):
    before, after = both
    frame = bridge(before, after, minimum=minimum, same_method=same_method, dimension=dimension, draws=5)
    assert not frame.duplicated(KEY).any()
    for (population, name, value), rows in frame.groupby(SLICE):
        first = rows.iloc[0]
        assert rows["points"].sum() == pytest.approx(first["nps_after"] - first["nps_before"], abs=1e-9)
        if name == "all":
            own = [responses[responses["population"] == population] for responses, _ in (before, after)]
            assert [first["nps_before"], first["nps_after"]] == pytest.approx([nps_of(one) for one in own], abs=1e-9)
        elif dimension:
            assert rows.loc[rows["component"] == "mix", "points"].to_numpy() == pytest.approx(0, abs=1e-9), value


@generated
@given(pairs, st.integers(1, 6))
def test_swapped_periods_flip_the_signs(both, minimum):
    before, after = both
    there, back = (bridge(*one, minimum=minimum, paired=True, draws=30) for one in ((before, after), (after, before)))
    pd.testing.assert_frame_equal(there[[*KEY, "moved"]], back[[*KEY, "moved"]])
    assert there["points"].to_numpy() == pytest.approx(-back["points"].to_numpy(), abs=1e-9)
    # Bootstrap sums are single precision.
    assert there["ci_low"].to_numpy() == pytest.approx(-back["ci_high"].to_numpy(), abs=1e-3, nan_ok=True)


@generated
@given(pairs, st.integers(1, 6), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(both, minimum, paired, random):
    shuffled = [
        tuple(frame.sample(frac=1, random_state=random.randrange(99), ignore_index=True) for frame in period)
        for period in both
    ]
    first, second = (bridge(*one, minimum=minimum, paired=paired) for one in (both, shuffled))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(
        *(nps_change(*read_both(*one, paired=paired), paired=paired) for one in (both, shuffled)),
        check_exact=True,
    )


def brought(period, theme, polarity) -> dict[tuple[str, str], set[str]]:
    """Who brings something to a line, by population and channel (`all`: whole survey)."""
    responses, opinions = period
    group = {"positive": "promoter", "negative": "detractor"}[polarity]
    own = opinions[(opinions["theme_id"] == theme) & (opinions["polarity"] == polarity)]
    rows = responses[responses["response_id"].isin(own["response_id"]) & (responses["nps_group"] == group)]
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows[rows["verbatim"].notna()].itertuples():
        channel = row.dimensions.removeprefix('{"channel": "').removesuffix('"}')
        for value in ("all", channel):
            found.setdefault((row.population, value), set()).add(row.response_id)
    return found


@generated
@given(pairs, st.integers(2, 6))
def test_no_line_of_few_is_told_nor_follows_by_subtraction(both, minimum):
    before, after = both
    frame = bridge(before, after, minimum=minimum, draws=5).query("theme_id != 'all'")
    for (population, theme, polarity), rows in frame.groupby(["population", "theme_id", "polarity"]):
        shown = set(rows["slice"])
        for found in (brought(period, theme, polarity) for period in (before, after)):
            sizes = {value: len(found.get((population, value), ())) for value in shown}
            assert all(size == 0 or size >= minimum for size in sizes.values())
            rest = sizes.get("all", 0) - sum(size for value, size in sizes.items() if value != "all")
            assert "all" not in shown or rest <= 0 or rest >= minimum


# The change of the NPS itself


def test_the_variance_of_a_change_between_strangers():
    # Deviations from 25: 0.75, 0.75, −0.25, −1.25; from 0: 1, −1.
    found = nps_change(*read_both(frames(crowd(2, 1, 1)), frames(crowd(1, 0, 1))), paired=False).iloc[0]
    assert found[["nps_before", "nps_after", "change"]].tolist() == [25.0, 0.0, -25.0]
    assert found["variance"] == pytest.approx(100**2 * (2.75 / 16 + 2 / 4))
    half = 1.959964 * 100 * np.sqrt(2.75 / 16 + 2 / 4)
    assert found[["change_low", "change_high"]].tolist() == pytest.approx([-25 - half, -25 + half], abs=1e-3)


@pytest.mark.parametrize(
    ("paired", "variance"),
    # var before 2/9, var after 2/27, covariance 1/9.
    [(True, 2 / 9 + 2 / 27 - 2 / 9), (False, 2 / 9 + 2 / 27)],
    ids=["the same customers", "strangers"],
)
def test_the_variance_of_a_change_of_the_same_customers(paired, variance):
    def year(*groups):
        return frames([response(place, group, customer_key=f"k{place}") for place, group in enumerate(groups)])

    before, after = year("promoter", "passive", "detractor"), year("promoter", "promoter", "passive")
    found = nps_change(*read_both(before, after, paired=paired), paired=paired).iloc[0]
    assert found["change"] == pytest.approx(100 * 2 / 3)
    assert found["variance"] == pytest.approx(100**2 * variance)


def test_the_variance_of_a_weighted_change():
    # Weights 2 and 1, NPS 1/3: 2 · (2/3) / 3 and 1 · (−4/3) / 3. All are promoters before.
    after = frames([response(0, "promoter", weight=2.0), response(1, "detractor", weight=1.0)])
    found = nps_change(*read_both(frames(crowd(3, 0, 0)), after), paired=False).iloc[0]
    assert found["variance"] == pytest.approx(100**2 * 2 * (4 / 9) ** 2)


def test_answers_of_one_customer_are_not_two():
    twice = [response(place, group, customer_key="k") for place, group in enumerate(["promoter", "promoter"])]
    after = frames([*twice, response(2, "detractor"), response(3, "detractor")])
    found = nps_change(*read_both(frames(crowd(1, 0, 0)), after), paired=False).iloc[0]
    # The customer stands for 1/4 + 1/4; the others for −1/4 each.
    assert found["variance"] == pytest.approx(100**2 * (1 / 4 + 2 / 16))


@pytest.mark.slow
def test_intervals_cover_the_truth():
    """100 pairs of a web survey that gets more web answers, more complaints, and worse complaints."""
    rng = np.random.default_rng(11)

    def period(size, web, complaining, detractor):
        on_web, wrote = rng.random(size) < web, rng.random(size) < np.where(rng.random(size) < 0.5, 0.7, 0.4)
        complains = wrote & (rng.random(size) < complaining * np.where(on_web, 1.5, 1))
        unhappy = rng.random(size) < np.where(complains, detractor, np.where(on_web, 0.1, 0.2))
        group = np.where(unhappy, "detractor", np.where(rng.random(size) < 0.6, "promoter", "passive"))
        rows = [
            response(place, str(group[place]), text=bool(wrote[place]), channel="web" if on_web[place] else "magasin")
            for place in range(size)
        ]
        return frames(rows, said(np.flatnonzero(complains)))

    def one(size):
        frame = bridge(period(size, 0.4, 0.2, 0.5), period(size, 0.7, 0.5, 0.8), draws=300)
        return frame.query("slice == 'all'").set_index("component")

    truth = one(100_000)["points"]
    covered = {key: [] for key in truth.index}
    for _ in range(100):
        found = one(500)
        for key in covered:
            covered[key].append(found.loc[key, "ci_low"] <= truth[key] <= found.loc[key, "ci_high"])
    # 95 % is promised: of 100 pairs, fewer than 88 cover once in three hundred times.
    assert {key: float(np.mean(one)) for key, one in covered.items() if np.mean(one) < 0.88} == {}
