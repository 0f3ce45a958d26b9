"""The models and the codebook that a survey's texts are read with, loaded once a process."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verbatim.settings import Settings

if TYPE_CHECKING:
    from verbatim.themes import Codebook


def encoder_of(settings: Settings) -> Any:
    """Opinion encoder of a survey; loading takes seconds, so a process keeps it."""
    return _load(settings.models.folder, settings.models.precision)


@functools.lru_cache(maxsize=2)
def _load(folder: Path | None, precision: str) -> Any:
    from verbatim.reading import load_encoder

    return load_encoder(folder, precision=precision)


def codebook_of(settings: Settings) -> Codebook:
    """Codebook in force."""
    from verbatim.themes import load_codebook

    return load_codebook(settings.codebook)
