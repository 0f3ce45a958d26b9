"""Reports that are due: those whose windows were computed since the page was drawn, and those whose page is gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim import __version__
from verbatim.night.labels import in_force
from verbatim.night.models import codebook_of
from verbatim.periods import period_kind, rolling_labels
from verbatim.settings import Settings
from verbatim.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    import pandas as pd

REPORTED = (
    "nps",
    "score_distribution",
    "indicators",
    "drivers",
    "contrasts",
    "quotes",
    "nps_account",
    "effects",
    "nps_bridge",
    "score_text",
    "alerts",
    "themes",
    "windows",
    "spans",
)
"""Published tables that a report is made of."""
SPANS_WITH_A_PAGE = ("month", "quarter", "ytd")
"""Kinds of spans whose pages the night writes."""


def published_tables(warehouse: Warehouse, settings: Settings) -> dict[str, pd.DataFrame]:
    """Read a survey's published tables, all periods; of its codebook the themes of the version in force."""
    tables = {name: warehouse.read(name, survey_id=settings.survey.id) for name in REPORTED}
    tables["themes"] = in_force(tables["themes"], codebook_of(settings))
    return tables


def write_due_reports(settings: Settings) -> list[Path]:
    """Write the reports that are due.

    What each page was drawn from is remembered: a run killed between publication and report is healed by the next.

    Returns
    -------
    list of Path
        Pages written, in the order of their periods.
    """
    from verbatim.reports import write_report

    with open_warehouse(settings.warehouse.url) as warehouse:
        tables = published_tables(warehouse, settings)
    memory = settings.survey_folder / "reports.json"
    drawn = _recall(memory)
    written = []
    for period, digest in _digests(settings, tables).items():
        if drawn.get(period) != digest or not report_file(settings, period).exists():
            written.append(write_report(tables, settings=settings, period=period))
            drawn[period] = digest
            _remember(drawn, memory)
    return written


def write_report_of(settings: Settings, period: str) -> Path:
    """Write the report of a published period again.

    Raises
    ------
    ReportError
        The period is not published, or the file cannot be written.
    """
    from verbatim.reports import write_report

    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        tables = published_tables(warehouse, settings)
    return write_report(tables, settings=settings, period=period)


def report_file(settings: Settings, period: str) -> Path:
    """Where the report of a period stands."""
    return settings.reports.folder / settings.survey.id / period / "index.html"


def _digests(settings: Settings, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """What each page that the night writes is drawn from, by period.

    The page of a window: itself and the earlier ones (the trend), the rolling spans that its thin slices are taken
    from, labels, manner. That of a span: itself and the earlier ones of its kind. Rolling spans have a page on demand.
    """
    themes = tables["themes"][tables["themes"]["codebook"].isin(set(tables["drivers"]["codebook"]))]
    called = themes[["codebook", "theme_id", f"label_{settings.reports.language}"]]
    measured = set(tables["nps"]["period"])
    windows = tables["windows"].sort_values("window")
    drawing = [
        __version__,
        settings.survey.title,
        settings.survey.question,
        settings.reports.language,
        str(settings.reports.folder),
        called.astype(str).to_numpy().tolist(),
    ]
    manner = hashlib.sha256(json.dumps(drawing).encode())
    rows = tables["spans"].sort_values("window")
    spans = {label: digest for label, digest in zip(rows["window"], rows["digest"], strict=True) if label in measured}
    digests, trend = {}, manner.copy()
    columns = (windows[name].fillna("") for name in ("window", "fingerprint", "alerts_digest"))
    for window, fingerprint, alerts in zip(*columns, strict=True):
        if window in measured:
            trend.update(f"{fingerprint} {alerts}".encode())
            page = trend.copy()
            page.update("".join(spans.get(label, "") for label in rolling_labels(window)).encode())
            digests[window] = page.hexdigest()
    kinds = {label: period_kind(label) for label in spans}
    for kind in SPANS_WITH_A_PAGE:
        trend = manner.copy()
        for label in (label for label, own in kinds.items() if own == kind):
            trend.update(spans[label].encode())
            digests[label] = trend.hexdigest()
    return digests


def _recall(memory: Path) -> dict[str, str]:
    try:
        recalled = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Nothing remembered: every page is due.
        return {}
    return recalled if isinstance(recalled, dict) else {}


def _remember(drawn: Mapping[str, str], memory: Path) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    unfinished = memory.with_name(f"{memory.name}.unfinished")
    unfinished.write_text(json.dumps(drawn, indent=1, sort_keys=True), encoding="utf-8")
    unfinished.replace(memory)
