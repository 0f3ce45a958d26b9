"""A survey read into two Parquet files, without a warehouse: for data teams who take it from there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from verbatim.errors import SettingsError
from verbatim.night.assigning import assign_themes
from verbatim.night.folder import write_parquet
from verbatim.night.models import codebook_of, encoder_of
from verbatim.night.planning import typed
from verbatim.settings import Settings
from verbatim.tables import RESPONSES


@dataclass(frozen=True, slots=True)
class Extract:
    """What was written."""

    n_responses: int
    n_opinions: int


def read_survey(settings: Settings, out: Path, *, secret: str | None, tell: Callable[[str], None]) -> Extract:
    """Ingest and read a survey into `responses.parquet` and `opinions.parquet`.

    Parameters
    ----------
    settings : Settings
        The survey.
    out : Path
        Folder to write to.
    secret : str, optional
        Key of the customers' hashes.
    tell : callable
        Takes one line a step.

    Returns
    -------
    Extract
        Counts.
    """
    import pandas as pd

    from verbatim.ingest import ingest
    from verbatim.reading import read_responses
    from verbatim.reading.language import split_by_language

    with tempfile.TemporaryDirectory(prefix=".reading-", dir=_made(out)) as folder:
        ingested = ingest(settings, Path(folder), secret=secret)
        tell(
            f"ingest: {ingested.rows_in:,} rows in = {ingested.n_responses:,} responses "
            f"+ {ingested.n_quarantined:,} quarantined + {ingested.n_duplicates:,} duplicates"
        )
        for note in ingested.notes:
            tell(f"ingest: {note}")
        responses, readable = split_by_language(
            typed(pd.read_parquet(ingested.responses), RESPONSES), language=settings.survey.language
        )
        encoder, codebook = encoder_of(settings), codebook_of(settings)
        result = read_responses(readable, encoder, codebook=settings.codebook, cache_folder=None)
        opinions = assign_themes(result, encoder, codebook)
        write_parquet(opinions.assign(codebook=codebook.name), out / "opinions.parquet")
        write_parquet(responses, out / "responses.parquet")
    return Extract(len(responses), len(result.opinions))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise SettingsError(
            "the folder cannot be made", where=str(folder), expected="a folder that this user may write to"
        ) from None
    return folder
