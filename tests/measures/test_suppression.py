import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measures.surveys import OPTIONS, crowd, measure, said
from verbatim.measures.slices import Slices
from verbatim.measures.suppression import suppress, suppress_part

MINIMUM = 10


def one_dimension(count: int) -> Slices:
    """The whole survey and `count` slices of one dimension."""
    names = pd.DataFrame({"population": "all", "dimension": ["all"] + ["channel"] * count, "slice": range(count + 1)})
    partition = np.array([0] + [1] * count)
    return Slices(names, partition, np.zeros(count + 1, dtype=np.int64), ())


def hidden_slices(bases, missing=0):
    base = np.array([sum(bases) + missing, *bases])
    return np.flatnonzero(suppress(base, one_dimension(len(bases)), minimum=MINIMUM)[1:]).tolist()


@pytest.mark.parametrize(
    ("bases", "missing", "hidden"),
    [
        ([50, 40, 30], 0, []),
        ([50, 40, 3], 0, [1, 2]),
        ([40, 50, 3], 0, [0, 2]),
        ([40, 40, 3], 0, [0, 2]),
        ([50, 40, 3, 2], 0, [1, 2, 3]),
        ([50, 40, 9, 1], 0, [2, 3]),
        ([50, 40, 3], 7, [2]),
        ([50, 40, 3], 6, [1, 2]),
        ([50, 40], 4, [1]),
        ([50, 40], 10, []),
        ([50, 40, 0], 0, [2]),
        ([5, 2], 0, [0, 1]),
    ],
    ids=str,
)
def test_a_small_slice_takes_the_next_smallest_along(bases, missing, hidden):
    assert hidden_slices(bases, missing) == hidden


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 20))
def test_what_is_left_by_subtraction_is_nobody_or_many(bases, missing):
    base = np.array([sum(bases) + missing, *bases])
    hidden = suppress(base, one_dimension(len(bases)), minimum=MINIMUM)
    assert hidden[base < MINIMUM].all()
    if not hidden[0]:
        remainder = base[0] - base[1:][~hidden[1:]].sum()
        assert remainder == 0 or remainder >= MINIMUM


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6))
def test_neither_those_who_wrote_nor_those_who_did_not_follow_by_subtraction(slices):
    part = np.array([sum(wrote for wrote, _ in slices), *(wrote for wrote, _ in slices)])
    rest = np.array([sum(silent for _, silent in slices), *(silent for _, silent in slices)])
    structure = one_dimension(len(slices))
    whole = suppress(part + rest, structure, minimum=MINIMUM)
    hidden = suppress_part(part, part + rest, structure, minimum=MINIMUM, hidden=whole)
    assert hidden[whole].all()
    for counts in (part, rest):
        assert ((counts[~hidden] == 0) | (counts[~hidden] >= MINIMUM)).all()
        if not hidden[0]:
            remainder = counts[0] - counts[1:][~hidden[1:]].sum()
            assert remainder == 0 or remainder >= MINIMUM


def test_a_suppressed_slice_shows_no_figure_in_any_table():
    responses = [
        *crowd(4, 4, 4, channel="web", satisfaction=4),
        *crowd(0, 0, 2, start=20, channel="tel", satisfaction=1),
        *crowd(5, 5, 5, start=30, channel="magasin", satisfaction=5),
    ]
    tables = measure(responses, said([8, 9, 20, 21, 40], "attente"))
    for name, figure in [("nps", "nps"), ("score_distribution", "share"), ("indicators", "mean")]:
        shown = tables[name].dropna(subset=[figure])
        assert set(shown["slice"]) == {"all", "magasin"}, name
        assert (shown["suppressed"] == False).all()  # noqa: E712
    assert set(tables["drivers"]["slice"]) == {"all", "magasin"}


def test_that_a_row_exists_does_not_tell_what_a_suppressed_group_wrote():
    responses = crowd(8, 8, 2)
    drivers = measure(responses, [*said([16], "harcelement"), *said([0, 16], "prix_tarif")])["drivers"]
    assert set(drivers["theme_id"]) == {"prix_tarif"}
    detractors = drivers[drivers["nps_group"] == "detractor"]
    assert detractors["suppressed"].all()
    assert detractors[["base", "respondents", "share", "stake_points", "rank", "verdict"]].isna().all(axis=None)


def test_beside_a_suppressed_group_the_others_show_their_share_and_no_comparison():
    drivers = measure(crowd(8, 8, 2), said([0, 1, 8, 16]))["drivers"].set_index("nps_group")
    assert drivers.loc["promoter", ["base", "respondents", "share"]].tolist() == [8, 2, 0.25]
    comparison = ["base_elsewhere", "share_elsewhere", "difference", "ci_low", "ci_high", "q_value"]
    assert drivers[comparison].isna().all(axis=None)
    assert drivers.loc["promoter", "verdict"] == "inconclusive"


def test_a_group_without_anyone_gives_nobody_away():
    drivers = measure(crowd(8, 8, 0), said([0, 1, 8]))["drivers"].set_index("nps_group")
    assert drivers.loc["promoter", "base_elsewhere"] == 8
    assert drivers.loc["detractor", "suppressed"]


def test_a_threshold_of_one_shows_everyone():
    options = OPTIONS.__class__(**(OPTIONS.__dict__ | {"min_respondents": 1}))
    assert not measure(crowd(1, 0, 0, channel="web"), options=options)["nps"]["suppressed"].any()
