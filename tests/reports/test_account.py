"""The account on the page: gains first, losses last, what has no reason apart; the sum is the NPS."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest

from verbatim.reports import render_report
from verbatim.tables import NPS_ACCOUNT, conform

LINE = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "line": "theme",
    "theme_id": "prix_tarif",
    "polarity": "negative",
    "respondents": 40,
    "points": -6.2,
    "ci_low": -8.0,
    "ci_high": -4.5,
    "points_commenters": -14.0,
    "points_reweighted": -13.0,
    "window": "2026-03",
    "run_id": "run-0001",
}
LINES = [
    LINE,
    LINE | {"theme_id": "accueil_relation", "polarity": "positive", "points": 9.0, "ci_low": 7.0, "ci_high": 11.0},
    LINE | {"line": "no_verbatim", "theme_id": "all", "polarity": "all", "points": 14.5, "ci_low": 11.0,
            "ci_high": 18.0, "points_commenters": None, "respondents": 350},
]  # fmt: skip


@pytest.fixture
def text(tables, make_settings):
    def text(lines: list[dict], **settings) -> str:
        told = tables | {"nps_account": conform(pd.DataFrame(lines), NPS_ACCOUNT)}
        html = render_report(told, settings=make_settings(**settings), period="2026-03")
        section = re.search(r'<section id="account".*?</section>', html, flags=re.DOTALL)
        said = re.sub(r"<[^>]+>", " ", section.group() if section else "")
        return re.sub(r"\s+", " ", unescape(said))

    return text


def test_gains_stand_first_then_losses_then_what_has_no_reason(text):
    said = text(LINES)
    names = ["Accueil et relation, en bien +9,0", "Prix et tarifs, en mal −6,2", "Ceux qui n’ont rien écrit +14,5"]
    places = [said.index(name) for name in names]
    assert places == sorted(places)


def test_the_sum_is_told_and_stands_under_the_lines(text):
    said = text(LINES)
    assert "La somme des lignes est le NPS : +17,3." in said
    assert "Total +17,3" in said


def test_each_line_has_its_interval_and_its_respondents(text):
    assert "−6,2 de −8,0 à −4,5 40" in text(LINES)


def test_without_an_account_there_is_no_section_and_no_link(text, tables, make_settings):
    assert text([LINE | {"dimension": "channel", "slice": "Magasin"}]) == ""
    html = render_report(tables, settings=make_settings(), period="2026-03")
    assert 'href="#account"' not in html


def test_in_english_it_is_told_in_english(text):
    assert "Those who wrote nothing" in text(LINES, language="en")


SILENT = LINES[2] | {"points": 42.7, "ci_low": 38.0, "ci_high": 46.0}
BIAS = LINE | {"line": "commenters_bias", "theme_id": "all", "polarity": "all", "points": 0.0, "ci_low": 6.0,
               "ci_high": 12.0, "points_commenters": 9.0, "points_reweighted": 0.0, "respondents": None}  # fmt: skip


def test_what_the_silent_bring_is_said_first(text):
    said = text([*LINES[:2], SILENT])
    sentence = "Sur +45,5 points, +42,7 viennent de ceux qui n’ont rien écrit : leurs raisons sont inconnues."
    assert said.index(sentence) < said.index("Chaque promoteur apporte")
    assert "leurs raisons sont inconnues" not in text(LINES[:2])


def test_what_the_silent_cost_is_no_part_of_the_whole(text):
    said = text([*LINES[:2], SILENT | {"points": -1.5, "ci_low": -3.0, "ci_high": 0.0}])
    assert "Ceux qui n’ont rien écrit comptent pour −1,5 point dans le NPS : leurs raisons sont inconnues." in said


def test_the_bias_of_those_who_wrote_is_a_sentence_and_no_line_of_the_points(text):
    points, own = text([*LINES, BIAS]).split("Voir les mêmes lignes", 1)
    assert "Ceux qui ont écrit ont un NPS de +8,3 ; l’écart avec l’ensemble (+9,0 points) tient à qui écrit." in points
    assert "Écart entre ceux qui ont écrit" not in points
    assert "Total +17,3" in points
    assert "Écart entre ceux qui ont écrit et l’ensemble +9,0" in own


def test_a_bias_whose_interval_holds_zero_may_be_chance(text):
    assert "(+9,0 points) peut n’être que du hasard." in text([*LINES, BIAS | {"ci_low": -1.0}])


def test_the_scale_of_those_who_wrote_leaves_out_the_silent(text):
    own = text([*LINES, BIAS]).split("Voir les mêmes lignes", 1)[1]
    assert "Prix et tarifs, en mal −14,0" in own
    assert "rien écrit" not in own
    assert "Voir les mêmes lignes" not in text(LINES)


def test_answers_in_another_language_have_a_line(text):
    other = LINE | {"line": "other_language", "theme_id": "all", "polarity": "all", "points": 0.6}
    assert "Écrit dans une autre langue +0,6" in text([*LINES, other])
