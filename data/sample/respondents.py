"""Who answers: when, through which channel, at which step, how contented; and who writes something."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from sources import band_of

T = TypeVar("T")

N_RESPONSES = 12_000
_N_CUSTOMERS = 9_400
_MISSING_SCORE_SHARE = 0.003

# First day of each month, and its number of responses: a garden chain lives in spring.
_MONTHS = {
    dt.date(2025, 10, 1): 980,
    dt.date(2025, 11, 1): 900,
    dt.date(2025, 12, 1): 880,
    dt.date(2026, 1, 1): 780,
    dt.date(2026, 2, 1): 820,
    dt.date(2026, 3, 1): 1060,
    dt.date(2026, 4, 1): 1220,
    dt.date(2026, 5, 1): 1260,
    dt.date(2026, 6, 1): 1160,
    dt.date(2026, 7, 1): 980,
    dt.date(2026, 8, 1): 900,
    dt.date(2026, 9, 1): 1060,
}
_CHANNELS = {"Magasin": 0.63, "Site web": 0.16, "Livraison à domicile": 0.14, "Téléphone": 0.07}
_STEPS = {
    "Magasin": {
        "Conseil en rayon": 0.5,
        "Passage en caisse": 0.32,
        "Retrait de commande": 0.08,
        "Service après-vente": 0.1,
    },
    "Site web": {"Commande en ligne": 0.72, "Retrait de commande": 0.2, "Service après-vente": 0.08},
    "Livraison à domicile": {"Livraison": 0.9, "Service après-vente": 0.1},
    "Téléphone": {"Service après-vente": 0.6, "Commande par téléphone": 0.4},
}
_REGIONS = {
    "Île-de-France": 0.25,
    "Auvergne-Rhône-Alpes": 0.24,
    "Nouvelle-Aquitaine": 0.19,
    "Hauts-de-France": 0.17,
    "Bretagne": 0.15,
}
_SEGMENTS = {"Particulier": 0.46, "Adhérent": 0.3, "Professionnel": 0.24}

# Odds of being a detractor, times these; the base gives about 15 % overall.
_DETRACTORS = 0.145
_DISCONTENT = {
    "Site web": 1.1,
    "Livraison à domicile": 1.35,
    "Téléphone": 1.6,
    "Magasin": 0.86,
    "Professionnel": 1.25,
    "Adhérent": 0.85,
    "Particulier": 1.0,
}
_PASSIVES_AMONG_OTHERS = 0.41
_SCORES = {
    "detractor": {0: 7, 1: 4, 2: 8, 3: 13, 4: 15, 5: 26, 6: 27},
    "passive": {7: 42, 8: 58},
    "promoter": {9: 45, 10: 55},
}
# Those who write are less happy: share of each band with a text, the angriest first.
_WRITES = {"angry": 0.74, "detractor": 0.63, "passive": 0.43, "promoter": 0.4}


@dataclass(frozen=True)
class Respondent:
    """One answer to the survey, its text apart."""

    answered_at: dt.datetime
    score: int
    shows_score: bool
    channel: str
    step: str
    region: str
    segment: str
    satisfaction: int | None
    effort: int | None
    customer: int
    basket_cents: int | None
    writes: bool

    @property
    def month(self) -> str:
        """Label of the month, such as 2026-03."""
        return f"{self.answered_at:%Y-%m}"

    @property
    def band(self) -> str:
        """Group of the score, shown or not."""
        return band_of(self.score)


def draw_respondents(rng: Random) -> list[Respondent]:
    """Twelve months of respondents, in the order in which they answered."""
    moments = [_moment(rng, first) for first, number in _MONTHS.items() for _ in range(number)]
    return [_draw(rng, moment) for moment in sorted(moments)]


def _moment(rng: Random, first: dt.date) -> dt.datetime:
    behind = (first + dt.timedelta(days=31)).replace(day=1)
    day = first + dt.timedelta(days=rng.randrange((behind - first).days))
    # Nobody answers between 2 and 3 in the morning, so no hour is doubled or missing when the clocks change.
    hour = rng.choices(
        range(24), [1, 0, 0, 0, 0, 1, 3, 8, 14, 18, 20, 18, 20, 18, 16, 16, 18, 22, 26, 28, 26, 20, 10, 4]
    )[0]
    return dt.datetime.combine(day, dt.time(hour, rng.randrange(60)))


def _draw(rng: Random, moment: dt.datetime) -> Respondent:
    channel, region, segment = _pick(rng, _CHANNELS), _pick(rng, _REGIONS), _pick(rng, _SEGMENTS)
    score = _score(rng, _DETRACTORS * _DISCONTENT[channel] * _DISCONTENT[segment])
    band = band_of(score)
    # 2.6: a Professional's basket is larger.
    basket = int(rng.lognormvariate(8.3, 0.8) * (2.6 if segment == "Professionnel" else 1))
    return Respondent(
        answered_at=moment,
        score=score,
        shows_score=rng.random() >= _MISSING_SCORE_SHARE,
        channel=channel,
        step=_pick(rng, _STEPS[channel]),
        region=region,
        segment=segment,
        satisfaction=_rating(rng, score, 5, 0.94),
        effort=_rating(rng, score, 7, 0.82),
        customer=rng.randrange(_N_CUSTOMERS),
        basket_cents=basket if rng.random() < 0.9 else None,
        writes=rng.random() < _WRITES["angry" if score <= 3 else band],
    )


def _score(rng: Random, p_detractor: float) -> int:
    if rng.random() < p_detractor:
        band = "detractor"
    else:
        band = "passive" if rng.random() < _PASSIVES_AMONG_OTHERS else "promoter"
    return _pick(rng, _SCORES[band])


def _rating(rng: Random, score: int, highest: int, answered: float) -> int | None:
    """Another closed question on 1 to `highest`, which goes with the score without following it."""
    if rng.random() >= answered:
        return None
    wanted = 1 + (highest - 1) * (score / 10) + rng.gauss(0, 0.11 * highest)
    return min(highest, max(1, round(wanted)))


def _pick(rng: Random, weights: dict[T, float]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]
