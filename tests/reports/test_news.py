"""What is new on the page: a sentence a subject, customers' words as text, nothing where there is nothing."""

from __future__ import annotations

import json
import re
from html import unescape

import pandas as pd
import pytest

from tests.reports.published import HOSTILE, publish
from verbatim.reports import render_report
from verbatim.tables import ALERTS, conform

NEW = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "codebook": "cx-fr",
    "theme_id": "borne_recharge",
    "polarity": "all",
    "kind": "new",
    "label_fr": "Bornes de recharge",
    "respondents": 56,
    "base": 210,
    "share": 56 / 210,
    "share_before": 0.0,
    "statistic": 1e-20,
    "false_alerts_per_year": 0.012,
    "state": "watched",
    "quotes": json.dumps(["bornes toujours en panne", HOSTILE[0]]),
    "window": "2026-03",
    "run_id": "run-0001",
}
GONE = {"theme_id": "livraison", "kind": "gone", "label_fr": None, "respondents": 1, "share": 1 / 210,
        "share_before": 0.2, "state": "raised", "quotes": "[]"}  # fmt: skip


@pytest.fixture
def page(make_settings):
    def page(*alerts: dict, **settings) -> str:
        tables = publish() | {"alerts": conform(pd.DataFrame(alerts), ALERTS)}
        return render_report(tables, settings=make_settings(**settings), period="2026-03")

    return page


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("\N{NO-BREAK SPACE}", " ")


def test_a_new_subject_is_told_in_a_sentence_with_its_quotes(page):
    html = page(NEW)
    said = text_of(html)
    assert "Bornes de recharge vient d’apparaître" in said
    assert "56 répondants en parlent, soit 27 % de ceux qui ont écrit, contre 0 % auparavant." in said
    assert "bornes toujours en panne" in said
    assert HOSTILE[0] not in html


def test_what_lasts_stands_first_and_what_is_gone_last(page):
    said = text_of(
        page(
            GONE | {k: v for k, v in NEW.items() if k not in GONE},
            NEW,
            NEW | {"theme_id": "cafe", "label_fr": "Coin café", "state": "raised"},
        )
    )
    places = [
        said.index(one) for one in ("Coin café s’installe", "Bornes de recharge vient", "Livraison n’est presque")
    ]
    assert places == sorted(places)
    assert "1 répondant en parle" in said


def test_the_section_and_its_link_are_left_out_where_nothing_is_new(page, make_settings):
    html = render_report(publish(), settings=make_settings(), period="2026-03")
    assert 'id="news"' not in html
    assert 'href="#news"' not in html
    assert 'href="#news"' in page(NEW)


def test_an_alert_of_a_slice_or_of_another_period_is_not_the_whole_surveys(page):
    html = page(NEW | {"dimension": "channel", "slice": "Magasin"}, NEW | {"period": "2026-02", "window": "2026-02"})
    assert 'id="news"' not in html


def test_in_english_it_is_told_in_english(page):
    assert "56 respondents speak of it" in text_of(page(NEW, language="en"))


MOVEMENT = {
    "dimension": "nps_group",
    "slice": "detractor",
    "theme_id": "prix_tarif",
    "polarity": "negative",
    "kind": "rising",
    "label_fr": None,
    "respondents": 50,
    "base": 264,
    "share": 0.19,
    "share_before": 0.08,
    "false_alerts_per_year": 0.2,
    "state": "raised",
    "quotes": "[]",
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "Prix et tarifs, en mal en hausse Parmi les détracteurs : 19 % de ceux qui ont écrit en parlent"),
        ({"kind": "step_change", "dimension": "all", "slice": "all"}, "hausse soudaine Ensemble des clients : 19 %"),
        ({"state": "withdrawn"}, "alerte retirée : les réponses arrivées depuis l’annulent"),
        ({}, "lèverait 0,2 alerte de ce genre par an"),
    ],
    ids=["among a group", "a step of the whole", "withdrawn in the open", "how often without a cause"],
)
def test_a_theme_that_moves_is_told_with_its_false_alerts(page, change, told):
    said = re.sub(r"\s+", " ", text_of(page(NEW | MOVEMENT | change)).replace("\u202f", " "))
    assert told in said
