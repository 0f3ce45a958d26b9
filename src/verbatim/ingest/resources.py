"""Tables of the package's data files, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Tab-separated rows of a data file; lines that begin with ``#`` are its header."""
    lines = (line for line in _text(name).splitlines() if line and not line.startswith("#"))
    return tuple(tuple(line.split("\t")) for line in lines)


@cache
def read_table(name: str) -> dict[str, Any]:
    """Content of a TOML data file; not to be changed by the caller."""
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return (files("verbatim.ingest") / "data" / name).read_text(encoding="utf-8")
