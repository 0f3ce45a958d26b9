"""Which windows a night computes, and the cause it names."""

from __future__ import annotations

import pandas as pd
import pytest

from verbatim.settings import Settings
from verbatim.tables import RESPONSES, WINDOWS, conform, empty
from verbatim.warehouse import METHOD_VERSION, plan_windows, settings_hash, window_row

from .frames import rows

RESPONSES_OF_MARCH = pd.DataFrame(
    [("a", "h1", "2026-03"), ("b", "h2", "2026-03")], columns=["response_id", "content_hash", "window"]
)
REFUSED = pd.DataFrame(
    [("nps.csv", 7, "score_unreadable", "2026-03"), ("nps.csv", 9, "date_missing", "undated")],
    columns=["source", "row_number", "reason", "window"],
)
NIGHT = {
    "duplicates": {},
    "codebook_hash": "c1",
    "model_revision": "m1",
    "settings_hash": "s1",
    "provisional": frozenset(),
}


def plan(published, responses=RESPONSES_OF_MARCH, quarantine=REFUSED, **changes):
    return plan_windows(responses, quarantine, published, **(NIGHT | changes))


def causes(planned) -> dict[str, str]:
    return {window.window: window.cause for window in planned}


@pytest.fixture
def published() -> pd.DataFrame:
    """What the first night left."""
    nothing = empty(RESPONSES)
    left = [
        window_row(
            planned,
            survey_id="enseigne",
            responses=nothing,
            opinions=nothing,
            quarantine=nothing,
            seconds=1.0,
            run_id="run-1",
        )
        for planned in plan(empty(WINDOWS))
    ]
    return conform(pd.concat(left), WINDOWS)


def test_the_first_night_computes_everything_and_undated_last():
    assert list(causes(plan(empty(WINDOWS))).items()) == [("2026-03", "new"), ("undated", "new")]


def test_the_second_night_skips_everything(published):
    assert causes(plan(published)) == {"2026-03": "", "undated": ""}


def test_the_order_of_rows_does_not_matter(published):
    assert causes(plan(published, RESPONSES_OF_MARCH[::-1], REFUSED[::-1])) == {"2026-03": "", "undated": ""}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"codebook_hash": "c2"}, "codebook"),
        ({"model_revision": "m2"}, "model"),
        ({"settings_hash": "s2"}, "settings"),
        ({"codebook_hash": "c2", "model_revision": "m2"}, "codebook, model"),
        ({"duplicates": {"2026-03": 1, "undated": 1}}, "late answers"),
        ({"provisional": {"2026-03", "undated"}}, "period closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_of_the_night_touches_every_window(published, changes, cause):
    assert set(causes(plan(published, **changes)).values()) == {cause}


def test_another_method_is_named(published):
    assert METHOD_VERSION != "0"
    assert causes(plan(published.assign(method_version="0", fingerprint="x")))["2026-03"] == "method"


@pytest.mark.parametrize(
    "responses",
    [
        RESPONSES_OF_MARCH.assign(content_hash=["h1", "corrected"]),
        RESPONSES_OF_MARCH[:1],
        pd.concat([RESPONSES_OF_MARCH, RESPONSES_OF_MARCH.assign(response_id=["c", "d"])]),
    ],
    ids=["a corrected answer", "a deleted answer", "late answers"],
)
def test_changed_rows_touch_their_window_only(published, responses):
    assert causes(plan(published, responses)) == {"2026-03": "late answers", "undated": ""}


def test_a_new_window_leaves_the_others(published):
    april = RESPONSES_OF_MARCH.assign(response_id=["c", "d"], window="2026-04")
    planned = plan(published, pd.concat([RESPONSES_OF_MARCH, april]))
    assert causes(planned) == {"2026-03": "", "2026-04": "new", "undated": ""}


def test_a_window_without_any_row_is_removed(published):
    planned = plan(published, quarantine=REFUSED[:1])
    assert causes(planned) == {"2026-03": "", "undated": "no row left"}
    assert [window.is_removed for window in planned] == [False, True]


def test_the_row_of_a_window_accounts_for_its_rows():
    (planned,) = plan(empty(WINDOWS), quarantine=REFUSED[:1], duplicates={"2026-03": 2})
    responses = rows(
        RESPONSES,
        {"response_id": "a", "verbatim": "trop cher", "score": 3},
        {"response_id": "b", "verbatim": "RAS", "score": None},
        {"response_id": "c", "verbatim": None, "score": 9},
    )
    opinions = pd.DataFrame({"response_id": ["a", "a"]})
    row = window_row(
        planned,
        survey_id="enseigne",
        responses=responses,
        opinions=opinions,
        quarantine=REFUSED[:1],
        seconds=0.5,
        run_id="run-1",
    )
    (found,) = conform(row, WINDOWS).to_dict("records")
    counts = {name: value for name, value in found.items() if name.startswith(("n_", "rows_"))}
    assert counts == {
        "rows_in": 6,
        "n_responses": 3,
        "n_quarantined": 1,
        "n_duplicates": 2,
        "n_scored": 2,
        "n_commenters": 2,
        "n_opinions": 2,
        "n_without_opinion": 1,
    }
    assert found["peak_memory_mb"] > 1


def settings(**changes):
    written = {"survey": {"id": "enseigne"}, "source": {"path": "nps.csv"}, "columns": {"score": "nps"}}
    return Settings(**(written | changes))


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"work_folder": "elsewhere"}, True),
        ({"source": {"path": "other.csv", "batch_rows": 10, "max_rejected_share": 0.5}}, True),
        ({"survey": {"id": "enseigne", "title": "Enseigne", "question": "Pourquoi ?"}}, True),
        ({"warehouse": {"url": "postgresql://u:p@h/d"}, "reports": {"language": "en"}}, True),
        ({"columns": {"score": "nps", "dimensions": {"channel": "canal"}}}, False),
        ({"privacy": {"min_respondents": 5}}, False),
        ({"survey": {"id": "enseigne", "scale": (1, 10)}}, False),
        ({"models": {"precision": "bf16"}}, False),
        ({"source": {"path": "nps.csv", "missing": ["NA"]}}, False),
    ],
)
def test_only_settings_that_change_a_result_are_hashed(changes, same):
    assert (settings_hash(settings(**changes)) == settings_hash(settings())) is same
