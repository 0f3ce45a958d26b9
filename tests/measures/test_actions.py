import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatim.errors import SettingsError
from verbatim.measures.actions import Action, measure_actions
from verbatim.tables import ACTIONS, conform

ENVELOPE = {"survey_id", "window", "run_id"}
DAY = dt.date(2026, 4, 1)
AS_OF = dt.date(2026, 12, 1)
THEMES = ["accueil", "attente", "choix", "prix_tarif"]


def group(since, *said, n=1, **fields):
    """So many commenters who answer so many days after the action and say these themes, all badly."""
    person = {"population": "all", "customer": None, "weight": None, "channel": None, **fields}
    return [{**person, "day": pd.Timestamp(DAY) + pd.Timedelta(days=since), "said": said} for _ in range(n)]


def frames(people):
    """Commenters and what was read of them; `theme+` is praise."""
    people = [{**person, "response_id": f"r{number:05d}"} for number, person in enumerate(people)]
    columns = ["response_id", "population", "day", "customer", "weight", "channel"]
    commenters = pd.DataFrame(people, columns=columns).astype({"weight": "Float64", "day": "datetime64[s]"})
    said = [
        (person["response_id"], theme.rstrip("+"), "positive" if theme.endswith("+") else "negative")
        for person in people
        for theme in person["said"]
    ]
    return commenters, pd.DataFrame(said, columns=["response_id", "theme_id", "polarity"], dtype="object")


def measure(people, *actions, as_of=AS_OF, minimum=5, draws=200):
    actions = actions or (Action("a", DAY, "attente"),)
    options = {"themes": THEMES, "codebook": "cx-fr", "minimum": minimum, "draws": draws}
    return measure_actions(*frames(people), list(actions), as_of=as_of, **options)


def one(people, *actions, **options):
    return measure(people, *actions, **options).iloc[0]


def sides(before, after, n=100, **fields):
    """n commenters a month before and n a month after; counts of those who say each theme."""
    rows = []
    for since, counts in ((-30, before), (30, after)):
        said = [[theme for theme, count in counts.items() if place < count] for place in range(n)]
        rows += [row for themes in said for row in group(since, *themes, **fields)]
    # The survey is older than what is looked at.
    return rows + group(-200, **fields)


def test_the_columns_are_those_of_the_table():
    frame = measure(sides({"attente": 30}, {"attente": 10}))
    assert list(frame.columns) == [name for name in ACTIONS.column_names if name not in ENVELOPE]
    for rows in (frame, measure([]), measure(sides({}, {}, n=1))):
        conform(rows.assign(**dict.fromkeys(ENVELOPE, "x")), ACTIONS)


def test_the_change_of_a_theme_less_the_mean_change_of_the_others():
    """Wait: 40 % to 10 %. Price and choice: 20 % to 10 %, 10 % to 14 %, mean −3 points. Nobody speaks of reception."""
    before, after = {"attente": 40, "prix_tarif": 20, "choix": 10}, {"attente": 10, "prix_tarif": 10, "choix": 14}
    row = one(sides(before, after))
    assert row[["base_before", "base_after", "share_before", "share_after"]].tolist() == [100, 100, 0.4, 0.1]
    assert row["others_change"] == pytest.approx(-0.03)
    assert row["effect"] == pytest.approx(-0.27)
    assert row["ci_low"] < row["effect"] < row["ci_high"] < 0
    assert row[["verdict", "taken_on", "days", "codebook"]].tolist() == ["fewer", "2026-04-01", 90, "cx-fr"]


