"""The embedded encoder with other models plugged in: it finds opinions and themes, they judge and place them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from verbatim.reading.encoder import Encoder, Progress, Reading
from verbatim.reading.heads import POLARITIES, polarity_of_labels
from verbatim.reading.transformer import Transformer, open_transformer


@dataclass(frozen=True)
class Judge:
    """A sequence classifier, and which polarity each of its labels counts for, shape (labels, 3)."""

    transformer: Transformer
    counts: npt.NDArray[np.float64]

    def polarity(self, clauses: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities of positive, negative, neutral; shape (clauses, 3), each row adds up to 1."""
        logits = self.transformer.run(clauses, lambda said, _: said.logits, len(self.counts)).astype(np.float64)
        raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        shares: npt.NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True) @ self.counts
        return shares


@dataclass(frozen=True)
class Embedder:
    """A transformer whose pooled states are sentence embeddings."""

    transformer: Transformer
    pooling: str

    def embed(self, clauses: Sequence[str]) -> npt.NDArray[np.float16]:
        """Vectors of length 1, shape (clauses, width)."""
        pool = _mean if self.pooling == "mean" else _first
        vectors = self.transformer.run(clauses, pool, int(self.transformer.model.config.hidden_size))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        scaled: npt.NDArray[np.float16] = (vectors / np.maximum(lengths, 1e-9)).astype(np.float16)
        return scaled


class PluggedReader:
    """Reads like an :class:`Encoder`; polarity or embedding are another model's.

    Parameters
    ----------
    encoder : Encoder
        Finds the spans and their themes.
    judge : Judge, optional
        Judges each span's polarity; without one the encoder's judgement stands.
    embedder : Embedder, optional
        Embeds each span; without one the encoder's embeddings stand.
    """

    def __init__(self, encoder: Encoder, *, judge: Judge | None = None, embedder: Embedder | None = None) -> None:
        self.encoder, self.judge, self.embedder = encoder, judge, embedder
        parts = (
            encoder.revision,
            judge and (judge.transformer.digest, judge.counts.tolist()),
            embedder and (embedder.transformer.digest, embedder.pooling),
        )
        self.revision = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        """SHA-256 over the encoder's revision, the plugged models' files and what their labels mean."""

    @property
    def heads(self) -> Encoder:
        """The encoder whose heads give the themes."""
        return self.encoder

    def read(self, texts: Sequence[str], *, codebook: str, on_progress: Progress | None = None) -> Reading:
        """Read the opinions of texts, as :meth:`Encoder.read` does."""
        reading = self.encoder.read(texts, codebook=codebook, on_progress=on_progress)
        clauses = [str(quote) for quote in reading.opinions["quote"]]
        if self.judge is not None:
            shares = self.judge.polarity(clauses)
            said = [POLARITIES[place] for place in shares.argmax(axis=1)] if clauses else []
            columns: dict[str, Any] = {f"p_{name}": shares[:, place] for place, name in enumerate(POLARITIES)}
            opinions = reading.opinions.assign(polarity=said, **columns).astype({"polarity": "string"})
            reading = replace(reading, opinions=opinions)
        if self.embedder is not None:
            reading = replace(reading, embeddings=self.embedder.embed(clauses))
        return reading


def load_judge(name: str, labels: Mapping[str, str], *, precision: str) -> Judge:
    """Open a sequence classifier; raises ModelError where it is missing or its labels say no polarity."""
    where = "models.sentiment"
    opened = open_transformer(name, "AutoModelForSequenceClassification", where=f"{where}.model", precision=precision)
    named = {int(place): str(label) for place, label in opened.model.config.id2label.items()}
    return Judge(opened, polarity_of_labels(named, labels, where=where))


def load_embedder(name: str, pooling: str, *, precision: str) -> Embedder:
    """Open a transformer for sentence embeddings; raises ModelError where it is missing."""
    return Embedder(open_transformer(name, "AutoModel", where="models.embedding.model", precision=precision), pooling)


def _mean(said: Any, mask: Any) -> Any:
    weight = mask[:, :, None].to(said.last_hidden_state.dtype)
    return (said.last_hidden_state * weight).sum(1) / weight.sum(1)


def _first(said: Any, _: Any) -> Any:
    return said.last_hidden_state[:, 0]
