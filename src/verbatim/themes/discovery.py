"""Topics: what customers speak of inside each theme, and what no theme holds; offered to a person, as proposals.

Opinions are put together by what they mean and by their words (`verbatim.themes.clusters`); BERTopic tells what sets
each group apart (`verbatim.themes.describing`); what hangs on who happened to answer is not proposed
(`verbatim.themes.stability`). A topic that was found once keeps its opinions, its code and its label: a later discovery
gives new opinions to the nearest topic, and looks for further ones among those that are near none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from verbatim.tables import UNCLASSIFIED
from verbatim.themes.clusters import OPEN, Labels, cluster, home
from verbatim.themes.codebook import Codebook
from verbatim.themes.describing import strongest_words
from verbatim.themes.evidence import Evidence, Proposal, propose
from verbatim.themes.naming import familiar_words, free_code, label_of, phrases_of
from verbatim.themes.stability import FLOOR, SEEDS, measure
from verbatim.themes.topics import Topic, Topics, no_topics, place, reach_of, topic_column
from verbatim.themes.wordings import Vectors, Wordings, commonest_forms, gather, joined, points_of, unit

if TYPE_CHECKING:
    import pandas as pd
    from spacy.language import Language

SURE_OF_THEME = 0.7
"""Opinions at least this sure say where a theme stands; one that is less may be about something else."""
LEAST_SHARED = 0.45
"""A topic is proposed where at least this share of its wordings holds one and the same of its first words: without a
word in common they share a tone, not a subject."""
WORDS = 8
"""Words that a topic is described by, at most."""
WITHIN = 0.6
"""Cosine of a topic's centre to that of a theme, from which it is a part of it, whatever its opinions were given."""
MOST = 30
"""Proposals of each kind at most (new themes; sub-themes); a person reads them one by one."""

_Value = TypeVar("_Value", str, int)
_LOOKED_AT = 30  # words of which those that enough wordings hold are taken
_SMALLEST_SHARE = 0.002  # of all wordings; in a large survey ten customers are no topic


@dataclass(frozen=True)
class Discovery:
    """What a discovery found."""

    proposals: tuple[Proposal, ...]
    """New themes, then sub-themes, the most spoken of first."""
    topics: Topics
    """All topics, proposed or not, with their opinions."""
    agreement: float
    """Adjusted mutual information of clusterings that each lack a fifth of the wordings, at most 1."""
    n_opinions: int
    """Opinions looked through; bare verdicts are not."""
    n_wordings: int
    """Different wordings among them."""
    n_unstable: int
    """Topics under the floor of stability: not proposed."""
    unassigned: float
    """Share of the opinions that neither a theme nor a topic holds, in [0, 1]."""


