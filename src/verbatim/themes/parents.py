"""Opinions of a sub-theme are opinions of its parent too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verbatim.themes.codebook import Codebook

if TYPE_CHECKING:
    import pandas as pd


def with_parents(opinions: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Opinions, and behind them those of sub-themes once more under their parent.

    Who speaks of a part speaks of the whole: a theme's figures do not fall on the day that a part of it gets a name.

    Parameters
    ----------
    opinions : DataFrame
        Column theme_id.
    codebook : Codebook
        In force.

    Examples
    --------
    >>> import pandas as pd
    >>> from verbatim.themes.codebook import Theme
    >>> tills = Theme("caisse", "Caisse", "Tills", "Attente.", "Waiting.", parent="attente")
    >>> wait = Theme("attente", "Attente", "Waiting", "Attente.", "Waiting.")
    >>> with_parents(pd.DataFrame({"theme_id": ["caisse", "attente"]}), Codebook("x", "1", "fr", (tills, wait)))
      theme_id
    0   caisse
    1  attente
    2  attente
    """
    import pandas as pd

    parents = {theme.id: theme.parent for theme in codebook.themes if theme.parent is not None}
    parts = opinions[opinions["theme_id"].isin(parents)]
    if parts.empty:
        return opinions
    wholes = parts.assign(theme_id=parts["theme_id"].map(parents).astype(opinions["theme_id"].dtype))
    return pd.concat([opinions, wholes], ignore_index=True)
