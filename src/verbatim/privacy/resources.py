"""French word lists of the recognisers, read once from the package's data files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_words(name: str) -> frozenset[str]:
    """Words of a list, one a line; lines that begin with ``#`` are its header."""
    return frozenset(_lines(name))


@cache
def read_pairs(name: str) -> tuple[tuple[str, str], ...]:
    """Lines of two tab-separated fields, in the order of the file."""
    pairs = (line.split("\t") for line in _lines(name))
    return tuple((left, right) for left, right in pairs)


def _lines(name: str) -> list[str]:
    text = (files("verbatim.privacy") / "data" / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
