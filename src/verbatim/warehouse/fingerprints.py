"""Fingerprints: what a window's result depends on, hashed; an equal fingerprint means nothing to do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.settings import Settings

METHOD_VERSION = "4"
"""Version of the package's methods: one more whenever the same input gives another table."""

# Only what changes a result: not folders, URLs, batch sizes, titles, nor how much may be rejected.
_SURVEY_KEYS = {"id", "kind", "scale", "timezone", "language", "period"}
_SOURCE_KEYS = {"missing", "answered_at", "encoding", "separator", "sheet"}
_MODEL_KEYS = {"profile", "precision"}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a window was computed from."""

    source_hash: str
    codebook_hash: str
    """Of what decides assignments and numbers; labels, notes and the version of a codebook are not in it."""
    model_revision: str
    settings_hash: str
    method_version: str
    provisional: bool

    @property
    def digest(self) -> str:
        """SHA-256 of them all, hexadecimal."""
        return _sha256(json.dumps(asdict(self), sort_keys=True))


# How many false alerts are borne changes alerts alone.
_MEASURE_KEYS = {"mix", "cross", "effect_margin"}


def settings_hash(settings: Settings) -> str:
    """SHA-256 of the settings that change a result."""
    kept = {
        "survey": settings.survey.model_dump(mode="json", include=_SURVEY_KEYS),
        "source": settings.source.model_dump(mode="json", include=_SOURCE_KEYS),
        "columns": settings.columns.model_dump(mode="json"),
        "privacy": settings.privacy.model_dump(mode="json"),
        "measures": settings.measures.model_dump(mode="json", include=_MEASURE_KEYS),
        "models": settings.models.model_dump(mode="json", include=_MODEL_KEYS),
    }
    return _sha256(json.dumps(kept, sort_keys=True))


def source_hash(responses: pd.DataFrame, quarantine: pd.DataFrame, *, n_duplicates: int) -> str:
    """SHA-256 of a window's source rows, whatever their order.

    Parameters
    ----------
    responses : DataFrame
        `response_id` and `content_hash`.
    quarantine : DataFrame
        `source`, `row_number` and `reason`.
    n_duplicates : int
        Older copies that were dropped: they change no measure, but the window's account of rows.
    """
    kept = sorted(zip(responses["response_id"], responses["content_hash"], strict=True))
    refused = sorted(
        (str(source), int(row), str(reason))
        for source, row, reason in zip(
            quarantine["source"], quarantine["row_number"], quarantine["reason"], strict=True
        )
    )
    return _sha256(json.dumps([kept, refused, n_duplicates]))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
