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
    "contrasts",
    "quotes",
    "nps_account",
    "effects",
    "nps_bridge",
    "score_text",
    "alerts",
    "themes",
    "windows",
    "spans",
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
    provisional_last: bool = False
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
        _compare_slices(rows["nps"], survey, period)
        rows["windows"].append(_window(survey, period))
    last = next(row for row in reversed(rows["nps"]) if row["dimension"] == "all")
    if survey.n >= LEAST_FOR_EFFECTS and last["nps"] is not None:
        _fill_last(rows, last, survey)
    return {
        name: conform(pd.DataFrame(found).reindex(columns=TABLES[name].column_names), TABLES[name])
        if found
        else empty(TABLES[name])
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
    # The slices of an open period are hidden by rule.
    hidden = hidden or (key["dimension"] != "all" and _is_open(key, survey))
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


def _compare_slices(nps: list[dict[str, Any]], survey: Survey, period: str) -> None:
    """Put each slice beside the rest of the survey."""
    own = [row for row in nps if row["period"] == period]
    (whole,) = (row for row in own if row["dimension"] == "all")
    for row in own:
        if row is whole or None in (row["nps"], whole["nps"]) or row["n"] >= whole["n"]:
            continue
        n = whole["n"] - row["n"]
        rest = (whole["nps"] * whole["n"] - row["nps"] * row["n"]) / n
        gap, half = row["nps"] - rest, sqrt((row["ci_high"] - row["nps"]) ** 2 + 150**2 / n)
        row |= {"difference": gap, "difference_low": gap - half, "difference_high": gap + half}


LEAST_FOR_EFFECTS = 200
SPANS = {"region": "3m", "visits": "12m"}
"""Dimensions whose thin last slice a longer span shows."""
CONTRASTS = (
    ("channel", "Téléphone", "joignabilite_attente", "negative", 0.24, 0.04),
    ("channel", "Téléphone", "resolution_reclamation", "negative", 0.15, 0.05),
    ("channel", "Téléphone", "competence_conseil", "positive", 0.31, 0.19),
    ("channel", "Téléphone", "livraison", "negative", 0.09, 0.03),
    ("channel", "Téléphone", "image_recommandation", "negative", 0.5, 0.1),
    ("channel", "Site web", "site_appli", "negative", 0.18, 0.03),
    ("channel", "Site web", "prix_tarif", "neutral", 0.28, 0.03),
)
"""Dimension, slice, theme, polarity, share and share outside."""
KEYS = ("survey_id", "population", "period", "dimension", "slice", "window", "run_id")


def _fill_last(rows: dict[str, list[dict[str, Any]]], last: Mapping[str, Any], survey: Survey) -> None:
    """Effects, bridge and contradictions of the last period, whole survey and one slice."""
    key = {name: last[name] for name in KEYS}
    elsewhere = {"dimension": "channel", "slice": "Magasin"} if "channel" in survey.dimensions else None
    for cell in (key, key | elsewhere) if elsewhere else (key,):
        rows["effects"] += [cell | row for row in _effects(round(0.45 * survey.n))]
        rows["score_text"] += [cell | row for row in _score_text(survey.n)]
    for dimension, value, theme, polarity, share, outside in CONTRASTS if elsewhere else ():
        cell = key | {"dimension": dimension, "slice": value}
        rows["contrasts"].append(cell | _contrast(theme, polarity, share, outside))
    for dimension, length in SPANS.items():
        if dimension in survey.dimensions and not last["provisional"]:
            label = f"{last['period']}-{length}"
            cell = key | {"period": label, "window": label, "dimension": dimension}
            n = 4 * int(length.removesuffix("m"))
            groups = {"promoter": n // 2, "passive": n // 4, "detractor": n - n // 2 - n // 4}
            gap = {"difference": -22.5, "difference_low": -41.0, "difference_high": -4.0}
            row = cell | _nps(groups, n, hidden=False) | gap | _flags_of(last)
            rows["nps"].append(row | {"slice": survey.dimensions[dimension][-1]})
    if len(survey.periods) > 1:
        before = survey.periods[-2]
        rows["nps_bridge"] += [key | row for row in _bridge(before, last["nps"])]


def _flags_of(last: Mapping[str, Any]) -> dict[str, Any]:
    return {"response_rate": None, "provisional": last["provisional"], "suppressed": False}


def _contrast(theme: str, polarity: str, share: float, outside: float) -> dict[str, Any]:
    return {
        "codebook": "cx-fr",
        "theme_id": theme,
        "polarity": polarity,
        "base": 90,
        "respondents": round(90 * share),
        "share": share,
        "base_outside": 198,
        "share_outside": outside,
        "difference": share - outside,
        "ci_low": (share - outside) / 2,
        "ci_high": 1.5 * (share - outside),
        "q_slice": 0.001,
        "q_value": 0.01,
        "verdict": "more_than_outside",
    }


def _effects(base: int) -> Iterator[dict[str, Any]]:
    for place, (theme, (_, _, blame, praise)) in enumerate(THEMES.items()):
        up, down = round(12 * praise / 0.34 - 0.4, 1), round(-11 * blame / 0.31 + 0.3, 1)
        half = 1.6
        rewards, penalises = up - half > 0, down + half < 0
        verdict = "both" if rewards and penalises else "rewards" if rewards else "penalises" if penalises else ""
        verdict = verdict or ("no_effect" if place % 2 else "inconclusive")
        # A reader that finds this theme too seldom.
        verdict = "indicative" if theme == "confort_proprete" else verdict
        well = praise / (praise + blame) > 0.55
        quadrant = ("protect" if well else "improve") if up - down > 5 else "maintain" if well else "watch"
        yield {
            "codebook": "cx-fr",
            "theme_id": theme,
            "base": base,
            "respondents_positive": round(0.5 * praise * base),
            "respondents_negative": round(0.4 * blame * base),
            "effect_points_positive": up,
            "positive_low": up - half,
            "positive_high": up + half,
            "effect_points_negative": down,
            "negative_low": down - half,
            "negative_high": down + half,
            "importance_points": up - down,
            "performance": praise / (praise + blame),
            "respondents_needed": 2400 if verdict == "inconclusive" else None,
            "quadrant": None if theme in UNRANKED else quadrant,
            "verdict": verdict,
        }


def _bridge(before: str, nps: float) -> Iterator[dict[str, Any]]:
    parts = {"mix": 0.6, "commenters": -0.4, "prevalence": -1.9, "effect": 0.5, "residual": -0.3}
    for component, points in parts.items():
        yield {
            "period_before": before,
            "component": component,
            "theme_id": "all",
            "polarity": "all",
            "points": points,
            "ci_low": points - 2,
            "ci_high": points + 2,
            "nps_before": nps + 1.5,
            "nps_after": nps,
            "change_low": -6.3,
            "change_high": 3.3,
            "moved": False,
        }


def _score_text(n: int) -> Iterator[dict[str, Any]]:
    held = {
        ("promoter_at_risk", "all", 130): (31, 22, 40),
        ("promoter_at_risk", "prix_tarif", 130): (17, None, None),
        ("promoter_at_risk", "joignabilite_attente", 130): (10, None, None),
        ("passive_one_point_away", "all", 45): (24, 15, 33),
        ("passive_one_point_away", "prix_tarif", 45): (12, None, None),
        ("reversed_scale", "all", 70): (11, 4, 17),
    }
    for (kind, theme, base), (respondents, low, high) in held.items():
        yield {
            "kind": kind,
            "codebook": "cx-fr",
            "theme_id": theme,
            "base": base,
            "respondents": respondents,
            "respondents_low": low,
            "respondents_high": high,
            "share": respondents / base,
            "stake_points": None if kind == "reversed_scale" else 100 * respondents / n,
        }


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
    return {"response_rate": None, "provisional": _is_open(key, survey), "suppressed": hidden}


def _is_open(key: Mapping[str, Any], survey: Survey) -> bool:
    return survey.provisional_last and key["period"] == survey.periods[-1]


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
    rest = ("share_read", "share_within", "share_within_elsewhere", "stake_low", "stake_high", "precision", "recall")
    mine = base[GROUPS[place]]
    if mine < 10:
        return dict.fromkeys(names + more + rest, None) | {"suppressed": True}
    others = sum(base.values()) - mine
    share, elsewhere = counts[place] / mine, (sum(counts) - counts[place]) / others
    half = 1.96 * sqrt(share * (1 - share) / mine + elsewhere * (1 - elsewhere) / others + 1e-4)
    gap = share - elsewhere
    figures = (mine, counts[place], share, others, elsewhere, gap, max(gap - half, -1), min(gap + half, 1))
    clear = abs(gap) > half
    verdict = ("more_than_elsewhere" if gap > 0 else "less_than_elsewhere") if clear else "inconclusive"
    if not clear and half < 0.03:
        verdict = "as_elsewhere"
    stake = 100 * counts[place] / n
    # A little above what the group says of everything.
    within = (min(1.4 * share, 1), min(1.4 * elsewhere, 1)) if mine >= 60 else (None, None)
    figures += (0.001 if clear else 0.4, stake, verdict, False)
    figures += (share, *within, 0.7 * stake, min(1.3 * stake, 100), 0.84, 0.79)
    return dict(zip(names + more + rest, figures, strict=True))


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
