"""The models and the codebook that a survey's texts are read with, loaded once a process."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verbatim.settings import EmbeddingSettings, SentimentSettings, Settings

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.themes import Codebook


def encoder_of(settings: Settings) -> Any:
    """Reader of a survey: the opinion encoder, or what profile `camembert` plugs into it.

    Loading takes seconds, so a process keeps it.
    """
    models = settings.models
    encoder = _load(models.folder, models.precision)
    if models.sentiment is None and models.embedding is None:
        return encoder
    sentiment = None if models.sentiment is None else models.sentiment.model_dump_json()
    embedding = None if models.embedding is None else models.embedding.model_dump_json()
    return _plug(models.folder, models.precision, sentiment, embedding)


@functools.lru_cache(maxsize=2)
def _load(folder: Path | None, precision: str) -> Any:
    from verbatim.reading import load_encoder

    return load_encoder(folder, precision=precision)


@functools.lru_cache(maxsize=2)
def _plug(folder: Path | None, precision: str, sentiment: str | None, embedding: str | None) -> Any:
    from verbatim.reading.plugged import PluggedReader, load_embedder, load_judge

    judge = embedder = None
    # Settings hold a dict and cannot be keys of a cache: they come as text.
    if sentiment is not None:
        named = SentimentSettings.model_validate_json(sentiment)
        judge = load_judge(named.model, named.labels, precision=precision)
    if embedding is not None:
        said = EmbeddingSettings.model_validate_json(embedding)
        embedder = load_embedder(said.model, said.pooling, precision=precision)
    return PluggedReader(_load(folder, precision), judge=judge, embedder=embedder)


def codebook_of(settings: Settings) -> Codebook:
    """Codebook in force."""
    from verbatim.themes import load_codebook

    return load_codebook(settings.codebook)


def held_out_of(settings: Settings) -> pd.DataFrame | None:
    """How often the survey's reader is right on held-out answers; None where a plugged model judges in its place."""
    from verbatim.reading import shipped_folder
    from verbatim.reading.errors import held_out_rates

    if settings.models.sentiment is not None:
        return None
    return held_out_rates(settings.models.folder or shipped_folder(), settings.codebook)


def reviewed_of(settings: Settings) -> pd.DataFrame | None:
    """How often the reader is right on the answers that the team reviewed; None without a review of this reader."""
    from verbatim.measures.correction import review_counts
    from verbatim.reading.errors import REVIEW_FILE, reviewed

    if not (settings.survey_folder / REVIEW_FILE).is_file():
        return None
    said = reviewed(settings.survey_folder, reader_revision(settings))
    return None if said is None else review_counts(said)


def reader_revision(settings: Settings) -> str:
    """Revision of the reader: it names what read a window."""
    return str(encoder_of(settings).revision)
