"""Where score and text disagree, on the page: reversed scales as a range, promoters at risk, passives."""

from __future__ import annotations

import pytest

from tests.reports.conftest import text_of

RISK = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "kind": "promoter_at_risk",
    "codebook": "cx-fr",
    "theme_id": "all",
    "base": 130,
    "respondents": 31,
    "respondents_low": 22,
    "respondents_high": 40,
    "share": 31 / 130,
    "stake_points": 4.8,
    "window": "2026-03",
    "run_id": "run-0001",
}
PASSIVE = RISK | {"kind": "passive_one_point_away", "respondents": 24, "base": 48, "share": 0.5, "stake_points": 3.7}
REVERSED = RISK | {"kind": "reversed_scale", "respondents": 11, "respondents_low": 4, "respondents_high": 17,
                   "stake_points": None}  # fmt: skip


@pytest.fixture
def section(section_of):
    return lambda *rows, **settings: section_of("scoretext", "score_text", list(rows), **settings)


def test_promoters_at_risk_are_told_with_their_stake_and_range(section):
    assert (
        "Promoteurs à risque 31 promoteurs se plaignent déjà, soit 24 % des promoteurs qui ont écrit ; "
        "à préserver : 4,8 points de NPS. Erreurs de lecture et hasard compris : entre 22 et 40."
        in text_of(section(RISK))
    )


def test_passives_one_point_away_are_told(section):
    assert (
        "Passifs à un point 24 passifs à 8 n'ont qu'un reproche, soit 50 % de ceux qui ont mis 8 et écrit ; à gagner : "
        "3,7 points de NPS." in text_of(section(PASSIVE))
    )


def test_the_first_complaints_stand_in_order_and_no_more_than_five(section):
    themes = ("livraison", "prix_tarif", "site_appli", "choix_stock", "qualite_produit", "confort_proprete")
    rows = [RISK | {"theme_id": theme, "respondents": 10 + n, "stake_points": 1.0 + n / 10}
            for n, theme in enumerate(themes)]  # fmt: skip
    said = text_of(section(RISK, *rows))
    names = ["Confort et propreté 15 1,5 point ", "Qualité des produits 14 1,4 point ", "Prix et tarifs 11 1,1 point "]
    places = [said.index(name) for name in names]
    assert places == sorted(places)
    assert "Livraison" not in said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (4, 17, "Entre 4 et 17 réponses : échelle probablement inversée ; elles restent comptées."),
        (0, 12, "Jusqu'à 12 réponses : échelle probablement inversée ; elles restent comptées."),
        (None, None, "11 réponses : échelle probablement inversée ; elles restent comptées."),
    ],
)
def test_reversed_scales_are_a_range(section, low, high, said):
    assert said in text_of(section(REVERSED | {"respondents_low": low, "respondents_high": high}))


def test_a_kind_that_is_not_published_is_left_out(section):
    said = text_of(section(REVERSED))
    assert "Quand la note et le texte se contredisent" in said
    assert "Promoteurs à risque" not in said
    assert section() == ""
    assert section(RISK | {"dimension": "channel", "slice": "Magasin"}) == ""


def test_in_english_it_is_told_in_english(section):
    said = text_of(section(RISK, REVERSED, language="en"))
    assert "31 promoters already complain" in said
    assert "Between 4 and 17 responses: scale probably reversed; they remain counted." in said
