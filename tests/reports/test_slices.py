"""For whom, on the page: slices beside the rest of the survey, thin ones over a longer span, and what they speak of."""

from __future__ import annotations

import re

import pytest

from tests.reports.conftest import text_of
from tests.reports.published import Survey, publish
from verbatim.reports import render_report
from verbatim.tables import TABLES, conform

KEY = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "channel",
    "slice": "Site web",
    "window": "2026-03",
    "run_id": "run-0001",
}
BILLING = KEY | {
    "codebook": "cx-fr",
    "theme_id": "prix_tarif",
    "polarity": "negative",
    "base": 70,
    "respondents": 17,
    "share": 0.24,
    "base_outside": 210,
    "share_outside": 0.04,
    "difference": 0.2,
    "ci_low": 0.1,
    "ci_high": 0.3,
    "q_slice": 0.001,
    "q_value": 0.01,
    "verdict": "more_than_outside",
}


@pytest.fixture
def whom(section_of):
    return lambda *rows, **settings: text_of(section_of("whom", "contrasts", list(rows), **settings))


def _nps(tables, label, **changed):
    """Published tables with other figures for one slice of a period."""
    nps = tables["nps"]
    row = next(row for row in nps.to_dict("records") if row["period"] == "2026-03" and row["slice"] == "Site web")
    new = row | {"period": label, "window": label} | changed
    keep = nps[~((nps["period"] == label) & (nps["slice"] == new["slice"]))]
    frame = conform(_with(keep, new), TABLES["nps"])
    return tables | {"nps": frame}


def _with(frame, row):
    import pandas as pd

    return pd.DataFrame([*frame.to_dict("records"), row])


def _whom(tables, settings, period="2026-03"):
    html = render_report(tables, settings=settings, period=period)
    return text_of(re.search(r'<section id="whom".*?(?=<section id="others")', html, flags=re.DOTALL).group())


def test_the_gap_is_to_the_rest_and_has_its_interval(tables, make_settings):
    changed = _nps(tables, "2026-03", difference=-12.0, difference_low=-20.5, difference_high=-3.5)
    said = _whom(changed, make_settings())
    assert "−12,0, en dessous de −20,5 à −3,5" in said
    assert "Nettement en dessous du reste de l'enquête : Site web." in said


def test_a_gap_whose_interval_holds_zero_may_be_chance(tables, make_settings):
    changed = _nps(tables, "2026-03", difference=2.0, difference_low=-5.0, difference_high=9.0)
    assert "+2,0, hasard possible de −5,0 à +9,0" in _whom(changed, make_settings())


def test_a_thin_slice_is_shown_over_three_months(tables, make_settings):
    said = _whom(tables, make_settings())
    assert re.search(r"Région R 12 .*?−22,5, en dessous de −41,0 à −4,0 sur 3 mois glissants, faute de volume", said)
    assert "Région R (sur 3 mois)" in said


def test_it_is_shown_over_twelve_months_where_three_are_too_few(tables, make_settings):
    assert re.search(r"10\+ 48 .*? sur 12 mois glissants, faute de volume", _whom(tables, make_settings()))


def test_the_shorter_span_comes_first(tables, make_settings):
    both = _nps(tables, "2026-03-3m", dimension="visits", slice="10+", n=14)
    assert re.search(r"10\+ 14 .*? sur 3 mois glissants", _whom(both, make_settings()))


def test_a_slice_that_is_shown_stays_of_its_period(tables, make_settings):
    more = _nps(tables, "2026-03-3m", n=999)
    assert "999" not in _whom(more, make_settings())


def test_a_span_that_ends_elsewhere_is_not_taken(tables, make_settings):
    later = _nps(tables, "2026-02-3m", dimension="channel", slice="Drive")
    assert re.search(r"Drive moins de 10 répondants : non affiché", _whom(later, make_settings()))


def test_an_open_period_has_one_sentence_in_place_of_hidden_lines(make_settings):
    running = publish(Survey(periods=("2026-02", "2026-03"), provisional_last=True))
    said = _whom(running, make_settings())
    assert "Les segments sont publiés une fois la période terminée, pour que personne ne soit reconnu" in said
    assert "non affiché" not in said
    assert "Canal" not in said
    html = text_of(render_report(running, settings=make_settings(), period="2026-03"))
    assert "Chiffres provisoires" in html
    assert "Aucun découpage" not in html


def test_a_slice_that_complains_more_says_so(whom):
    said = whom(BILLING)
    assert "Site web on s'y plaint plus qu'ailleurs de : Prix et tarifs (24 % contre 4 %)" in said


def test_complaints_and_praise_are_one_sentence(whom):
    praise = BILLING | {"theme_id": "livraison", "polarity": "positive", "share": 0.3, "share_outside": 0.2,
                        "difference": 0.1}  # fmt: skip
    assert (
        "on s'y plaint plus qu'ailleurs de : Prix et tarifs (24 % contre 4 %) ; "
        "on y apprécie plus qu'ailleurs : Livraison (30 % contre 20 %)"
    ) in whom(BILLING, praise)


def test_three_themes_are_told_at_most(whom):
    themes = ("prix_tarif", "livraison", "site_appli", "choix_stock")
    rows = [BILLING | {"theme_id": theme, "difference": 0.2 - place / 100} for place, theme in enumerate(themes)]
    said = whom(*rows)
    assert (
        "Prix et tarifs (24 % contre 4 %), Livraison (24 % contre 4 %), Site et application (24 % contre 4 %)" in said
    )
    assert "Choix et disponibilité (24 % contre 4 %)" not in said


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "inconclusive"},
        {"verdict": "indicative"},
        {"verdict": "less_than_outside"},
        {"polarity": "neutral"},
        {"theme_id": "image_recommandation"},
        {"theme_id": "a_classer"},
    ],
    ids=lambda changed: next(iter(changed.values())),
)
def test_nothing_else_is_told(whom, changed):
    assert "qu'ailleurs" not in whom(BILLING | changed)


def test_english_tells_the_same(whom):
    said = whom(BILLING, language="en")
    assert "Site web more complaints than elsewhere of: Price (24% against 4%)" in said


def test_english_names_the_span(tables, make_settings):
    said = _whom(tables, make_settings(language="en"))
    assert "over the last 3 months, for want of answers" in said
    assert "Région R (over 3 months)" in said
