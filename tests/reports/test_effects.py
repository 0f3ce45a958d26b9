"""What weighs, on the page: a matrix, a table in words, and that it is no cause."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.conftest import text_of
from tests.reports.published import HOSTILE
from verbatim.reports import render_report
from verbatim.reports.scatter import HEIGHT, Spot, levels_of, scatter

PRICE = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "codebook": "cx-fr",
    "theme_id": "prix_tarif",
    "base": 288,
    "respondents_positive": 12,
    "respondents_negative": 60,
    "effect_points_positive": 0.4,
    "positive_low": -1.1,
    "positive_high": 1.9,
    "effect_points_negative": -10.7,
    "negative_low": -12.3,
    "negative_high": -9.1,
    "importance_points": 11.1,
    "performance": 0.17,
    "respondents_needed": None,
    "quadrant": "improve",
    "verdict": "penalises",
    "window": "2026-03",
    "run_id": "run-0001",
}
WELCOME = PRICE | {"theme_id": "accueil_relation", "effect_points_positive": 11.6, "positive_low": 10.0,
                   "positive_high": 13.2, "effect_points_negative": None, "negative_low": None, "negative_high": None,
                   "importance_points": 11.6, "performance": 0.8, "quadrant": "protect",
                   "verdict": "rewards"}  # fmt: skip
OTHER = PRICE | {"theme_id": "autre", "importance_points": 30.0, "performance": None, "quadrant": None}


@pytest.fixture
def section(section_of):
    return lambda *rows, **settings: section_of("effects", "effects", list(rows), **settings)


def test_a_row_tells_points_intervals_and_a_verdict(section):
    said = text_of(section(PRICE, WELCOME))
    assert "1 Accueil et relation À préserver +11,6 de +10,0 à +13,2 non affiché récompense" in said
    assert "2 Prix et tarifs À améliorer d'abord +0,4 de −1,1 à +1,9 −10,7 de −12,3 à −9,1 pénalise" in said


@pytest.mark.parametrize(
    ("verdict", "needed", "said"),
    [
        ("both", None, "les deux"),
        ("no_effect", None, "sans effet (moins d'un point)"),
        ("inconclusive", 2400, "on ne peut pas conclure (il faudrait environ 2 400 réponses)"),
        ("inconclusive", None, "−9,1 on ne peut pas conclure </"),
        ("indicative", None, "indicatif : mal lu par la machine"),
    ],
)
def test_each_verdict_has_its_words(section, verdict, needed, said):
    text = text_of(section(PRICE | {"verdict": verdict, "respondents_needed": needed}))
    assert said.removesuffix(" </") in text
    assert ("il faudrait" in text) == (needed is not None)


def test_it_is_said_to_be_no_cause(section):
    assert "C'est un lien, pas une preuve de cause" in text_of(section(PRICE))


def test_the_matrix_is_told_in_words(section):
    html = section(PRICE, WELCOME)
    (described,) = re.findall(r"<desc[^>]*>(.*?)</desc>", html)
    assert text_of(described) == (
        "À améliorer d'abord : Prix et tarifs (17 % favorables, 11,1 points) ; "
        "À préserver : Accueil et relation (80 % favorables, 11,6 points)."
    )


def test_what_nobody_can_act_on_stands_last_without_a_number(section):
    html = section(OTHER, PRICE)
    assert html.count("<circle") == 1
    assert text_of(html).index("Prix et tarifs") < text_of(html).index("Autre motif")
    assert "matrix" not in section(OTHER)


def test_a_theme_whose_share_is_not_shown_has_no_place_in_the_matrix(section):
    html = section(PRICE | {"performance": None}, WELCOME)
    assert html.count("<circle") == 1
    assert "Prix et tarifs À améliorer d'abord" in text_of(html)


def test_a_poorly_read_theme_has_a_dashed_circle_that_is_explained(section):
    unsure = section(PRICE | {"verdict": "indicative"})
    assert 'class="spot improve unsure"' in unsure
    assert "Rond en pointillé : thème mal lu par la machine." in text_of(unsure)
    assert "pointillé" not in section(PRICE)


def test_themes_behind_the_twelfth_are_folded(section):
    rows = [PRICE | {"theme_id": f"theme_{n:02}", "importance_points": 20.0 - n} for n in range(14)]
    shown, folded = section(*rows).split("<details", 1)
    assert "Theme 11" in text_of(shown.split("</svg>")[-1])
    assert text_of("<" + folded).strip().startswith("Voir 2 autres thèmes")


def test_a_slice_and_another_period_are_not_the_whole_surveys(section):
    later = PRICE | {"period": "2026-02", "window": "2026-02"}
    assert section(PRICE | {"dimension": "channel", "slice": "Magasin"}, later) == ""
    assert section() == ""


def test_a_hostile_name_is_text(tables, make_settings):
    hostile = tables | {"themes": tables["themes"].assign(label_fr=HOSTILE[0])}
    html = render_report(hostile, settings=make_settings(), period="2026-03")
    assert HOSTILE[0] not in html
    assert HOSTILE[0] in unescape(html)


def test_in_english_it_is_told_in_english(section):
    said = text_of(section(PRICE, language="en"))
    assert "This is an association, not proof of a cause" in said
    assert "Improve first" in said


def _spot(number: int, x: float, y: float, name: str = "Attente et joignabilité") -> Spot:
    return Spot(str(number), name, x, y, right=x > 0.5, upper=y > 5, code="improve", unsure=False)


QUADRANTS = [
    ("improve", "A", False, True),
    ("protect", "B", True, True),
    ("watch", "C", False, False),
    ("maintain", "D", True, False),
]
SCALE = [(0.0, "0"), (10.0, "10")]


def test_a_crowd_keeps_its_numbers_and_drops_names():
    drawn = scatter([_spot(n, 0.2 + n / 100, 6.0) for n in range(5)], QUADRANTS, SCALE, [], "")
    assert [dot.number for dot in drawn.dots] == ["0", "1", "2", "3", "4"]
    assert [dot.side for dot in drawn.dots].count("") >= 3


def test_a_name_stands_left_of_a_dot_at_the_right_edge():
    (dot,) = scatter([_spot(1, 0.98, 6.0)], QUADRANTS, SCALE, [], "").dots
    assert dot.side == "left"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 10)), min_size=1, max_size=20))
def test_every_dot_stands_in_its_own_quadrant(places):
    spots = [_spot(number, x, y) for number, (x, y) in enumerate(places)]
    drawn = scatter(spots, QUADRANTS, SCALE, [], "")
    for spot, dot in zip(spots, drawn.dots, strict=True):
        (own,) = [one for one in drawn.fields if (one.right, one.upper) == (spot.right, spot.upper)]
        assert own.left - 0.02 <= dot.x <= own.left + own.width + 0.02
        assert own.top - 0.02 <= dot.y <= own.top + own.height + 0.02
    assert drawn.height == HEIGHT


@given(st.lists(st.floats(-400, 400), min_size=1, max_size=20))
def test_levels_hold_every_value_and_zero(values):
    levels = levels_of(values)
    assert levels[0] <= min(0, *values)
    assert levels[-1] >= max(0, *values)
    assert 2 <= len(levels) <= 7
