"""How much a clustering hangs on which customers happened to answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verbatim.themes.clusters import Labels, cluster
from verbatim.themes.wordings import Vectors

SEEDS = 5
KEPT = 0.8
"""Share of the wordings that each draw keeps."""
FLOOR = 0.6
"""Mean Jaccard under which a topic is not proposed: such a cluster is not to be trusted (Hennig 2007, sect. 5)."""


@dataclass(frozen=True)
class Stability:
    """What became of C clusters when a fifth of the wordings was left out, `SEEDS` times.

    Attributes
    ----------
    jaccard : array, shape (C,)
        Mean over the draws of the best overlap with a cluster found again, in [0, 1] (Hennig 2007, *Cluster-wise
        assessment of cluster stability*).
    agreement : float
        Mean adjusted mutual information of the clusters of all wordings kept, at most 1 (Vinh et al. 2010).
    """

    jaccard: npt.NDArray[np.float64]
    agreement: float


def measure(
    points: Vectors, groups: Sequence[str], keys: Sequence[str], of: Labels, *, min_size: int, seeds: Sequence[int]
) -> Stability:
    """Cluster again without a fifth of the wordings, once a seed, and compare.

    Parameters
    ----------
    points, groups, keys
        As for :func:`verbatim.themes.clusters.cluster`.
    of : array, shape (W,)
        Clusters of all wordings.
    min_size : int
        Of the clusters; the draws ask for as much less as they are smaller.
    seeds : sequence of int
        One draw each.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    count = int(of.max(initial=-1)) + 1
    overlaps, agreements = np.zeros((len(seeds), count)), []
    for row, seed in enumerate(seeds):
        kept = np.sort(np.random.default_rng(seed).permutation(len(of))[: round(KEPT * len(of))])
        again = cluster(
            points[kept], [groups[place] for place in kept], [keys[place] for place in kept],
            min_size=max(2, round(KEPT * min_size)),
        )  # fmt: skip
        overlaps[row] = _overlaps(of[kept], again, count)
        agreements.append(adjusted_mutual_info_score(of[kept], again))
    return Stability(overlaps.mean(axis=0), float(np.mean(agreements)) if agreements else 1.0)


def _overlaps(before: Labels, after: Labels, count: int) -> npt.NDArray[np.float64]:
    """Best Jaccard of each cluster with one of the clusters found again."""
    both = Counter(zip(before.tolist(), after.tolist(), strict=True))
    sizes, again = Counter(before.tolist()), Counter(after.tolist())
    best = np.zeros(count)
    for (one, other), shared in both.items():
        if one >= 0 and other >= 0:
            best[one] = max(best[one], shared / (sizes[one] + again[other] - shared))
    return best
