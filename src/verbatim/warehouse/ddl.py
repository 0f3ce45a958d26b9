"""The tables' contracts as SQL and Arrow: one text for DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from verbatim.tables import TABLES, Column, ColumnType, Table

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
"""Version of the tables' layout; one more with every entry of `MIGRATIONS`."""
VERSION_TABLE = "published.schema_version"
# What brings a warehouse of the version before to this one; the first version needs nothing.
MIGRATIONS: Mapping[int, tuple[str, ...]] = {}

_SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "text",
    "integer": "bigint",
    "real": "double precision",
    "boolean": "boolean",
    "timestamp": "timestamp with time zone",
}


def quoted(*names: str) -> str:
    """Column names for SQL; `end` and `window` are reserved words."""
    return ", ".join(f'"{name}"' for name in names)


def creation_statements() -> Iterator[str]:
    """Statements that lay out an empty warehouse."""
    for schema in sorted({table.schema for table in TABLES.values()}):
        yield f"CREATE SCHEMA IF NOT EXISTS {schema}"
    for table in TABLES.values():
        yield creation_statement(table)
    yield f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version bigint NOT NULL)"
    yield f"INSERT INTO {VERSION_TABLE} VALUES ({SCHEMA_VERSION})"  # noqa: S608


def creation_statement(table: Table) -> str:
    """Statement that makes a table that is not there."""
    columns = [_definition(column) for column in table.columns]
    key = f"PRIMARY KEY ({quoted(*table.key)})"
    return f"CREATE TABLE IF NOT EXISTS {table.qualified_name} ({', '.join([*columns, key])})"


def addition_statement(table: Table, column: Column) -> str:
    """Statement that adds a nullable column to a table that lacks it; rows that stand have null in it."""
    return f"ALTER TABLE {table.qualified_name} ADD COLUMN {_definition(column)}"


def _definition(column: Column) -> str:
    return f"{quoted(column.name)} {_SQL_TYPES[column.type]}{'' if column.nullable else ' NOT NULL'}"


def to_arrow(frame: pd.DataFrame, table: Table) -> Any:
    """A conformed frame as Arrow, in the types of the table's columns."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "real": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([pa.field(column.name, types[column.type]) for column in table.columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
