"""Planning a night: the night's rows are merged with the landing store, and each window gets its verdict."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.night.folder import write_parquet
from verbatim.night.moment import is_open
from verbatim.settings import Settings
from verbatim.tables import QUARANTINE, RESPONSES, Table, empty
from verbatim.warehouse import (
    PlannedWindow,
    Warehouse,
    merge_quarantine,
    merge_responses,
    open_warehouse,
    plan_windows,
    settings_hash,
)
from verbatim.warehouse.merging import INDEX, Merged

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.ingest import Ingested


@dataclass(frozen=True, slots=True)
class NightPlan:
    """What a night does; ``folder`` holds `<window>/responses.parquet` and `quarantine.parquet` of what is computed."""

    windows: tuple[PlannedWindow, ...]
    folder: Path

    @property
    def computed(self) -> tuple[PlannedWindow, ...]:
        """Windows to compute."""
        return tuple(window for window in self.windows if not window.is_skipped and not window.is_removed)

    @property
    def removed(self) -> tuple[PlannedWindow, ...]:
        """Windows that hold no row any more."""
        return tuple(window for window in self.windows if window.is_removed)

    @property
    def skipped(self) -> tuple[PlannedWindow, ...]:
        """Windows in which nothing changed."""
        return tuple(window for window in self.windows if window.is_skipped)


def plan_night(
    settings: Settings,
    ingested: Ingested,
    folder: Path,
    *,
    as_of: dt.datetime,
    codebook_hash: str,
    model_revision: str,
) -> NightPlan:
    """Merge the night with the landing store, compare fingerprints, and lay out the rows of what must be computed.

    Parameters
    ----------
    settings : Settings
        The survey.
    ingested : Ingested
        The night's files and counts.
    folder : Path
        Where the rows of the windows are written.
    as_of : datetime
        The moment the run looks from.
    codebook_hash, model_revision : str
        What would read the texts.
    """
    night = _Night(settings, ingested)
    with open_warehouse(settings.warehouse.url) as warehouse:
        merged, quarantine = night.merge(warehouse)
        published = warehouse.read("windows", survey_id=settings.survey.id)
        touched = {*merged.index["window"], *quarantine["window"]}
        planned = plan_windows(
            merged.index,
            quarantine,
            published,
            duplicates=_duplicates(ingested, merged, published, full_snapshot=settings.source.full_snapshot),
            codebook_hash=codebook_hash,
            model_revision=model_revision,
            settings_hash=basis_hash(settings),
            provisional={window for window in touched if is_open(window, as_of=as_of, zone=settings.survey.zone)},
        )
        plan = NightPlan(tuple(planned), folder)
        night.lay_out(plan, warehouse, merged.index, quarantine)
    return plan


def embeddings_file(settings: Settings, window: str) -> Path:
    """Where the embeddings of a window's opinions stand: text_hash, k, revision, embedding (float16)."""
    return settings.survey_folder / "embeddings" / f"{window}.parquet"


def basis_hash(settings: Settings) -> str:
    """Hash of the settings that change a result, and of the team's review: both change what is computed."""
    from verbatim.reading.errors import REVIEW_FILE

    review = settings.survey_folder / REVIEW_FILE
    said = settings_hash(settings)
    return hashlib.sha256(said.encode() + review.read_bytes()).hexdigest() if review.is_file() else said


