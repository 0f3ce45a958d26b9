"""Which published windows the next night computes again after an edit of the codebook, and where figures move."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from verbatim.settings import Settings
from verbatim.tables import UNDATED
from verbatim.warehouse import open_warehouse
from verbatim.warehouse.address import parse_address


@dataclass(frozen=True)
class Rereading:
    """Windows in the order of time, `undated` last."""

    windows: tuple[str, ...]
    """Published windows that hold opinions."""
    touched: tuple[str, ...]
    """Those of them that hold opinions of the themes asked for."""
    n_opinions: int
    """Opinions of these themes."""


def find_windows(settings: Settings, theme_ids: Collection[str] = ()) -> Rereading:
    """Look up the windows of a survey that an edit of its codebook concerns; nothing is computed.

    Parameters
    ----------
    settings : Settings
        The survey.
    theme_ids : collection of str
        Themes whose opinions get another theme.

    Raises
    ------
    WarehouseError, TransientError
        The warehouse cannot be opened now.
    """
    address = parse_address(settings.warehouse.url)
    if address.engine == "duckdb" and not Path(address.target).exists():
        # Before the first night.
        return Rereading((), (), 0)
    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        said = warehouse.read("opinions", survey_id=settings.survey.id, columns=["window", "theme_id"])
    concerned = said[said["theme_id"].isin(set(theme_ids))]
    return Rereading(_in_order(said["window"].unique()), _in_order(concerned["window"].unique()), len(concerned))


def _in_order(windows: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(map(str, windows), key=lambda window: (window == UNDATED, window)))


def name_windows(windows: Collection[str], *, more: str = "") -> str:
    """Windows in words: the ends, and how many there are.

    Examples
    --------
    >>> name_windows(("2026-01", "2026-02", "2026-03"), more="214 opinions of prix_tarif")
    '2026-01 … 2026-03 (3 windows, 214 opinions of prix_tarif)'
    >>> name_windows(("2026-01",))
    '2026-01 (1 window)'
    """
    labels = list(windows)
    span = " … ".join(labels if len(labels) < 2 else (labels[0], labels[-1]))
    counted = f"{len(labels):,} window{'' if len(labels) == 1 else 's'}"
    return f"{span} ({', '.join(filter(None, (counted, more)))})"
