"""Records of JSON: one object a line (jsonl), or an array of objects, as Delighted gives it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, TextIO

from verbatim.ingest.records import ROW_LIMIT, Record, typed_record
from verbatim.tables import QuarantineReason

_HEADER_OBJECTS = 1_000
_BLANKS = " \t\r\n,"

_Document = dict[str, object] | QuarantineReason


def read_documents(stream: TextIO, *, limit: int = ROW_LIMIT) -> Iterator[Record]:
    """Read JSON objects as records; the first is a header of all keys met in the first thousand objects.

    Nested keys are joined by a point (``person.email``); a key that an object lacks is an empty cell.
    """
    start = stream.read(1)
    while start in (*_BLANKS, "\ufeff") and start:
        start = stream.read(1)
    documents = _array(stream, limit) if start == "[" else _lines(start, stream, limit)
    first = list(itertools.islice(documents, _HEADER_OBJECTS))
    header = list(dict.fromkeys(key for document in first if isinstance(document, dict) for key in document))
    if not header:
        return
    yield header
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


def _array(stream: TextIO, limit: int) -> Iterator[_Document]:
    """Objects of an array, with one of them in memory at a time; what follows a broken one cannot be read."""
    decoder, buffer = json.JSONDecoder(), ""
    while True:
        buffer = buffer.lstrip(_BLANKS)
        if buffer.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(buffer)
        except json.JSONDecodeError:
            piece = stream.read(65_536)
            if not piece or len(buffer) > limit:
                if buffer:
                    yield QuarantineReason.ROW_TOO_LARGE if piece else QuarantineReason.ROW_MALFORMED
                return
            buffer += piece
            continue
        yield _flat(value) if isinstance(value, dict) else QuarantineReason.ROW_MALFORMED
        buffer = buffer[end:]


def _parsed(line: str) -> _Document:
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return QuarantineReason.ROW_MALFORMED
    return _flat(value) if isinstance(value, dict) else QuarantineReason.ROW_MALFORMED


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            flat |= _flat(item, f"{prefix}{key}.")
        else:
            flat[prefix + key] = item
    return flat