def test_the_change_of_a_theme_in_a_slice_less_its_change_elsewhere():
    shop = sides({"attente": 40}, {"attente": 10}, channel="magasin")
    web = sides({"attente": 30}, {"attente": 25, "prix_tarif": 90}, channel="web")
    nowhere = sides({"attente": 30}, {"attente": 25})
    row = one([*shop, *web, *nowhere], Action("a", DAY, "attente", dimension="channel", slice="magasin"))
    assert row[["share_before", "share_after", "base_before"]].tolist() == [0.4, 0.1, 100]
    assert row["others_change"] == pytest.approx(-0.05)
    assert row["effect"] == pytest.approx(-0.25)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"attente": 40, "choix": 20}, {"attente": 10, "choix": 20}, "fewer"),
        ({"attente": 10, "choix": 20}, {"attente": 40, "choix": 20}, "more"),
        ({"attente": 40, "choix": 20}, {"attente": 36, "choix": 20}, "inconclusive"),
        ({"attente": 40, "choix": 40}, {"attente": 10, "choix": 10}, "inconclusive"),
        ({"choix": 40}, {"choix": 10}, "more"),
        ({"attente+": 40, "choix": 20}, {"attente+": 10, "choix": 20}, "inconclusive"),
        ({"attente": 40}, {"attente": 10}, "inconclusive"),
    ],
    ids=["fewer", "more", "chance", "all fell", "the others fell", "praise", "nothing to compare with"],
)
def test_a_verdict_says_what_the_others_do_not_explain(before, after, verdict):
    assert one(sides(before, after))["verdict"] == verdict


def test_praise_is_looked_at_where_the_action_says_so():
    people = sides({"attente+": 10, "attente": 50, "choix+": 10}, {"attente+": 50, "choix+": 10, "choix": 50})
    row = one(people, Action("a", DAY, "attente", polarity="positive"))
    assert row[["share_before", "share_after", "others_change", "verdict"]].tolist() == [0.1, 0.5, 0, "more"]


@pytest.mark.parametrize(
    ("days", "as_of", "first", "expected"),
    [
        (90, 200, -200, (90, 4, 4)),
        (20, 200, -200, (20, 3, 3)),
        (90, 20, -200, (20, 3, 3)),
        (90, 19, -200, (19, 2, 2)),
        (90, 200, -19, (19, 3, 2)),
        (90, 13, -200, (13, None, None)),
        (90, -5, -200, (0, None, None)),
    ],
    ids=["all", "days", "young action", "its last day is not over", "young survey", "two weeks at least", "to come"],
)
def test_as_many_days_before_as_after(days, as_of, first, expected):
    """Answers on the days 0, 1, 19 and 89 after the action, and on as many before it, day 0 being an after."""
    people = [
        row for since in (0, 1, 19, 89, 90, -1, -2, -20, -90, -91, first) if since >= first for row in group(since)
    ]
    row = one(people, Action("a", DAY, "attente", days=days), as_of=DAY + dt.timedelta(days=as_of), minimum=1)
    found = row[["days", "base_before", "base_after"]].tolist()
    assert [None if pd.isna(value) else value for value in found] == list(expected)


@pytest.mark.parametrize(
    ("inside", "outside", "shown"),
    [
        ((10, 10), (10, 10), True),
        ((9, 30), (30, 30), False),
        ((30, 9), (30, 30), False),
        ((30, 30), (9, 30), False),
        ((30, 30), (30, 9), False),
        ((30, 30), (0, 0), True),
    ],
    ids=["enough", "few before", "few after", "few outside before", "few outside after", "nobody outside"],
)
def test_few_have_no_figure_nor_have_those_who_give_them_away(inside, outside, shown):
    sizes = [(inside, "web"), (outside, "magasin")]
    people = [
        row
        for counts, channel in sizes
        for since, n in zip((-30, 30), counts, strict=True)
        for row in group(since, "attente", n=n, channel=channel)
    ]
    row = one([*people, *group(-99)], Action("a", DAY, "attente", dimension="channel", slice="web"), minimum=10)
    names = ["base_before", "base_after", "share_before", "share_after"]
    assert row[names].notna().tolist() == [shown] * 4
    assert row["verdict"] == "inconclusive"
    if not shown:
        assert row[["others_change", "effect", "ci_low", "ci_high"]].isna().all()


