"""Address of a warehouse: the engine, what its driver wants, and what may be shown of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from verbatim.errors import WarehouseError

Engine = Literal["duckdb", "postgresql"]
_EXPECTED = "duckdb:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """A warehouse's address; ``target`` may hold a password and stays out of every representation."""

    engine: Engine
    target: str = field(repr=False)
    shown: str


def parse_address(url: SecretStr | str) -> Address:
    """Take a warehouse URL apart.

    Raises
    ------
    WarehouseError
        The URL names no known engine, or no file.
    """
    text = url.get_secret_value() if isinstance(url, SecretStr) else url
    scheme, _, rest = text.partition("://")
    if scheme == "duckdb" and rest.startswith("/") and rest != "/":
        # duckdb:///file is relative, duckdb:////file absolute, as SQLAlchemy has it; settings hold absolute ones.
        file = rest.removeprefix("/")
        return Address("duckdb", file, file)
    if scheme == "postgresql":
        return Address("postgresql", text, _without_password(text))
    raise WarehouseError("the warehouse's URL is not understood", where="warehouse.url", expected=_EXPECTED)


def prepare_file(address: Address, *, create: bool) -> None:
    """Check the place of a DuckDB file and make its folder.

    Raises
    ------
    WarehouseError
        It is a folder, its folder cannot be made, or it is not there and must not be created.
    """
    file = Path(address.target)
    if file.is_dir():
        raise WarehouseError(
            "the warehouse is a folder",
            where=address.shown,
            expected="a file, such as duckdb:///verbatim.duckdb",
            next_step="correct warehouse.url in the settings",
        )
    if file.exists():
        _check_kind(file, address)
        return
    if not create:
        raise WarehouseError(
            "there is no warehouse yet: nothing was published",
            where=address.shown,
            next_step="run `verbatim nightly SETTINGS` first",
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise unwritable(address) from None


def _check_kind(file: Path, address: Address) -> None:
    # DuckDB 2 opens a CSV or Parquet file as a database in memory: what is published there would be lost.
    try:
        with file.open("rb") as stream:
            head = stream.read(12)
    except OSError:
        raise unwritable(address) from None
    if head[8:] != b"DUCK":
        raise no_database(address)


def no_database(address: Address) -> WarehouseError:
    """Say that the file is something else."""
    return WarehouseError(
        "the file is no DuckDB database of a version known here",
        where=address.shown,
        expected="a DuckDB database, or a name that is free",
        next_step="name another file in warehouse.url; this one was left as it is",
    )


def unwritable(address: Address) -> WarehouseError:
    """Say that the warehouse cannot be written."""
    return WarehouseError(
        "the warehouse cannot be written",
        where=address.shown,
        expected="a file in a folder that this user may write to",
        next_step="grant write access, or correct warehouse.url in the settings",
    )


def _without_password(url: str) -> str:
    """Host, port and database; libpq's URLs bend the rules, so what cannot be parsed is not shown."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"postgresql://{parts.hostname or ''}{port}{parts.path}"
    except ValueError:
        return "postgresql://…"
