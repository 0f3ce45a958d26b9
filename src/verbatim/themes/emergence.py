"""Subjects that turn up: opinions whose neighbourhood fills in one window and was empty in those before.

Each wording of a window is the centre of a neighbourhood among the embeddings, and the respondents in it are counted
now and before: a scan statistic (Kulldorff 1997, *A spatial scan statistic*), with neighbourhoods instead of circles on
a map. It asks neither what theme the reader gave, since a subject that no theme holds is often read as one with much
confidence, nor where topics stood when somebody last looked for them. No BERTopic, no reduction, no chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from verbatim.themes.wordings import Vectors, Wordings, unit

if TYPE_CHECKING:
    import pandas as pd

NEAR = 0.3
"""Cosine of two wordings that are neighbours."""
RISE = 3.0
"""How many times the share before the share now must be at least: a theme that is spoken of more is not a new one."""
ALPHA = 0.001
"""Chance of any false group in one look, over all neighbourhoods (Bonferroni)."""
EARLIER = 6
"""Windows that a window is compared with, at most."""

_MOST = 20_000  # wordings of either side; a draw by their hash beyond
_ENOUGH = 0.1  # share of a group's centres that a member stands near
_ROWS = 2_048  # wordings whose neighbours are looked up at a time

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Emerging:
    """A group of opinions that turned up.

    Attributes
    ----------
    places : tuple of int
        Wordings of the window that stand in its midst, the one with the fullest neighbourhood first.
    members : tuple of int
        All wordings that stand near them, those of earlier windows too.
    respondents, respondents_before : int
        Who says it now, and who said it in the windows before.
    p_value : float
        Chance that so many of them fall into this window, if they fell as all respondents do; not yet times the number
        of neighbourhoods.
    lasting : bool
        True: it had turned up in the window before already.
    """

    places: tuple[int, ...]
    members: tuple[int, ...]
    respondents: int
    respondents_before: int
    p_value: float
    lasting: bool


def emerging(
    wordings: Wordings,
    said: pd.DataFrame,
    *,
    window: str,
    earlier: Sequence[str],
    bases: dict[str, int],
    min_respondents: int,
) -> list[Emerging]:
    """Find groups that turned up in a window.

    Parameters
    ----------
    wordings : Wordings
        Of the opinions of all these windows.
    said : DataFrame
        Columns response_id and window; one row per opinion.
    window : str
        That is looked at.
    earlier : sequence of str
        Windows before it, the last one last; without any nothing can be new.
    bases : dict of str to int
        Respondents who wrote something, by window.
    min_respondents : int
        A group of fewer is not told.

    Returns
    -------
    list of Emerging
        The surest first; no wording is in two.
    """
    earlier = list(earlier)[-EARLIER:]
    if not earlier or not wordings.keys or not bases.get(window):
        return []
    heard = _heard(wordings, said, (*earlier, window))
    counts = np.array([[len(own.get(one, ())) for one in (*earlier, window)] for own in heard], dtype=np.int64)
    kept = _drawn(wordings, counts)
    centres = kept[counts[kept, -1] > 0]
    share = bases[window] / sum(bases.get(one, 0) for one in (*earlier, window))
    near = _Neighbours(wordings.vectors, kept)
    now, before = near.counted(centres, counts)
    p_values = _chance(now, before, share)
    is_new = (p_values * len(centres) <= ALPHA) & (now >= min_respondents) & _has_risen(now, before, share)
    found = [
        _told(places, near.around(places), heard, earlier, window, bases)
        for places in _components(near, centres[is_new], p_values[is_new])
    ]
    # Neighbourhoods count an opinion each; a respondent who says it twice counts once.
    sure = [one for one in found if one.respondents >= min_respondents and one.p_value * len(centres) <= ALPHA]
    return sorted(sure, key=lambda one: (one.p_value, one.places))


class _Neighbours:
    """Which wordings stand near which, looked up a part at a time."""

    def __init__(self, vectors: Vectors, kept: Numbers) -> None:
        self._vectors, self._kept = unit(vectors[kept]), kept
        self._whole = vectors

    def of(self, place: int) -> Numbers:
        """Wordings near one."""
        near: Numbers = self._kept[self._near(np.array([place]))[0]]
        return near

    def around(self, places: Sequence[int]) -> tuple[int, ...]:
        """Wordings near enough of some: one alone may stand at the edge."""
        near = self._near(np.array(places)).sum(axis=0)
        return tuple(self._kept[near >= max(1.0, _ENOUGH * len(places))].tolist())

    def counted(self, centres: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
        """Respondents near each centre: in the last window, and in those before."""
        said = np.stack([counts[self._kept, -1], counts[self._kept, :-1].sum(axis=1)], axis=1).astype(np.float64)
        parts = [self._near(centres[at : at + _ROWS]).astype(np.float64) @ said for at in range(0, len(centres), _ROWS)]
        both = np.concatenate([np.zeros((0, 2)), *parts]).round().astype(np.int64)
        return both[:, 0], both[:, 1]

    def _near(self, places: Numbers) -> npt.NDArray[np.bool_]:
        # Rounded: the last bits of a product hang on the shape of its arrays.
        near: npt.NDArray[np.bool_] = np.round(unit(self._whole[places]) @ self._vectors.T, 5) >= NEAR
        return near


def _heard(wordings: Wordings, said: pd.DataFrame, windows: Sequence[str]) -> list[dict[str, set[str]]]:
    """Who says each wording, by window."""
    respondents, window_of = said["response_id"].tolist(), said["window"].tolist()
    known = set(windows)
    heard = []
    for rows in wordings.opinions:
        own: dict[str, set[str]] = {}
        for row in rows.tolist():
            if window_of[row] in known:
                own.setdefault(window_of[row], set()).add(respondents[row])
        heard.append(own)
    return heard


def _drawn(wordings: Wordings, counts: Numbers) -> Numbers:
    """Wordings of either side, a draw by their hash where there are more than can be compared."""
    sides = [np.flatnonzero(counts[:, -1] > 0), np.flatnonzero((counts[:, -1] == 0) & (counts.sum(axis=1) > 0))]
    kept = [
        side
        if len(side) <= _MOST
        else np.array(
            sorted(side.tolist(), key=lambda place: hashlib.sha256(wordings.keys[place].encode()).digest())[:_MOST]
        )
        for side in sides
    ]
    return np.sort(np.concatenate(kept))


def _chance(now: Numbers, before: Numbers, share: float) -> npt.NDArray[np.float64]:
    """Chance of at least so many now, if each of them fell into this window as respondents do."""
    from scipy.stats import binom

    chance: npt.NDArray[np.float64] = binom.sf(now - 1, now + before, share)
    return chance


def _has_risen(now: Numbers, before: Numbers, share: float) -> npt.NDArray[np.bool_]:
    risen: npt.NDArray[np.bool_] = now * (1 - share) >= RISE * before * share
    return risen


def _components(near: _Neighbours, centres: Numbers, p_values: npt.NDArray[np.float64]) -> list[tuple[int, ...]]:
    """Centres that hang together through their neighbourhoods, the surest first in each."""
    order = [int(centres[rank]) for rank in np.lexsort((centres, p_values))]
    left, found = set(order), []
    for first in order:
        if first not in left:
            continue
        group, reached = [], [first]
        left.discard(first)
        while reached:
            place = reached.pop()
            group.append(place)
            joined = [one for one in near.of(place).tolist() if one in left]
            left.difference_update(joined)
            reached += joined
        rank = {place: at for at, place in enumerate(order)}
        found.append(tuple(sorted(group, key=lambda place: rank[place])))
    return found


def _told(
    places: tuple[int, ...],
    members: tuple[int, ...],
    heard: Sequence[dict[str, set[str]]],
    earlier: Sequence[str],
    window: str,
    bases: dict[str, int],
) -> Emerging:
    """Count the respondents of a group: each of them once."""
    who = {one: set().union(*(heard[place].get(one, set()) for place in members)) for one in (*earlier, window)}
    now, before = len(who[window]), len(set().union(*(who[one] for one in earlier)))
    base_before = sum(bases.get(one, 0) for one in earlier)
    share = bases[window] / (bases[window] + base_before)
    last, older = earlier[-1], earlier[:-1]
    had_risen = False
    if older and bases.get(last):
        older_base = sum(bases.get(one, 0) for one in older)
        counted = np.array([len(who[last])]), np.array([len(set().union(*(who[one] for one in older)))])
        had_risen = bool(
            2 * len(who[last]) >= now and _has_risen(*counted, bases[last] / (bases[last] + older_base))[0]
        )
    (p_value,) = _chance(np.array([now]), np.array([before]), share).tolist()
    return Emerging(places, members, now, before, float(p_value), had_risen)
