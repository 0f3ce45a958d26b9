"""What is planted among the detractors who write: two trends and one difference between segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from respondents import Respondent
from sources import Pair


@dataclass(frozen=True)
class Plant:
    """A complaint whose share among the detractors who write is decided, cell by cell."""

    pair: Pair
    cell: Callable[[Respondent], str]
    share: Callable[[Respondent], float]
    affinity: dict[str, float]
    """How likely customers of a channel or step are to tell of it, against 1 elsewhere; 0: they cannot."""


_DELIVERY = dict(
    zip(
        [f"2025-{m}" for m in (10, 11, 12)] + [f"2026-{m:02}" for m in range(1, 10)],
        [0.05, 0.05, 0.06, 0.05, 0.05, 0.06, 0.09, 0.13, 0.17, 0.2, 0.21, 0.21],
        strict=True,
    )
)
_WAITING = dict(zip(_DELIVERY, [0.26, 0.26, 0.26, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.07, 0.07, 0.07], strict=True))


PLANTS = (
    # A new carrier from April on.
    Plant(
        ("livraison", "negative"),
        lambda r: r.month,
        lambda r: _DELIVERY[r.month],
        {"Livraison à domicile": 6, "Site web": 2, "Magasin": 0, "Retrait de commande": 0},
    ),
    # More tills from February on.
    Plant(
        ("joignabilite_attente", "negative"),
        lambda r: r.month,
        lambda r: _WAITING[r.month],
        {"Magasin": 3, "Passage en caisse": 3, "Téléphone": 3, "Commande en ligne": 0, "Livraison": 0},
    ),
    # Professionals wait for invoices that are right.
    Plant(
        ("facturation_paiement", "negative"),
        lambda r: f"{r.month} {r.segment}",
        lambda r: 0.24 if r.segment == "Professionnel" else 0.04,
        {"Livraison à domicile": 0.3},
    ),
)
PLANTED = frozenset(plant.pair for plant in PLANTS)


def assign(respondents: list[Respondent], rng: Random) -> dict[int, set[Pair]]:
    """Choose who tells of which planted complaint.

    Returns
    -------
    dict of int to set of Pair
        Index of each detractor who writes → what the text must hold; empty: none of the planted pairs may be in it.
    """
    told: dict[int, set[Pair]] = {i: set() for i, r in enumerate(respondents) if r.writes and r.band == "detractor"}
    for plant in PLANTS:
        cells = defaultdict(list)
        for index in told:
            cells[plant.cell(respondents[index])].append(index)
        for members in cells.values():
            number = round(plant.share(respondents[members[0]]) * len(members))
            weights = {index: _affinity(plant, respondents[index]) for index in members}
            for index in _weighted_sample(rng, weights, number):
                told[index].add(plant.pair)
    return told


def _affinity(plant: Plant, respondent: Respondent) -> float:
    return plant.affinity.get(respondent.channel, 1) * plant.affinity.get(respondent.step, 1)


def _weighted_sample(rng: Random, weights: dict[int, float], number: int) -> list[int]:
    """Draw without replacement (Efraimidis and Spirakis 2006, algorithm A)."""
    possible = [member for member, weight in weights.items() if weight]
    return sorted(possible, key=lambda member: rng.random() ** (1 / weights[member]), reverse=True)[:number]
