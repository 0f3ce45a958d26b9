"""A table as a file that other programs open, spreadsheets among them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.errors import VerbatimError, WarehouseError
from verbatim.settings import Settings
from verbatim.tables import Table
from verbatim.warehouse import open_warehouse
from verbatim.warehouse.store import known_table

if TYPE_CHECKING:
    import pandas as pd

_FORMATS = (".csv", ".parquet", ".xlsx")
_MOST_ROWS = 1_048_575
# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = r"^(?=[=+\-@\t\r])"


def export_table(settings: Settings, name: str, *, out: Path | None, period: str | None) -> None:
    """Write a survey's rows of a table to a file, or to standard output as CSV.

    Raises
    ------
    WarehouseError
        There is no such table or no warehouse yet.
    VerbatimError
        The file's format is not known, or it cannot be written.
    """
    table = known_table(name)
    if out is not None and out.suffix not in _FORMATS:
        raise VerbatimError(
            f"the format of the file is not known ('{out.suffix}')", where=str(out), expected=" or ".join(_FORMATS)
        )
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        rows = _of_period(warehouse.read(name, survey_id=settings.survey.id), table, period)
    if out is None:
        defused(rows).to_csv(sys.stdout, index=False)
        return
    try:
        _write(rows, out)
    except OSError as error:
        raise VerbatimError(
            f"the file cannot be written: {error.strerror}",
            where=str(out),
            expected="a file in a folder that this user may write to",
            next_step="name another file in --out",
        ) from None


def defused(rows: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before each text cell that a spreadsheet would run as a formula; numbers stay numbers."""
    texts: list[str] = list(rows.select_dtypes("string").columns)
    return rows.assign(**{name: rows[name].str.replace(_FORMULA, "'", regex=True) for name in texts})


def _of_period(rows: pd.DataFrame, table: Table, period: str | None) -> pd.DataFrame:
    if period is None:
        return rows
    column = next((name for name in ("period", "window") if name in table.column_names), None)
    if column is None:
        raise WarehouseError(f"the table {table.name} knows no periods", next_step="leave --period out")
    return rows[rows[column] == period]


def _write_workbook(rows: pd.DataFrame, title: str, file: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(rows) > _MOST_ROWS:
        raise VerbatimError(
            f"a sheet holds {_MOST_ROWS:,} rows at most, the table has {len(rows):,}",
            where=str(file.parent),
            next_step="export one --period, or a .csv or .parquet file",
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "table")
    sheet.freeze_panes = "A2"
    sheet.append(list(rows.columns))
    # A workbook knows no time zones; all times of the tables are UTC.
    times = {name: rows[name].dt.tz_localize(None) for name in rows.select_dtypes("datetimetz").columns}
    plain = rows.assign(**times).astype(object)
    for row in plain.where(plain.notna(), None).itertuples(index=False, name=None):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value)
            if isinstance(value, str):
                # Never a formula, whatever it begins with.
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(file)


def _write(rows: pd.DataFrame, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.unfinished")
    if out.suffix == ".csv":
        defused(rows).to_csv(unfinished, index=False)
    elif out.suffix == ".xlsx":
        _write_workbook(rows, out.stem, unfinished)
    else:
        rows.to_parquet(unfinished, index=False, compression="zstd")
    unfinished.replace(out)
