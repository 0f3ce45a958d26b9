"""Topics that a codebook does not hold: clusters of the opinions that no theme holds well, offered to a person.

BERTopic does the clustering (reduction, density, class-TF-IDF: Grootendorst 2022, arXiv:2203.05794) on the embeddings
that the nights have stored, joined with the words themselves (docs/decisions/0004). A topic is a proposal and changes
nothing.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from verbatim.errors import ModelError
from verbatim.tables import UNCLASSIFIED
from verbatim.themes.codebook import Codebook
from verbatim.themes.phrases import Word, content_lemmas, noun_phrases
from verbatim.themes.words import content_words, plain, root

if TYPE_CHECKING:
    import pandas as pd
    from spacy.language import Language

UNSURE_OF_THEME = 0.5
"""An opinion whose theme is less probable than this may be about something else."""
SURE_OF_THEME = 0.7
"""Opinions at least this sure say where a theme stands among the embeddings."""
NAMING_WORDS, LEAST_SHARED = 3, 0.4
"""A topic is proposed where at least this share of its wordings holds one of its first words: without a word in common
they share a tone, not a subject."""
LEAST_NEARNESS = 0.3
"""Least cosine of a wording to the centre of its topic; the reduction puts strays with whoever stands nearest."""
WORDS, PHRASES, EXAMPLES = 8, 4, 5
"""Words, noun phrases and examples that a proposal is shown with, at most."""
LEAST_SHARING = 2
"""A noun phrase is shown where so many wordings hold it."""
MOST = 30
"""Proposals at most; a person reads them one by one."""

_SMALLEST_SHARE = 0.005  # of all wordings; in a large survey ten customers are no topic
_LEAST_CLUSTERS = 4  # with fewer wordings than this many smallest topics, any split is chance
_NEIGHBOURS, _DIMENSIONS = 15, 5  # BERTopic's own defaults
_WORD_DIMENSIONS = 100
_SHORTEST, _LONGEST = 12, 160  # characters of an example
_TAG = re.compile(r"\[[A-Z]+\]")

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Proposal:
    """A topic that may become a theme."""

    id: str
    """Suggested id: no theme of the codebook has it, no other proposal either."""
    words: tuple[str, ...]
    """Words that set it apart from the other topics, the strongest first."""
    phrases: tuple[str, ...]
    """Noun phrases that several of its wordings share and that hold one of its words, the most shared first."""
    n_opinions: int
    n_respondents: int
    shared: float
    """Share of its wordings that hold one of its first three words, in [0, 1]."""
    examples: tuple[str, ...]
    """Redacted opinions that hold one of these words and stand nearest to the centre, of different respondents."""
    nearest_theme: str | None
    """Theme of the codebook whose sure opinions stand nearest; None where no theme has any."""
    similarity: float | None
    """Cosine of the two centres, in [-1, 1]."""


@dataclass(frozen=True)
class Proposals:
    """What a discovery found, the most spoken of first."""

    proposals: tuple[Proposal, ...]
    n_topics: int
    """Topics found; more than are proposed where there are more than `MOST`."""
    n_opinions: int
    """All opinions looked through."""
    n_considered: int
    """Those that no theme holds well."""
    n_wordings: int
    """Different wordings among these; what is clustered."""
    least_wordings: int
    """With fewer, nothing is clustered."""


@dataclass(frozen=True)
class _Wordings:
    """W different wordings of opinions, in alphabetical order."""

    quotes: Sequence[str]
    words: Sequence[Sequence[Word]]
    """Content words of each, with their roots."""
    phrases: Sequence[Sequence[str]]
    """Noun phrases of each; none without a spaCy pipeline."""
    vectors: Vectors
    """Mean embeddings, of length 1, shape (W, width)."""
    respondents: Sequence[frozenset[str]]
    n_opinions: npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Topic:
    """P wordings that BERTopic put together."""

    places: npt.NDArray[np.int64]
    """Rows of the wordings, shape (P,)."""
    words: tuple[str, ...]
    """What sets it apart, the strongest first."""
    is_named: npt.NDArray[np.bool_]
    """Which of its wordings hold one of its first words, shape (P,)."""


def discover(
    opinions: pd.DataFrame,
    embeddings: pd.DataFrame,
    *,
    codebook: Codebook,
    pipeline: Language | None = None,
    min_size: int = 10,
    seed: int = 0,
) -> Proposals:
    """Look for topics among the opinions that the codebook does not hold well.

    Considered are opinions under `a_classer` or a residual theme, and those whose theme is unsure. Verdicts without a
    reason are not: nothing is spoken of.

    Parameters
    ----------
    opinions : DataFrame
        Columns response_id, opinion_id, quote, theme_id, theme_confidence, text_hash.
    embeddings : DataFrame
        Columns text_hash, k (rank in the text), embedding.
    codebook : Codebook
        In force; its language is the language of the opinions.
    pipeline : Language, optional
        spaCy pipeline of that language, for lemmas and noun phrases; without one words count by their spelling.
    min_size : int
        Least wordings and least respondents of a topic; 0.5 % of all wordings where that is more.
    seed : int
        Of the reduction. On one machine, same opinions and seed give the same proposals, whatever the order of rows.

    Raises
    ------
    ModelError
        BERTopic is not installed.
    """
    said = _joined(opinions, embeddings)
    bare = {theme.id for theme in codebook.themes if theme.is_bare_verdict}
    residual = {theme.id for theme in codebook.themes if theme.is_residual} | {UNCLASSIFIED}
    unheld = (said["theme_confidence"] < UNSURE_OF_THEME) | said["theme_id"].isin(residual)
    considered = said[unheld & ~said["theme_id"].isin(bare)]
    wordings = _wordings(considered, codebook.language, pipeline)
    min_size = max(min_size, round(_SMALLEST_SHARE * len(wordings.quotes)))
    least = _LEAST_CLUSTERS * max(min_size, _NEIGHBOURS)
    proposals: list[Proposal] = []
    if len(wordings.quotes) >= least:
        named = said[(said["theme_confidence"] >= SURE_OF_THEME) & ~said["theme_id"].isin(bare | residual)]
        centres = _centres(named)
        taken = {theme.id for theme in codebook.themes}
        for topic in _topics(wordings, min_size=min_size, seed=seed):
            proposal = _proposal(wordings, topic, centres, taken)
            if proposal.n_respondents >= min_size and proposal.shared >= LEAST_SHARED:
                proposals.append(proposal)
                taken.add(proposal.id)
    proposals.sort(key=lambda proposal: (-proposal.n_respondents, proposal.id))
    return Proposals(tuple(proposals[:MOST]), len(proposals), len(said), len(considered), len(wordings.quotes), least)


def _joined(opinions: pd.DataFrame, embeddings: pd.DataFrame) -> pd.DataFrame:
    """Opinions with their embeddings, in an order of their own."""
    columns = ["response_id", "opinion_id", "quote", "theme_id", "theme_confidence", "text_hash"]
    ranks = [int(opinion_id.rpartition("#")[2]) for opinion_id in opinions["opinion_id"]]
    said = opinions[columns].assign(
        k=np.array(ranks, np.int64), theme_confidence=opinions["theme_confidence"].astype(float)
    )
    vectors = embeddings.drop_duplicates(["text_hash", "k"])[["text_hash", "k", "embedding"]]
    said = said.merge(vectors.astype({"text_hash": "string", "k": "int64"}), on=["text_hash", "k"])
    return said.sort_values("opinion_id", ignore_index=True)


def _wordings(said: pd.DataFrame, language: str, pipeline: Language | None) -> _Wordings:
    """Different wordings: the same words of many customers are one point, or repetition alone would make a topic."""
    quotes, responses = said["quote"].tolist(), said["response_id"].tolist()
    members: dict[str, list[int]] = {}
    for place, quote in enumerate(quotes):
        if content_words(quote, language):
            members.setdefault(" ".join(re.findall(r"\w+", plain(quote))), []).append(place)
    if not members:
        return _Wordings((), (), (), np.zeros((0, 1), np.float32), (), np.zeros(0, np.int64))
    vectors = _matrix(said)
    groups = [members[key] for key in sorted(members)]
    told = [quotes[group[0]] for group in groups]
    return _Wordings(
        [" ".join(quote.split()) for quote in told],
        _words(told, language, pipeline),
        [()] * len(told) if pipeline is None else noun_phrases(told, pipeline),
        np.stack([_unit(vectors[group].mean(axis=0)) for group in groups]),
        [frozenset(responses[place] for place in group) for group in groups],
        np.array([len(group) for group in groups], dtype=np.int64),
    )


def _words(quotes: Sequence[str], language: str, pipeline: Language | None) -> list[list[Word]]:
    if pipeline is not None:
        return content_lemmas(quotes, pipeline)
    return [[(word, root(word)) for word in content_words(quote, language)] for quote in quotes]


def _centres(said: pd.DataFrame) -> dict[str, Vectors]:
    """Where each theme stands."""
    if said.empty:
        return {}
    vectors = _matrix(said)
    rows = said.groupby("theme_id").indices
    return {str(theme): _unit(vectors[places].mean(axis=0)) for theme, places in rows.items()}


def _topics(wordings: _Wordings, *, min_size: int, seed: int) -> list[_Topic]:
    roots = [[key for _, key in words] for words in wordings.words]
    with warnings.catch_warnings():
        # Numerical libraries underneath warn of their own future; BERTopic changes the filters of the whole process.
        warnings.simplefilter("ignore")
        model = _bertopic(min_size=min_size, seed=seed)
        points = np.hstack([wordings.vectors, _word_vectors(roots)])
        assigned, _ = model.fit_transform([" ".join(words) for words in roots], points)
    written = _commonest_forms(wordings.words)
    topics = np.asarray(assigned, dtype=np.int64)
    found = []
    for topic in sorted(set(topics.tolist()) - {-1}):
        places = _without_strays(points, np.flatnonzero(topics == topic))
        if not len(places):
            continue
        own = set().union(*(roots[place] for place in places))
        strongest = [word for word, _ in model.get_topic(topic) if word in own]
        is_named = np.array([not set(strongest[:NAMING_WORDS]).isdisjoint(roots[place]) for place in places])
        found.append(_Topic(places, tuple(written[word] for word in strongest), is_named))
    return found


def _without_strays(points: Vectors, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    own = points[places]
    nearness = own @ _unit(own.mean(axis=0)) / np.maximum(np.linalg.norm(own, axis=1), 1e-9)
    kept: npt.NDArray[np.int64] = places[nearness >= LEAST_NEARNESS]
    return kept


def _word_vectors(roots: Sequence[Sequence[str]]) -> Vectors:
    """Words of each wording as a vector of length 1, shape (W, width); 0 where no other wording has any of them."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    said = Counter(word for words in roots for word in set(words))
    common = [[word for word in words if said[word] > 1] for words in roots]
    width = min(_WORD_DIMENSIONS, len(set().union(*common)) - 1, len(roots) - 1)
    if width < 1:
        return np.zeros((len(roots), 0), np.float32)
    counts = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(common)
    # Exact: the randomised default moves topics from seed to seed (docs/decisions/0004).
    vectors = TruncatedSVD(width, algorithm="arpack", random_state=0).fit_transform(counts)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def _bertopic(*, min_size: int, seed: int) -> Any:
    """BERTopic with its parts injected: embeddings come from outside, texts as roots of words."""
    try:
        from bertopic import BERTopic
        from sklearn.cluster import HDBSCAN
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise ModelError(
            "topics are discovered with BERTopic, which is not installed",
            where=error.name or "",
            next_step="pip install 'verbatim[topics]'; the nightly run does without",
        ) from None
    # It takes the handlers of its whole subtree for itself.
    logging.getLogger("BERTopic").propagate = True
    return BERTopic(
        # Any language but English keeps accented letters.
        language="multilingual",
        top_n_words=WORDS,
        min_topic_size=min_size,
        embedding_model=None,
        umap_model=_reduction(seed),
        hdbscan_model=HDBSCAN(min_cluster_size=min_size, min_samples=max(2, min_size // 3), copy=True),
        vectorizer_model=CountVectorizer(analyzer=str.split),
    )


def _reduction(seed: int) -> Any:
    try:
        from umap import UMAP
    except ImportError:
        from sklearn.decomposition import PCA

        return PCA(_DIMENSIONS, random_state=seed)
    return UMAP(
        n_neighbors=_NEIGHBOURS, n_components=_DIMENSIONS, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1
    )


def _proposal(wordings: _Wordings, topic: _Topic, centres: dict[str, Vectors], taken: set[str]) -> Proposal:
    centre = _unit(wordings.vectors[topic.places].mean(axis=0))
    nearness = wordings.vectors[topic.places] @ centre
    similarity = {theme: float(other @ centre) for theme, other in centres.items()}
    nearest = max(sorted(similarity), key=lambda theme: similarity[theme], default=None)
    return Proposal(
        id=_free_id(topic.words, taken),
        words=topic.words,
        phrases=_phrases(wordings, topic),
        n_opinions=int(wordings.n_opinions[topic.places].sum()),
        n_respondents=len(frozenset().union(*(wordings.respondents[place] for place in topic.places))),
        shared=float(topic.is_named.mean()),
        examples=_examples(wordings, topic, nearness),
        nearest_theme=nearest,
        similarity=None if nearest is None else similarity[nearest],
    )


def _examples(wordings: _Wordings, topic: _Topic, nearness: Vectors) -> tuple[str, ...]:
    """Wordings that name the subject, the most central first; short and redacted ones where no other is left."""
    quotes = [wordings.quotes[place] for place in topic.places]
    is_hard = np.array([len(quote) < _SHORTEST or bool(_TAG.search(quote)) for quote in quotes])
    chosen: list[str] = []
    heard: frozenset[str] = frozenset()
    # Rounded: the last bits of a product hang on where its arrays lie in memory, and equal wordings would trade places.
    for row in np.lexsort((-np.round(nearness, 5), is_hard, ~topic.is_named)).tolist():
        respondents = wordings.respondents[topic.places[row]]
        if len(chosen) < EXAMPLES and len(quotes[row]) <= _LONGEST and heard.isdisjoint(respondents):
            chosen.append(quotes[row])
            heard |= respondents
    return tuple(chosen)


def _free_id(words: tuple[str, ...], taken: set[str]) -> str:
    parts = [re.sub(r"[^a-z0-9]+", "_", plain(word)).strip("_") for word in words]
    stem = "_".join([part for part in parts if part][:2]) or "sujet"
    ids = (stem if number == 1 else f"{stem}_{number}" for number in range(1, len(taken) + 2))
    return next(found for found in ids if found not in taken)


def _phrases(wordings: _Wordings, topic: _Topic) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for place in topic.places:
        for phrase in set(wordings.phrases[place]):
            key = " ".join(root(word) for word in phrase.split())
            counts[key] += 1
            written.setdefault(key, Counter())[phrase] += 1
    own = {root(word) for word in topic.words}
    shared = [key for key, count in counts.items() if count >= LEAST_SHARING and not own.isdisjoint(key.split())]
    shared.sort(key=lambda key: (-counts[key], key))
    return tuple(min(written[key], key=lambda form: (-written[key][form], form)) for key in shared[:PHRASES])


def _commonest_forms(documents: Sequence[Sequence[Word]]) -> dict[str, str]:
    """How each root is written most often; among equals the alphabet decides."""
    counts: dict[str, Counter[str]] = {}
    for words in documents:
        for word, key in words:
            counts.setdefault(key, Counter())[word] += 1
    return {key: min(forms, key=lambda form: (-forms[form], form)) for key, forms in counts.items()}


def _matrix(said: pd.DataFrame) -> Vectors:
    return np.stack([np.asarray(vector, np.float32) for vector in said["embedding"]])


def _unit(vector: Vectors) -> Vectors:
    length: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return length
