"""Emergence: a subject that turns up is found, told once and seen to last; what rises or stays is not new."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from verbatim.themes.emergence import emerging
from verbatim.themes.wordings import gather

WIDTH = 40
WINDOWS = [f"2026-{month:02d}" for month in range(1, 7)]
BASES = dict.fromkeys(WINDOWS, 120)


def survey(planted: dict[str, int], *, seed: int = 0) -> pd.DataFrame:
    """100 opinions a window on 30 subjects, and so many on one more."""
    random = np.random.default_rng(seed)
    rows = []
    for window in WINDOWS:
        subjects = [*random.integers(0, 30, 100), *[30] * planted.get(window, 0)]
        for number, subject in enumerate(subjects):
            point = np.eye(WIDTH)[subject] + random.normal(scale=0.05, size=WIDTH)
            rows.append(
                {
                    "response_id": f"{window}-{number}",
                    "window": window,
                    "quote": f"sujet{'abcdefghijklmnopqrstuvwxyzABCDE'[subject]} {'mot' * (1 + number % 7)} {number}",
                    "embedding": (point / np.linalg.norm(point)).astype(np.float32),
                }
            )
    return pd.DataFrame(rows)


def found_in(said: pd.DataFrame, window: str, **options) -> list:
    earlier = WINDOWS[: WINDOWS.index(window)]
    wordings = gather(said, "fr", None)
    given = {"window": window, "earlier": earlier, "bases": BASES, "min_respondents": 10} | options
    return emerging(wordings, said, **given)


def test_a_subject_that_turns_up_is_found_with_its_respondents():
    (group,) = found_in(survey({"2026-05": 25}), "2026-05")
    assert (group.respondents, group.respondents_before, group.lasting) == (25, 0, False)
    assert group.p_value < 1e-9


def test_in_the_next_window_it_is_seen_to_last():
    (group,) = found_in(survey({"2026-05": 25, "2026-06": 25}), "2026-06")
    assert (group.respondents, group.respondents_before, group.lasting) == (25, 25, True)


@pytest.mark.parametrize(
    "planted",
    [{}, dict.fromkeys(WINDOWS, 20), dict.fromkeys(WINDOWS[:5], 15) | {"2026-06": 30}],
    ids=["nothing", "always", "doubled"],
)
def test_what_was_there_before_is_not_new(planted):
    assert found_in(survey(planted), "2026-06") == []


def test_a_group_of_few_is_not_told():
    assert found_in(survey({"2026-06": 9}), "2026-06") == []


def test_the_first_window_has_nothing_to_be_compared_with():
    assert found_in(survey({"2026-01": 30}), "2026-01") == []


def test_one_person_who_says_it_twenty_times_is_one():
    said = survey({"2026-06": 25})
    said.loc[said["quote"].str.contains("sujetE"), "response_id"] = "one"
    assert found_in(said, "2026-06") == []


def test_the_order_of_rows_changes_nothing():
    said = survey({"2026-06": 25})
    shuffled = said.sample(frac=1, random_state=4).reset_index(drop=True)
    assert found_in(shuffled, "2026-06") == found_in(said, "2026-06")


def test_fifty_surveys_without_anything_new_raise_no_alarm():
    alarms = [window for seed in range(10) for window in WINDOWS[1:] if found_in(survey({}, seed=seed), window)]
    # At 0.001 a look, 50 looks raise more than one alarm once in 800 times.
    assert len(alarms) <= 1
