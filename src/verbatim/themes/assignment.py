"""What a team added to its codebook: an opinion gets a theme where it is like its examples, without any training."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verbatim.tables import UNCLASSIFIED
from verbatim.themes.codebook import Codebook, Theme

if TYPE_CHECKING:
    import pandas as pd


ENOUGH = 5
"""Examples that a team adds to a theme of the heads before they count: likeness is calibrated on so many."""


def recognised(codebook: Codebook, known: Collection[str], shipped: Collection[str]) -> tuple[Theme, ...]:
    """Themes that are recognised by likeness, in their order, each with what it is recognised by as its examples.

    Those that no head of the encoder knows: by their examples, their definition and what is noted to belong to them;
    not by their label, since renaming a theme changes no number. And those of the heads to which a team added examples
    of its own: by these alone. Likeness to the few examples that ship says less than the heads (docs/decisions/0006).

    Parameters
    ----------
    codebook : Codebook
        In force.
    known : collection of str
        Themes of the heads.
    shipped : collection of str
        Examples of the shipped codebooks.
    """
    found = []
    for theme in codebook.themes:
        if theme.id in known:
            added = tuple(example for example in theme.examples if example not in shipped)
            said = added if len(added) >= ENOUGH else ()
        else:
            definition = theme.definition_fr if codebook.language == "fr" else theme.definition_en
            # A definition alone says too little.
            said = (*theme.examples, definition, *filter(None, [theme.include_fr])) if theme.examples else ()
        if said or theme.id not in known:
            found.append(replace(theme, examples=said))
    return tuple(found)


def assign(
    opinions: pd.DataFrame,
    likeness: npt.NDArray[np.floating],
    themes: Sequence[Theme],
    *,
    threshold: float,
    retired: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Give opinions the themes that a team added, where that is likelier than what the heads said.

    Likeness is calibrated over all opinions, those of the heads' themes included: it is the probability of the added
    theme, and the heads' themes share what it leaves. A sub-theme competes with its parent's other opinions alone, a
    part of a split theme with those of the whole: elsewhere it gets what the heads leave open.

    Parameters
    ----------
    opinions : DataFrame
        Columns theme_id and theme_confidence, as the heads gave them.
    likeness : array, shape (opinions, themes)
        Probability of each added theme, by its examples, in [0, 1].
    themes : sequence of Theme
        The added themes, in the order of the columns.
    threshold : float
        Least probability of a theme that is given; less is `a_classer`.
    retired : mapping of str to sequence of str, optional
        Theme that was split → the themes that took over; what none of them takes is `a_classer`.

    Returns
    -------
    DataFrame
        The same rows, other values in theme_id and theme_confidence.
    """
    given = opinions["theme_id"].to_numpy(dtype=object)
    sure = opinions["theme_confidence"].to_numpy(dtype=float)
    split = retired or {}
    if themes:
        wholes = [_wholes(theme, split) for theme in themes]
        is_home = [[not whole or theme in whole for whole in wholes] for theme in given]
        # Under `a_classer` the heads' probability is one that was not enough.
        left_open = np.where(given == UNCLASSIFIED, 1.0, 1.0 - sure)[:, None]
        taken = np.where(np.array(is_home, dtype=bool).reshape(likeness.shape), likeness, likeness * left_open)
        best = taken.argmax(axis=1)
        won = taken[np.arange(len(taken)), best]
        wins = (won >= threshold) & (won > sure * (1.0 - won))
        ids = np.array([theme.id for theme in themes], dtype=object)
        given = np.where(wins, ids[best], given)
        sure = np.where(wins, won, sure)
    # What was split belongs to one of its parts, or to none that can be told.
    given = np.where([theme in split for theme in given], UNCLASSIFIED, given)
    return opinions.assign(theme_id=given, theme_confidence=sure).astype(
        {"theme_id": opinions["theme_id"].dtype, "theme_confidence": opinions["theme_confidence"].dtype}
    )


def _wholes(theme: Theme, split: Mapping[str, Sequence[str]]) -> set[str]:
    """Themes of the heads within which an added theme is at home; empty: anywhere."""
    whole = {old for old, parts in split.items() if theme.id in parts}
    return whole if theme.parent is None else {*whole, theme.parent}
