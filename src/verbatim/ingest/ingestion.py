"""Ingest a survey: sources in, two Parquet files out, and an account of every row.

Raw text lives in memory for one batch: the first byte that is written is repaired and redacted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from verbatim.errors import SourceError
from verbatim.ingest.dates import in_utc
from verbatim.ingest.headers import read_header
from verbatim.ingest.landing import QUARANTINE_LANDED, RESPONSES_LANDED, Landing, ParquetFile, Resolution
from verbatim.ingest.layout import Layout, resolve_layout
from verbatim.ingest.records import Record
from verbatim.ingest.responses import FIELDS, Rejection, Response, RowReader
from verbatim.ingest.sources import Source, open_sources
from verbatim.periods import label_periods
from verbatim.privacy import redact
from verbatim.settings import Settings
from verbatim.tables import UNDATED, QuarantineReason


@dataclass(frozen=True)
class Ingested:
    """What an ingestion wrote, and its account: rows_in = n_responses + n_quarantined + n_duplicates."""

    responses: Path
    """Parquet: the columns of `responses` but run_id, in the order of response_id."""
    quarantine: Path
    """Parquet: the columns of `quarantine` but run_id, in the order of the sources."""
    rows_in: int
    n_responses: int
    n_quarantined: int
    n_duplicates: int
    duplicates_by_window: dict[str, int]
    """Rows dropped as older copies, by the window of the response that stayed."""
    notes: tuple[str, ...]
    """Plain sentences for the log; no customer's words."""


@dataclass
class _Account:
    """What is counted while the sources are read."""

    rows_in: int = 0
    blank: int = 0
    rejected: list[tuple[str, int, QuarantineReason, str | None, dt.datetime | None]] = field(default_factory=list)
    encodings: dict[str, None] = field(default_factory=dict)
    layouts: list[Layout] = field(default_factory=list)
    repaired: int = 0
    scores: set[int] = field(default_factory=set)


