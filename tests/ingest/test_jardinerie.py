"""A real survey with its damage: 9,714 respondents of a garden-centre chain (CC0)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ingest.surveys import SHARED, run
from verbatim.settings import load_settings

SETTINGS = Path(__file__).parents[1] / "surveys" / "jardinerie.toml"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    if not (SHARED / "nps-jardinerie").is_dir():
        pytest.skip("shared/data/nps-jardinerie is absent")
    return run(load_settings(SETTINGS), tmp_path_factory.mktemp("jardinerie"), secret=None)


def test_every_row_is_accounted_for(outcome):
    counts = outcome.ingested
    assert (counts.rows_in, counts.n_responses, counts.n_quarantined, counts.n_duplicates) == (9_714, 9_714, 0, 0)
    assert outcome.responses["score"].notna().sum() == 9_466
    assert outcome.responses["verbatim"].notna().sum() == 2_696
    groups = outcome.responses["nps_group"].value_counts()
    assert round(100 * (groups["promoter"] - groups["detractor"]) / 9_466, 1) == 53.6
    assert "scores run 1 to 10; the scale goes from 0 to 10" in counts.notes


def test_no_damage_is_left(outcome):
    for damage in ("Ã|â€|ï¿½", "[\x00-\x09\x0b-\x1f\x7f-\x9f]", "\ufffd", "[‚ƒ„ˆ‰Š‹‡“—]", r"\b[jJ]'(?:rdin|mais|ste)"):
        left = outcome.responses["verbatim"].dropna().str.contains(damage)
        # nota—mment: a letter that the sender doubled.
        assert left.sum() <= (damage.startswith("[‚")), re.sub("[^ -~]", "?", damage)


def test_visits_are_put_into_classes(outcome):
    assert set(outcome.column("dimensions")) == {f'{{"visits":"{label}"}}' for label in ("1", "2-4", "5-9", "10+")}


def test_personal_values_are_redacted(outcome):
    verbatims = outcome.responses["verbatim"].dropna()
    assert not verbatims.str.contains("@").any()
    assert verbatims.str.contains(r"\[EMAIL\]").sum() >= 3
