"""Records of Parquet files and of database queries (ADBC), both of which arrive as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from verbatim.errors import SourceError, TransientError
from verbatim.ingest.locations import SourceFile
from verbatim.ingest.records import Record, typed_record


def read_parquet(file: SourceFile, *, batch_rows: int) -> Iterator[Record]:
    """Read a Parquet file; the first record is a header of its columns.

    Raises
    ------
    SourceError
        The file is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open() as stream:
            source = pq.ParquetFile(stream)
            yield from _records(source.schema_arrow.names, source.iter_batches(batch_size=batch_rows))
    except (pa.ArrowException, OSError):
        raise SourceError(
            "the file cannot be read as Parquet", where=file.label, next_step="export the survey again"
        ) from None


def read_query(url: str, query: str) -> Iterator[Record]:
    """Run a query; the first record is a header of its columns.

    Raises
    ------
    SourceError
        The database does not exist, or refuses the query.
    TransientError
        A server cannot be reached.
    """
    import adbc_driver_manager as adbc
    import pyarrow as pa

    connection = _connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            batches = cursor.fetch_record_batch()
            yield from _records(batches.schema.names, batches)
    # What fails while rows are fetched comes from Arrow.
    except (adbc.Error, pa.ArrowException, OSError):
        # The driver's words may quote the query's data, and its address.
        raise SourceError(
            "the database refused the query",
            where="source.query",
            next_step="run the query by hand on the same database",
        ) from None


def _records(names: list[str], batches: Iterable[Any]) -> Iterator[Record]:
    yield list(names)
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            yield typed_record(list(values))


def _connect(url: str) -> Any:
    import adbc_driver_manager as adbc

    scheme, _, rest = url.partition("://")
    if scheme == "duckdb":
        return _connect_duckdb(rest.removeprefix("/"))
    if scheme not in {"postgresql", "postgres"}:
        raise SourceError(
            "unknown database",
            where="source.url",
            expected="postgresql://… or duckdb:///FILE",
            next_step="correct source.url",
        )
    from adbc_driver_postgresql import dbapi

    try:
        return dbapi.connect(url)
    except adbc.Error:
        raise TransientError(
            "the database cannot be reached",
            where="source.url",
            next_step="check that the server runs and the URL is right",
        ) from None


def _connect_duckdb(path: str) -> Any:
    import adbc_driver_manager as adbc
    from adbc_driver_duckdb import dbapi

    if not Path(path).is_file():
        # DuckDB would create it.
        raise SourceError("there is no such database file", where="source.url", next_step="correct source.url")
    try:
        return dbapi.connect(path)
    except adbc.Error:
        raise SourceError(
            "the database file cannot be opened",
            where="source.url",
            next_step="close the program that writes to it, or correct source.url",
        ) from None
