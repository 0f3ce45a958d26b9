"""Looking back over all nights of a survey for topics that its codebook does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.night.models import codebook_of
from verbatim.night.planning import embeddings_file
from verbatim.settings import Settings
from verbatim.tables import UNCLASSIFIED
from verbatim.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

LEAST_RESPONDENTS = 10
"""A topic of fewer is no theme, whatever the survey's own threshold of suppression."""


@dataclass(frozen=True, slots=True)
class ProposedThemes:
    """What was looked through and what came of it."""

    file: Path | None
    """The proposals; None where there is nothing to propose."""
    n_topics: int
    n_opinions: int
    """Published opinions of the codebook's themes, with an embedding of the encoder that read them."""
    n_considered: int
    """Those that no theme holds well."""
    n_wordings: int
    """Different wordings among these."""
    least_wordings: int
    """With fewer, no topic is looked for."""


def propose_themes(settings: Settings, *, seed: int = 0) -> ProposedThemes:
    """Look for topics in the published opinions of all windows, and write them to a file of proposals.

    The file stands in `proposals/` of the survey's folder, named by the codebook and the first 8 signs of its hash.

    Parameters
    ----------
    settings : Settings
        The survey.
    seed : int
        Of the reduction that comes before clustering.

    Raises
    ------
    ModelError
        BERTopic is not installed, or the spaCy pipeline of the settings is missing.
    WarehouseError, TransientError
        The warehouse is not there, or cannot be read now.
    """
    from verbatim.themes.discovery import discover
    from verbatim.themes.phrases import load_pipeline
    from verbatim.themes.proposals import write_proposals

    codebook = codebook_of(settings)
    opinions, embeddings = _read_so_far(settings)
    # Opinions of a theme that has left the codebook since are read anew by the next night.
    opinions = opinions[opinions["theme_id"].isin({theme.id for theme in codebook.themes} | {UNCLASSIFIED})]
    found = discover(
        opinions,
        embeddings,
        codebook=codebook,
        # The pipeline that ships reads French alone.
        pipeline=load_pipeline(settings.models.spacy) if settings.models.spacy or codebook.language == "fr" else None,
        min_size=max(LEAST_RESPONDENTS, settings.privacy.min_respondents),
        seed=seed,
    )
    file = None
    if found.proposals:
        name = f"{codebook.name}-{codebook.content_hash[:8]}.toml"
        file = settings.survey_folder / "proposals" / name
        write_proposals(found, codebook, file)
    return ProposedThemes(
        file, len(found.proposals), found.n_opinions, found.n_considered, found.n_wordings, found.least_wordings
    )


def _read_so_far(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Published opinions of all windows, and their embeddings."""
    import pandas as pd

    survey_id = settings.survey.id
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        opinions = warehouse.read("opinions", survey_id=survey_id)
        windows = warehouse.read("windows", survey_id=survey_id, columns=["window", "model_revision"])
    parts = [pd.DataFrame({"text_hash": [], "k": [], "embedding": []})]
    for window, revision in zip(windows["window"], windows["model_revision"], strict=True):
        file = embeddings_file(settings, window)
        if file.exists():
            vectors = pd.read_parquet(file, columns=["text_hash", "k", "revision", "embedding"])
            # A night that was cut off after reading leaves vectors that the published opinions do not match.
            parts.append(vectors[vectors["revision"] == revision].drop(columns="revision"))
    return opinions, pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
