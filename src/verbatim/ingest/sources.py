"""Sources of a survey, each with its records: files by format, or one database query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verbatim.errors import SourceError
from verbatim.ingest.charset import CP1252, open_text, recognise_encoding
from verbatim.ingest.columnar import read_parquet, read_query
from verbatim.ingest.delimited import read_delimited
from verbatim.ingest.documents import read_documents
from verbatim.ingest.locations import SourceFile, find_files
from verbatim.ingest.records import Record
from verbatim.ingest.workbooks import read_workbook
from verbatim.settings import SourceSettings

_TEXT_FORMATS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json")
FORMATS = (*_TEXT_FORMATS, ".xlsx", ".xlsm", ".parquet")
QUERY = "query"
"""Label of the records that a database query returns."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file or query: its label and its records, header rows first."""

    label: str
    records: Iterator[Record]
    encoding: str | None = None
    has_header_row: bool = True
    """False: names stand in the rows themselves (JSON), so a source without rows has no header either."""


def open_sources(settings: SourceSettings) -> Iterator[Source]:
    """Open the sources one after another; all files are found and named before the first is read.

    Raises
    ------
    SourceError
        A file is missing, empty, of an unknown format, or cannot be decoded.
    """
    if settings.url is not None:
        yield Source(QUERY, read_query(settings.url.get_secret_value(), settings.query or ""))
        return
    files = find_files(settings.path or "")
    for file in files:
        if file.suffix not in FORMATS:
            raise SourceError(
                f"the format of the file is not known ('{file.suffix}')",
                where=file.label,
                expected=f"one of: {' '.join(FORMATS)}",
                next_step="export the survey in one of these formats",
            )
    for file in files:
        yield _open(file, settings)


def _open(file: SourceFile, settings: SourceSettings) -> Source:
    if file.suffix in _TEXT_FORMATS:
        encoding = recognise_encoding(file, settings.encoding)
        shown = {CP1252: "cp1252", "utf-8-sig": "utf-8"}.get(encoding, encoding)
        return Source(file.label, _text_records(file, encoding, settings.separator), shown, not file.is_json)
    if file.suffix == ".parquet":
        return Source(file.label, read_parquet(file, batch_rows=settings.batch_rows))
    return Source(file.label, read_workbook(file, sheet=settings.sheet))


def _text_records(file: SourceFile, encoding: str, separator: str | None) -> Iterator[Record]:
    with open_text(file, encoding) as stream:
        if file.is_json:
            yield from read_documents(stream, label=file.label)
        else:
            yield from read_delimited(stream, separator=separator or ("\t" if file.suffix == ".tsv" else None))
