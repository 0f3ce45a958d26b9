"""The account on the page: gains first, losses last, what has no reason apart; the sum is the NPS."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest

from tests.reports.published import publish
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
def text(make_settings):
    def text(lines: list[dict], **settings) -> str:
        tables = publish() | {"nps_account": conform(pd.DataFrame(lines), NPS_ACCOUNT)}
        html = render_report(tables, settings=make_settings(**settings), period="2026-03")
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


def test_without_an_account_there_is_no_section_and_no_link(text, make_settings):
    assert text([LINE | {"dimension": "channel", "slice": "Magasin"}]) == ""
    html = render_report(publish(), settings=make_settings(), period="2026-03")
    assert 'href="#account"' not in html


def test_in_english_it_is_told_in_english(text):
    assert "Those who wrote nothing" in text(LINES, language="en")
