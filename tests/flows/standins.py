"""A reader of texts without a model: words stand for themes and polarities, so that a night takes no time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from verbatim.reading.marked import CUSTOMER_THEMES, EMPLOYEE_THEMES

REVISION = "stand-in-1"
_WORDS = {"cher": ("prix_tarif", "negative"), "accueil": ("accueil_relation", "positive")}


@dataclass(frozen=True)
class Encoder:
    revision: str = REVISION

    @property
    def heads(self) -> Encoder:
        return self

    @property
    def config(self) -> SimpleNamespace:
        return SimpleNamespace(customer_themes=CUSTOMER_THEMES, employee_themes=EMPLOYEE_THEMES, theme_threshold=0.35)


@dataclass(frozen=True)
class ReadResult:
    opinions: pd.DataFrame
    embeddings: pd.DataFrame
    n_read: int
    n_cached: int


def load_encoder(folder: Path | None, *, precision: str) -> Encoder:
    return Encoder()


def read_responses(responses, encoder, *, codebook, cache_folder) -> ReadResult:
    """One opinion a known word."""
    opinions, embeddings = [], {}
    for response_id, verbatim in zip(responses["response_id"], responses["verbatim"], strict=True):
        found = [word for word in _WORDS if pd.notna(verbatim) and word in verbatim]
        for rank, word in enumerate(found):
            theme, polarity = _WORDS[word]
            start = verbatim.index(word)
            text_hash = hashlib.sha256(verbatim.encode()).hexdigest()
            embeddings[text_hash, rank] = np.full(4, rank, dtype=np.float16)
            opinions.append(
                {
                    "response_id": response_id,
                    "opinion_id": f"{response_id}#{rank}",
                    "start": start,
                    "end": start + len(word),
                    "quote": word,
                    "polarity": polarity,
                    "p_positive": float(polarity == "positive"),
                    "p_negative": float(polarity == "negative"),
                    "p_neutral": 0.0,
                    "codebook": codebook,
                    "theme_id": theme,
                    "theme_confidence": 0.9,
                    "text_hash": text_hash,
                }
            )
    columns = [
        *("response_id", "opinion_id", "start", "end", "quote", "polarity", "p_positive", "p_negative", "p_neutral"),
        *("codebook", "theme_id", "theme_confidence", "text_hash"),
    ]
    vectors = pd.DataFrame(
        [(text_hash, k, encoder.revision, vector) for (text_hash, k), vector in embeddings.items()],
        columns=["text_hash", "k", "revision", "embedding"],
    )
    return ReadResult(pd.DataFrame(opinions, columns=columns), vectors, len(set(responses["verbatim"].dropna())), 0)
