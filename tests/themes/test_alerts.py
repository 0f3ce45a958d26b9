"""Alerts of themes: what turns up is watched, then raised, with quotes; a theme that is gone is told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from verbatim.tables import ALERTS, conform
from verbatim.themes import load_codebook
from verbatim.themes.alerts import find_alerts

from .test_emergence import WINDOWS, survey

CODEBOOK = load_codebook("cx-fr")
SAID = ("la borne de recharge est en panne", "bornes de recharge occupées", "aucune borne de recharge libre")


def tables(planted: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Opinions, responses and embeddings of the survey; each respondent has one opinion, 20 more have none."""
    said = survey(planted)
    is_new = said["quote"].str.contains("sujetE")
    said.loc[is_new, "quote"] = [
        f"{SAID[number % 3]} {['lundi', 'mardi', 'jeudi'][number % 3]} {number}" for number in range(is_new.sum())
    ]
    said["text_hash"] = [f"h{number}" for number in range(len(said))]
    said["opinion_id"] = said["response_id"] + "#0"
    opinions = said.drop(columns="embedding").assign(
        theme_id="confort_proprete", theme_confidence=0.8, polarity="negative"
    )
    silent = [{"response_id": f"{window}-x{number}", "window": window} for window in WINDOWS for number in range(20)]
    responses = pd.concat([said[["response_id", "window"]], pd.DataFrame(silent)]).assign(
        population="all", verbatim="…"
    )
    return opinions, responses, said[["text_hash", "embedding"]].assign(k=0)


def found_in(window: str, planted: dict[str, int], **changed: pd.DataFrame) -> pd.DataFrame:
    opinions, responses, embeddings = tables(planted)
    alerts = find_alerts(
        changed.get("opinions", opinions), responses, embeddings,
        survey_id="enseigne", window=window, earlier=WINDOWS[: WINDOWS.index(window)],
        codebook=CODEBOOK, min_respondents=10,
    )  # fmt: skip
    conform(alerts.assign(window=window, run_id="run"), ALERTS)
    return alerts


def test_a_subject_is_watched_where_it_turns_up_and_raised_where_it_lasts():
    planted = {"2026-05": 25, "2026-06": 25}
    (first,), (then,) = (found_in(window, planted).to_dict("records") for window in ("2026-05", "2026-06"))
    assert [one["state"] for one in (first, then)] == ["watched", "raised"]
    assert [one["respondents"] for one in (first, then)] == [25, 25]
    assert (first["kind"], first["base"], first["share"]) == ("new", 145, 25 / 145)


def test_it_is_told_with_a_label_a_person_understands_and_quotes_of_different_customers():
    (alert,) = found_in("2026-05", {"2026-05": 25}).to_dict("records")
    assert alert["label_fr"] == "Borne de recharge"
    assert alert["theme_id"] not in {theme.id for theme in CODEBOOK.themes}
    quotes = json.loads(alert["quotes"])
    assert len(set(quotes)) == 5
    assert all("recharge" in quote for quote in quotes)


def test_a_theme_that_is_gone_is_told_and_one_of_few_is_not():
    opinions, *_ = tables({})
    is_delivery = opinions["response_id"].str.fullmatch(r"\S+-[0-2]?\d") & (opinions["window"] < "2026-06")
    is_site = opinions["response_id"].str.fullmatch(r"\S+-3[0-4]") & (opinions["window"] < "2026-06")
    opinions["theme_id"] = np.select([is_delivery, is_site], ["livraison", "site_appli"], "confort_proprete")
    (alert,) = found_in("2026-06", {}, opinions=opinions).to_dict("records")
    assert (alert["kind"], alert["theme_id"], alert["respondents"]) == ("gone", "livraison", 0)
    assert alert["share_before"] == 30 / 120
    assert json.loads(alert["quotes"]) == []


def test_without_anything_new_there_is_no_row():
    assert found_in("2026-06", {}).empty


def test_populations_are_never_pooled():
    opinions, responses, embeddings = tables({"2026-06": 18})
    # Nine of each brand: too few for either.
    responses["population"] = ["ab"[number % 2] for number in range(len(responses))]
    alerts = find_alerts(
        opinions, responses, embeddings,
        survey_id="enseigne", window="2026-06", earlier=WINDOWS[:5], codebook=CODEBOOK, min_respondents=10,
    )  # fmt: skip
    assert alerts.empty
