"""Frames brought to a table's contract and checked against it; no message holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from verbatim.errors import ContractError
from verbatim.tables.contract import ColumnType, Table

if TYPE_CHECKING:
    import pandas as pd

_PANDAS_TYPES: Mapping[ColumnType, str] = {
    "text": "string",
    "integer": "Int64",
    "real": "Float64",
    "boolean": "boolean",
    "timestamp": "datetime64[us, UTC]",
}


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Bring a frame to a table's columns, order and types, and check it against the contract.

    Parameters
    ----------
    frame : DataFrame
        Holds at least the table's columns; others are dropped.
    table : Table
        The contract.

    Returns
    -------
    DataFrame
        The table's columns in order, as nullable pandas types.

    Raises
    ------
    ContractError
        A column is missing, a check fails, or a key stands twice. Columns, checks and counts are named, never values.
    """
    missing = [name for name in table.column_names if name not in frame.columns]
    if missing:
        raise ContractError(f"columns are missing: {', '.join(missing)}", where=table.qualified_name)
    conformed = frame[table.column_names].reset_index(drop=True)
    try:
        conformed = conformed.astype({column.name: _PANDAS_TYPES[column.type] for column in table.columns})
    except (TypeError, ValueError):
        # from None: the cause quotes a cell.
        raise ContractError("a column has the wrong type", where=table.qualified_name) from None
    for column in table.columns:
        if column.type == "real":
            # NaN is not NULL in a warehouse.
            conformed[column.name] = conformed[column.name].mask(conformed[column.name].isna())
    check(conformed, table)
    return conformed


def check(frame: pd.DataFrame, table: Table) -> None:
    """Check a frame against its contract, all problems at once.

    Raises
    ------
    ContractError
        Names columns, checks and counts, never values.
    """
    from pandera.errors import SchemaErrors

    try:
        _pandera_schema(table).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.groupby(["column", "check"], dropna=False).size()
        problems = "; ".join(f"{column} fails {name} ({count} rows)" for (column, name), count in cases.items())
        raise ContractError(f"the contract is broken: {problems}", where=table.qualified_name) from None
    doubled = int(frame.duplicated(list(table.key)).sum())
    if doubled:
        raise ContractError(f"{doubled} rows share a key ({', '.join(table.key)})", where=table.qualified_name)


def _pandera_schema(table: Table) -> Any:
    import pandera.pandas as pa

    columns = {}
    for column in table.columns:
        checks = []
        if column.allowed:
            checks.append(pa.Check.isin(list(column.allowed)))
        if column.low is not None:
            checks.append(pa.Check.ge(column.low))
        if column.high is not None:
            checks.append(pa.Check.le(column.high))
        columns[column.name] = pa.Column(_PANDAS_TYPES[column.type], checks, nullable=column.nullable)
    return pa.DataFrameSchema(columns, strict=True)


def empty(table: Table) -> pd.DataFrame:
    """Make an empty frame of a table's columns and types."""
    import pandas as pd

    return pd.DataFrame({column.name: pd.Series(dtype=_PANDAS_TYPES[column.type]) for column in table.columns})