def discover(
    opinions: pd.DataFrame,
    embeddings: pd.DataFrame,
    *,
    codebook: Codebook,
    responses: pd.DataFrame | None = None,
    pipeline: Language | None = None,
    known: Topics | None = None,
    min_size: int = 10,
    seeds: Sequence[int] = tuple(range(SEEDS)),
) -> Discovery:
    """Look for topics inside each theme, and for those that no theme holds.

    Verdicts without a reason are left out: nothing is spoken of.

    Parameters
    ----------
    opinions : DataFrame
        Columns response_id, opinion_id, quote, polarity, theme_id, theme_confidence, text_hash.
    embeddings : DataFrame
        Columns text_hash, k (rank in the text), embedding.
    codebook : Codebook
        In force; its language is the language of the opinions.
    responses : DataFrame, optional
        Columns response_id and nps_group, for the NPS of those who speak of a topic.
    pipeline : Language, optional
        spaCy pipeline of that language, for lemmas and noun phrases; without one words count by their spelling.
    known : Topics, optional
        Of an earlier discovery with the same embeddings: they keep their opinions, codes and labels.
    min_size : int
        Least wordings and least respondents of a topic; 0.2 % of all wordings where that is more.
    seeds : sequence of int
        Draws by which stability is measured; topics and their opinions do not depend on them.

    Raises
    ------
    ModelError
        BERTopic is not installed.
    """
    said, considered = _considered(opinions, embeddings, codebook)
    if considered.empty:
        return Discovery((), known or no_topics(), 1.0, 0, 0, 0, 0.0)
    wordings = gather(considered, codebook.language, pipeline)
    min_size = max(min_size, round(_SMALLEST_SHARE * len(wordings.keys)))
    groups = _groups(considered, wordings, codebook)
    before = no_topics() if known is None else known
    given = place(before, considered, _matrix(considered))
    of = _of_wordings(given, wordings)
    free = np.flatnonzero(of < 0).tolist()
    points = points_of(wordings)
    part = points[free], [groups[one] for one in free], [wordings.keys[one] for one in free]
    fresh = cluster(*part, min_size=min_size)
    stable = measure(*part, fresh, min_size=min_size, seeds=seeds)
    of[free] = np.where(fresh >= 0, fresh + len(before.topics), -1)
    themes = _theme_centres(said, codebook)
    added = _topics(wordings, points, of, groups, themes, stable.jaccard, before, codebook)
    ids = {theme.id for theme in codebook.themes}
    # A theme may have left the codebook since.
    topics = tuple(topic if topic.parent in ids else replace(topic, parent=None) for topic in (*before.topics, *added))
    given = _of_opinions(given, of, wordings)
    evidence = Evidence(considered, wordings, of, themes, responses)
    proposals = [
        propose(topic, evidence, rank)
        for rank, topic in enumerate(topics)
        if topic.stability >= FLOOR and topic.id not in ids and (of == rank).any()
    ]
    kept = [one for one in proposals if one.n_respondents >= min_size and one.shared >= LEAST_SHARED]
    return Discovery(
        _ordered(kept),
        Topics(topics, _joined_centres(before, wordings, of, len(topics)), _assignments(considered, topics, given)),
        stable.agreement,
        len(considered),
        len(wordings.keys),
        sum(topic.stability < FLOOR for topic in topics),
        _unassigned(considered, given, codebook),
    )


