"""The night's rows against the landing store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from verbatim.warehouse import merge_quarantine, merge_responses

ZONE = ZoneInfo("Europe/Paris")


def index(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["response_id", "answered_at", "content_hash"]).astype("string")
    return frame.assign(answered_at=pd.to_datetime(frame["answered_at"], utc=True))


STORED = index(("a", "2026-03-01", "old"), ("b", "2026-03-02", "old"))


@pytest.mark.parametrize(
    ("incoming", "options", "expected"),
    [
        (index(), {}, {"a": "old", "b": "old"}),
        (index(("c", "2026-03-03", "new")), {}, {"a": "old", "b": "old", "c": "new"}),
        (index(("a", "2026-03-05", "new")), {}, {"a": "new", "b": "old"}),
        (index(("a", "2026-02-05", "new")), {}, {"a": "old", "b": "old"}),
        (index(("a", "2026-03-01", "corrected")), {}, {"a": "corrected", "b": "old"}),
        (index(("a", "2026-02-05", "new")), {"reread": True}, {"a": "new", "b": "old"}),
        (index(("a", "2026-02-05", "new")), {"full_snapshot": True}, {"a": "new"}),
        (index(), {"full_snapshot": True}, {"a": "old", "b": "old"}),
    ],
    ids=[
        "nothing new",
        "a late answer",
        "a newer copy",
        "an older copy",
        "as new: the night's",
        "settings changed: the source's",
        "a snapshot: absent ones were deleted",
        "an empty snapshot deletes nothing",
    ],
)
def test_which_row_stands(incoming, options, expected):
    merged = merge_responses(STORED, incoming, kind="month", zone=ZONE, **options)
    assert dict(zip(merged.index["response_id"], merged.index["content_hash"], strict=True)) == expected


def test_the_order_of_rows_does_not_matter():
    incoming = index(("c", "2026-03-03", "new"), ("a", "2026-03-05", "new"))
    one = merge_responses(STORED, incoming, kind="month", zone=ZONE)
    other = merge_responses(STORED[::-1], incoming[::-1], kind="month", zone=ZONE)
    pd.testing.assert_frame_equal(one.index, other.index)


def test_an_older_copy_is_counted_where_the_response_stays():
    merged = merge_responses(STORED, index(("a", "2026-02-05", "new")), kind="month", zone=ZONE)
    assert merged.outdated == {"2026-03": 1}


def test_windows_are_labelled_anew():
    merged = merge_responses(STORED, index(), kind="quarter", zone=ZONE)
    assert merged.index["window"].unique().tolist() == ["2026-Q1"]


def refused(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "row_number"])


@pytest.mark.parametrize(
    ("incoming", "sources", "full_snapshot", "expected"),
    [
        (refused(("b.csv", 9)), ["b.csv"], False, [("a.csv", 5), ("b.csv", 9)]),
        (refused(), ["a.csv", "b.csv"], False, []),
        (refused(), ["c.csv"], False, [("a.csv", 5), ("b.csv", 1)]),
        (refused(), ["c.csv"], True, []),
    ],
    ids=["a source is replaced", "rows were corrected", "other sources stay", "a snapshot: other sources are gone"],
)
def test_which_rows_stay_in_quarantine(incoming, sources, full_snapshot, expected):
    stored = refused(("a.csv", 5), ("b.csv", 1))
    merged = merge_quarantine(stored, incoming, sources=sources, full_snapshot=full_snapshot)
    assert list(merged.itertuples(index=False, name=None)) == expected
