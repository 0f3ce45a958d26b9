"""Customers' words for a driver: the opinions nearest to what its respondents say, and one that says the opposite.

A quote under the wrong driver is what a reader forgives least: only opinions that the reader was sure of are shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from verbatim.tables import ALL, QUOTES, Polarity, QuoteRole, empty

if TYPE_CHECKING:
    import pandas as pd

MIN_RESPONDENTS = 3
"""A driver of fewer respondents gets no quote: words of one or two could give them away."""
SURE_OF_THEME = 0.5
SURE_OF_POLARITY = 0.7
"""Least probabilities of an opinion that is quoted."""
NEAR_DUPLICATE = 0.95
"""Cosine from which two quotes say the same."""

_GOOD_LENGTH = (25, 160)  # characters
_LONGEST = 280
_OPPOSITE = {Polarity.POSITIVE: Polarity.NEGATIVE, Polarity.NEGATIVE: Polarity.POSITIVE}
_TAG = re.compile(r"\[[A-Z]+\]")
_SENTENCE_END = re.compile(r"[.!?…\n]+")
_SHOWN_BEFORE = 0.6
"""What a quote is worth that stands under another driver of the same slice already."""

Vectors = npt.NDArray[np.float32]
Cell = tuple[str, str, str, str, str, str]
"""Population, dimension, slice, group, theme, polarity."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    """C opinions that may be quoted, by text_hash and place; their order decides ties."""

    response: Sequence[str]
    quote: Sequence[str]
    plain: Sequence[str]
    """Quotes without case, punctuation and spaces: equal ones say the same."""
    worth: npt.NDArray[np.float64]
    """How sure and how readable, in (0, 1], shape (C,)."""
    vector: Vectors
    """Embeddings of length 1, shape (C, width)."""


def choose_quotes(
    drivers: pd.DataFrame,
    opinions: pd.DataFrame,
    responses: pd.DataFrame,
    embeddings: pd.DataFrame,
    *,
    per_driver: int = 2,
) -> pd.DataFrame:
    """Choose quotes for the drivers that are shown and ranked.

    Typical quotes are the surest and most readable opinions near the centre of all that the driver's respondents say
    of it; a second one says it in other words. The last may be a counter-example: the same group and slice on the same
    theme, of the opposite polarity, where at least three respondents say so.

    Parameters
    ----------
    drivers : DataFrame
        Columns of `drivers` but window and run_id.
    opinions, responses : DataFrame
        Columns of the tables; of the drivers' survey and period.
    embeddings : DataFrame
        Columns text_hash, k (rank in the text), embedding.
    per_driver : int
        Typical quotes of a driver, at most.

    Returns
    -------
    DataFrame
        Columns of `quotes` but window and run_id, by key. Does not depend on the order of the rows.
    """
    import pandas as pd

    columns = [name for name in QUOTES.column_names if name not in ("window", "run_id")]
    order = ["population", "dimension", "slice", "nps_group", "rank", "polarity", "theme_id"]
    shown = drivers[_may_be_quoted(drivers)].sort_values(order)
    candidates, cells = _gather(opinions, responses, embeddings, tuple(drivers["dimension"].unique()))
    counts = _respondents(drivers)
    rows: list[dict[str, Any]] = []
    used: dict[tuple[str, str, str], set[int]] = {}
    for driver in shown.to_dict("records"):
        cell = _cell(driver)
        before = used.setdefault(cell[:3], set())
        chosen = [(place, QuoteRole.TYPICAL) for place in _typical(candidates, cells.get(cell, ()), before, per_driver)]
        opposite = _OPPOSITE.get(driver["polarity"])
        if chosen and opposite is not None:
            other = (*cell[:5], str(opposite))
            if counts.get(other, 0) >= MIN_RESPONDENTS:
                counter = _typical(candidates, cells.get(other, ()), before, 1)
                chosen += [(place, QuoteRole.COUNTER_EXAMPLE) for place in counter]
        before.update(place for place, _ in chosen)
        key = {name: driver[name] for name in QUOTES.key if name != "position"}
        rows += [
            {**key, "position": position, "role": str(role), "quote": candidates.quote[place]}
            for position, (place, role) in enumerate(chosen)
        ]
    frame = pd.DataFrame(rows, columns=columns).astype(empty(QUOTES).dtypes[columns].to_dict())
    return frame.sort_values(list(QUOTES.key), ignore_index=True)


def _may_be_quoted(drivers: pd.DataFrame) -> pd.Series:
    enough = (drivers["respondents"] >= MIN_RESPONDENTS).fillna(False)
    may: pd.Series = enough & drivers["rank"].notna() & ~drivers["suppressed"]
    return may.astype(bool)


def _respondents(drivers: pd.DataFrame) -> Mapping[Cell, int]:
    shown = drivers[drivers["respondents"].notna()]
    return {_cell(driver): int(driver["respondents"]) for driver in shown.to_dict("records")}


def _cell(row: Any) -> Cell:
    names = ("population", "dimension", "slice", "nps_group", "theme_id", "polarity")
    population, dimension, slice_, group, theme, polarity = (str(row[name]) for name in names)
    return population, dimension, slice_, group, theme, polarity


def _gather(
    opinions: pd.DataFrame, responses: pd.DataFrame, embeddings: pd.DataFrame, dimensions: Sequence[str]
) -> tuple[_Candidates, Mapping[Cell, npt.NDArray[np.int64]]]:
    """Opinions that may be quoted, and those of each cell by their places."""
    import pandas as pd

    wanted = ["response_id", "population", "nps_group", "dimensions", "verbatim"]
    scored = responses.loc[responses["nps_group"].notna() & responses["verbatim"].notna(), wanted]
    said = opinions.merge(scored, on="response_id").sort_values(["text_hash", "start", "response_id"])
    said["probability"] = said[["p_positive", "p_negative", "p_neutral"]].astype(float).max(axis=1)
    said["quote"] = _readable(said)
    sure = (said["theme_confidence"] >= SURE_OF_THEME) & (said["probability"] >= SURE_OF_POLARITY)
    said = said[(sure & said["quote"].map(_says_something)).to_numpy(bool)]
    if said.empty:
        return _Candidates((), (), (), np.zeros(0), np.zeros((0, 1), np.float32)), {}
    said["k"] = said["opinion_id"].str.rpartition("#")[2].astype("int64")
    vectors = embeddings.drop_duplicates(["text_hash", "k"])[["text_hash", "k", "embedding"]]
    said = said.merge(vectors.astype({"text_hash": "string", "k": "int64"}), on=["text_hash", "k"], how="inner")
    quotes = said["quote"].tolist()
    worth = said["probability"] * said["theme_confidence"].astype(float) * said["quote"].map(_readability)
    candidates = _Candidates(
        said["response_id"].tolist(),
        quotes,
        [re.sub(r"[\W_]+", "", quote.casefold()) for quote in quotes],
        worth.to_numpy(np.float64),
        np.stack([np.asarray(vector, np.float32) for vector in said["embedding"]]),
    )
    slices = pd.DataFrame([{**json.loads(text), ALL: ALL} for text in said["dimensions"]], index=said.index)
    cells: dict[Cell, npt.NDArray[np.int64]] = {}
    for dimension in dimensions:
        if dimension not in slices:
            continue
        keyed = said.assign(dimension=dimension, slice=slices[dimension])
        keyed = keyed[keyed["slice"].notna()]
        names = ["population", "dimension", "slice", "nps_group", "theme_id", "polarity"]
        # Cells are named from the rows, not from pandas' keys: those are typed by what happens to be grouped.
        for rows in keyed.groupby(names, sort=False).indices.values():
            cell = _cell(keyed.iloc[int(rows[0])])
            cells[cell] = np.sort(keyed.index.to_numpy()[rows])
    return candidates, cells


def _typical(
    candidates: _Candidates, places: Sequence[int] | npt.NDArray[np.int64], before: set[int], most: int
) -> list[int]:
    """Places of the best quotes of a cell; none twice, no respondent twice."""
    places = np.asarray(places, dtype=np.int64)
    if not len(places):
        return []
    vectors = candidates.vector[places]
    centre = vectors.mean(axis=0)
    nearness = vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-9))
    fresh = np.array([1.0 if place not in before else _SHOWN_BEFORE for place in places.tolist()])
    merit = candidates.worth[places] * (1 + nearness) / 2 * fresh
    chosen: list[int] = []
    for row in np.argsort(-merit, kind="stable").tolist():
        place = int(places[row])
        if all(_differ(candidates, place, other) for other in chosen):
            chosen.append(place)
        if len(chosen) == most:
            break
    return chosen


def _differ(candidates: _Candidates, first: int, second: int) -> bool:
    return (
        candidates.response[first] != candidates.response[second]
        and candidates.plain[first] != candidates.plain[second]
        and float(candidates.vector[first] @ candidates.vector[second]) < NEAR_DUPLICATE
    )


def _readable(said: pd.DataFrame) -> list[str]:
    """Each opinion's words, or its whole sentence where nothing else is said in it."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for response, start, end in zip(said["response_id"], said["start"], said["end"], strict=True):
        spans.setdefault(response, []).append((int(start), int(end)))
    return [
        _sentence(str(text), int(start), int(end), spans[response])
        for text, start, end, response in zip(
            said["verbatim"], said["start"], said["end"], said["response_id"], strict=True
        )
    ]


def _sentence(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    first = max((found.end() for found in _SENTENCE_END.finditer(text, 0, start)), default=0)
    found = _SENTENCE_END.search(text, end)
    last = len(text) if found is None else found.start()
    alone = all(other == (start, end) or other[1] <= first or other[0] >= last for other in spans)
    whole = " ".join(text[first:last].split()).strip(" ,;:-")
    # A full stop within brackets ("cf. …") is no end.
    balanced = whole.count("(") == whole.count(")")
    return whole if alone and balanced and len(whole) <= _GOOD_LENGTH[1] else " ".join(text[start:end].split())


def _says_something(quote: str) -> bool:
    words = _TAG.sub("", quote)
    return len(quote) <= _LONGEST and sum(letter.isalpha() for letter in words) >= 4


def _readability(quote: str) -> float:
    """Readable lengths count fully; so does a text without a hole that redaction left."""
    shortest, longest = _GOOD_LENGTH
    length = len(quote)
    by_length = min(1.0, 0.4 + 0.6 * length / shortest) if length < shortest else min(1.0, longest / length)
    return by_length * (0.5 if _TAG.search(quote) else 1.0)
