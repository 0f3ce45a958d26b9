"""One window: its texts are read, its measures taken, its tables published."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verbatim.night.assigning import assign_themes
from verbatim.night.folder import write_parquet
from verbatim.night.labels import themes_in_force
from verbatim.night.models import codebook_of, held_out_of, reviewed_of
from verbatim.night.moment import is_open
from verbatim.night.planning import embeddings_file
from verbatim.night.reporting import report_file
from verbatim.settings import Settings
from verbatim.tables import OPINIONS, QUARANTINE, QUOTES, RESPONSES, TABLES, UNDATED, Table, empty
from verbatim.warehouse import PlannedWindow, Warehouse, open_warehouse, window_row

if TYPE_CHECKING:
    import pandas as pd

_MEASURES = (
    "nps",
    "score_distribution",
    "indicators",
    "drivers",
    "quotes",
    "contrasts",
    "effects",
    "nps_account",
    "score_text",
)


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """What reading a window counted; ``n_texts`` were read by the model, ``n_cached`` had been read before."""

    n_responses: int
    n_commenters: int
    n_texts: int
    n_cached: int
    n_opinions: int
    seconds: float


@dataclass(frozen=True, slots=True)
class MeasuredWindow:
    """What measuring a window counted."""

    n_drivers: int
    n_quotes: int
    seconds: float


def read_window(settings: Settings, planned: PlannedWindow, folder: Path, *, encoder: Any) -> ReadWindow:
    """Read the opinions of a window into `opinions.parquet`, and their embeddings beside the warehouse.

    Verbatims in another language than the survey's are flagged in `responses.parquet`, and not read.

    Parameters
    ----------
    settings : Settings
        The survey.
    planned : PlannedWindow
        The window.
    folder : Path
        Its folder of the plan, with `responses.parquet`.
    encoder : opinion encoder
        From :func:`verbatim.reading.load_encoder`.
    """
    from verbatim.reading import read_responses
    from verbatim.reading.language import split_by_language

    started = time.monotonic()
    responses, readable = split_by_language(_rows(folder, RESPONSES), language=settings.survey.language)
    write_parquet(responses, folder / "responses.parquet")
    result = read_responses(
        readable, encoder, codebook=settings.codebook, cache_folder=settings.survey_folder / "cache"
    )
    codebook = codebook_of(settings)
    # A team's own codebook is a file: the tables know it by the name that it gives itself.
    opinions = assign_themes(result, encoder, codebook).assign(codebook=codebook.name)
    write_parquet(opinions, folder / "opinions.parquet")
    write_embeddings(result.embeddings, embeddings_file(settings, planned.window))
    return ReadWindow(
        len(responses),
        int(responses["verbatim"].notna().sum()),
        result.n_read,
        result.n_cached,
        len(result.opinions),
        time.monotonic() - started,
    )


def measure_window(settings: Settings, planned: PlannedWindow, folder: Path, *, as_of: dt.datetime) -> MeasuredWindow:
    """Take the measures of a window, choose its quotes, and write one Parquet file a table."""
    started = time.monotonic()
    frames = {} if planned.window == UNDATED else _measures(settings, planned.window, folder, as_of)
    for name, frame in frames.items():
        write_parquet(frame, folder / f"{name}.parquet")
    counts = {name: len(frames.get(name, ())) for name in ("drivers", "quotes")}
    return MeasuredWindow(counts["drivers"], counts["quotes"], time.monotonic() - started)


def publish_window(
    settings: Settings, planned: PlannedWindow, folder: Path, *, seconds: float, run_id: str
) -> dict[str, int]:
    """Publish a window in one transaction over all tables.

    Parameters
    ----------
    settings, planned, folder
        The survey, the window, its folder of the plan.
    seconds : float
        Wall time spent on the window so far.
    run_id : str
        The run that publishes.

    Returns
    -------
    dict of str to int
        Rows by table.
    """
    started = time.monotonic()
    partition = {"survey_id": settings.survey.id, "window": planned.window}
    tables = (RESPONSES, OPINIONS, QUARANTINE, *(TABLES[name] for name in _MEASURES))
    frames = {table.name: _rows(folder, table).assign(run_id=run_id, **partition) for table in tables}
    with open_warehouse(settings.warehouse.url) as warehouse:
        frames["themes"] = _themes_but(settings, warehouse, partition, opinions=frames["opinions"])
        frames["windows"] = window_row(
            planned,
            survey_id=settings.survey.id,
            responses=frames["responses"],
            opinions=frames["opinions"],
            quarantine=frames["quarantine"],
            seconds=seconds + time.monotonic() - started,
            run_id=run_id,
        ).assign(window=planned.window)
        warehouse.publish(frames, partition=partition)
    return {name: len(frame) for name, frame in frames.items()}


def remove_window(settings: Settings, window: str) -> None:
    """Take a window out of every table; its embeddings and its report go with it.

    The files go first: a run killed in between finds the window in the tables and removes it again.
    """
    embeddings_file(settings, window).unlink(missing_ok=True)
    shutil.rmtree(report_file(settings, window).parent, ignore_errors=True)
    partition = {"survey_id": settings.survey.id, "window": window}
    with open_warehouse(settings.warehouse.url) as warehouse:
        themes = _themes_but(settings, warehouse, partition, opinions=empty(OPINIONS))
        warehouse.publish({"themes": themes}, partition=partition)


def write_embeddings(embeddings: pd.DataFrame, file: Path) -> None:
    """Write embeddings as float16 lists; an empty window leaves a file without rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    vectors = [np.asarray(vector, dtype=np.float16) for vector in embeddings["embedding"]]
    table = pa.table(
        {
            "text_hash": pa.array(embeddings["text_hash"], pa.string()),
            "k": pa.array(embeddings["k"], pa.int32()),
            "revision": pa.array(embeddings["revision"], pa.string()),
            "embedding": pa.array(vectors, pa.list_(pa.float16())),
        }
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(file)


def _rows(folder: Path, table: Table) -> pd.DataFrame:
    """A table's rows in a window's folder; without a file there are none."""
    import pandas as pd

    file = folder / f"{table.name}.parquet"
    return pd.read_parquet(file) if file.exists() else empty(table)


def _measures(settings: Settings, window: str, folder: Path, as_of: dt.datetime) -> Mapping[str, pd.DataFrame]:
    import pandas as pd

    from verbatim.measures import measure_period
    from verbatim.themes import choose_quotes
    from verbatim.themes.parents import with_parents

    responses = _rows(folder, RESPONSES)
    if responses.empty:
        return {}
    opinions = _rows(folder, OPINIONS)
    frames = measure_period(
        responses,
        opinions,
        survey_id=settings.survey.id,
        period=window,
        provisional=is_open(window, as_of=as_of, zone=settings.survey.zone),
        options=measure_options(settings),
    )
    embeddings = pd.read_parquet(embeddings_file(settings, window))
    return {
        **frames,
        QUOTES.name: choose_quotes(
            frames["drivers"], with_parents(opinions, codebook_of(settings)), responses, embeddings
        ),
    }


def measure_options(settings: Settings) -> Any:
    """What the measures need to know of the settings and of the codebook."""
    from verbatim.measures import MeasureOptions
    from verbatim.tables import UNCLASSIFIED

    codebook = codebook_of(settings)
    residual = {theme.id for theme in codebook.themes if theme.is_residual}
    return MeasureOptions(
        dimensions=(*settings.columns.dimensions, *settings.measures.cross),
        indicators={name: indicator.scale for name, indicator in settings.columns.indicators.items()},
        scale=settings.survey.scale,
        min_respondents=settings.privacy.min_respondents,
        codebook=codebook.name,
        bare_themes=frozenset(theme.id for theme in codebook.themes if theme.is_bare_verdict),
        residual_themes=frozenset(residual | {UNCLASSIFIED}),
        parents={theme.id: theme.parent for theme in codebook.themes if theme.parent is not None},
        mix=settings.measures.mix,
        effect_margin=settings.measures.effect_margin,
        reader=held_out_of(settings),
        reviewed=reviewed_of(settings),
    )


def _themes_but(
    settings: Settings, warehouse: Warehouse, partition: Mapping[str, str], *, opinions: pd.DataFrame
) -> pd.DataFrame:
    """The codebook's themes, with the first window in which each is spoken of once this one is published.

    Parameters
    ----------
    settings, warehouse
        The survey and where it is published.
    partition : mapping of str to str
        `survey_id` and `window` that is about to be replaced: what it held does not count any more.
    opinions : DataFrame
        What it will hold; no rows where it is removed.
    """
    seen = warehouse.first_seen(codebook_of(settings).name, but=partition)
    for theme in opinions["theme_id"].unique():
        seen[theme] = min(seen.get(theme, partition["window"]), partition["window"])
    return themes_in_force(settings, seen)
