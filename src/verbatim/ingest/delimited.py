"""Records of a csv or tsv, read so that one bad row costs one row.

A missing closing quote, a row of 200 MB or a wrong number of fields ends in quarantine; the rows behind it are read.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from verbatim.ingest.records import ROW_LIMIT, Record
from verbatim.tables import QuarantineReason

_SEPARATORS = (";", ",", "\t", "|")
_SAMPLE_LINES = 20


class _Lines:
    """Physical lines of a text, at most `limit` characters of each, with a way to put some back."""

    def __init__(self, stream: TextIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._waiting: deque[str] = deque()

    def take(self) -> str:
        """Next line with its end; empty at the end of the text. What exceeds the limit is read and dropped."""
        if self._waiting:
            return self._waiting.popleft()
        line = self._stream.readline(self._limit + 1)
        if len(line) > self._limit:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._stream.readline(self._limit)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._waiting.extendleft(reversed(lines))


def read_delimited(stream: TextIO, *, separator: str | None, limit: int = ROW_LIMIT) -> Iterator[Record]:
    """Read records; the first is the header, whose length every other must have.

    Parameters
    ----------
    stream : text stream
        Opened with ``newline=""``.
    separator : str, optional
        Field separator; recognised from the first lines if not given.
    limit : int
        Characters of a row above which it goes to quarantine.
    """
    lines = _Lines(stream, limit)
    separator = separator or _recognise_separator(lines)
    fields = 0
    while line := lines.take():
        if not line.strip():
            continue
        record = _read_record(line, lines, separator, fields, limit)
        if fields == 0 and isinstance(record, list):
            fields = len(record)
        yield record


def _read_record(line: str, lines: _Lines, separator: str, fields: int, limit: int) -> Record:
    """One record that begins with `line`; takes further lines while a quoted field is open."""
    if len(line) > limit:
        return QuarantineReason.ROW_TOO_LARGE
    if '"' not in line:
        return _fitted(line.rstrip("\r\n").split(separator), fields) or QuarantineReason.ROW_MALFORMED
    taken: list[str] = []
    try:
        cells = next(csv.reader(_pull(line, lines, taken, limit), delimiter=separator, strict=True), [])
    except csv.Error:
        cells = []
    record = _fitted(cells, fields)
    if record is not None:
        return record
    return _recover(taken, lines, separator, fields, limit)


def _pull(line: str, lines: _Lines, taken: list[str], limit: int) -> Iterator[str]:
    size = 0
    while line and size <= limit:
        taken.append(line)
        size += len(line)
        yield line
        line = lines.take() if size <= limit else ""


def _fitted(cells: list[str], fields: int) -> list[str] | None:
    """Cells if their number is right; empty cells behind the last column are dropped."""
    if fields and len(cells) > fields and not any(cells[fields:]):
        cells = cells[:fields]
    return cells if cells and (fields in (0, len(cells))) else None


def _recover(taken: list[str], lines: _Lines, separator: str, fields: int, limit: int) -> Record:
    """Read the first line alone in other ways, and give back the rows that a stray quote swallowed."""
    first, rest = taken[0], taken[1:]
    following = next((place for place, line in enumerate(rest) if _stands_alone(line, separator, fields)), None)
    if following is not None:
        lines.put_back(rest[following:])
    if following == 0 or not rest:
        record = _read_leniently(first, separator, fields)
        if record is not None:
            return record
    elif following is not None:
        return QuarantineReason.ROW_MALFORMED
    if sum(map(len, taken)) <= min(limit, csv.field_size_limit()) or following is not None:
        return QuarantineReason.ROW_MALFORMED
    if rest or first.count('"') % 2:
        _skip_to_row(lines, separator, fields)
    return QuarantineReason.ROW_TOO_LARGE


def _stands_alone(line: str, separator: str, fields: int) -> bool:
    """Tell a row of its own from a line inside a quoted field."""
    try:
        return _fitted(next(csv.reader([line], delimiter=separator, strict=True), []), fields) is not None
    except csv.Error:
        return False


def _skip_to_row(lines: _Lines, separator: str, fields: int) -> None:
    """Drop the lines of an endless field, one at a time, up to the next row."""
    while line := lines.take():
        if _stands_alone(line, separator, fields):
            lines.put_back([line])
            return


def _read_leniently(line: str, separator: str, fields: int) -> list[str] | None:
    """Quotes inside a field, backslashes before quotes, or a quote without its twin, on one line."""
    line = line.rstrip("\r\n")
    if len(line) > csv.field_size_limit():
        return None
    for escape in (None, "\\"):
        cells = _fitted(next(csv.reader([line], delimiter=separator, escapechar=escape), []), fields)
        if cells is not None:
            return cells
    return _fitted([cell.removeprefix('"').removesuffix('"') for cell in line.split(separator)], fields)


def _recognise_separator(lines: _Lines) -> str:
    """The separator that parts most fields, with as many in the first rows as in the header."""
    sample = [line for line in (lines.take() for _ in range(_SAMPLE_LINES)) if line]
    if sample and sample[0].strip().lower().startswith("sep="):
        # Written by Excel for itself.
        separator = sample.pop(0).strip()[4:] or ","
        lines.put_back(sample)
        return separator
    lines.put_back(sample)
    return max(_SEPARATORS, key=lambda separator: _quality(sample, separator))


def _quality(sample: list[str], separator: str) -> float:
    """Fields of the header, weighted by the share of the rows that have as many; 0: not the separator."""
    whole = io.StringIO("".join(sample)[: csv.field_size_limit()], newline="")
    records = list(read_delimited(whole, separator=separator))
    if not records or not isinstance(records[0], list) or len(records[0]) == 1:
        return 0.0
    return len(records[0]) * sum(isinstance(record, list) for record in records) / len(records)
