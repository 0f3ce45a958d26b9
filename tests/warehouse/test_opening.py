"""Warehouses that cannot be opened: what is said, of which kind, and that no password is in it."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from pydantic import SecretStr

from verbatim.errors import TransientError, WarehouseError
from verbatim.warehouse import open_warehouse
from verbatim.warehouse.address import parse_address


def test_a_folder_is_no_warehouse(tmp_path):
    with pytest.raises(WarehouseError, match="is a folder"):
        open_warehouse(f"duckdb:///{tmp_path}")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match="cannot be written"):
        open_warehouse(f"duckdb:///{tmp_path / 'file' / 'verbatim.duckdb'}")


def test_a_place_that_cannot_be_written():
    with pytest.raises(WarehouseError, match="cannot be written"):
        open_warehouse("duckdb:////proc/verbatim.duckdb")


def test_folders_are_made(tmp_path):
    file = tmp_path / "a" / "b" / "verbatim.duckdb"
    open_warehouse(f"duckdb:///{file}").close()
    assert file.exists()


def test_readers_make_no_file(tmp_path):
    file = tmp_path / "a" / "verbatim.duckdb"
    with pytest.raises(WarehouseError, match="nothing was published"):
        open_warehouse(f"duckdb:///{file}", create=False)
    assert not file.parent.exists()


@pytest.mark.parametrize("name", ["nps.csv", "verbatim.duckdb"])
def test_another_file_is_left_as_it_is(tmp_path, name):
    file = tmp_path / name
    file.write_text("id;nps\n1;10\n" * 2000)
    before = file.read_bytes()
    with pytest.raises(WarehouseError, match="no DuckDB database"):
        open_warehouse(f"duckdb:///{file}")
    assert file.read_bytes() == before


def test_a_file_that_another_process_holds_is_transient(tmp_path):
    file = tmp_path / "verbatim.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(file)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        with pytest.raises(TransientError, match="in use by another process"):
            open_warehouse(f"duckdb:///{file}")
    finally:
        holder.communicate(b"\n")


@pytest.mark.parametrize(
    "url",
    ["postgresql://anne:s3cret@127.0.0.1:1/nps", "postgresql://anne:s3cret@no-such-host.invalid/nps"],
    ids=["nobody listens", "no such host"],
)
def test_a_server_that_cannot_be_reached_is_transient(url):
    with pytest.raises(TransientError, match="cannot be reached") as error:
        open_warehouse(SecretStr(url))
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anne:s3cret%zz@host/nps",
        "postgresql://anne:s3cret@host:s3cret/nps",
        "postgresql://anne:s3cret@host/nps?no_such=s3cret",
    ],
)
def test_no_message_holds_the_password(url):
    with pytest.raises((WarehouseError, TransientError)) as error:
        open_warehouse(url)
    said = str(error.value) + repr(error.value) + repr(parse_address(url)) + str(error.value.__cause__)
    assert "s3cret" not in said


def test_a_database_that_is_not_there(postgres_server):
    before, _, options = postgres_server.partition("?")
    url = f"{before.rpartition('/')[0]}/no_such{'?' if options else ''}{options}"
    with pytest.raises(WarehouseError, match='database "no_such" does not exist'):
        open_warehouse(url)


@pytest.mark.parametrize("url", ["duckdb://", "duckdb:///", "sqlite:///x.db", "verbatim.duckdb"])
def test_a_url_that_is_not_understood(url):
    with pytest.raises(WarehouseError, match="not understood") as error:
        open_warehouse(url)
    assert "duckdb:///FILE" in error.value.expected


def test_errors_cross_process_borders():
    error = pickle.loads(pickle.dumps(TransientError("gone", where="here")))  # noqa: S301
    assert (type(error), error.where) == (TransientError, "here")
