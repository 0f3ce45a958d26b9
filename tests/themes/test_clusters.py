"""Clusters: subjects inside a theme, subjects that several themes share, strays left alone."""

from __future__ import annotations

import numpy as np
import pytest

from verbatim.themes.clusters import OPEN, cluster, home, nearest

WIDTH = 12


def subject(axis: int, count: int, *, seed: int = 0) -> np.ndarray:
    """Points of length 1 around one axis."""
    random = np.random.default_rng(100 * axis + seed)
    points = np.eye(WIDTH)[axis] + random.normal(scale=0.08, size=(count, WIDTH))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def keys(count: int) -> list[str]:
    return [f"w{number:04d}" for number in range(count)]


def sets(of: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(of == number).tolist()) for number in range(of.max() + 1)}


def test_subjects_of_a_theme_are_told_apart_and_of_two_themes_never_put_together():
    points = np.vstack([subject(0, 20), subject(1, 15), subject(2, 25)])
    groups = ["prix"] * 35 + ["accueil"] * 25
    of = cluster(points, groups, keys(60), min_size=10)
    assert sets(of) == {frozenset(range(20)), frozenset(range(20, 35)), frozenset(range(35, 60))}
    assert sorted(home(of, groups, number) for number in range(3)) == ["accueil", "prix", "prix"]


def test_a_subject_that_themes_share_is_found_in_what_they_leave():
    points = np.vstack([subject(0, 20), subject(1, 20), subject(2, 8), subject(2, 13, seed=1)])
    groups = ["prix"] * 20 + ["accueil"] * 20 + ["prix"] * 8 + [OPEN] * 13
    of = cluster(points, groups, keys(61), min_size=10)
    assert frozenset(range(40, 61)) in sets(of)
    assert home(of, groups, int(of[40])) == OPEN


def test_what_two_themes_say_alike_is_one_subject():
    points = np.vstack([subject(0, 30), subject(1, 20), subject(1, 20, seed=1)])
    of = cluster(points, ["prix"] * 50 + ["accueil"] * 20, keys(70), min_size=10)
    assert frozenset(range(30, 70)) in sets(of)


def test_strays_are_in_no_cluster():
    strays = np.eye(WIDTH, dtype=np.float32)[3:12]
    of = cluster(np.vstack([subject(0, 15), subject(1, 15), strays]), ["prix"] * 39, keys(39), min_size=10)
    assert (of[30:] == -1).all()


@pytest.mark.parametrize("count", [0, 1, 19])
def test_few_wordings_hold_no_cluster(count):
    assert (cluster(subject(0, count), ["prix"] * count, keys(count), min_size=10) == -1).all()


def test_more_wordings_than_can_be_linked_are_placed_by_a_draw_that_their_words_decide(monkeypatch):
    monkeypatch.setattr("verbatim.themes.clusters._MOST_LINKED", 40)
    points = np.vstack([subject(0, 60), subject(1, 60)])
    of = cluster(points, ["prix"] * 120, keys(120), min_size=10)
    assert sets(of) == {frozenset(range(60)), frozenset(range(60, 120))}


def test_a_point_goes_to_the_nearest_centre_within_reach():
    centred = np.eye(3, dtype=np.float32)[:2]
    points = np.array([[1, 0.1, 0], [0.1, 1, 0], [0.2, 0.1, 1]], np.float32)
    assert nearest(points, centred).tolist() == [0, 1, -1]
    assert nearest(points, centred, reach=np.array([0.999, 0.5], np.float32)).tolist() == [-1, 1, -1]
    assert nearest(points, centred[:0]).tolist() == [-1, -1, -1]
