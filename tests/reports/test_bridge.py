"""What changed, on the page: one sentence; lines that add up; nothing by theme where nothing moved."""

from __future__ import annotations

import pytest

from tests.reports.conftest import text_of

ROW = {
    "survey_id": "enseigne",
    "population": "all",
    "period": "2026-03",
    "dimension": "all",
    "slice": "all",
    "period_before": "2026-02",
    "component": "mix",
    "theme_id": "all",
    "polarity": "all",
    "points": -0.6,
    "ci_low": -2.1,
    "ci_high": 0.9,
    "nps_before": 24.3,
    "nps_after": 17.3,
    "change_low": -12.1,
    "change_high": -2.0,
    "moved": True,
    "window": "2026-03",
    "run_id": "run-0001",
}


def line(component: str, theme: str, polarity: str, points: float) -> dict:
    return ROW | {"component": component, "theme_id": theme, "polarity": polarity, "points": points,
                  "ci_low": points - 1.5, "ci_high": points + 1.5}  # fmt: skip


MOVED = [
    ROW,
    line("commenters", "all", "all", 0.4),
    line("prevalence", "prix_tarif", "negative", -3.1),
    line("prevalence", "accueil_relation", "positive", -1.2),
    line("prevalence", "livraison", "negative", 0.4),
    line("prevalence", "choix_stock", "positive", 0.3),
    line("prevalence", "site_appli", "negative", 0.1),
    line("prevalence", "all", "all", -0.2),
    line("effect", "joignabilite_attente", "negative", -1.7),
    line("residual", "all", "all", -1.4),
]
STILL = [
    ROW | {"component": component, "points": points, "nps_after": 22.3, "change_low": -7.0, "change_high": 3.1,
           "moved": False}
    for component, points in (("mix", 0.0), ("prevalence", -2.5), ("effect", 0.8), ("residual", -0.3))
]  # fmt: skip


@pytest.fixture
def section(section_of):
    return lambda rows, **settings: section_of("bridge", "nps_bridge", rows, **settings)


def test_a_move_is_told_with_its_interval(section):
    said = text_of(section(MOVED))
    assert (
        "Le NPS est passé de +24,3 à +17,3 depuis février 2026, soit −7,0 points (de −12,1 à −2,0) : "
        "plus que le hasard n'explique." in said
    )


def test_components_stand_in_order_with_their_sum(section):
    said = text_of(section(MOVED))
    lines = [
        "NPS de février 2026 +24,3",
        "Composition de la clientèle −0,6 de −2,1 à +0,9",
        "Part de ceux qui écrivent +0,4",
        "Motifs plus ou moins cités −3,7",
        "Motifs qui pèsent plus ou moins −1,7",
        "Reste −1,4",
        "NPS de mars 2026 +17,3",
        "Écart −7,0 de −12,1 à −2,0",
    ]
    places = [said.index(one) for one in lines]
    assert places == sorted(places)


def test_the_strongest_reasons_are_named_and_the_others_put_together(section):
    said = text_of(section(MOVED))
    assert (
        "Prix et tarifs, en mal −3,1 de −4,6 à −1,6 Accueil et relation, en bien −1,2 de −2,7 à +0,3 "
        "Livraison, en mal +0,4 de −1,1 à +1,9 Choix et disponibilité, en bien +0,3 de −1,2 à +1,8 "
        "Autres motifs −0,1" in said
    )
    assert "Site et application" not in said


def test_where_nothing_moved_one_sentence_says_so_and_the_lines_are_folded(section):
    html = section(STILL)
    open_part, folded = html.split("<details", 1)
    assert (
        "Le NPS n'a pas bougé depuis février 2026 : l'écart de −2,0 points peut n'être que du hasard (de −7,0 à +3,1)."
        in text_of(open_part)
    )
    assert "<table" not in open_part
    assert "Motifs plus ou moins cités −2,5" in text_of(folded)


def test_a_component_that_brings_nothing_has_no_line(section):
    assert "Composition de la clientèle" not in text_of(section(STILL))


def test_a_change_of_method_is_said(section):
    said = text_of(section([ROW, line("method", "all", "all", -6.4)]))
    assert "Changement de méthode −6,4" in said
    assert "Les deux périodes n'ont pas été lues avec la même méthode : aucun motif ne peut être nommé." in said


def test_bars_step_from_level_to_level(section):
    html = section(MOVED)
    assert html.count('<svg class="chart step"') == 7
    assert html.count('<rect class="fill-detractor"') == 4
    assert html.count('<rect class="fill-promoter"') == 1


def test_the_latest_earlier_period_is_told(section):
    older = [row | {"period_before": "2025-03", "nps_before": 40.0} for row in STILL]
    assert "depuis février 2026" in text_of(section([*older, *MOVED]))


def test_a_slice_is_not_the_whole_survey(section):
    assert section([ROW | {"dimension": "channel", "slice": "Magasin"}]) == ""
    assert section([]) == ""


def test_employees_are_no_customers(section):
    assert "Composition des effectifs" in text_of(section(MOVED, kind="enps"))


def test_in_english_it_is_told_in_english(section):
    assert "The NPS has not moved since February 2026" in text_of(section(STILL, language="en"))
