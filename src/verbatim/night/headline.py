"""The first figures of a period: its NPS and the strongest drivers of each group, from published tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verbatim.errors import WarehouseError
from verbatim.night.labels import in_force
from verbatim.night.models import codebook_of
from verbatim.night.moment import headline_period, parse_as_of
from verbatim.settings import Settings
from verbatim.tables import ALL, NpsGroup, Polarity
from verbatim.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

# In the order of reading, each with the polarity that it is read for: what costs points, what holds back, what wins.
_GROUPS = {
    NpsGroup.DETRACTOR: (0, Polarity.NEGATIVE),
    NpsGroup.PASSIVE: (1, Polarity.NEGATIVE),
    NpsGroup.PROMOTER: (2, Polarity.POSITIVE),
}
_SHOWN_A_GROUP = 5


@dataclass(frozen=True)
class Headline:
    """A period in short; rows as the tables have them, None where null."""

    period: str
    nps: tuple[dict[str, Any], ...]
    """One row of `nps` a population: the whole survey."""
    drivers: tuple[dict[str, Any], ...]
    """Rows of `drivers` of the whole survey with `label`: what detractors and passives complain of, what promoters
    praise; detractors first, by rank."""


def read_headline(settings: Settings, period: str, *, per_group: int = _SHOWN_A_GROUP) -> Headline:
    """Read the headline of a published period.

    Raises
    ------
    WarehouseError
        The period is not published; those that are get listed.
    """
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        nps, drivers, themes = (
            warehouse.read(name, survey_id=settings.survey.id) for name in ("nps", "drivers", "themes")
        )
    whole = nps[_is_whole(nps)]
    rows = whole[whole["period"] == period]
    if rows.empty:
        known = ", ".join(sorted(set(whole["period"]))) or "none yet"
        raise WarehouseError(
            "no figures are published for this period",
            where=f"survey {settings.survey.id}, period {period}",
            expected=f"one of the published periods: {known}",
            next_step="run `verbatim nightly SETTINGS` to publish what the source holds",
        )
    shown = drivers[_is_whole(drivers) & (drivers["period"] == period) & drivers["rank"].notna()]
    main = shown["nps_group"].map({group: str(polarity) for group, (_, polarity) in _GROUPS.items()})
    shown = shown[~shown["suppressed"] & (shown["rank"] <= per_group) & (shown["polarity"] == main)]
    labels = _labels(themes, settings)
    shown = shown.assign(
        label=[
            labels.get((book, theme), theme) for book, theme in zip(shown["codebook"], shown["theme_id"], strict=True)
        ],
        order=shown["nps_group"].map({group: order for group, (order, _) in _GROUPS.items()}),
    ).sort_values(["population", "order", "rank", "theme_id", "polarity"])
    return Headline(period, _plain(rows), _plain(shown.drop(columns="order")))


def published_periods(settings: Settings) -> list[str]:
    """Periods of a survey's own length that have figures; spans of several are left out.

    Raises
    ------
    WarehouseError
        There is no warehouse yet.
    """
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        nps, windows = (
            warehouse.read(name, survey_id=settings.survey.id, columns=[column])
            for name, column in (("nps", "period"), ("windows", "window"))
        )
    return sorted(set(nps["period"]) & set(windows["window"]))


def chosen_period(settings: Settings, period: str | None) -> str:
    """Take the period asked for, or the one that a night of today would tell of first.

    Raises
    ------
    WarehouseError
        Nothing is published yet.
    """
    if period is not None:
        return period
    zone = settings.survey.zone
    found = headline_period(published_periods(settings), as_of=parse_as_of(None, zone), zone=zone)
    if found is None:
        raise WarehouseError(
            "nothing is published yet",
            where=f"survey {settings.survey.id}",
            next_step="run `verbatim nightly SETTINGS` first",
        )
    return found


def _is_whole(frame: pd.DataFrame) -> pd.Series:
    whole: pd.Series = (frame["dimension"] == ALL) & (frame["slice"] == ALL)
    return whole


def _labels(themes: pd.DataFrame, settings: Settings) -> dict[tuple[str, str], str]:
    """Labels by codebook and theme."""
    rows = in_force(themes, codebook_of(settings))
    keys = zip(rows["codebook"], rows["theme_id"], strict=True)
    return dict(zip(keys, rows[f"label_{settings.reports.language}"], strict=True))


def _plain(frame: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    plain = frame.astype(object).where(frame.notna(), None)
    return tuple({str(name): value for name, value in row.items()} for row in plain.to_dict("records"))
