"""Records of JSON: one object a line (jsonl), or an array of objects, as Delighted gives it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, TextIO

from verbatim.errors import SourceError
from verbatim.ingest.records import ROW_LIMIT, Record, typed_record
from verbatim.tables import QuarantineReason

_HEADER_OBJECTS = 1_000
_BLANKS = " \t\r\n,"

_Document = dict[str, object] | QuarantineReason


def read_documents(stream: TextIO, *, label: str, limit: int = ROW_LIMIT) -> Iterator[Record]:
    """Read JSON objects as records; the first is a header of all keys met in the first thousand objects.

    Nested keys are joined by a point (``person.email``); a key that an object lacks is an empty cell. An empty array
    gives no record at all.

    Raises
    ------
    SourceError
        An array is broken, and what follows cannot be told apart. A broken line of jsonl costs its own row only.
    """
    start = stream.read(1)
    while start in (*_BLANKS, "\ufeff") and start:
        start = stream.read(1)
    documents = _array(stream, label, limit) if start == "[" else _lines(start, stream, limit)
    first = list(itertools.islice(documents, _HEADER_OBJECTS))
    header = list(dict.fromkeys(key for document in first if isinstance(document, dict) for key in document))
    if header:
        yield header
    elif first:
        raise _broken(label)
    for document in itertools.chain(first, documents):
        yield typed_record([document.get(key) for key in header]) if isinstance(document, dict) else document


def _lines(start: str, stream: TextIO, limit: int) -> Iterator[_Document]:
    while line := start + stream.readline(limit + 1):
        start = ""
        if len(line) > limit:
            while line and not line.endswith("\n"):
                line = stream.readline(limit)
            yield QuarantineReason.ROW_TOO_LARGE
        elif line.strip():
            yield _parsed(line)


def _array(stream: TextIO, label: str, limit: int) -> Iterator[_Document]:
    """Objects of an array, with one of them in memory at a time."""
    decoder, buffer = json.JSONDecoder(), ""
    while True:
        buffer = buffer.lstrip(_BLANKS)
        if buffer.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(buffer)
        except (ValueError, RecursionError):
            piece = stream.read(65_536)
            if not piece or len(buffer) > limit:
                raise _broken(label) from None
            buffer += piece
            continue
        yield _flat(value) if isinstance(value, dict) else QuarantineReason.ROW_MALFORMED
        buffer = buffer[end:]


def _broken(label: str) -> SourceError:
    return SourceError(
        "the file cannot be read as JSON",
        where=label,
        expected="one object a line, or an array of objects, each of at most a million characters",
        next_step="export the survey again, or as jsonl: a broken line then costs one row",
    )


def _parsed(line: str) -> _Document:
    try:
        value = json.loads(line)
        return _flat(value) if isinstance(value, dict) else QuarantineReason.ROW_MALFORMED
    # ValueError: also a number of more digits than Python reads.
    except (ValueError, RecursionError):
        return QuarantineReason.ROW_MALFORMED


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            flat |= _flat(item, f"{prefix}{key}.")
        else:
            flat[prefix + key] = item
    return flat