def _considered(
    opinions: pd.DataFrame, embeddings: pd.DataFrame, codebook: Codebook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    said = joined(opinions, embeddings)
    bare = {theme.id for theme in codebook.themes if theme.is_bare_verdict}
    return said, said[~said["theme_id"].isin(bare)].reset_index(drop=True)


def _unheld(codebook: Codebook) -> set[str]:
    """Themes that name nothing in particular."""
    return {theme.id for theme in codebook.themes if theme.is_residual} | {UNCLASSIFIED}


def _groups(said: pd.DataFrame, wordings: Wordings, codebook: Codebook) -> list[str]:
    """Theme that holds most opinions of each wording; `OPEN` where they are unsure."""
    is_open = said["theme_id"].isin(_unheld(codebook)) | (said["theme_confidence"] < SURE_OF_THEME)
    held = np.where(is_open, OPEN, said["theme_id"].astype(object))
    return [_commonest(held[rows].tolist()) for rows in wordings.opinions]


def _of_wordings(given: Labels, wordings: Wordings) -> Labels:
    """Topic that most opinions of each wording have; -1: none of them has any."""
    found = np.full(len(wordings.keys), -1, dtype=np.int64)
    for place_, rows in enumerate(wordings.opinions):
        own = [one for one in given[rows].tolist() if one >= 0]
        if own:
            found[place_] = _commonest(own)
    return found


def _of_opinions(given: Labels, of: Labels, wordings: Wordings) -> Labels:
    """Topic of each opinion: what it had stays, else that of its wording."""
    found = given.copy()
    for place_, rows in enumerate(wordings.opinions):
        found[rows] = np.where(given[rows] >= 0, given[rows], of[place_])
    return found


def _topics(
    wordings: Wordings,
    points: Vectors,
    of: Labels,
    groups: Sequence[str],
    themes: Mapping[str, Vectors],
    stability: npt.NDArray[np.float64],
    before: Topics,
    codebook: Codebook,
) -> list[Topic]:
    """Topics that are not in `before`, named so that no two have one code or label."""
    first, count = len(before.topics), int(of.max(initial=-1)) + 1
    if count <= first:
        return []
    roots = [[key for _, key in own] for own in wordings.words]
    strongest = strongest_words(roots, of, points, words=_LOOKED_AT)
    written = commonest_forms(wordings.words)
    taken = {*before.ids, *(theme.id for theme in codebook.themes), *(one.id for one in codebook.retired)}
    labels = {topic.label for topic in before.topics}
    found = []
    for rank in range(first, count):
        places = np.flatnonzero(of == rank)
        familiar = familiar_words(wordings, places.tolist(), strongest[rank])
        # Two roots may be written alike ("manque": the noun, the verb).
        words = tuple(dict.fromkeys(written[key] for key in familiar))[:WORDS]
        phrases = phrases_of(wordings, places.tolist(), words)
        label = label_of(words, phrases, n_wordings=len(places), taken=labels)
        code = free_code(words, taken)
        centre = unit(wordings.vectors[places].mean(axis=0))
        parent = home(of, groups, rank) or _around(centre, themes)
        reach = reach_of(wordings.vectors[places] @ centre)
        found.append(Topic(code, label, parent, words, round(float(stability[rank - first]), 4), reach))
        taken.add(code)
        labels.add(label)
    return found


def _around(centre: Vectors, themes: Mapping[str, Vectors]) -> str | None:
    """Theme in whose midst a topic stands; None: in none."""
    near = {theme: float(other @ centre) for theme, other in themes.items() if float(other @ centre) >= WITHIN}
    return max(sorted(near), key=lambda theme: near[theme], default=None)


def _joined_centres(before: Topics, wordings: Wordings, of: Labels, count: int) -> Vectors:
    """Centres among the embeddings; those of earlier topics stay where they are."""
    added = [unit(wordings.vectors[of == rank].mean(axis=0)) for rank in range(len(before.topics), count)]
    if not added:
        return before.centres
    return np.vstack([*([before.centres] if len(before.topics) else []), *added])


def _assignments(said: pd.DataFrame, topics: Sequence[Topic], given: Labels) -> pd.DataFrame:
    """Opinions of distinct texts that a topic holds."""
    import pandas as pd

    rows = said[["text_hash", "k"]].assign(topic_id=pd.array(topic_column(topics, given), dtype="string"))
    rows = rows.dropna(subset="topic_id").drop_duplicates(["text_hash", "k"])
    return rows.sort_values(["text_hash", "k"], ignore_index=True)


def _theme_centres(said: pd.DataFrame, codebook: Codebook) -> dict[str, Vectors]:
    """Where each theme stands, by the opinions that are surely its own."""
    others = _unheld(codebook) | {theme.id for theme in codebook.themes if theme.is_bare_verdict}
    sure = said[(said["theme_confidence"] >= SURE_OF_THEME) & ~said["theme_id"].isin(others)]
    vectors = _matrix(sure)
    return {str(theme): unit(vectors[rows].mean(axis=0)) for theme, rows in sure.groupby("theme_id").indices.items()}


def _unassigned(said: pd.DataFrame, given: Labels, codebook: Codebook) -> float:
    if said.empty:
        return 0.0
    return float((said["theme_id"].isin(_unheld(codebook)).to_numpy() & (given < 0)).mean())


def _ordered(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """New themes, then sub-themes; of each kind the most spoken of."""
    order = sorted(proposals, key=lambda one: (-one.n_respondents, one.id))
    kinds = [[one for one in order if (one.parent is None) == is_new] for is_new in (True, False)]
    return tuple(one for kind in kinds for one in kind[:MOST])


def _commonest(values: Sequence[_Value]) -> _Value:
    """The most frequent value; among equals the first in order."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))


def _matrix(said: pd.DataFrame) -> Vectors:
    if said.empty:
        return np.zeros((0, 1), np.float32)
    return np.stack([np.asarray(vector, np.float32) for vector in said["embedding"]])
