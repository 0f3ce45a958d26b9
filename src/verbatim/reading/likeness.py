"""How like an opinion is to the examples of a theme that no head was trained on.

Two similarities, both to the mean of the examples: of the sentence embeddings, which know what is meant, and of the
weighed character n-grams of the wide branch, which know what is named. A prototype of few examples is what the first
was made for (Snell et al. 2017, *Prototypical Networks for Few-shot Learning*); the second carries most of it where the
subject is a thing with a name ("borne de recharge"), as subjects that a team adds are. A logistic function of both,
fitted on narrow subjects given by five examples each (`recipe.likeness`), makes a probability of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verbatim.reading.wide import BUCKETS, count_features, weigh

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from verbatim.reading.encoder import Encoder

_CHUNK = 8192  # opinions held at a time

Vectors = npt.NDArray[np.float32]


def likeness(
    encoder: Encoder, quotes: Sequence[str], embeddings: npt.NDArray[np.float16], examples: Mapping[str, Sequence[str]]
) -> npt.NDArray[np.float64]:
    """Probability that each opinion is of each of some themes, by their examples.

    Parameters
    ----------
    encoder : Encoder
        That made the embeddings.
    quotes : sequence of str
        Words of S opinions.
    embeddings : array, shape (S, width), float16
        Their sentence embeddings, of length 1.
    examples : mapping of str to sequence of str
        Theme → clauses that carry it; its definition may stand among them.

    Returns
    -------
    array, shape (S, themes)
        In [0, 1], each theme by itself: a row need not add up to 1. A theme without examples gets zeros. An opinion's
        row does not depend on the others.
    """
    said = np.zeros((len(quotes), len(examples)))
    taught = [place for place, own in enumerate(examples.values()) if own]
    if not taught or not quotes:
        return said
    own = [list(clauses) for clauses in examples.values() if clauses]
    meant = prototypes([encoder.embed(clauses) for clauses in own])
    rarity = encoder.rarity
    named = np.stack([_characters(clauses, rarity).mean(axis=0) for clauses in own], axis=1).astype(np.float32)
    for at in range(0, len(quotes), _CHUNK):
        rows = slice(at, at + _CHUNK)
        said[rows, taught] = probability(
            embeddings[rows].astype(np.float32) @ meant.T, _characters(quotes[rows], rarity) @ named, encoder.config
        )
    return said


def prototypes(examples: Sequence[npt.NDArray[np.floating]]) -> Vectors:
    """Mean direction of the examples of each theme, shape (themes, width), length 1."""
    means = np.stack([vectors.astype(np.float32).mean(axis=0) for vectors in examples])
    directions: Vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return directions


def probability(
    meant: npt.NDArray[np.floating], named: npt.NDArray[np.floating], config: object
) -> npt.NDArray[np.float64]:
    """Logistic function of both similarities, with the weights of an encoder's configuration."""
    # Rounded: the last bits of a product hang on the shape of its arrays.
    meant, named = np.round(meant.astype(np.float64), 5), np.round(named.astype(np.float64), 5)
    weights = [float(getattr(config, f"likeness_{name}")) for name in ("meaning", "naming", "bias")]
    logits = weights[0] * meant + weights[1] * named + weights[2]
    shares: npt.NDArray[np.float64] = 1 / (1 + np.exp(-logits))
    return shares


def _characters(texts: Sequence[str], rarity: npt.NDArray[np.float32]) -> csr_array:
    """Weighed character n-grams of each text, shape (texts, BUCKETS), rows of length 1."""
    return weigh(count_features(texts), rarity)[:, BUCKETS:]
