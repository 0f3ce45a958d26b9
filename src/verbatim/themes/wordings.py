"""Different wordings of opinions: the same words of many customers are one point, or repetition alone makes a topic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verbatim.themes.phrases import Word, words_and_phrases
from verbatim.themes.words import content_words, plain, root

if TYPE_CHECKING:
    import pandas as pd
    from spacy.language import Language

_WORD_DIMENSIONS = 100

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Wordings:
    """W different wordings of opinions, in alphabetical order.

    Attributes
    ----------
    keys : sequence of str
        Words without case, accents and punctuation: what makes two opinions one wording.
    quotes : sequence of str
        As one customer wrote it.
    words : sequence of sequences of (word, root)
        Content words of each.
    phrases : sequence of sequences of str
        Noun phrases of each; none without a spaCy pipeline.
    vectors : array, shape (W, width)
        Mean embeddings, of length 1.
    opinions : sequence of arrays of int
        Rows of the opinions that say it.
    """

    keys: Sequence[str]
    quotes: Sequence[str]
    words: Sequence[Sequence[Word]]
    phrases: Sequence[Sequence[str]]
    vectors: Vectors
    opinions: Sequence[npt.NDArray[np.int64]]

    def roots(self, place: int) -> set[str]:
        """Roots of the content words of one wording."""
        return {key for _, key in self.words[place]}


def joined(opinions: pd.DataFrame, embeddings: pd.DataFrame) -> pd.DataFrame:
    """Opinions that have an embedding, in the order of their ids; `k` is the rank in the text."""
    said = opinions.assign(
        k=opinions["opinion_id"].str.extract(r"#(\d+)$", expand=False).astype("int64"),
        text_hash=opinions["text_hash"].astype("string"),
        theme_confidence=opinions["theme_confidence"].astype(float),
    )
    vectors = embeddings.drop_duplicates(["text_hash", "k"])[["text_hash", "k", "embedding"]]
    said = said.merge(vectors.astype({"text_hash": "string", "k": "int64"}), on=["text_hash", "k"])
    return said.sort_values("opinion_id", ignore_index=True)


def gather(said: pd.DataFrame, language: str, pipeline: Language | None) -> Wordings:
    """Put the opinions of one wording together.

    Parameters
    ----------
    said : DataFrame
        Columns quote and embedding; opinions without any content word are in no wording.
    language : str
        Of the opinions.
    pipeline : Language, optional
        spaCy pipeline of that language, for lemmas and noun phrases.
    """
    quotes = said["quote"].tolist()
    members: dict[str, list[int]] = {}
    for place, quote in enumerate(quotes):
        if content_words(quote, language):
            members.setdefault(" ".join(re.findall(r"\w+", plain(quote))), []).append(place)
    if not members:
        return Wordings((), (), (), (), np.zeros((0, 1), np.float32), ())
    keys = sorted(members)
    told = [quotes[members[key][0]] for key in keys]
    embedded = np.stack([np.asarray(vector, np.float32) for vector in said["embedding"]])
    words: list[list[Word]] = [[(word, root(word)) for word in content_words(quote, language)] for quote in told]
    phrases: list[list[str]] = [[] for _ in told]
    if pipeline is not None:
        words, phrases = words_and_phrases(told, pipeline)
    return Wordings(
        keys,
        [" ".join(quote.split()) for quote in told],
        words,
        phrases,
        unit(np.stack([embedded[members[key]].mean(axis=0) for key in keys])),
        [np.array(members[key]) for key in keys],
    )


def points_of(wordings: Wordings) -> Vectors:
    """Embedding and words side by side, both of length 1 (docs/decisions/0004); shape (W, both widths)."""
    return np.hstack([wordings.vectors, word_vectors([[key for _, key in own] for own in wordings.words])])


def word_vectors(roots: Sequence[Sequence[str]]) -> Vectors:
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
    reduction = TruncatedSVD(width, algorithm="arpack", random_state=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # It also divides by the variance of the words, which is 0 where all say the same.
        return unit(reduction.fit_transform(counts).astype(np.float32))


def commonest_forms(documents: Sequence[Sequence[Word]]) -> dict[str, str]:
    """How each root is written most often; among equals the alphabet decides."""
    counts: dict[str, Counter[str]] = {}
    for words in documents:
        for word, key in words:
            counts.setdefault(key, Counter())[word] += 1
    return {key: min(forms, key=lambda form: (-forms[form], form)) for key, forms in counts.items()}


def shared_phrases(wordings: Wordings, places: Sequence[int], named: set[str], *, least: int) -> list[tuple[str, int]]:
    """Noun phrases that at least so many of some wordings share and that hold one of the roots `named`.

    Each as it is written most often, with the number of wordings that share it; the most shared first.
    """
    counts: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for place in places:
        for phrase in set(wordings.phrases[place]):
            key = " ".join(root(word) for word in phrase.split())
            counts[key] += 1
            written.setdefault(key, Counter())[phrase] += 1
    shared = [key for key, count in counts.items() if count >= least and not named.isdisjoint(key.split())]
    shared.sort(key=lambda key: (-counts[key], key))
    return [(min(written[key], key=lambda form: (-written[key][form], form)), counts[key]) for key in shared]


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Rows of length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled
