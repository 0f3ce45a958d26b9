"""The nightly flow under Prefect: what it publishes, what it says, what it leaves alone."""

from __future__ import annotations

import logging
from importlib.resources import files

import pandas as pd
import pytest

from flows.nightly import NIGHT_TASK, is_transient, nightly, plan
from verbatim import night
from verbatim.errors import SourceError, TransientError, WarehouseError
from verbatim.night import models
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.warehouse import open_warehouse

from .standins import Encoder
from .surveys import HEADER, answers, write_settings, write_source

pytestmark = pytest.mark.usefixtures("prefect")
AS_OF = "2026-03-20"


def tables(survey) -> dict[str, pd.DataFrame]:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        return {name: warehouse.read(name) for name in TABLES}


def said(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "verbatim.nightly"]


def test_a_first_night_publishes_every_window_and_accounts_for_every_row(survey):
    write_source(
        survey.parent, [*answers(), "x;dix;;2026-02-01;web\n", "y;5;;32/13/2026;web\n", "2026-01-0;3;;2026-01-29;web\n"]
    )
    summary = nightly(str(survey), AS_OF)
    assert summary.computed == ("2026-01", "2026-02", "2026-03", "undated")
    assert summary.headline == "2026-02"
    found = tables(survey)
    windows = found["windows"].set_index("window")
    assert windows["rows_in"].to_dict() == {"2026-01": 19, "2026-02": 19, "2026-03": 18, "undated": 1}
    parts = windows[["n_responses", "n_quarantined", "n_duplicates"]].sum(axis=1)
    assert parts.tolist() == windows["rows_in"].tolist()
    assert len(found["responses"]) == 54
    assert windows["cause"].unique().tolist() == ["new"]
    whole = found["nps"].query("dimension == 'all'").set_index("period")
    assert whole["provisional"].to_dict() == {
        "2026-01": False,
        "2026-02": False,
        "2026-03": True,
        "2026-Q1": True,
        "2026-03-3m": True,
        "2026-ytd": True,
    }
    themes = found["themes"].set_index("theme_id")
    assert themes.loc["prix_tarif", "first_seen"] == "2026-01"


def test_a_second_night_changes_nothing_and_says_why(survey, caplog):
    nightly(str(survey), AS_OF)
    before = tables(survey)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="verbatim.nightly"):
        summary = nightly(str(survey), AS_OF)
    assert summary.computed == summary.reports == ()
    assert "skipped, nothing changed: 2026-01, 2026-02, 2026-03" in said(caplog)
    assert "plan: 3 windows = 0 to compute + 0 to remove + 3 unchanged" in said(caplog)
    for name, table in tables(survey).items():
        pd.testing.assert_frame_equal(table, before[name])


def test_late_answers_touch_their_window_only(survey):
    nightly(str(survey), AS_OF)
    before = tables(survey)
    write_source(survey.parent, [*answers(), "late;0;trop cher;2026-02-03;web\n"])
    summary = nightly(str(survey), AS_OF)
    assert summary.computed == ("2026-02",)
    found = tables(survey)
    windows = found["windows"].set_index("window")
    assert windows["cause"].to_dict() == {"2026-01": "new", "2026-02": "late answers", "2026-03": "new"}
    # The periods that span February are measured again too.
    others, former = (
        rows["drivers"][rows["drivers"]["window"].isin(["2026-01", "2026-03"])] for rows in (found, before)
    )
    pd.testing.assert_frame_equal(others.reset_index(drop=True), former.reset_index(drop=True))
    assert found["spans"]["window"].tolist() == ["2026-03-3m", "2026-Q1", "2026-ytd"]
    assert (found["spans"]["digest"] != before["spans"]["digest"]).all()


def test_a_source_that_brings_only_the_newest_answers_keeps_the_others(survey):
    nightly(str(survey), AS_OF)
    write_source(survey.parent, answers(["2026-04"]))
    summary = nightly(str(survey), AS_OF)
    assert (summary.computed, summary.skipped) == (("2026-04",), ("2026-01", "2026-02", "2026-03"))
    assert len(tables(survey)["responses"]) == 72


def test_a_snapshot_without_a_window_removes_it(survey):
    write_settings(survey.parent, source="full_snapshot = true")
    nightly(str(survey), AS_OF)
    report = night.report_file(load_settings(survey), "2026-03")
    assert report.exists()
    write_source(survey.parent, answers(["2026-01", "2026-02"]))
    assert nightly(str(survey), AS_OF).removed == ("2026-03",)
    assert not report.exists()
    for name, table in tables(survey).items():
        assert name == "themes" or "2026-03" not in set(table["window"]), name


