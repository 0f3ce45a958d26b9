"""Likeness: five examples are enough to recognise a subject that no head was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from verbatim.reading import load_encoder
from verbatim.reading.likeness import likeness

BORNES = (
    "la borne de recharge était en panne",
    "pas assez de bornes électriques",
    "impossible de recharger ma voiture",
    "bornes de recharge toujours occupées",
    "recharge électrique hors service",
)
OF_IT = ("les bornes ne marchent jamais", "aucune borne de recharge libre", "super, une recharge électrique gratuite")
OTHERS = ("trop cher", "personnel souriant", "attente interminable en caisse", "livraison en retard", "beau magasin")


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_opinions_on_the_subject_are_like_it_and_others_are_not(encoder):
    quotes = [*OF_IT, *OTHERS]
    said = likeness(encoder, quotes, encoder.embed(quotes), {"bornes": BORNES})[:, 0]
    assert (said[: len(OF_IT)] > 0.5).all()
    assert (said[len(OF_IT) :] < 0.05).all()


def test_a_row_does_not_hang_on_its_neighbours(encoder):
    quotes = [*OF_IT, *OTHERS] * 40
    whole = likeness(encoder, quotes, encoder.embed(quotes), {"bornes": BORNES})
    alone = [likeness(encoder, [quote], encoder.embed([quote]), {"bornes": BORNES})[0] for quote in quotes[:8]]
    assert np.array_equal(whole[:8], np.array(alone))


def test_a_theme_without_examples_is_like_nothing(encoder):
    said = likeness(encoder, ["trop cher"], encoder.embed(["trop cher"]), {"vide": (), "prix": ("trop cher",)})
    assert said[0, 0] == 0
    assert said[0, 1] > 0.9


def test_no_opinions_and_no_themes_are_no_trouble(encoder):
    assert likeness(encoder, [], encoder.embed([]), {"bornes": BORNES}).shape == (0, 1)
    assert likeness(encoder, ["cher"], encoder.embed(["cher"]), {}).shape == (1, 0)
