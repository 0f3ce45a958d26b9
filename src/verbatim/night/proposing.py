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
    n_new: int
    """Proposals that no theme holds."""
    n_parts: int
    """Proposals of sub-themes."""
    n_unstable: int
    """Topics that were found, but hang on who happened to answer."""
    n_opinions: int
    """Published opinions of the codebook's themes, with an embedding of the encoder that read them."""
    n_wordings: int
    """Different wordings among these."""
    agreement: float
    """Adjusted mutual information of clusterings that each lack a fifth of the wordings, at most 1."""


def propose_themes(settings: Settings, *, seed: int = 0, afresh: bool = False) -> ProposedThemes:
    """Look for topics in the published opinions of all windows, and write them to a file of proposals.

    The file stands in `proposals/` of the survey's folder, named by the codebook and the first 8 signs of its hash;
    what was found is kept in `topics/`, and taken up by the next discovery with the same codebook and encoder.

    Parameters
    ----------
    settings : Settings
        The survey.
    seed : int
        First of the draws by which stability is measured.
    afresh : bool
        True: forget the topics that were found before.

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
    from verbatim.themes.stability import SEEDS
    from verbatim.themes.topics import load_topics, save_topics

    codebook = codebook_of(settings)
    opinions, embeddings, responses, made_from = _read_so_far(settings)
    # Opinions of a theme that has left the codebook since are read anew by the next night.
    opinions = opinions[opinions["theme_id"].isin({theme.id for theme in codebook.themes} | {UNCLASSIFIED})]
    folder = topics_folder(settings)
    found = discover(
        opinions,
        embeddings,
        codebook=codebook,
        responses=responses,
        # The pipeline that ships reads French alone.
        pipeline=load_pipeline(settings.models.spacy) if settings.models.spacy or codebook.language == "fr" else None,
        known=None if afresh else load_topics(folder, made_from=made_from),
        min_size=max(LEAST_RESPONDENTS, settings.privacy.min_respondents),
        seeds=range(seed, seed + SEEDS),
    )
    save_topics(found.topics, folder, made_from=made_from)
    file = None
    if found.proposals:
        file = settings.survey_folder / "proposals" / f"{codebook.name}-{codebook.content_hash[:8]}.toml"
        write_proposals(found, codebook, file)
    n_new = sum(proposal.parent is None for proposal in found.proposals)
    return ProposedThemes(
        file,
        n_new,
        len(found.proposals) - n_new,
        found.n_unstable,
        found.n_opinions,
        found.n_wordings,
        found.agreement,
    )


def topics_folder(settings: Settings) -> Path:
    """Where the topics of a survey are kept: centres, names, assignments."""
    return settings.survey_folder / "topics"


def _read_so_far(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Published opinions of all windows, their embeddings, who gave them, and which encoder the embeddings are of."""
    import pandas as pd

    survey_id = settings.survey.id
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        opinions = warehouse.read("opinions", survey_id=survey_id)
        responses = warehouse.read("responses", survey_id=survey_id, columns=["response_id", "nps_group"])
        windows = warehouse.read("windows", survey_id=survey_id, columns=["window", "model_revision"])
    # Embeddings of two encoders do not stand in one space: the newest night's count.
    newest = windows["model_revision"].iloc[-1] if len(windows) else ""
    parts = [pd.DataFrame({"text_hash": [], "k": [], "embedding": []})]
    for window, revision in zip(windows["window"], windows["model_revision"], strict=True):
        file = embeddings_file(settings, window)
        if file.exists() and revision == newest:
            vectors = pd.read_parquet(file, columns=["text_hash", "k", "revision", "embedding"])
            # A night that was cut off after reading leaves vectors that the published opinions do not match.
            parts.append(vectors[vectors["revision"] == revision].drop(columns="revision"))
    embeddings = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return opinions, embeddings, responses, {"revision": str(newest)}
