"""Records of an Excel workbook."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator

from verbatim.errors import SourceError
from verbatim.ingest.locations import SourceFile
from verbatim.ingest.records import Record, typed_record
from verbatim.tables import QuarantineReason


def read_workbook(file: SourceFile, *, sheet: str | None) -> Iterator[Record]:
    """Read the rows of one sheet, the first by default; blank rows are left out.

    Raises
    ------
    SourceError
        The file is no workbook, or has no such sheet.
    """
    import openpyxl

    with file.open() as stream, warnings.catch_warnings():
        # openpyxl warns about styles and extensions that carry no answer.
        warnings.simplefilter("ignore", UserWarning)
        try:
            workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            yield from _rows(workbook, sheet, file.label)
        # The reasons that openpyxl gives are many and may quote cells.
        except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, EOFError, SyntaxError):
            raise SourceError(
                "the workbook cannot be read",
                where=file.label,
                expected="an .xlsx file without a password",
                next_step="open it in a spreadsheet program and save it as .xlsx or .csv",
            ) from None


def _rows(workbook: object, name: str | None, label: str) -> Iterator[Record]:
    names = workbook.sheetnames  # type: ignore[attr-defined]
    if name is not None and name not in names:
        raise SourceError(
            f"there is no sheet called '{name}'",
            where=label,
            expected=f"one of: {', '.join(names)}",
            next_step="correct source.sheet",
        )
    sheet = workbook[name or names[0]]  # type: ignore[index]
    # Some exporters declare a size that is too small, and rows would be lost.
    sheet.reset_dimensions()
    fields = 0
    for values in sheet.iter_rows(values_only=True):
        record = typed_record([_unescaped(value) for value in values])
        if isinstance(record, list):
            if not any(cell.strip() for cell in record):
                continue
            fields = fields or _width(record)
            is_longer = any(record[fields:])
            record = QuarantineReason.ROW_MALFORMED if is_longer else (record + [""] * fields)[:fields]
        yield record


def _unescaped(value: object) -> object:
    """Read the characters that the format writes as a code: a carriage return is "_x000D_"."""
    from openpyxl.utils.escape import unescape

    return unescape(value) if isinstance(value, str) and "_x" in value else value


def _width(header: list[str]) -> int:
    return max(place for place, cell in enumerate(header, start=1) if cell.strip())
