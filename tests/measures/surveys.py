"""Small surveys written out row by row, and generated ones, as frames of `responses` and `opinions`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from verbatim.measures import MeasureOptions, measure_period
from verbatim.tables import OPINIONS, RESPONSES, conform, empty

OPTIONS = MeasureOptions(
    dimensions=("channel",),
    indicators={"satisfaction": (1, 5)},
    scale=(0, 10),
    min_respondents=3,
    codebook="cx-fr",
    bare_themes=frozenset({"image_recommandation"}),
    residual_themes=frozenset({"autre", "a_classer"}),
)
RUN = {"window": "2026-03", "run_id": "run"}
SCORES = {"promoter": 10, "passive": 7, "detractor": 2, None: None}


def response(number: int, group: str | None = "promoter", *, text: bool = True, **fields: Any) -> dict[str, Any]:
    """One response; `channel` and `satisfaction` go into its JSON objects."""
    dimensions = {"channel": channel} if (channel := fields.pop("channel", None)) else {}
    indicators = {"satisfaction": answer} if (answer := fields.pop("satisfaction", None)) is not None else {}
    row = dict.fromkeys(RESPONSES.column_names)
    return row | {
        "survey_id": "enseigne",
        "response_id": f"r{number}",
        "population": "all",
        "answered_at": pd.Timestamp("2026-03-14", tz="UTC"),
        "score": SCORES[group],
        "nps_group": group,
        "verbatim": "…" if text else None,
        "dimensions": json.dumps(dimensions),
        "indicators": json.dumps(indicators),
        "redactions": "{}",
        "flags": "",
        "content_hash": "",
        **RUN,
        **fields,
    }


def opinion(number: int, theme: str = "prix_tarif", polarity: str = "negative") -> dict[str, Any]:
    """One opinion of response `number`."""
    return {
        "survey_id": "enseigne",
        "response_id": f"r{number}",
        "opinion_id": "",
        "start": 0,
        "end": 1,
        "quote": "…",
        "polarity": polarity,
        "p_positive": 0.0,
        "p_negative": 1.0,
        "p_neutral": 0.0,
        "codebook": "cx-fr",
        "theme_id": theme,
        "theme_confidence": 0.9,
        "text_hash": "",
        **RUN,
    }


def frames(responses: Sequence[dict], opinions: Sequence[dict] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows as frames that keep the contracts."""
    numbered = [row | {"opinion_id": f"{row['response_id']}#{place}"} for place, row in enumerate(opinions)]
    return _frame(responses, RESPONSES), _frame(numbered, OPINIONS)


def _frame(rows, table):
    return conform(pd.DataFrame(list(rows), columns=table.column_names), table) if rows else empty(table)


def measure(
    responses: Sequence[dict], opinions: Sequence[dict] = (), options: MeasureOptions = OPTIONS
) -> dict[str, pd.DataFrame]:
    """Measure rows."""
    return measure_frames(*frames(responses, opinions), options)


def measure_frames(
    responses: pd.DataFrame, opinions: pd.DataFrame, options: MeasureOptions = OPTIONS
) -> dict[str, pd.DataFrame]:
    """Measure frames."""
    return measure_period(
        responses, opinions, survey_id="enseigne", period="2026-03", provisional=False, options=options
    )


def crowd(promoters: int, passives: int, detractors: int, *, start: int = 0, **fields: Any) -> list[dict]:
    """So many responses of each group, numbered from `start`."""
    groups = ["promoter"] * promoters + ["passive"] * passives + ["detractor"] * detractors
    return [response(start + place, group, **fields) for place, group in enumerate(groups)]


def said(numbers: Iterable[int], theme: str = "prix_tarif", polarity: str = "negative") -> list[dict]:
    """One opinion of each of these responses."""
    return [opinion(number, theme, polarity) for number in numbers]


@st.composite
def surveys(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Any survey of up to forty responses: none, scores or texts missing, weights or none, two populations."""
    weights = draw(st.sampled_from([st.none(), st.sampled_from([0.1, 0.3, 1.0, 7.0]), st.just(0.0)]))
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "group": st.sampled_from(list(SCORES)),
                    "text": st.booleans(),
                    "channel": st.sampled_from([None, "magasin", "web", "tel"]),
                    "satisfaction": st.sampled_from([None, 1, 2, 5]),
                    "weight": weights,
                    "population": st.sampled_from(["all", "all", "b"]),
                }
            ),
            max_size=40,
        )
    )
    responses = [response(number, **row) for number, row in enumerate(rows)]
    subject = st.tuples(
        st.sampled_from(["prix_tarif", "choix", "autre"]), st.sampled_from(["positive", "negative", "neutral"])
    )
    spoken = draw(st.lists(st.lists(subject, max_size=4), min_size=len(rows), max_size=len(rows)))
    opinions = [
        opinion(number, *subject)
        for number, subjects in enumerate(spoken)
        if rows[number]["text"]
        for subject in subjects
    ]
    return frames(responses, opinions)
