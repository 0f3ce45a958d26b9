"""French lists of the reader, read once from the package's resource files, and the writing they are compared in."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from importlib.resources import files


@cache
def read_list(name: str) -> tuple[str, ...]:
    """Lines of a resource, in the order of the file; lines that begin with ``#`` are its header."""
    text = (files("verbatim.reading") / "resources" / name).read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def plain(text: str) -> str:
    """Lower case without accents, apostrophes straight; as long as the text, character for character."""
    return "".join(_plain_character(character) for character in text)


@cache
def _plain_character(character: str) -> str:
    if character in "’‘ʼ`´":
        return "'"
    base = unicodedata.normalize("NFD", character.lower())[:1]
    return base or character


@cache
def resources_digest() -> str:
    """SHA-256 over all lists of the reader: a changed list is another reader."""
    folder = files("verbatim.reading") / "resources"
    lists = sorted((entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".txt"))
    return hashlib.sha256(repr(lists).encode()).hexdigest()
