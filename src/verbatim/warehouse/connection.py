"""One ADBC connection to either engine, and its drivers' errors in words that hold no password and no row."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from verbatim.errors import TransientError, VerbatimError, WarehouseError
from verbatim.warehouse.address import Address, no_database, prepare_file, unwritable

_LOCKED = re.compile(r"could not set lock|conflicting lock", re.IGNORECASE)
_NO_DATABASE_FILE = re.compile(r"not a valid DuckDB database|serialization error|different version", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"refused|could not translate host|timeout|timed out|no route|unreachable|starting up|shutting down|"
    r"no such file or directory|server closed|terminating connection|too many connections",
    re.IGNORECASE,
)
_FULL = re.compile(r"no space left|disk full|could not write file", re.IGNORECASE)


def connect(address: Address, *, create: bool = True) -> Any:
    """Open a connection without autocommit.

    Parameters
    ----------
    address : Address
        From :func:`parse_address`.
    create : bool
        Make a DuckDB file that is not there.

    Raises
    ------
    WarehouseError
        It cannot be opened, and will not be the next time either.
    TransientError
        The server cannot be reached, or another process holds the file.
    """
    from adbc_driver_manager import Error

    if address.engine == "duckdb":
        prepare_file(address, create=create)
        from adbc_driver_duckdb import dbapi
    else:
        from adbc_driver_postgresql import dbapi
    try:
        return dbapi.connect(address.target)
    except Error as error:
        # from None: libpq quotes parts of the URL, the password among them.
        raise _explain_opening(address, str(error)) from None


def _explain_opening(address: Address, message: str) -> VerbatimError:
    if address.engine == "postgresql":
        return _explain_server(address, message)
    if _LOCKED.search(message):
        return TransientError(
            "the warehouse is in use by another process; DuckDB admits one at a time",
            where=address.shown,
            next_step="wait for the other run, or close the program that has the file open",
        )
    if _NO_DATABASE_FILE.search(message):
        return no_database(address)
    return unwritable(address)


def _explain_server(address: Address, message: str) -> VerbatimError:
    if _UNREACHABLE.search(message):
        return TransientError(
            "the PostgreSQL server cannot be reached",
            where=address.shown,
            expected="a server that answers there",
            next_step="check that it runs, and host and port in warehouse.url",
        )
    # What the server itself says behind FATAL names users and databases, never a password.
    said = re.search(r"FATAL:\s+(.+)", message)
    return WarehouseError(
        f"the PostgreSQL server refused the connection{f': {said.group(1)}' if said else ''}",
        where=address.shown,
        expected="postgresql://USER:PASSWORD@HOST/DATABASE of a user who may create tables",
        next_step="correct warehouse.url in the settings",
    )


def execute(connection: Any, sql: str, values: Sequence[object] = ()) -> None:
    """Run one statement; a cursor of its own, because drivers keep state between statements."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(values)) if values else cursor.execute(sql)


def fetch(connection: Any, sql: str, values: Sequence[object] = ()) -> Any:
    """Run one query and fetch an Arrow table."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(values)) if values else cursor.execute(sql)
        return cursor.fetch_arrow_table()


@contextlib.contextmanager
def transaction(connection: Any, address: Address) -> Iterator[None]:
    """Commit at the end, roll back on any error, and put a driver's error in safe words.

    Raises
    ------
    WarehouseError
        The engine refused.
    TransientError
        The connection was lost.
    """
    from adbc_driver_manager import Error

    try:
        yield
        connection.commit()
    except BaseException as error:
        # The connection may be gone: then there is nothing to roll back.
        with contextlib.suppress(Error):
            connection.rollback()
        if isinstance(error, Error):
            raise _explain_statement(address, error) from None
        raise


def _explain_statement(address: Address, error: Any) -> VerbatimError:
    """Name the kind of a failure; a driver's own message may quote a row."""
    message = str(error)
    if _FULL.search(message):
        return WarehouseError(
            "the disk of the warehouse is full; the earlier tables stand as they were",
            where=address.shown,
            next_step="make room, then run again",
        )
    if address.engine == "postgresql" and _UNREACHABLE.search(message):
        return TransientError("the connection to the warehouse was lost", where=address.shown, next_step="run again")
    code = f", SQLSTATE {error.sqlstate}" if getattr(error, "sqlstate", None) else ""
    return WarehouseError(
        f"the warehouse refused a statement ({type(error).__name__}{code}); the earlier tables stand as they were",
        where=address.shown,
        next_step="check the user's rights; was a table changed by hand?",
    )