def test_the_period_in_which_a_theme_was_first_seen_follows_the_answers(survey):
    def first_seen() -> str:
        return tables(survey)["themes"].set_index("theme_id").loc["prix_tarif", "first_seen"]

    write_settings(survey.parent, source="full_snapshot = true")
    nightly(str(survey), AS_OF)
    assert first_seen() == "2026-01"
    write_source(survey.parent, [row.replace("2;trop cher;2026-01", "2;;2026-01") for row in answers()])
    nightly(str(survey), AS_OF)
    assert first_seen() == "2026-02"
    write_source(survey.parent, answers(["2026-03"]))
    assert nightly(str(survey), AS_OF).removed == ("2026-01", "2026-02")
    assert first_seen() == "2026-03"


def test_a_theme_that_nobody_speaks_of_any_more_is_gone(survey):
    nightly(str(survey), AS_OF)
    write_source(survey.parent, [row.replace("trop cher", "") for row in answers()])
    nightly(str(survey), AS_OF)
    found = tables(survey)
    assert set(found["drivers"]["theme_id"]) == set(found["opinions"]["theme_id"]) == {"accueil_relation"}


def test_a_response_whose_date_was_corrected_moves(survey):
    nightly(str(survey), AS_OF)
    rows = answers()
    rows[0] = rows[0].replace("2026-01-01;", "2026-02-01;")
    write_source(survey.parent, rows)
    assert nightly(str(survey), AS_OF).computed == ("2026-01", "2026-02")
    found = tables(survey)
    assert len(found["responses"]) == 54
    assert found["windows"].set_index("window")["n_responses"].to_dict() == {
        "2026-01": 17,
        "2026-02": 19,
        "2026-03": 18,
    }


def test_a_corrected_row_leaves_the_quarantine(survey):
    write_source(survey.parent, [*answers(), "x;dix;;2026-02-01;web\n"])
    nightly(str(survey), AS_OF)
    write_source(survey.parent, [*answers(), "x;10;;2026-02-01;web\n"])
    nightly(str(survey), AS_OF)
    found = tables(survey)
    assert found["quarantine"].empty
    assert found["windows"]["rows_in"].sum() == 55


def test_a_changed_setting_is_named(survey):
    nightly(str(survey), AS_OF)
    survey.write_text(survey.read_text().replace("min_respondents = 3", "min_respondents = 4"))
    nightly(str(survey), AS_OF)
    assert tables(survey)["windows"]["cause"].unique().tolist() == ["settings"]


def test_another_model_is_named(survey, monkeypatch):
    nightly(str(survey), AS_OF)
    monkeypatch.setattr("verbatim.reading.load_encoder", lambda folder, *, precision: Encoder("stand-in-2"))
    models._load.cache_clear()
    assert nightly(str(survey), AS_OF).computed == ("2026-01", "2026-02", "2026-03")
    assert tables(survey)["windows"]["cause"].unique().tolist() == ["model"]


