"""Records of a source as every reader gives them: header rows first, then data rows, one after another."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math

from verbatim.tables import QuarantineReason

Record = list[str] | QuarantineReason
"""Cells of a row, or why the row could not be read."""

ROW_LIMIT = 1_000_000
"""Characters of a row above which it is no answer: it goes to quarantine and is not kept in memory."""


def cell_text(value: object) -> str:
    """A typed cell (workbook, Parquet, JSON, database) as the text that a csv would hold; missing is empty."""
    # Only NaN and NaT differ from themselves.
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float | decimal.Decimal):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def typed_record(values: list[object]) -> Record:
    """Cells of a typed row, the size guard included."""
    cells = [cell_text(value) for value in values]
    return cells if sum(map(len, cells)) <= ROW_LIMIT else QuarantineReason.ROW_TOO_LARGE
