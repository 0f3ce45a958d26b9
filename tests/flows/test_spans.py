"""Periods that span windows: measured after them, hidden where they would give a thin month away, gone with them."""

from __future__ import annotations

import pandas as pd
import pytest

from flows.nightly import nightly
from verbatim.night import report_file, write_report_of
from verbatim.settings import load_settings
from verbatim.warehouse import open_warehouse

from .surveys import answers, write_settings, write_source

pytestmark = pytest.mark.usefixtures("prefect")
AS_OF = "2026-03-20"
LATER = "2026-07-10"


def table(survey, name: str) -> pd.DataFrame:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        return warehouse.read(name)


def pages(survey) -> set[str]:
    return {page.parent.name for page in load_settings(survey).reports.folder.rglob("index.html")}


def test_a_closed_quarter_holds_its_months(survey):
    nightly(str(survey), LATER)
    spans = table(survey, "spans").set_index("window")
    assert spans.loc["2026-Q1", ["first_window", "last_window", "n_windows", "provisional"]].tolist() == [
        "2026-01",
        "2026-03",
        3,
        False,
    ]
    nps = table(survey, "nps").query("dimension == 'all'").set_index("period")
    months = nps.loc[["2026-01", "2026-02", "2026-03"], "n"].sum()
    assert nps.loc["2026-Q1", "n"] == nps.loc["2026-03-3m", "n"] == months


def test_slices_of_an_open_span_wait_until_it_closes(survey):
    nightly(str(survey), AS_OF)
    early = table(survey, "nps").query("period == '2026-Q1' and dimension != 'all'")
    assert early["suppressed"].all()
    nightly(str(survey), LATER)
    late = table(survey, "nps").query("period == '2026-Q1' and dimension != 'all'")
    assert not late["suppressed"].all()


def test_a_second_night_measures_no_span_again(survey):
    nightly(str(survey), LATER)
    before = table(survey, "spans")
    nightly(str(survey), LATER)
    pd.testing.assert_frame_equal(table(survey, "spans"), before)


def test_a_span_whose_windows_are_gone_is_gone(survey):
    write_settings(survey.parent, source="full_snapshot = true")
    nightly(str(survey), LATER)
    write_source(survey.parent, answers(["2026-01"]))
    nightly(str(survey), LATER)
    assert table(survey, "spans")["window"].tolist() == ["2026-Q1", "2026-ytd"]
    assert set(table(survey, "nps")["period"]) == {"2026-01", "2026-Q1", "2026-ytd"}
    assert pages(survey) == {"2026-01", "2026-Q1", "2026-ytd"}


def test_spans_have_pages_rolling_ones_on_demand(survey):
    nightly(str(survey), LATER)
    assert pages(survey) == {"2026-01", "2026-02", "2026-03", "2026-Q1", "2026-ytd"}
    settings = load_settings(survey)
    rolling = write_report_of(settings, "2026-03-3m")
    assert "3 mois jusqu’à mars 2026" in rolling.read_text()
    assert nightly(str(survey), LATER).reports == ()


def test_the_slices_of_an_open_month_wait_with_one_sentence(survey):
    nightly(str(survey), AS_OF)
    page = report_file(load_settings(survey), "2026-03").read_text()
    assert "Les segments sont publiés une fois la période terminée" in page


def test_closed_months_are_bridged_and_open_ones_are_not(survey):
    nightly(str(survey), AS_OF)
    assert set(table(survey, "nps_bridge")["period"]) == {"2026-02"}
    nightly(str(survey), LATER)
    bridge = table(survey, "nps_bridge")
    assert set(bridge["period"]) == {"2026-02", "2026-03"}
    for _, rows in bridge.groupby(["period", "dimension", "slice"]):
        assert rows["points"].sum() == pytest.approx((rows["nps_after"] - rows["nps_before"]).iloc[0], abs=1e-9)