def test_an_edited_codebook_is_named(survey):
    shipped = (files("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    own = survey.parent / "nos-themes.toml"
    own.write_text(shipped, encoding="utf-8")
    write_settings(survey.parent, extra='[themes]\ncodebook = "nos-themes.toml"')
    nightly(str(survey), AS_OF)
    own.write_text(shipped.replace('"Niveau des prix, hausses', '"Prix, hausses'), encoding="utf-8")
    nightly(str(survey), AS_OF)
    assert tables(survey)["windows"]["cause"].unique().tolist() == ["codebook"]


def test_each_window_tells_its_rows_on_the_way(survey, caplog):
    with caplog.at_level(logging.INFO, logger="verbatim.nightly"):
        nightly(str(survey), AS_OF)
    assert "ingest: 54 rows in = 54 responses + 0 quarantined + 0 duplicates" in said(caplog)
    assert "window 2026-01 (new): 18 responses, 12 with text → 12 opinions" in said(caplog)


def test_a_period_that_closed_is_published_again(survey):
    nightly(str(survey), AS_OF)
    assert nightly(str(survey), "2026-04-02").computed == ("2026-03",)
    assert tables(survey)["windows"].set_index("window").loc["2026-03", "cause"] == "period closed"


def test_another_length_of_period_replaces_the_windows(survey):
    nightly(str(survey), AS_OF)
    survey.write_text(survey.read_text().replace('title = "Enseigne"', 'title = "Enseigne"\nperiod = "quarter"'))
    summary = nightly(str(survey), AS_OF)
    assert summary.computed == ("2026-Q1",)
    assert summary.removed == ("2026-01", "2026-02", "2026-03")
    assert tables(survey)["windows"]["n_responses"].to_dict() == {0: 54}


def test_a_report_that_is_gone_is_written_again(survey):
    first = nightly(str(survey), AS_OF).reports
    assert [page.parent.name for page in first] == ["2026-01", "2026-02", "2026-03", "2026-Q1", "2026-ytd"]
    first[1].unlink()
    assert nightly(str(survey), AS_OF).reports == (first[1],)


def test_a_header_without_rows_is_an_empty_night(survey):
    write_source(survey.parent, [])
    summary = nightly(str(survey), AS_OF)
    assert summary.computed == ()
    assert summary.headline is None
    assert tables(survey)["windows"].empty


def test_the_rows_order_does_not_matter(survey, tmp_path_factory):
    nightly(str(survey), AS_OF)
    other = tmp_path_factory.mktemp("shuffled")
    write_source(other, answers()[::-1])
    nightly(str(write_settings(other)), AS_OF)
    one, two = tables(survey), tables(other / "survey.toml")
    for name in TABLES:
        measured = [column for column in one[name] if column not in {"run_id", "seconds", "peak_memory_mb"}]
        pd.testing.assert_frame_equal(one[name][measured], two[name][measured])


def test_a_source_that_cannot_be_read_publishes_nothing(survey):
    (survey.parent / "nps.csv").unlink()
    with pytest.raises(SourceError, match="no such file"):
        nightly(str(survey), AS_OF)
    assert not (survey.parent / "verbatim.duckdb").exists()


def test_too_many_rejected_rows_publish_nothing(survey):
    nightly(str(survey), AS_OF)
    before = tables(survey)
    write_source(survey.parent, [row.replace(";10;", ";dix;") for row in answers()])
    with pytest.raises(SourceError, match="cannot be responses"):
        nightly(str(survey), AS_OF)
    for name, table in tables(survey).items():
        pd.testing.assert_frame_equal(table, before[name])


def test_an_error_that_nobody_foresaw_quotes_no_customer(survey, monkeypatch, caplog):
    def break_down(*args, **options):
        raise ValueError("philomene.trifouillard@example.org est trop cher")

    monkeypatch.setattr("verbatim.reading.read_responses", break_down)
    with pytest.raises(night.UnexpectedError, match="ValueError") as error:
        nightly(str(survey), AS_OF)
    assert "philomene" not in str(error.value) + caplog.text


def test_only_transient_errors_are_retried_and_the_wait_is_told(survey, monkeypatch, caplog):
    tries = []

    def fail(kind):
        def plan_night(*args, **options):
            tries.append(kind)
            raise kind("gone")

        monkeypatch.setattr(night, "plan_night", plan_night)

    monkeypatch.setattr(plan, "retry_delay_seconds", 0)
    fail(WarehouseError)
    with pytest.raises(WarehouseError):
        nightly(str(survey), AS_OF)
    assert len(tries) == 1
    fail(TransientError)
    with pytest.raises(TransientError):
        nightly(str(survey), AS_OF)
    assert len(tries) == 1 + 1 + NIGHT_TASK["retries"]
    assert said(caplog).count("plan: gone; trying again in some seconds") == NIGHT_TASK["retries"]
    assert NIGHT_TASK["retry_condition_fn"] is is_transient


def test_the_working_folder_is_left_empty(survey):
    nightly(str(survey), AS_OF)
    settings = load_settings(survey)
    assert not (settings.survey_folder / "night").exists()
    embeddings = pd.read_parquet(settings.survey_folder / "embeddings" / "2026-01.parquet")
    assert embeddings.columns.tolist() == ["text_hash", "k", "revision", "embedding"]
    assert embeddings["embedding"][0].dtype == "float16"


def test_two_runs_of_a_survey_do_not_interleave(survey):
    with (
        night.night_folder(load_settings(survey)),
        pytest.raises(TransientError, match="another run of this survey"),
    ):
        nightly(str(survey), AS_OF)


def test_the_secret_is_no_parameter():
    assert set(nightly.parameters.properties) == {"settings_path", "as_of"}
    assert HEADER.startswith("id")


def test_a_teams_own_codebook_is_known_by_its_name(survey):
    shipped = (files("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    own = shipped.replace('name = "cx-fr"', 'name = "enseigne"').replace('"Prix et tarifs"', '"Nos prix"')
    (survey.parent / "nos-themes.toml").write_text(own, encoding="utf-8")
    write_settings(survey.parent, extra='[themes]\ncodebook = "nos-themes.toml"')
    nightly(str(survey), AS_OF)
    found = tables(survey)
    for name in ("opinions", "drivers", "themes"):
        assert set(found[name]["codebook"]) == {"enseigne"}, name
    themes = found["themes"].set_index("theme_id")
    assert themes.loc["prix_tarif", ["label_fr", "first_seen"]].tolist() == ["Nos prix", "2026-01"]
    assert "Nos prix" in night.report_file(load_settings(survey), "2026-02").read_text(encoding="utf-8")
