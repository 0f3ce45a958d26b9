"""Headline and drivers on a terminal: nothing cut, numbers as their readers write them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from verbatim.cli.terminal import driver_table


def driver(group: str, label: str, **given: object) -> dict[str, object]:
    figures = {"base": 1086, "respondents": 17, "share": 0.198, "share_elsewhere": 0.005, "stake_points": 1.6}
    return {"nps_group": group, "label": label, "polarity": "negative", **figures, **given}


DRIVERS = [
    driver("detractor", "Livraison"),
    driver("detractor", "Qualité du produit ou du service", share_elsewhere=None),
    driver("promoter", "Prix [et] tarifs"),
]


def printed(language: str, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(driver_table(DRIVERS, language))
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [80, 120])
def test_each_driver_has_one_line_on_a_usual_terminal(language, width):
    lines = printed(language, width)
    # Head, rule, two groups, three drivers.
    assert len(lines) == 7
    assert not any("…" in line for line in lines)


def test_a_narrow_terminal_wraps_themes_and_cuts_nothing():
    said = "\n".join(printed("fr", 60))
    for word in ("Qualité", "service", "19,8\u202f%", "reprochent"):
        assert word in said


def test_groups_are_told_once_with_their_base_in_french_numbers():
    lines = printed("fr", 80)
    (detractors,) = [line for line in lines if "Détracteurs" in line]
    assert "sur 1\u202f086" in detractors
    assert lines.index(detractors) < next(place for place, line in enumerate(lines) if "Livraison" in line)


def test_a_share_elsewhere_that_is_hidden_is_a_dash():
    (line,) = [line for line in printed("fr", 80) if "Qualité" in line]
    assert line.split()[-2] == "–"


def test_square_brackets_in_a_label_are_text():
    assert any("Prix [et] tarifs" in line for line in printed("fr", 80))
