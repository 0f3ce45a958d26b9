"""Stability: a clear subject is found again without a fifth of its wordings, a loose one is not."""

from __future__ import annotations

import numpy as np
import pytest

from verbatim.themes.clusters import cluster
from verbatim.themes.stability import FLOOR, measure

from .test_clusters import keys, subject


def test_clear_subjects_are_found_again():
    points = np.vstack([subject(0, 40), subject(1, 40)])
    groups = ["prix"] * 80
    of = cluster(points, groups, keys(80), min_size=10)
    said = measure(points, groups, keys(80), of, min_size=10, seeds=range(3))
    assert said.jaccard.tolist() == [1.0, 1.0]
    assert said.agreement == pytest.approx(1.0)


def test_a_cluster_that_is_no_subject_is_told():
    random = np.random.default_rng(5)
    loose = random.normal(size=(60, 12)).astype(np.float32)
    points = np.vstack([subject(0, 40), loose / np.linalg.norm(loose, axis=1, keepdims=True)])
    groups = ["prix"] * 100
    # The second cluster is a person's invention: half of the loose wordings.
    of = np.array([0] * 40 + [1] * 30 + [-1] * 30)
    said = measure(points, groups, keys(100), of, min_size=10, seeds=range(5))
    assert said.jaccard[0] > FLOOR > said.jaccard[1]


def test_the_same_seeds_say_the_same():
    points = np.vstack([subject(0, 40), subject(1, 40)])
    of = cluster(points, ["prix"] * 80, keys(80), min_size=10)
    one, other = (measure(points, ["prix"] * 80, keys(80), of, min_size=10, seeds=(3, 4)) for _ in range(2))
    assert one.jaccard.tolist() == other.jaccard.tolist()


def test_without_a_cluster_there_is_nothing_to_tell():
    said = measure(subject(0, 5), ["prix"] * 5, keys(5), np.full(5, -1), min_size=10, seeds=range(2))
    assert said.jaccard.shape == (0,)
