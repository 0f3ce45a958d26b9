"""The warehouse: a window's tables published whole, in one transaction, and read back in their contracts' types."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from verbatim.errors import ContractError, WarehouseError
from verbatim.tables import ALERTS, NPS_BRIDGE, TABLES, THEMES, WINDOWS, Table, conform, empty
from verbatim.warehouse.address import Address, parse_address
from verbatim.warehouse.connection import connect, execute, fetch, transaction
from verbatim.warehouse.ddl import (
    MIGRATIONS,
    SCHEMA_VERSION,
    VERSION_TABLE,
    addition_statement,
    creation_statement,
    creation_statements,
    quoted,
    to_arrow,
)

if TYPE_CHECKING:
    import pandas as pd

_WINDOW_PARTITION = ("survey_id", "window")


def open_warehouse(url: SecretStr | str, *, create: bool = True) -> Warehouse:
    """Open a warehouse and lay out its tables where they are not there yet.

    Parameters
    ----------
    url : SecretStr or str
        ``duckdb:///file`` or ``postgresql://user:password@host/database``.
    create : bool
        Make a DuckDB file that is not there; readers say False.

    Returns
    -------
    Warehouse
        A context manager; leaving it closes the connection.

    Raises
    ------
    WarehouseError
        It cannot be opened or was written by a newer version of this package.
    TransientError
        The server cannot be reached, or another process holds the file.
    """
    address = parse_address(url)
    warehouse = Warehouse(address, connect(address, create=create))
    try:
        warehouse.lay_out()
    except BaseException:
        warehouse.close()
        raise
    return warehouse


class Warehouse:
    """An open warehouse.

    Parameters
    ----------
    address : Address
        Where it is; shown in errors without its password.
    connection : adbc connection
        Without autocommit.
    """

    def __init__(self, address: Address, connection: Any) -> None:
        self._address = address
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what was not committed is gone."""
        self._connection.close()

    def lay_out(self) -> None:
        """Create what is not there, or bring an earlier layout to today's.

        Raises
        ------
        WarehouseError
            A newer version of this package wrote it, or a table lacks a column that no row may go without.
        """
        with transaction(self._connection, self._address):
            found = self._schema_version()
            if found is None:
                statements = list(creation_statements())
            elif found > SCHEMA_VERSION:
                raise WarehouseError(
                    f"the warehouse has layout {found}; this version of verbatim knows {SCHEMA_VERSION}",
                    where=self._address.shown,
                    next_step="update verbatim",
                )
            else:
                statements = [sql for step in range(found + 1, SCHEMA_VERSION + 1) for sql in MIGRATIONS[step]]
            for statement in statements:
                execute(self._connection, statement)
            if found is not None:
                self._complete()

    def _complete(self) -> None:
        """Add the tables of a later build, and the columns that rows may go without."""
        sql = (
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_schema IN ('published', 'restricted')"
        )
        known = {tuple(row.values()) for row in fetch(self._connection, sql).to_pylist()}
        there = {(schema, table) for schema, table, _ in known}
        for table in TABLES.values():
            if (table.schema, table.name) not in there:
                execute(self._connection, creation_statement(table))
        lacking = [
            (table, column)
            for table in TABLES.values()
            if (table.schema, table.name) in there
            for column in table.columns
            if (table.schema, table.name, column.name) not in known
        ]
        if needed := [f"{table.qualified_name}.{column.name}" for table, column in lacking if not column.nullable]:
            raise WarehouseError(
                f"the tables of the warehouse lack columns: {', '.join(needed)}",
                where=self._address.shown,
                expected="tables as this version of verbatim lays them out",
                next_step="name a new warehouse in warehouse.url and run again: it gets what the source holds",
            )
        for table, column in lacking:
            execute(self._connection, addition_statement(table, column))

    def publish(self, frames: Mapping[str, pd.DataFrame], *, partition: Mapping[str, str]) -> None:
        """Replace a window in all tables at once.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            By table. A window table without a frame is emptied of this window: what vanished is gone. `themes` is
            replaced by its own partition, and left alone without a frame.
        partition : mapping of str to str
            `survey_id` and `window`.

        Raises
        ------
        ContractError
            A frame breaks its contract; nothing was written.
        WarehouseError, TransientError
            The engine refused or went away; the window stands as it was.
        """
        unknown = frames.keys() - TABLES.keys()
        if unknown:
            raise ContractError(f"unknown tables: {', '.join(sorted(unknown))}", expected=f"{', '.join(TABLES)}")
        # All frames are checked before the first statement.
        checked = {
            name: _checked(frames.get(name), table, partition)
            for name, table in TABLES.items()
            if name in frames or table.partition == _WINDOW_PARTITION
        }
        with transaction(self._connection, self._address):
            for name, rows in checked.items():
                self._replace(TABLES[name], rows, partition)

    def publish_comparisons(
        self, frames: Mapping[str, pd.DataFrame], *, partition: Mapping[str, str], digest: str
    ) -> None:
        """Replace what a published window is compared with others by, and note on its row of `windows` from what.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            Rows of `alerts` and `nps_bridge`; one without a frame is emptied of this window.
        partition : mapping of str to str
            `survey_id` and `window`.
        digest : str
            Goes to `windows.alerts_digest`.

        Raises
        ------
        ContractError
            The frame breaks its contract; nothing was written.
        WarehouseError, TransientError
            The engine refused or went away; they stand as they were.
        """
        checked = {table: _checked(frames.get(table.name), table, partition) for table in (ALERTS, NPS_BRIDGE)}
        values = [digest, *(partition[name] for name in _WINDOW_PARTITION)]
        noted = f'UPDATE {WINDOWS.qualified_name} SET alerts_digest = $1 WHERE survey_id = $2 AND "window" = $3'  # noqa: S608
        with transaction(self._connection, self._address):
            for table, rows in checked.items():
                self._replace(table, rows, partition)
            execute(self._connection, noted, values)

    def publish_survey(self, frames: Mapping[str, pd.DataFrame], *, survey_id: str) -> None:
        """Replace the tables that are a survey's as a whole, in one transaction.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            By table; one without a frame is emptied of the survey.
        survey_id : str
            The survey.

        Raises
        ------
        ContractError
            A frame breaks its contract; nothing was written.
        WarehouseError, TransientError
            The engine refused or went away; they stand as they were.
        """
        whole = {name: table for name, table in TABLES.items() if table.partition == ("survey_id",)}
        checked = {name: _checked(frames.get(name), table, {}) for name, table in whole.items()}
        with transaction(self._connection, self._address):
            for name, rows in checked.items():
                self._replace(whole[name], rows, {"survey_id": survey_id})

    def publish_themes(self, themes: pd.DataFrame) -> None:
        """Replace the themes of the codebook's versions that a frame holds, and no window.

        Parameters
        ----------
        themes : DataFrame
            Rows of the table `themes`.

        Raises
        ------
        ContractError
            The frame breaks its contract; nothing was written.
        WarehouseError, TransientError
            The engine refused or went away; the themes stand as they were.
        """
        rows = _checked(themes, THEMES, {})
        with transaction(self._connection, self._address):
            self._replace(THEMES, rows, {})

    def read(
        self,
        table: str,
        *,
        survey_id: str | None = None,
        window: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Read a table, or a survey's or a window's part of it, in the order of its key.

        Parameters
        ----------
        table : str
            Name, such as ``drivers``.
        survey_id, window : str, optional
            Only these rows; no effect on a table without such a column.
        columns : sequence of str, optional
            Only these columns.

        Raises
        ------
        WarehouseError
            There is no such table, or the engine refused.
        """
        contract = known_table(table)
        wanted = contract.column_names if columns is None else list(columns)
        limits = {"survey_id": survey_id, "window": window}
        limits = {name: value for name, value in limits.items() if value is not None and name in contract.column_names}
        where = " AND ".join(f"{quoted(name)} = ${place}" for place, name in enumerate(limits, start=1))
        sql = f"SELECT {quoted(*wanted)} FROM {contract.qualified_name}{f' WHERE {where}' if where else ''}"  # noqa: S608
        with transaction(self._connection, self._address):
            found = fetch(self._connection, sql, [str(value) for value in limits.values()]).to_pandas()
        types = empty(contract).dtypes[wanted].to_dict()
        frame: pd.DataFrame = found.astype(types)
        order = [name for name in contract.key if name in wanted]
        return frame.sort_values(order, ignore_index=True) if order else frame

    def first_seen(self, codebook: str, *, but: Mapping[str, str] | None = None) -> dict[str, str]:
        """First window in which each theme of a codebook was spoken of, in any survey.

        Parameters
        ----------
        codebook : str
            Name.
        but : mapping of str to str, optional
            `survey_id` and `window` that are left out: they are about to be published anew.
        """
        apart = 'AND NOT (survey_id = $2 AND "window" = $3) ' if but else ""
        sql = (
            'SELECT theme_id, min("window") AS first_seen FROM restricted.opinions '  # noqa: S608
            f"WHERE codebook = $1 {apart}GROUP BY theme_id"
        )
        values = [codebook, *(but[name] for name in _WINDOW_PARTITION)] if but else [codebook]
        with transaction(self._connection, self._address):
            found = fetch(self._connection, sql, values).to_pylist()
        return {row["theme_id"]: row["first_seen"] for row in found}

    def _schema_version(self) -> int | None:
        sql = (
            "SELECT count(*) AS tables FROM information_schema.tables "
            "WHERE table_schema = 'published' AND table_name = 'schema_version'"
        )
        if not fetch(self._connection, sql).to_pylist()[0]["tables"]:
            return None
        sql = f"SELECT max(version) AS version FROM {VERSION_TABLE}"  # noqa: S608
        version = fetch(self._connection, sql).to_pylist()[0]["version"]
        return int(version)

    def _replace(self, table: Table, rows: pd.DataFrame, partition: Mapping[str, str]) -> None:
        if set(table.partition) <= partition.keys():
            partitions = [tuple(partition[name] for name in table.partition)]
        else:
            partitions = list(rows[list(table.partition)].drop_duplicates().itertuples(index=False, name=None))
        where = " AND ".join(f"{quoted(name)} = ${place}" for place, name in enumerate(table.partition, start=1))
        for values in partitions:
            execute(self._connection, f"DELETE FROM {table.qualified_name} WHERE {where}", values)  # noqa: S608
        if len(rows):
            if _may_move(table):
                self._delete_keys(table, rows)
            self._append(table, rows)

    def _delete_keys(self, table: Table, rows: pd.DataFrame) -> None:
        """Delete these keys wherever they stand: a response whose date was corrected lay in another window."""
        same = " AND ".join(f'old."{name}" = new."{name}"' for name in table.key)
        with self._staged(to_arrow(rows, table).select(list(table.key))) as keys:
            known = f"EXISTS (SELECT 1 FROM {keys} AS new WHERE {same})"  # noqa: S608
            execute(self._connection, f"DELETE FROM {table.qualified_name} AS old WHERE {known}")  # noqa: S608

    def _append(self, table: Table, rows: pd.DataFrame) -> None:
        # By name: DuckDB's driver appends by position, and an added column stands last.
        names = quoted(*table.column_names)
        with self._staged(to_arrow(rows, table)) as staged:
            execute(self._connection, f"INSERT INTO {table.qualified_name} ({names}) SELECT {names} FROM {staged}")  # noqa: S608

    @contextlib.contextmanager
    def _staged(self, rows: Any) -> Iterator[str]:
        """Lend a temporary table of Arrow rows by its name."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest("published_rows", rows, mode="create", temporary=True)
        yield "published_rows"
        # An error's rollback takes the table with it.
        execute(self._connection, "DROP TABLE published_rows")


def known_table(name: str) -> Table:
    """Contract of a table by its name.

    Raises
    ------
    WarehouseError
        There is no such table; the known ones are listed.
    """
    if name not in TABLES:
        raise WarehouseError(f"there is no table {name}", expected=f"one of: {', '.join(TABLES)}")
    return TABLES[name]


def _may_move(table: Table) -> bool:
    """Whether a key can turn up in another window; a period's own rows cannot."""
    return table.partition == _WINDOW_PARTITION and not {"period", "window"} & set(table.key)


def _checked(frame: pd.DataFrame | None, table: Table, partition: Mapping[str, str]) -> pd.DataFrame:
    """Bring a frame to its contract; it must hold rows of the partition and no others."""
    if frame is None:
        return empty(table)
    rows = conform(frame, table)
    if table.partition == _WINDOW_PARTITION:
        strangers = sum(int((rows[name] != partition[name]).any()) for name in table.partition)
        if strangers:
            raise ContractError("rows of another window or survey", where=table.qualified_name)
    return rows