def test_weights_weigh():
    people = [*group(-30, "attente", n=10, weight=3.0), *group(-30, n=10), *group(30, n=20), *group(-99)]
    assert one(people)["share_before"] == 0.75


def test_answers_of_one_customer_are_one_piece_of_evidence():
    people = sides({"attente": 40, "choix": 20}, {"attente": 15, "choix": 20})
    loyal = [row | {"customer": f"c{place // 10}"} for place, row in enumerate(people)]
    alone, together = one(people), one(loyal)
    assert together["effect"] == alone["effect"]
    assert together["ci_high"] - together["ci_low"] > 1.5 * (alone["ci_high"] - alone["ci_low"])


def test_nobody_out_of_a_dozen_is_not_proof():
    """The bootstrap alone finds no error in 0 of 12 and 0 of 12."""
    before, after = {"choix": 3, "prix_tarif": 2}, {"choix": 4, "prix_tarif": 4}
    row = one(sides(before, after, n=12))
    assert row["ci_low"] < -0.2 < 0.2 < row["ci_high"]


def test_each_population_has_its_row_unless_one_is_named():
    people = [row for name in ("b", "a") for row in sides({"attente": 4}, {}, n=5, population=name)]
    actions = [Action("all", DAY, "attente"), Action("own", DAY, "attente", population="b")]
    frame = measure(people, *actions)
    assert frame[["population", "action"]].to_numpy().tolist() == [["a", "all"], ["b", "all"], ["b", "own"]]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"theme_id": "atente"}, r"no theme atente.*actions\.a.*attente"),
        ({"dimension": "chanel", "slice": "web"}, r"no dimension chanel.*actions\.a"),
        ({"dimension": "channel", "slice": "wbe"}, r"channel = wbe.*actions\.a.*web"),
        ({"population": "nobody"}, r"no response.*actions\.a"),
    ],
    ids=["theme", "dimension", "slice", "population"],
)
def test_what_nobody_knows_is_an_error(action, message):
    people = sides({}, {}, n=5, channel="web")
    with pytest.raises(SettingsError, match=f"(?s){message}"):
        measure(people, Action(**{"name": "a", "date": DAY, "theme_id": "attente", **action}))


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_no_figure_hangs_on_the_order_of_the_rows(random):
    people = sides({"attente": 9, "choix": 3}, {"attente": 4, "choix": 6}, n=15)
    weighted = [row | {"weight": 0.1 + place % 7 / 3, "customer": f"c{place % 9}"} for place, row in enumerate(people)]
    options = {"as_of": AS_OF, "themes": THEMES, "codebook": "cx-fr", "minimum": 5, "draws": 50}
    commenters, mentions = frames(weighted)
    expected = measure_actions(commenters, mentions, [Action("a", DAY, "attente")], **options)
    shuffled = [frame.sample(frac=1, random_state=random.randrange(1000)) for frame in (commenters, mentions)]
    found = measure_actions(*shuffled, [Action("a", DAY, "attente")], **options)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("scoped", [False, True], ids=["against the other themes", "against the other shops"])
@pytest.mark.parametrize("n", [40, 300])
def test_an_action_that_does_nothing_is_seldom_said_to_work(n, scoped):
    rng = np.random.default_rng(n)
    scope = {"dimension": "channel", "slice": "web"} if scoped else {}
    verdicts = []
    for _ in range(150):
        said = rng.random((n, len(THEMES))) < 0.12
        since, web = rng.integers(-90, 90, n), rng.random(n) < 0.5
        people = [
            row
            for place in range(n)
            for row in group(
                int(since[place]),
                *(theme for theme, spoken in zip(THEMES, said[place], strict=True) if spoken),
                channel="web" if web[place] else "magasin",
            )
        ]
        verdicts.append(one(people + group(-99, channel="web"), Action("a", DAY, "attente", **scope))["verdict"])
    wrong = np.mean(np.array(verdicts) != "inconclusive")
    # 5 % nominal, and three standard errors of 150 simulations.
    assert wrong < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
