"""Small surveys for the tests: a file in, settings around it, the two tables out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from verbatim.ingest import Ingested, ingest
from verbatim.settings import Settings

COLUMNS = {"response_id": "id", "score": "note", "verbatim": "pourquoi", "answered_at": "date"}
SALT = "sel"
HEADER = "id;note;pourquoi;date\n"
SHARED = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Outcome:
    """What an ingestion wrote, read back."""

    ingested: Ingested
    responses: pd.DataFrame
    quarantine: pd.DataFrame

    def column(self, name: str) -> list[Any]:
        """Values of a column of the responses, in the order of their identifier; missing is None."""
        return [None if pd.isna(value) else value for value in self.responses[name]]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Row and reason of each quarantined row."""
        return list(zip(self.quarantine["row_number"], self.quarantine["reason"], strict=True))


def settings_for(path: str | Path, *, columns: dict[str, Any] | None = None, **sections: dict[str, Any]) -> Settings:
    """Settings of a survey that stands at `path`; nothing is rejected silently nor stops the run by default."""
    source = {"path": str(path), "max_rejected_share": 1.0} | sections.pop("source", {})
    survey = {"id": "essai"} | sections.pop("survey", {})
    return Settings(survey=survey, source=source, columns=COLUMNS if columns is None else COLUMNS | columns, **sections)


def run(settings: Settings, folder: Path, *, secret: str | None = SALT) -> Outcome:
    """Ingest and read both tables back."""
    ingested = ingest(settings, folder, secret=secret)
    return Outcome(ingested, pd.read_parquet(ingested.responses), pd.read_parquet(ingested.quarantine))


def ingest_text(folder: Path, text: str, *, name: str = "nps.csv", encoding: str = "utf-8", **options: Any) -> Outcome:
    """Write a text file and ingest it."""
    secret = options.pop("secret", SALT)
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return run(settings_for(file, **options), folder / "out", secret=secret)
