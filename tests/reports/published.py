"""Published tables of a made-up survey: plausible, small, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from verbatim.tables import TABLES, conform, empty

GROUPS = ("promoter", "passive", "detractor")
PUBLISHED = (
    "nps",
    "score_distribution",
    "indicators",
    "drivers",
    "quotes",
    "nps_account",
    "alerts",
    "themes",
    "windows",
)
RUN = {"run_id": "run-0001"}
MONTHS = (*(f"2025-{month:02d}" for month in range(4, 13)), "2026-01", "2026-02", "2026-03")

# id: French label, English label, share of detractors who complain, share of promoters who praise
THEMES: Mapping[str, tuple[str, str, float, float]] = {
    "prix_tarif": ("Prix et tarifs", "Price", 0.31, 0.06),
    "joignabilite_attente": ("Attente et joignabilité", "Waiting", 0.19, 0.02),
    "accueil_relation": ("Accueil et relation", "Welcome", 0.11, 0.34),
    "competence_conseil": ("Compétence et conseil", "Advice", 0.09, 0.27),
    "qualite_produit": ("Qualité des produits", "Quality", 0.12, 0.21),
    "choix_stock": ("Choix et disponibilité", "Choice", 0.10, 0.18),
    "livraison": ("Livraison", "Delivery", 0.08, 0.05),
    "site_appli": ("Site et application", "Web site", 0.06, 0.03),
    "information_clarte": ("Clarté de l'information", "Information", 0.05, 0.02),
    "resolution_reclamation": ("Réclamations et SAV", "Complaints", 0.13, 0.03),
    "fidelite_reconnaissance": ("Fidélité et reconnaissance", "Loyalty", 0.07, 0.04),
    "confort_proprete": ("Confort et propreté", "Comfort", 0.02, 0.06),
    "image_recommandation": ("Verdict sans motif", "Bare verdict", 0.14, 0.30),
    "autre": ("Autre motif", "Other", 0.03, 0.02),
}
UNRANKED = {"image_recommandation", "autre", "a_classer"}
HOSTILE = (
    "<script>alert('prix')</script> trop cher",
    '"><img src=x onerror=alert(1)> les prix augmentent',
    "\u202eelbissop tse'c erèihcne\u2069 sur tout le rayon \u05de\u05d7\u05d9\u05e8 גבוה مرتفع",
    "😡🤷‍♀️ trop cher !!! =cmd|' /C calc'!A0",
    "prix " + "interminable " * 400,
)
QUOTES = {
    "prix_tarif": "les prix ont pris 20 % en un an, je vais voir ailleurs",
    "joignabilite_attente": "25 minutes à la caisse un samedi, une seule ouverte",
    "accueil_relation": "toujours le sourire, on se sent attendu",
    "competence_conseil": "[PERSONNE] du rayon rosiers connaît son métier",
    "qualite_produit": "plantes vigoureuses, jamais déçue en dix ans",
    "choix_stock": "on trouve tout au même endroit",
}


@dataclass(frozen=True)
class Survey:
    """Size and shape of the made-up survey."""

    periods: tuple[str, ...] = MONTHS
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DIMENSIONS)
    n: int = 640
    population: str = "all"
    seed: int = 7
    provisional_last: bool = True
    hidden_period: str = "2025-08"
    survey_id: str = "enseigne"


DIMENSIONS = {
    "channel": ("Magasin", "Site web", "Téléphone", "Drive"),
    "region": tuple(f"Région {letter}" for letter in "ABCDEFGHIJKLMNOPQR"),
    "visits": ("1", "2-4", "5-9", "10+"),
}


def publish(survey: Survey | None = None) -> dict[str, pd.DataFrame]:
    """Tables of the survey, each passed through its contract."""
    survey = survey or Survey()
    rng = np.random.default_rng(survey.seed)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in PUBLISHED}
    rows["themes"] = [_theme(theme_id) for theme_id in THEMES]
    for period in survey.periods:
        for dimension, value, size in _cells(survey):
            key = {
                "survey_id": survey.survey_id,
                "population": survey.population,
                "period": period,
                "dimension": dimension,
                "slice": value,
                "window": period,
            } | RUN
            _fill_cell(rows, key, size, survey, rng)
        rows["windows"].append(_window(survey, period))
    return {
        name: conform(pd.DataFrame(found), TABLES[name]) if found else empty(TABLES[name])
        for name, found in rows.items()
    }


def _cells(survey: Survey) -> Iterator[tuple[str, str, int]]:
    yield "all", "all", survey.n
    for dimension, values in survey.dimensions.items():
        for place, value in enumerate(values):
            # The last value of each dimension is too small to show.
            size = 4 if place == len(values) - 1 and len(values) > 2 else survey.n // len(values) + 3 * place
            yield dimension, value, size


def _fill_cell(rows: dict[str, list[dict[str, Any]]], key: dict[str, Any], size: int, survey: Survey, rng) -> None:
    hidden = size < 10 or (key["period"] == survey.hidden_period and key["dimension"] == "all")
    month = survey.periods.index(key["period"])
    shares = np.array([0.56 - 0.01 * month, 0.26, 0.18 + 0.01 * month])
    scores = rng.multinomial(size, np.repeat(shares, (2, 2, 7)) / np.repeat((2, 2, 7), (2, 2, 7)) / shares.sum())[::-1]
    groups = {"promoter": scores[9:].sum(), "passive": scores[7:9].sum(), "detractor": scores[:7].sum()}
    rows["nps"].append(key | _nps(groups, size, hidden) | _flags(key, survey, hidden))
    rows["score_distribution"] += [key | _score(score, count, size, hidden) for score, count in enumerate(scores)]
    rows["indicators"] += [key | _indicator(name, scale, size, hidden, rng) for name, scale in INDICATORS.items()]
    if not hidden:
        rows["drivers"] += [key | driver for driver in _drivers(groups, size, key["period"], rng)]
    if key["dimension"] == "all":
        rows["quotes"] += [key | quote for quote in _quotes()]


INDICATORS = {"satisfaction": (1, 5), "effort": (1, 7)}


def _nps(groups: Mapping[str, int], n: int, hidden: bool) -> dict[str, Any]:
    names = ("n", "promoters", "passives", "detractors", "nps", "ci_low", "ci_high", "nps_unweighted")
    more = ("n_commenters", "nps_commenters")
    if hidden:
        return dict.fromkeys(names + more, None)
    up, down = groups["promoter"] / n, groups["detractor"] / n
    nps, half = 100 * (up - down), 196 * sqrt((up + down - (up - down) ** 2 + 0.01) / n)
    figures = (n, *(groups[group] for group in GROUPS), nps, max(nps - half, -100), min(nps + half, 100), nps)
    return dict(zip(names + more, (*figures, round(0.45 * n), max(nps - 9, -100)), strict=True))


def _flags(key: dict[str, Any], survey: Survey, hidden: bool) -> dict[str, Any]:
    provisional = survey.provisional_last and key["period"] == survey.periods[-1]
    return {"response_rate": None, "provisional": provisional, "suppressed": hidden}


def _score(score: int, count: int, n: int, hidden: bool) -> dict[str, Any]:
    figures = (None, None, None) if hidden else (n, count, count / n)
    return {"score": score, "suppressed": hidden} | dict(zip(("base", "respondents", "share"), figures, strict=True))


def _indicator(name: str, scale: tuple[int, int], n: int, hidden: bool, rng) -> dict[str, Any]:
    mean = float(rng.uniform(0.6, 0.8)) * (scale[1] - scale[0]) + scale[0]
    half = 2.2 / sqrt(n)
    figures = (None,) * 4 if hidden else (n, mean, max(mean - half, scale[0]), min(mean + half, scale[1]))
    names = ("base", "mean", "ci_low", "ci_high")
    row = {"indicator": name, "scale_low": scale[0], "scale_high": scale[1], "suppressed": hidden}
    return row | dict(zip(names, figures, strict=True))


def _drivers(groups: Mapping[str, int], n: int, period: str, rng) -> Iterator[dict[str, Any]]:
    base = {group: round(0.45 * count) for group, count in groups.items()}
    for polarity, lean in (
        ("negative", (0.12, 0.5, 1.0)),
        ("positive", (1.0, 0.7, 0.2)),
        ("neutral", (0.08, 0.1, 0.1)),
    ):
        said = {
            theme: [
                int(rng.binomial(base[group], min(weight * figures[3 if polarity == "positive" else 2], 1)))
                for group, weight in zip(GROUPS, lean, strict=True)
            ]
            for theme, figures in THEMES.items()
        }
        said["a_classer"] = [round(0.04 * base[group]) for group in GROUPS]
        for place, group in enumerate(GROUPS):
            order = sorted(
                (t for t in said if t not in UNRANKED and said[t][place]), key=lambda t: (-said[t][place], t)
            )
            for theme, counts in said.items():
                row = {"nps_group": group, "codebook": "cx-fr", "theme_id": theme, "polarity": polarity}
                rank = order.index(theme) + 1 if theme in order else None
                yield row | {"rank": rank} | _figures(counts, base, place, n)


def _figures(counts: list[int], base: Mapping[str, int], place: int, n: int) -> dict[str, Any]:
    names = ("base", "respondents", "share", "base_elsewhere", "share_elsewhere", "difference", "ci_low", "ci_high")
    more = ("q_value", "stake_points", "verdict", "suppressed")
    mine = base[GROUPS[place]]
    if mine < 10:
        return dict.fromkeys(names + more, None) | {"suppressed": True}
    others = sum(base.values()) - mine
    share, elsewhere = counts[place] / mine, (sum(counts) - counts[place]) / others
    half = 1.96 * sqrt(share * (1 - share) / mine + elsewhere * (1 - elsewhere) / others + 1e-4)
    gap = share - elsewhere
    figures = (mine, counts[place], share, others, elsewhere, gap, max(gap - half, -1), min(gap + half, 1))
    clear = abs(gap) > half
    verdict = ("more_than_elsewhere" if gap > 0 else "less_than_elsewhere") if clear else "inconclusive"
    if not clear and half < 0.03:
        verdict = "as_elsewhere"
    return dict(
        zip(names + more, (*figures, 0.001 if clear else 0.4, 100 * counts[place] / n, verdict, False), strict=True)
    )


def _quotes() -> Iterator[dict[str, Any]]:
    for group, polarity in (("detractor", "negative"), ("promoter", "positive"), ("passive", "negative")):
        for theme, text in QUOTES.items():
            texts = [text, *(HOSTILE if theme == "prix_tarif" and group == "detractor" else ())]
            for position, quote in enumerate(texts):
                yield {
                    "nps_group": group,
                    "codebook": "cx-fr",
                    "theme_id": theme,
                    "polarity": polarity,
                    "position": position,
                    "role": "typical",
                    "quote": quote,
                }
        yield {
            "nps_group": group,
            "codebook": "cx-fr",
            "theme_id": "accueil_relation",
            "polarity": polarity,
            "position": 9,
            "role": "counter_example",
            "quote": "l'accueil, ça dépend des jours",
        }


def _theme(theme_id: str) -> dict[str, Any]:
    label_fr, label_en, _, _ = THEMES[theme_id]
    return {
        "codebook": "cx-fr",
        "theme_id": theme_id,
        "version": "1",
        "label_fr": label_fr,
        "label_en": label_en,
        "definition": "…",
        "origin": "shipped",
        "parent_id": None,
        "first_seen": "2025-04",
        "precision": 0.84,
        "recall": 0.79,
    }


def _window(survey: Survey, period: str) -> dict[str, Any]:
    n = survey.n
    return {
        "survey_id": survey.survey_id,
        "state": "published",
        "cause": "new",
        "fingerprint": "0123456789abcdef" * 4,
        **dict.fromkeys(("source_hash", "codebook_hash", "model_revision", "settings_hash"), "00"),
        "method_version": "1",
        "rows_in": n + 12,
        "n_responses": n + 5,
        "n_quarantined": 4,
        "n_duplicates": 3,
        "n_scored": n,
        "n_commenters": round(0.45 * n),
        "n_opinions": round(0.8 * n),
        "n_without_opinion": round(0.03 * n),
        "provisional": survey.provisional_last and period == survey.periods[-1],
        "alerts_digest": None,
        "seconds": 1.5,
        "peak_memory_mb": 300.0,
        "window": period,
    } | RUN
