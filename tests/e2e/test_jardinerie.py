"""The whole flow on a real, damaged survey of 9,714 respondents, read from shared/."""

from __future__ import annotations

import pytest

from verbatim.settings import load_settings

from .conftest import ROOT

SETTINGS = ROOT / "tests" / "surveys" / "jardinerie.toml"
SOURCE = ROOT.parent / "shared" / "data" / "nps-jardinerie" / "nps.csv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not SOURCE.exists(), reason="shared/data/nps-jardinerie is not beside this checkout"),
]


@pytest.fixture(scope="module")
def night(run_night, tmp_path_factory):
    night = run_night(SETTINGS, tmp_path_factory.mktemp("jardinerie"))
    assert night.returncode == 0, night.errors
    return night


def _whole(table):
    # Its only window; the longer periods hold the same answers once more.
    rolled = table["period"].str.contains("Q|ytd|m$")
    return table[(table["dimension"] == "all") & (table["slice"] == "all") & ~rolled]


def test_the_nps_is_the_known_one(night):
    windows = set(night.table("windows")["window"])
    whole = _whole(night.table("nps"))
    (row,) = whole[whole["period"].isin(windows)].to_dict("records")
    assert row["n"] == 9466
    assert round(row["nps"], 1) == 53.6
    assert row["ci_low"] < row["nps"] < row["ci_high"]
    assert row["nps_commenters"] < row["nps"]


def test_most_of_the_points_come_from_those_who_wrote_nothing(night):
    account = _whole(night.table("nps_account"))
    account = account[account["period"].isin(set(night.table("windows")["window"]))]
    silent = account.loc[account["line"] == "no_verbatim", "points"].item()
    assert abs(silent - 42.7) < 0.2
    assert abs(account["points"].sum() - 53.6) < 0.05


def test_every_row_is_accounted_for(night):
    windows = night.table("windows")
    assert windows["rows_in"].sum() == 9714
    parts = windows[["n_responses", "n_quarantined", "n_duplicates"]].sum().sum()
    assert parts == 9714
    assert len(night.table("responses")) == windows["n_responses"].sum()
    assert windows["n_commenters"].sum() == 2696


def test_no_quote_shows_a_broken_encoding(night):
    for table, column in (("opinions", "quote"), ("quotes", "quote"), ("responses", "verbatim")):
        text = night.table(table)[column].dropna()
        assert len(text) > 0
        assert not text.str.contains("Ã©|Ã¨|\x82|\x85|\x8a", regex=True).any(), table


def test_it_is_fast_and_small(night):
    assert night.seconds < 180
    assert night.peak_memory_gb < 2.5


@pytest.mark.parametrize(
    ("group", "polarity", "themes", "among"),
    [
        ("detractor", "negative", {"prix_tarif"}, 3),
        ("detractor", "negative", {"prix_tarif", "joignabilite_attente", "choix_stock", "qualite_produit"}, 8),
        ("promoter", "positive", {"accueil_relation", "competence_conseil", "qualite_produit", "choix_stock"}, 6),
    ],
)
def test_the_drivers_that_a_person_finds_stand_on_top(night, group, polarity, themes, among):
    drivers = _whole(night.table("drivers"))
    ranked = drivers[(drivers["nps_group"] == group) & (drivers["polarity"] == polarity) & drivers["rank"].notna()]
    assert themes <= set(ranked.sort_values("rank").head(among)["theme_id"])


def test_a_second_night_changes_nothing_and_says_why(night, run_night):
    tables = ("responses", "opinions", "nps", "drivers", "quotes", "windows")
    before = {name: night.table(name) for name in tables}
    again = run_night(SETTINGS, night.folder)
    assert again.returncode == 0, again.errors
    assert "unchanged" in again.output + again.errors
    for name in tables:
        assert night.table(name).equals(before[name]), name


def test_visits_are_binned(night):
    assert load_settings(SETTINGS).columns.dimensions["visits"].bins == (1, 2, 5, 10)
    slices = night.table("nps").query("dimension == 'visits'")["slice"]
    assert set(slices) == {"1", "2-4", "5-9", "10+"}