def ingest(
    settings: Settings, folder: Path, *, secret: str | None, on_batch: Callable[[int], None] | None = None
) -> Ingested:
    """Read the survey's sources into `responses.parquet` and `quarantine.parquet`.

    Parameters
    ----------
    settings : Settings
        The survey: where its sources are, which column holds what.
    folder : Path
        Where the files are written; created if it is not there.
    secret : str, optional
        Key of the customers' hashes; without it no key is stored.
    on_batch : callable, optional
        Called with the number of rows of each batch once it is written.

    Returns
    -------
    Ingested
        Files, counts and notes.

    Raises
    ------
    SourceError
        A source cannot be read, a column is missing, or more rows were rejected than the settings allow; the files of
        an earlier ingestion are left as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    account = _Account()
    with Landing(folder / "landing.arrow") as landing:
        for source in open_sources(settings.source):
            _read_source(source, settings, secret or None, landing, account, on_batch)
        _check_rejected(account, settings)
        resolution = landing.resolve()
        # Both files get their names once both are whole.
        with (
            ParquetFile(folder / "responses.parquet", RESPONSES_LANDED) as responses,
            ParquetFile(folder / "quarantine.parquet", QUARANTINE_LANDED) as quarantine,
        ):
            landing.write(resolution, responses, batch_rows=settings.source.batch_rows)
            quarantine.write(_quarantined(account, settings))
    n_responses, n_quarantined = len(resolution.positions), len(account.rejected)
    return Ingested(
        folder / "responses.parquet",
        folder / "quarantine.parquet",
        account.rows_in,
        n_responses,
        n_quarantined,
        account.rows_in - n_responses - n_quarantined,
        resolution.duplicates_by_window,
        tuple(_notes(account, settings, resolution, secret)),
    )


def _read_source(
    source: Source,
    settings: Settings,
    secret: str | None,
    landing: Landing,
    account: _Account,
    on_batch: Callable[[int], None] | None,
) -> None:
    first = next(source.records, None)
    if first is None and not source.has_header_row:
        return
    header, records = read_header(source.label, source.records if first is None else chain([first], source.records))
    reader = RowReader(settings, resolve_layout(header, settings), secret)
    account.layouts.append(reader.layout)
    if source.encoding:
        account.encodings[source.encoding] = None
    rows = _numbered(records, account)
    while batch := list(islice(rows, settings.source.batch_rows)):
        responses = _read_batch(batch, reader, source.label, account)
        if responses:
            landing.add(_frame(responses, settings))
        account.rows_in += len(batch)
        if on_batch:
            on_batch(len(batch))


def _numbered(records: Iterator[Record], account: _Account) -> Iterator[tuple[int, Record]]:
    """Number the data rows from 1; a row without any text is counted apart and left out."""
    for number, record in enumerate(records, start=1):
        if isinstance(record, list) and not any(cell and not cell.isspace() for cell in record):
            account.blank += 1
        else:
            yield number, record


def _read_batch(batch: list[tuple[int, Record]], reader: RowReader, label: str, account: _Account) -> list[Response]:
    responses = []
    for number, record in batch:
        read = reader.read(record) if isinstance(record, list) else Rejection(record)
        if isinstance(read, Rejection):
            column = reader.layout.column_name(read.column)
            shown = redact(column).text if column else None
            account.rejected.append((label, number, read.reason, shown, read.answered_at))
        else:
            responses.append(read)
    account.repaired += sum(response.flags != "" for response in responses)
    account.scores |= {response.score for response in responses if response.score is not None}
    return responses


def _frame(responses: list[Response], settings: Settings) -> pd.DataFrame:
    frame = pd.DataFrame({name: [getattr(response, name) for response in responses] for name in FIELDS})
    frame["answered_at"] = pd.to_datetime(frame["answered_at"], utc=True)
    survey = settings.survey
    return frame.assign(window=label_periods(frame["answered_at"], kind=survey.period, zone=survey.zone))


def _check_rejected(account: _Account, settings: Settings) -> None:
    rejected, allowed = len(account.rejected), settings.source.max_rejected_share
    if account.rows_in == 0 or rejected / account.rows_in <= allowed:
        return
    reasons = Counter((reason.value, column) for _, _, reason, column, _ in account.rejected)
    listed = ", ".join(
        f"{reason}{f' ({column})' if column else ''}: {count:,}" for (reason, column), count in reasons.most_common(8)
    )
    raise SourceError(
        f"{rejected:,} of {account.rows_in:,} rows cannot be responses ({listed}); nothing was kept",
        where=", ".join(sorted({label for label, *_ in account.rejected})),
        expected=f"at most {allowed:.0%} rejected rows (source.max_rejected_share)",
        next_step="check the columns, survey.scale and source.missing in the settings, or allow more",
    )


def _quarantined(account: _Account, settings: Settings) -> pd.DataFrame:
    """Rows of the quarantine, in the order of the sources."""
    survey, fixed = settings.survey, settings.source.answered_at
    rows = pd.DataFrame(account.rejected, columns=["source", "row_number", "reason", "column_name", "answered_at"])
    if fixed is not None:
        rows["answered_at"] = in_utc(fixed, survey.zone)
    dates = pd.to_datetime(rows["answered_at"], utc=True)
    windows = pd.Series(UNDATED, index=rows.index, dtype="string")
    dated = dates.notna()
    if dated.any():
        windows[dated] = label_periods(dates[dated], kind=survey.period, zone=survey.zone)
    return rows.assign(survey_id=survey.id, window=windows).sort_values(["source", "row_number"])


def _notes(account: _Account, settings: Settings, resolution: Resolution, secret: str | None) -> Iterator[str]:
    tools = sorted({layout.header.traits["name"] for layout in account.layouts if layout.header.tool})
    if account.encodings:
        yield f"encoding: {', '.join(account.encodings)}"
    if tools:
        yield f"survey tool recognised: {', '.join(tools)}"
    if any(layout.response_id is None for layout in account.layouts):
        yield "the export gives no identifier: response_id is derived from the answer"
    low, high = settings.survey.scale
    if account.scores and min(account.scores) > low:
        yield f"scores run {min(account.scores)} to {max(account.scores)}; the scale goes from {low} to {high}"
    if account.repaired:
        yield f"{account.repaired:,} verbatims had letters repaired"
    if account.blank:
        yield f"{account.blank:,} blank rows were left out"
    if resolution.duplicates_by_window:
        yield f"{sum(resolution.duplicates_by_window.values()):,} older copies of a response were dropped"
    reasons = Counter(reason.value for _, _, reason, _, _ in account.rejected)
    if reasons:
        yield "quarantined: " + ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    yield from _notes_on_settings(settings, secret)


def _notes_on_settings(settings: Settings, secret: str | None) -> Iterator[str]:
    if settings.columns.invited is not None:
        yield "columns.invited is not stored yet: the response rate stays unknown"
    if settings.columns.customer_id is not None and not secret:
        yield "VERBATIM_SECRET is not set: no customer keys are stored, and no customer is recognised across responses"
