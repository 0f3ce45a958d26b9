"""A tiny encoder, and answers that it can learn: what is said decides polarity and theme."""

from __future__ import annotations

import random

import pytest

from tests.standins import make_tiny_encoder
from verbatim.reading.marked import MarkedAnswer, parse_row

_SAID = (
    *("{-prix_tarif|trop cher}", "{-prix_tarif|prix eleves}", "{+accueil_relation|accueil parfait}"),
    *("{+accueil_relation|personnel souriant}", "{-joignabilite_attente|attente interminable}"),
)
_AROUND = ("bonjour", "cette semaine", "au magasin", "comme toujours", "hier matin", "franchement", "dans l'ensemble")


def marked_lines(count: int, *, kind: str = "nps") -> list[str]:
    """Different answers of one or two opinions."""
    rng = random.Random(5)  # noqa: S311 - answers of a test
    lines: dict[str, None] = {}
    while len(lines) < count:
        said = rng.sample(_SAID, rng.choice((1, 2)))
        words = rng.sample(_AROUND, rng.choice((1, 2, 3)))
        parts = [*words, *said]
        rng.shuffle(parts)
        lines.setdefault(f"7\t{kind}\tessai\t" + " , ".join(parts))
    return list(lines)


@pytest.fixture(scope="session")
def answers() -> list[MarkedAnswer]:
    return [parse_row(line) for line in marked_lines(150)]


@pytest.fixture(scope="session")
def parent(tmp_path_factory):
    # Not every random trunk tells these few words apart.
    return make_tiny_encoder(tmp_path_factory.mktemp("parent"), seed=2)
