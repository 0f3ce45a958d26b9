"""The published table `themes`: what each code means, and how well the reader finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verbatim.tables import THEMES, UNCLASSIFIED, empty
from verbatim.themes.codebook import Codebook

if TYPE_CHECKING:
    import pandas as pd

_UNCLASSIFIED_DEFINITION = "Opinion dont le thème n’est pas assez sûr."


def themes_table(codebook: Codebook, figures: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """List the themes of a codebook, `a_classer` last.

    Parameters
    ----------
    codebook : Codebook
        In force.
    figures : mapping, optional
        Content of the encoder's `figures.json`: `themes`, codebook, theme, `precision` and `recall` in [0, 1]. A
        team's own codebook takes the figures of the shipped themes that it keeps.

    Returns
    -------
    DataFrame
        Columns of `themes` but window and run_id; first_seen is null.
    """
    import pandas as pd

    measured = _measured(codebook, figures or {})
    origin = "shipped" if codebook.is_shipped else "edited"
    rows: list[dict[str, str | None]] = [
        {
            "theme_id": theme.id,
            "label_fr": theme.label_fr,
            "label_en": theme.label_en,
            "definition": theme.definition_fr if codebook.language == "fr" else theme.definition_en,
            "parent_id": theme.parent,
            "origin": theme.origin or origin,
        }
        for theme in codebook.themes
    ]
    rows.append(
        {
            "theme_id": UNCLASSIFIED,
            "label_fr": codebook.label(UNCLASSIFIED, "fr"),
            "label_en": codebook.label(UNCLASSIFIED, "en"),
            "definition": _UNCLASSIFIED_DEFINITION,
            "parent_id": None,
            "origin": origin,
        }
    )
    frame = pd.DataFrame(rows).assign(
        codebook=codebook.name,
        version=codebook.version,
        first_seen=None,
        **{name: _column(measured, name, rows) for name in ("precision", "recall")},
    )
    columns = [name for name in THEMES.column_names if name not in ("window", "run_id")]
    return frame[columns].astype(empty(THEMES).dtypes[columns].to_dict())


def read_figures(file: Path) -> Mapping[str, Any]:
    """Figures that an encoder was published with; empty where its folder holds none."""
    try:
        figures = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return figures if isinstance(figures, dict) else {}


def _column(measured: Mapping[str, Mapping[str, float]], name: str, rows: list[dict[str, str | None]]) -> pd.Series:
    import pandas as pd

    return pd.Series([measured.get(str(row["theme_id"]), {}).get(name) for row in rows], dtype="Float64")


def _measured(codebook: Codebook, figures: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    by_codebook: Mapping[str, Mapping[str, Mapping[str, float]]] = figures.get("themes", {})
    ids = {theme.id for theme in codebook.themes}
    # An edited codebook has a name of its own: the shipped one that it shares most themes with was measured.
    return max(by_codebook.values(), key=lambda measured: len(ids & set(measured)), default={})
