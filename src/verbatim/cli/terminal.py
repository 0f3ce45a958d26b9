"""The headline and the drivers of a period on a terminal, as their readers write numbers."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from verbatim.night import Headline, read_headline
from verbatim.reports import format_count, format_decimal, format_points, format_share, name_period
from verbatim.settings import Language, Settings
from verbatim.tables import ALL

_WIDTH = 100
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "fr": {
        "detractor": "Détracteurs\u00a0: ce qu’ils reprochent",
        "passive": "Passifs\u00a0: ce qu’ils reprochent",
        "promoter": "Promoteurs\u00a0: ce qu’ils apprécient",
        "columns": "Thème|Répondants|Part|Ailleurs|Enjeu",
        "of": "sur {n}",
        "legend": "Part\u00a0: de ceux du groupe qui ont écrit, corrigée des erreurs de lecture.\n"
        "Ailleurs\u00a0: la même dans les deux autres groupes.\n"
        "Enjeu\u00a0: points de NPS à gagner (promoteurs\u00a0: à préserver).",
        "nps": "NPS\u00a0: {nps} (intervalle à 95\u202f%\u00a0: {low} à {high}\u202f; {n} répondants)",
        "suppressed": "NPS\u00a0: trop peu de réponses pour être montré",
        "provisional": "période encore ouverte",
        "none": "Aucun motif ne dépasse le seuil d’affichage.",
    },
    "en": {
        "detractor": "Detractors: what they blame",
        "passive": "Passives: what they blame",
        "promoter": "Promoters: what they praise",
        "columns": "Theme|Respondents|Share|Elsewhere|Stake",
        "of": "of {n}",
        "legend": "Share: of those of the group who wrote, corrected for what the reader misses or makes up.\n"
        "Elsewhere: the same in the two other groups.\n"
        "Stake: NPS points to win (promoters: to keep).",
        "nps": "NPS: {nps} (95% interval: {low} to {high}; {n} respondents)",
        "suppressed": "NPS: too few answers to be shown",
        "provisional": "period still open",
        "none": "No driver is large enough to be shown.",
    },
}


def print_headline(settings: Settings, period: str) -> None:
    """Print NPS and drivers of a published period; each population apart.

    Raises
    ------
    WarehouseError
        The period is not published.
    """
    headline = read_headline(settings, period)
    # A pipe has no width: a driver must not be cut because of that.
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, soft_wrap=False)
    for row in headline.nps:
        _print_population(console, settings, headline, row)


def _print_population(console: Console, settings: Settings, headline: Headline, row: Mapping[str, Any]) -> None:
    language = settings.reports.language
    words = _WORDS[language]
    title = [settings.survey.title or settings.survey.id, name_period(headline.period, language)]
    if row["population"] != ALL:
        title.insert(1, row["population"])
    still_open = f" ({words['provisional']})" if row["provisional"] else ""
    console.print(f"\n{', '.join(title)}{still_open}", style="bold", markup=False)
    console.print(_nps_line(row, language), markup=False)
    drivers = [driver for driver in headline.drivers if driver["population"] == row["population"]]
    if drivers:
        console.print(driver_table(drivers, language))
        console.print(words["legend"], style="dim", markup=False)
    else:
        console.print(words["none"])


def _nps_line(row: Mapping[str, Any], language: Language) -> str:
    words = _WORDS[language]
    if row["suppressed"] or row["nps"] is None:
        return words["suppressed"]
    nps, low, high = (format_points(row[name], language) for name in ("nps", "ci_low", "ci_high"))
    return words["nps"].format(nps=nps, low=low, high=high, n=format_count(row["n"], language))


def driver_table(drivers: list[dict[str, Any]], language: Language) -> Table:
    """Lay the drivers out as a table, one section a group.

    Parameters
    ----------
    drivers : list of dict
        Rows of `drivers` with their `label`, in the order of reading.
    language : str
        Of the words and numbers.

    Returns
    -------
    Table
        77 columns wide at most in French; the themes wrap where the terminal is narrower.
    """
    words = _WORDS[language]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    theme, *figures = words["columns"].split("|")
    table.add_column(theme, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    for group, rows in itertools.groupby(drivers, key=lambda driver: driver["nps_group"]):
        shown = list(rows)
        base = words["of"].format(n=format_count(shown[0]["base"], language))
        table.add_row(words[group], base, style="bold")
        for driver in shown:
            table.add_row(*_cells(driver, language), end_section=driver is shown[-1])
    return table


def _cells(driver: Mapping[str, Any], language: Language) -> list[str | Padding]:
    shares = [driver["share"], driver["share_elsewhere"]]
    return [
        Padding(Text(driver["label"]), (0, 0, 0, 2)),
        format_count(driver["respondents"], language),
        *("–" if share is None else format_share(share, language, digits=1) for share in shares),
        format_decimal(driver["stake_points"], language),
    ]