class _Night:
    """The night's rows beside the landing store's."""

    def __init__(self, settings: Settings, ingested: Ingested) -> None:
        self._settings = settings
        self._incoming = ingested.responses
        self._refused = ingested.quarantine

    def merge(self, warehouse: Warehouse) -> tuple[Merged, pd.DataFrame]:
        """Responses that stand, and rows in quarantine, after this night."""
        import pandas as pd

        survey, source = self._settings.survey, self._settings.source
        incoming = typed(pd.read_parquet(self._incoming, columns=list(INDEX)), RESPONSES)
        refused = typed(pd.read_parquet(self._refused), QUARANTINE)
        before = warehouse.read("windows", survey_id=survey.id, columns=["settings_hash"])["settings_hash"]
        # An empty snapshot is an accident far more often than a wish: it deletes nothing.
        snapshot = source.full_snapshot and len(incoming) + len(refused) > 0
        merged = merge_responses(
            warehouse.read("responses", survey_id=survey.id, columns=list(INDEX)),
            incoming,
            kind=survey.period,
            zone=survey.zone,
            full_snapshot=snapshot,
            reread=bool((before != basis_hash(self._settings)).any()),
        )
        quarantine = merge_quarantine(
            warehouse.read("quarantine", survey_id=survey.id),
            refused,
            sources=_sources_read(self._settings),
            full_snapshot=snapshot,
        )
        return merged, quarantine

    def lay_out(self, plan: NightPlan, warehouse: Warehouse, index: pd.DataFrame, quarantine: pd.DataFrame) -> None:
        """Write each window's responses and quarantined rows."""
        for planned in plan.computed:
            rows = index[index["window"] == planned.window]
            parts = [part for part in self._parts(warehouse, rows) if len(part)]
            _write_window(plan.folder / planned.window, "responses", parts, planned.window, RESPONSES)
            kept = quarantine[quarantine["window"] == planned.window]
            _write_window(plan.folder / planned.window, "quarantine", [kept], planned.window, QUARANTINE)

    def _parts(self, warehouse: Warehouse, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Full rows of a window: the night's, then the store's."""
        import pandas as pd

        incoming, stored = (set(rows.loc[rows["is_incoming"] == side, "response_id"]) for side in (True, False))
        window = str(rows["window"].iloc[0]) if len(rows) else ""
        if incoming:
            night = pd.read_parquet(self._incoming, filters=[("window", "==", window)])
            yield night[night["response_id"].isin(incoming)]
        if stored:
            survey_id = self._settings.survey.id
            store = warehouse.read("responses", survey_id=survey_id, window=window)
            if not stored <= set(store["response_id"]):
                # The length of a period changed: the store still has the rows under their former windows.
                store = warehouse.read("responses", survey_id=survey_id)
            yield store[store["response_id"].isin(stored)]


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Bring the columns of a file to the types of their table."""
    dtypes = empty(table).dtypes
    return frame.astype({name: dtypes[name] for name in frame.columns if name in dtypes})


def _write_window(folder: Path, name: str, parts: list[pd.DataFrame], window: str, table: Table) -> None:
    import pandas as pd

    columns = [column for column in table.column_names if column != "run_id"]
    frames = [typed(part.assign(window=window)[columns], table) for part in parts] or [empty(table)[columns]]
    key = [column for column in table.key if column != "survey_id"]
    rows = pd.concat(frames, ignore_index=True).sort_values(key, ignore_index=True)
    write_parquet(rows, folder / f"{name}.parquet")


def _duplicates(
    ingested: Ingested, merged: Merged, published: pd.DataFrame, *, full_snapshot: bool
) -> Mapping[str, int]:
    """Dropped copies by window: tonight's; of a source that grows, never fewer than were counted before."""
    tonight = dict(ingested.duplicates_by_window)
    for window, count in merged.outdated.items():
        tonight[window] = tonight.get(window, 0) + count
    if full_snapshot:
        return tonight
    before = dict(zip(published["window"], published["n_duplicates"], strict=True))
    standing = set(merged.index["window"])
    return {
        window: max(tonight.get(window, 0), int(before.get(window, 0)))
        for window in {*tonight, *before}
        if window in standing
    }


def _sources_read(settings: Settings) -> set[str]:
    """Labels of the sources that the night read."""
    from verbatim.ingest.locations import find_files
    from verbatim.ingest.sources import QUERY

    if settings.source.path is None:
        return {QUERY}
    return {file.label for file in find_files(settings.source.path)}
