"""What is published of one survey, population and period, as plain rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from verbatim.errors import VerbatimError
from verbatim.periods import period_bounds, period_kind, rolling_labels
from verbatim.settings import Settings
from verbatim.tables import ALL

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = Mapping[str, Any]
"""One row of a published table: column → value, None where null."""


class ReportError(VerbatimError):
    """A report cannot be made or written."""


_ORDER = ("dimension", "slice", "nps_group", "theme_id", "polarity", "position", "component", "kind", "line")


@dataclass(frozen=True)
class Publication:
    """Rows of one population and period; of `nps`, those of earlier periods of the same length too."""

    population: str
    period: str
    nps: tuple[Row, ...]
    """Slices of the period, the whole survey among them."""
    rolled: tuple[Row, ...]
    """Rows of a rolling span that ends with the period, of slices that the period alone is too small for."""
    history: tuple[Row, ...]
    """The whole survey, period by period, oldest first, up to this period."""
    score_distribution: tuple[Row, ...]
    indicators: tuple[Row, ...]
    drivers: tuple[Row, ...]
    contrasts: tuple[Row, ...]
    quotes: tuple[Row, ...]
    nps_account: tuple[Row, ...]
    effects: tuple[Row, ...]
    nps_bridge: tuple[Row, ...]
    score_text: tuple[Row, ...]
    alerts: tuple[Row, ...]
    themes: tuple[Row, ...]
    """Newest version of each theme of the codebook."""
    windows: tuple[Row, ...]
    """The period's window; none when it was not published."""

    @property
    def whole(self) -> Row:
        """`nps` row of the whole survey."""
        return self.history[-1]

    def theme_labels(self, language: str) -> dict[str, str]:
        """Labels by theme id."""
        return {row["theme_id"]: row[f"label_{language}"] for row in self.themes}


def is_whole(row: Row) -> bool:
    """Tell the whole survey from a slice of it."""
    return bool(row["dimension"] == ALL and row["slice"] == ALL)


def select_publications(
    tables: Mapping[str, pd.DataFrame], *, settings: Settings, period: str
) -> tuple[Publication, ...]:
    """Pick what a report shows, one publication a population, in order of name.

    Raises
    ------
    ReportError
        The period is not published.
    """
    nps = tables["nps"]
    nps = nps[nps["survey_id"] == settings.survey.id]
    whole = nps[(nps["dimension"] == ALL) & (nps["slice"] == ALL)]
    populations = sorted(set(whole.loc[whole["period"] == period, "population"]))
    if not populations:
        known = ", ".join(sorted(set(whole["period"]))) or "none"
        raise ReportError(
            "no figures are published for this period",
            where=f"survey {settings.survey.id}, period {period}",
            expected=f"one of the published periods: {known}",
            next_step="publish it first: verbatim nightly SETTINGS",
        )
    return tuple(_select(tables, settings, period, population) for population in populations)


def _select(tables: Mapping[str, pd.DataFrame], settings: Settings, period: str, population: str) -> Publication:
    def rows(name: str) -> tuple[Row, ...]:
        frame = tables[name]
        mine = (frame["survey_id"] == settings.survey.id) & (frame["population"] == population)
        return to_rows(frame[mine & (frame["period"] == period)])

    nps, windows = tables["nps"], tables["windows"]
    mine = (nps["survey_id"] == settings.survey.id) & (nps["population"] == population)
    whole = to_rows(nps[mine & (nps["dimension"] == ALL) & (nps["slice"] == ALL)])
    slices = rows("nps")
    return Publication(
        population,
        period,
        slices,
        _rolled(to_rows(nps[mine & nps["period"].isin(rolling_labels(period))]), slices, period),
        _history(whole, settings, period),
        rows("score_distribution"),
        rows("indicators"),
        rows("drivers"),
        rows("contrasts"),
        rows("quotes"),
        rows("nps_account"),
        rows("effects"),
        rows("nps_bridge"),
        rows("score_text"),
        rows("alerts"),
        _newest(tables["themes"], set(tables["drivers"]["codebook"].dropna())),
        to_rows(windows[(windows["survey_id"] == settings.survey.id) & (windows["window"] == period)]),
    )


def _rolled(found: Iterable[Row], slices: Iterable[Row], period: str) -> tuple[Row, ...]:
    """For each slice that is suppressed, its row of the shortest span that shows it."""
    shown = {(row["period"], *_cell(row)): row for row in found if row["nps"] is not None}
    thin = [_cell(row) for row in slices if row["nps"] is None and not is_whole(row)]
    rows = [[shown.get((label, *cell)) for label in rolling_labels(period)] for cell in thin]
    return tuple(row for of_slice in rows if (row := next(filter(None, of_slice), None)))


def _cell(row: Row) -> tuple[str, str]:
    return row["dimension"], row["slice"]


def _history(rows: Iterable[Row], settings: Settings, period: str) -> tuple[Row, ...]:
    zone, kind = settings.survey.zone, period_kind(period)
    end = period_bounds(period, zone)
    dated = [(period_bounds(row["period"], zone), row) for row in rows if period_kind(row["period"]) == kind]
    return tuple(row for bounds, row in sorted(dated, key=lambda pair: pair[0]) if bounds <= end)


def _newest(themes: pd.DataFrame, codebooks: set[str]) -> tuple[Row, ...]:
    rows = to_rows(themes[themes["codebook"].isin(codebooks)])
    by_id = {row["theme_id"]: row for row in sorted(rows, key=lambda row: _version_key(row["version"]))}
    return tuple(by_id[theme_id] for theme_id in sorted(by_id))


def _version_key(version: str) -> list[tuple[int, str]]:
    """Order "10" behind "9"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-]", version)]


def to_rows(frame: pd.DataFrame) -> tuple[Row, ...]:
    """Plain rows in the order of the table's keys; null becomes None."""
    plain = frame.astype(object).where(frame.notna(), None)
    keys = [name for name in _ORDER if name in frame]
    if keys and len(frame):
        plain = plain.sort_values(keys, kind="stable")
    names = [str(name) for name in plain]
    values = zip(*(plain[name].tolist() for name in plain), strict=True)
    return tuple(dict(zip(names, row, strict=True)) for row in values)
