"""Groups of wordings that say the same: average linkage inside each theme, then over what is left of all.

Nothing here is drawn by chance: the same wordings give the same clusters, whatever the order of the survey's rows.
What chance there is lies in which customers answered, and `verbatim.themes.stability` measures that.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from verbatim.themes.wordings import Vectors, unit

CUT = 0.7
"""Mean cosine distance at which two groups are no longer one subject (docs/decisions/0005)."""
REACH = 0.5
"""Least cosine of a wording to the centre of its cluster."""
MERGED = 0.6
"""Mean cosine distance of two centres, below which clusters of different themes are one subject."""
AT_HOME, HELD = 0.7, 0.4
"""A cluster is a theme's where it has at least this share of the wordings that any theme holds, and themes hold at
least that share of all."""
OPEN = ""
"""Group of the wordings that no theme holds well."""

_MOST_LINKED = 6_000  # wordings of a group that are linked; memory grows with their square
_DIGITS = 5  # the last bits of a product hang on the shape of its arrays

Labels = npt.NDArray[np.int64]


def cluster(points: Vectors, groups: Sequence[str], keys: Sequence[str], *, min_size: int) -> Labels:
    """Find the clusters of wordings.

    Parameters
    ----------
    points : array, shape (W, width)
    groups : sequence of str
        Theme that holds each wording, or `OPEN`.
    keys : sequence of str
        What tells wordings apart; decides which are linked where a group is too large to link all.
    min_size : int
        Least wordings of a cluster.

    Returns
    -------
    array, shape (W,)
        Number of each wording's cluster, from 0; -1: none.
    """
    of = np.full(len(groups), -1, dtype=np.int64)
    named = np.asarray(groups, dtype=object)
    for group in sorted(set(groups)):
        _place(of, points, np.flatnonzero(named == group), keys, min_size=min_size)
    # A subject that several themes share has too few wordings in each.
    _place(of, points, np.flatnonzero(of < 0), keys, min_size=min_size)
    return _merge(of, points)


def centres(points: Vectors, of: Labels) -> Vectors:
    """Centre of each cluster, of length 1; shape (clusters, width)."""
    return unit(np.stack([points[of == number].mean(axis=0) for number in range(int(of.max(initial=-1)) + 1)]))


def home(of: Labels, groups: Sequence[str], number: int) -> str:
    """Theme that a cluster belongs to; `OPEN` where no theme holds most of it."""
    own = [groups[place] for place in np.flatnonzero(of == number).tolist()]
    counts = Counter(group for group in own if group != OPEN)
    held = sum(counts.values())
    if held < HELD * len(own):
        return OPEN
    theme, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return theme if count >= AT_HOME * held else OPEN


def nearest(points: Vectors, centred: Vectors, *, reach: float | Vectors = REACH) -> Labels:
    """Number of the nearest centre of each point, shape (P,); -1 where it stands farther than `reach`."""
    if not len(centred) or not len(points):
        return np.full(len(points), -1, dtype=np.int64)
    similarity = np.round(unit(points) @ centred.T, _DIGITS)
    best = similarity.argmax(axis=1).astype(np.int64)
    floor = reach[best] if isinstance(reach, np.ndarray) else reach
    found: Labels = np.where(similarity[np.arange(len(points)), best] >= floor, best, -1)
    return found


def _place(of: Labels, points: Vectors, places: npt.NDArray[np.intp], keys: Sequence[str], *, min_size: int) -> None:
    """Cluster the wordings at `places`, and number what is found behind the clusters that are there."""
    if len(places) < 2 * min_size:
        return
    linked = _drawn(places, keys)
    flat = _linked(points[linked], CUT)
    sizes = Counter(flat.tolist())
    large = sorted(number for number, size in sizes.items() if size >= min_size)
    if not large:
        return
    centred = unit(np.stack([points[linked[flat == number]].mean(axis=0) for number in large]))
    found = nearest(points[places], centred)
    counted = Counter(found[found >= 0].tolist())
    kept = [number for number in range(len(large)) if counted[number] >= min_size]
    first = int(of.max(initial=-1)) + 1
    for rank, number in enumerate(kept):
        of[places[found == number]] = first + rank


def _merge(of: Labels, points: Vectors) -> Labels:
    if of.max(initial=-1) < 1:
        return of
    flat = _linked(centres(points, of), MERGED)
    # Numbered by the first wording of each, which the alphabet decides.
    order = {int(number): rank for rank, number in enumerate(dict.fromkeys(flat[of[of >= 0]].tolist()))}
    merged: Labels = np.array([-1 if number < 0 else order[int(flat[number])] for number in of], dtype=np.int64)
    return merged


def _drawn(places: npt.NDArray[np.intp], keys: Sequence[str]) -> npt.NDArray[np.intp]:
    """As many of the wordings as can be linked, by a hash of their words: those of last month and this month alike."""
    if len(places) <= _MOST_LINKED:
        return places
    order = sorted(places.tolist(), key=lambda place: hashlib.sha256(keys[place].encode()).digest())
    return np.array(sorted(order[:_MOST_LINKED]), dtype=np.intp)


def _linked(points: Vectors, cut: float) -> npt.NDArray[Any]:
    """Flat clusters of average linkage over cosine distances, one number a point."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(points) == 1:
        return np.ones(1, dtype=np.int64)
    whole = unit(points)
    distance = np.clip(1 - np.round((whole @ whole.T).astype(np.float64), _DIGITS), 0, 2)
    np.fill_diagonal(distance, 0)
    # Rounding leaves a matrix and its transpose equal but for the last bit.
    distance = np.minimum(distance, distance.T)
    found: npt.NDArray[Any] = fcluster(linkage(squareform(distance, checks=False), "average"), cut, "distance")
    return found
