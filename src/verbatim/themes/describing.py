"""What sets topics apart from one another: class-TF-IDF, by BERTopic."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from verbatim.errors import ModelError
from verbatim.themes.clusters import Labels
from verbatim.themes.wordings import Vectors


def strongest_words(documents: Sequence[Sequence[str]], of: Labels, points: Vectors, *, words: int) -> list[list[str]]:
    """Words that set each topic apart, the strongest first (Grootendorst 2022, sect. 3.3).

    BERTopic takes the clusters as they are (its manual mode) and describes them.

    Parameters
    ----------
    documents : sequence of sequences of str
        Words of each document.
    of : array, shape (documents,)
        Topic of each, from 0; -1: none, which counts as one more class.
    points : array, shape (documents, width)
        Where each document stands.
    words : int
        At most so many a topic.

    Returns
    -------
    list of lists of str
        One a topic; a topic whose documents hold no word has none.

    Raises
    ------
    ModelError
        BERTopic is not installed.
    """
    count = int(of.max(initial=-1)) + 1
    if not count:
        return []
    with warnings.catch_warnings():
        # Numerical libraries underneath warn of their own future; BERTopic changes the filters of the whole process.
        warnings.simplefilter("ignore")
        model = _bertopic(words)
        numbered, _ = model.fit_transform([" ".join(own) for own in documents], points, y=of)
        # It numbers the topics anew, by size.
        own = {int(mine): int(theirs) for mine, theirs in zip(of, np.asarray(numbered), strict=True)}
        said: list[Any] = [model.get_topic(own[number]) if number in own else False for number in range(count)]
    return [[word for word, _ in found or () if word] for found in said]


def _bertopic(words: int) -> Any:
    """BERTopic with its parts injected: embeddings and clusters come from outside, texts as roots of words."""
    try:
        from bertopic import BERTopic
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise ModelError(
            "topics are described with BERTopic, which is not installed",
            where=error.name or "",
            next_step="pip install 'verbatim[topics]'; the nightly run does without",
        ) from None
    # It takes the handlers of its whole subtree for itself.
    logging.getLogger("BERTopic").propagate = True
    return BERTopic(
        # Any language but English keeps accented letters.
        language="multilingual",
        top_n_words=words,
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(analyzer=str.split),
    )
