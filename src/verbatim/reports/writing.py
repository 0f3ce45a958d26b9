"""The report as a file: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.reports.page import render_report
from verbatim.reports.publication import ReportError
from verbatim.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


def write_report(tables: Mapping[str, pd.DataFrame], *, settings: Settings, period: str) -> Path:
    """Write the page of a survey and period to ``folder/<survey>/<period>/index.html``.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Published tables, all periods: nps, score_distribution, indicators, drivers, quotes, themes, windows.
    settings : Settings
        Title, question, language, thresholds and folder.
    period : str
        Label of a published period.

    Returns
    -------
    Path
        The file; a reader of it sees the old page or the new one.

    Raises
    ------
    ReportError
        The period is not published, or the file cannot be written; an older report is then left as it was.
    """
    page = render_report(tables, settings=settings, period=period)
    file = settings.reports.folder / settings.survey.id / period / "index.html"
    try:
        _replace(file, page)
    except OSError as error:
        raise ReportError(
            f"the report cannot be written: {error.strerror or 'unknown reason'}",
            where=str(file),
            expected="a folder that this user may write to",
            next_step="set reports.folder (or VERBATIM_REPORTS__FOLDER) to such a folder",
        ) from None
    return file


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".index-", suffix=".html", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        # mkstemp makes it private; a report is for its readers, under the umask of the folder's owner.
        temporary.chmod(0o644)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
