"""What a person needs to judge a topic: who speaks of it, how well, in which words, and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verbatim.tables import NpsGroup, Polarity
from verbatim.themes.clusters import Labels
from verbatim.themes.naming import phrases_of
from verbatim.themes.topics import Topic
from verbatim.themes.wordings import Vectors, Wordings, unit
from verbatim.themes.words import root

if TYPE_CHECKING:
    import pandas as pd

NAMING_WORDS = 3
"""Words of a topic that should stand in its wordings."""
PHRASES, EXAMPLES = 4, 5
"""Noun phrases and examples that a topic is shown with, at most."""
_SHORTEST, _LONGEST = 12, 160  # characters of an example
_TAG = re.compile(r"\[[A-Z]+\]")


@dataclass(frozen=True)
class Proposal:
    """A topic that may become a theme."""

    id: str
    """Suggested id: no theme of the codebook has it or had it, no other topic either."""
    label: str
    """Suggested label: the noun phrase that its customers share most, else its first words."""
    parent: str | None
    """Theme that it is a part of; None: no theme holds most of it."""
    words: tuple[str, ...]
    """Words that set it apart from the other topics, the strongest first."""
    phrases: tuple[str, ...]
    """Noun phrases that several of its wordings share and that hold one of its words, the most shared first."""
    n_opinions: int
    n_respondents: int
    positive: float
    negative: float
    """Shares of its opinions, in [0, 1]."""
    nps: float | None
    """NPS of those who speak of it, points; None where none of them gave a score."""
    shared: float
    """Share of its wordings that hold the most shared of its first three words, in [0, 1]."""
    stability: float
    """Mean best overlap when a fifth of the wordings is left out, in [0, 1]."""
    examples: tuple[str, ...]
    """Redacted opinions that hold one of these words and stand nearest to the centre, of different respondents."""
    nearest_theme: str | None
    """Theme of the codebook whose sure opinions stand nearest; None where no theme has any."""
    similarity: float | None
    """Cosine of the two centres, in [-1, 1]."""


@dataclass(frozen=True)
class Evidence:
    """Where topics are looked up.

    Attributes
    ----------
    said : DataFrame
        Columns response_id, quote, polarity; one row per opinion.
    wordings : Wordings
        Of these opinions.
    of : array, shape (W,)
        Rank of the topic of each wording; -1: none.
    themes : mapping of str to array, shape (width,)
        Where each theme stands.
    responses : DataFrame, optional
        Columns response_id and nps_group.
    """

    said: pd.DataFrame
    wordings: Wordings
    of: Labels
    themes: Mapping[str, Vectors]
    responses: pd.DataFrame | None


def propose(topic: Topic, evidence: Evidence, rank: int) -> Proposal:
    """Put together what a person needs to judge the topic at `rank`, which has one wording at least."""
    wordings, places = evidence.wordings, np.flatnonzero(evidence.of == rank)
    said = evidence.said.iloc[np.concatenate([wordings.opinions[place] for place in places.tolist()])]
    centre = unit(wordings.vectors[places].mean(axis=0))
    similarity = {theme: round(float(other @ centre), 4) for theme, other in evidence.themes.items()}
    nearest = max(sorted(similarity), key=lambda theme: similarity[theme], default=None)
    return Proposal(
        id=topic.id,
        label=topic.label,
        parent=topic.parent,
        words=topic.words,
        phrases=tuple(phrase for phrase, _ in phrases_of(wordings, places.tolist(), topic.words)[:PHRASES]),
        n_opinions=len(said),
        n_respondents=int(said["response_id"].nunique()),
        positive=float((said["polarity"] == Polarity.POSITIVE).mean()),
        negative=float((said["polarity"] == Polarity.NEGATIVE).mean()),
        nps=_nps(said, evidence.responses),
        shared=max(
            (float(_named_by(wordings, places, [word]).mean()) for word in topic.words[:NAMING_WORDS]), default=0.0
        ),
        stability=topic.stability,
        examples=pick_examples(wordings, evidence.said, places, topic.words, wordings.vectors[places] @ centre),
        nearest_theme=nearest,
        similarity=None if nearest is None else similarity[nearest],
    )


def _nps(said: pd.DataFrame, responses: pd.DataFrame | None) -> float | None:
    if responses is None:
        return None
    groups = responses.loc[responses["response_id"].isin(set(said["response_id"])), "nps_group"].dropna()
    if groups.empty:
        return None
    return 100 * float((groups == NpsGroup.PROMOTER).mean() - (groups == NpsGroup.DETRACTOR).mean())


def pick_examples(
    wordings: Wordings, said: pd.DataFrame, places: Labels, words: Sequence[str], nearness: Vectors
) -> tuple[str, ...]:
    """Wordings that name the subject, the most central first; short and redacted ones where no other is left.

    Parameters
    ----------
    wordings : Wordings
        Of the opinions `said`, whose column response_id tells whose they are: each example is of another respondent.
    places : array, shape (P,)
        Wordings to choose from.
    words : sequence of str
        That name the subject, the strongest first.
    nearness : array, shape (P,)
        Cosine of each to the centre.
    """
    quotes = [wordings.quotes[place] for place in places.tolist()]
    is_hard = np.array([len(quote) < _SHORTEST or bool(_TAG.search(quote)) for quote in quotes])
    chosen: list[str] = []
    heard: set[str] = set()
    # Rounded: the last bits of a product hang on where its arrays lie in memory, and equal wordings would trade places.
    for row in np.lexsort((-np.round(nearness, 5), is_hard, ~_named_by(wordings, places, words))).tolist():
        respondents = set(said["response_id"].iloc[wordings.opinions[places[row]]])
        if len(chosen) < EXAMPLES and len(quotes[row]) <= _LONGEST and heard.isdisjoint(respondents):
            chosen.append(quotes[row])
            heard |= respondents
    return tuple(chosen)


def _named_by(wordings: Wordings, places: Labels, words: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which wordings hold one of the first words."""
    naming = {root(word) for word in words[:NAMING_WORDS]}
    return np.array([not naming.isdisjoint(wordings.roots(place)) for place in places], dtype=bool)
