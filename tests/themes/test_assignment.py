"""Assignment: what a team added is taken by likeness, where that is likelier than what the heads said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from verbatim.tables import UNCLASSIFIED
from verbatim.themes.assignment import assign, recognised
from verbatim.themes.codebook import Codebook, Theme, load_codebook

BORNES = Theme("bornes", "Bornes", "Chargers", "Recharge.", "Charging.", ("borne en panne", "bornes occupées"))
PLANTES = Theme(
    "plantes_cheres",
    "Plantes chères",
    "Dear plants",
    "Prix des plantes.",
    "Their price.",
    ("rosiers trop chers",),
    parent="prix_tarif",
)


def assigned(theme: str, sure: float, likeness: list[float], themes=(BORNES, PLANTES), **options) -> tuple[str, float]:
    opinions = pd.DataFrame({"theme_id": pd.array([theme], "string"), "theme_confidence": [sure]})
    said = assign(opinions, np.array([likeness]), themes, threshold=0.4, **options)
    return said["theme_id"].iloc[0], round(float(said["theme_confidence"].iloc[0]), 3)


@pytest.mark.parametrize(
    ("theme", "sure", "likeness", "expected"),
    [
        ("prix_tarif", 0.9, [0.1, 0.1], ("prix_tarif", 0.9)),
        # What the heads leave open belongs to the likeliest theme.
        (UNCLASSIFIED, 0.3, [0.8, 0.1], ("bornes", 0.8)),
        (UNCLASSIFIED, 0.3, [0.35, 0.1], (UNCLASSIFIED, 0.3)),
        ("accessibilite_proximite", 0.95, [0.9, 0.0], ("bornes", 0.9)),
        ("accessibilite_proximite", 0.95, [0.45, 0.0], ("accessibilite_proximite", 0.95)),
        # A sub-theme competes with the rest of its parent alone.
        ("prix_tarif", 0.95, [0.0, 0.9], ("plantes_cheres", 0.9)),
        ("prix_tarif", 0.95, [0.0, 0.45], ("prix_tarif", 0.95)),
        ("choix_stock", 0.95, [0.0, 0.9], ("choix_stock", 0.95)),
    ],
)
def test_the_likelier_theme_wins(theme, sure, likeness, expected):
    assert assigned(theme, sure, likeness) == expected


def test_parts_of_a_split_theme_share_its_opinions_and_none_keeps_its_old_name():
    split = {"qualite_produit": ("bornes", "autres")}
    assert assigned("qualite_produit", 0.9, [0.8, 0.0], retired=split) == ("bornes", 0.8)
    assert assigned("qualite_produit", 0.9, [0.2, 0.0], retired=split)[0] == UNCLASSIFIED
    assert assigned("qualite_produit", 0.9, [], themes=(), retired=split)[0] == UNCLASSIFIED


def test_no_opinion_is_no_trouble():
    nothing = pd.DataFrame({"theme_id": pd.array([], "string"), "theme_confidence": pd.array([], "Float64")})
    assert assign(nothing, np.zeros((0, 1)), (BORNES,), threshold=0.4).empty


def recognised_by(*themes: Theme, shipped: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    codebook = Codebook("mien", "1", "fr", themes, is_shipped=False)
    return {theme.id: theme.examples for theme in recognised(codebook, {"prix_tarif"}, shipped)}


def test_a_theme_of_a_team_is_recognised_by_examples_definition_and_notes_and_by_nothing_without_examples():
    noted = replace(BORNES, include_fr="Câbles.")
    bare = Theme("bare", "Nu", "Bare", "Rien.", "Nothing.")
    assert recognised_by(BORNES, bare) == {"bornes": ("borne en panne", "bornes occupées", "Recharge."), "bare": ()}
    assert recognised_by(noted)["bornes"][-1] == "Câbles."


def test_a_theme_of_the_heads_is_recognised_by_what_a_team_added_where_that_is_enough():
    shipped = ("trop cher", "bon rapport qualité-prix")
    own = tuple(f"parking payant {number}" for number in range(5))
    price = Theme("prix_tarif", "Prix", "Prices", "Niveau des prix.", "Price level.", (*shipped, *own))
    assert recognised_by(price, shipped=shipped) == {"prix_tarif": own}
    assert recognised_by(replace(price, examples=(*shipped, *own[:4])), shipped=shipped) == {}


def test_of_a_shipped_codebook_nothing_is_recognised_by_likeness():
    codebook = load_codebook("cx-fr")
    shipped = {example for theme in codebook.themes for example in theme.examples}
    assert recognised(codebook, {theme.id for theme in codebook.themes}, shipped) == ()
