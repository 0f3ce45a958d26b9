"""A thin month is not found by subtracting what overlaps it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.measures.overlap import hide_overlapping


def rows(*texts: str) -> np.ndarray:
    """Periods as strings of months: "xx." holds the first two of three."""
    return np.array([[letter == "x" for letter in text] for text in texts])


@pytest.mark.parametrize(
    ("base", "spans", "shown", "hidden"),
    [
        ([12, 4, 12], ["xxx"], [True, False, True], [True]),
        ([12, 0, 12], ["xxx"], [True, False, True], [False]),
        ([4, 4, 4], ["xxx"], [False, False, False], [False]),
        ([6, 7, 12], ["xxx"], [False, False, True], [False]),
        ([4, 12, 12, 12], ["xxx.", ".xxx"], [False, True, True, True], [True, False]),
        ([4, 4, 4, 4], ["xxx.", ".xxx", "xxxx"], [False] * 4, [False, False, True]),
        ([3, 3, 3], ["xxx"], [False] * 3, [True]),
    ],
    ids=[
        "the rest of a quarter",
        "an empty month hides nobody",
        "three thin months",
        "two thin months are many",
        "the first of a rolling span",
        "a year that closes the gap",
        "thin altogether",
    ],
)
def test_spans_that_tell_of_few_are_hidden(base, spans, shown, hidden):
    months = np.eye(len(base), dtype=bool)
    periods = np.vstack([months, rows(*spans)])
    assert hide_overlapping(np.array(base), periods, np.array(shown), minimum=10).tolist() == hidden


@given(st.lists(st.integers(0, 15), min_size=4, max_size=9))
def test_no_thin_month_follows_from_the_shown_periods(base):
    months = np.eye(len(base), dtype=bool)
    spans = [[start <= place < start + 3 for place in range(len(base))] for start in range(len(base) - 2)]
    spans.append([True] * len(base))
    periods = np.vstack([months, np.array(spans)])
    counts = np.array(base)
    hidden = hide_overlapping(counts, periods, counts >= 10, minimum=10)
    told = np.vstack([months[counts >= 10], np.array(spans)[~hidden]]) * (counts > 0)
    rank = np.linalg.matrix_rank(told) if told.size else 0
    for month in np.flatnonzero((counts > 0) & (counts < 10)):
        assert np.linalg.matrix_rank(np.vstack([told, months[month]])) == rank + 1
