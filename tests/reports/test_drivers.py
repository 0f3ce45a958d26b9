"""Why, on the page: what a verdict compares, how well a theme is read, what is at stake."""

from __future__ import annotations

import pytest

from tests.reports.conftest import text_of

PRICE = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "nps_group": "detractor",
    "codebook": "cx-fr",
    "theme_id": "prix_tarif",
    "polarity": "negative",
    "base": 80,
    "respondents": 20,
    "share_read": 0.25,
    "share": 0.28,
    "base_elsewhere": 200,
    "share_elsewhere": 0.09,
    "share_within": 0.32,
    "share_within_elsewhere": 0.13,
    "difference": 0.19,
    "ci_low": 0.08,
    "ci_high": 0.3,
    "q_value": 0.001,
    "stake_points": 3.5,
    "stake_low": 2.1,
    "stake_high": 4.9,
    "precision": 0.84,
    "recall": 0.71,
    "rank": 1,
    "verdict": "more_than_elsewhere",
    "suppressed": False,
    "window": "2026-03",
    "run_id": "run-0001",
}

ALONE = dict.fromkeys(("share_elsewhere", "difference", "ci_low", "ci_high"))


@pytest.fixture
def why(section_of):
    return lambda **changed: text_of(section_of("why", "drivers", [PRICE | changed]))


def test_a_driver_tells_what_is_compared_how_it_is_read_and_what_is_at_stake(why):
    said = why()
    assert "revient surtout chez les détracteurs : 28 % contre 9 %" in said
    assert "28 % (lu chez 20 des 80 détracteurs qui ont écrit)" in said
    assert "32 % de leurs plaintes, contre 13 % ailleurs" in said
    assert "lecture : juste à 84 %, 71 % des avis retrouvés" in said
    assert "3,5 points en jeu de 2,1 à 4,9" in said


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"precision": None, "recall": None}, "lecture :"),
        ({"recall": None}, "lecture :"),
        ({"share_within": None, "share_within_elsewhere": None}, "de leurs plaintes"),
        ({"stake_low": None, "stake_high": None}, "en jeu de"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_not_known_is_left_out(why, missing, said):
    assert said in why()
    assert said not in why(**missing)


@pytest.mark.parametrize("alone", [{}, ALONE], ids=["compared", "alone"])
def test_a_theme_that_is_read_poorly_has_no_verdict(why, alone):
    said = why(verdict="indicative", **alone)
    assert "indicatif : ce thème est mal lu par la machine" in said
    assert "revient surtout" not in said


@pytest.mark.parametrize("alone", [{}, ALONE], ids=["compared", "alone"])
def test_the_findings_say_so_too(section_of, alone):
    row = PRICE | {"verdict": "indicative"} | alone
    assert "(indicatif : thème mal lu par la machine) ; en jeu : 3,5 points" in text_of(
        section_of("findings", "drivers", [row])
    )


def test_the_page_says_that_complaining_more_is_no_driver(why):
    assert "Les détracteurs se plaignent davantage de tout : cela ne dit pas pourquoi ils le sont." in why()
