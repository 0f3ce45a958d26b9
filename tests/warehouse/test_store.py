"""The contract of a warehouse, on both engines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from verbatim.errors import ContractError, WarehouseError
from verbatim.tables import TABLES, empty
from verbatim.warehouse import open_warehouse
from verbatim.warehouse.connection import execute, fetch
from verbatim.warehouse.store import Warehouse

from .frames import rows, window

MARCH = {"survey_id": "enseigne", "window": "2026-03"}
APRIL = {"survey_id": "enseigne", "window": "2026-04"}


def everything(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    return {name: warehouse.read(name) for name in TABLES}


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name])


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_warehouse_has_every_table_in_its_types(warehouse, name):
    pd.testing.assert_frame_equal(warehouse.read(name), empty(TABLES[name]))


@pytest.mark.parametrize("name", TABLES)
def test_what_was_published_is_read_back_in_its_types(warehouse, name):
    published = rows(TABLES[name], {})
    warehouse.publish({name: published}, partition=MARCH)
    found = warehouse.read(name)
    assert found.dtypes.to_dict() == empty(TABLES[name]).dtypes.to_dict()
    pd.testing.assert_frame_equal(found, published.astype(found.dtypes.to_dict()))


def test_missing_values_are_null_not_nan(warehouse):
    warehouse.publish({"nps": rows(TABLES["nps"], {"nps": np.nan, "response_rate": None})}, partition=MARCH)
    sql = "SELECT count(*) AS nulls FROM published.nps WHERE nps IS NULL AND response_rate IS NULL"
    assert fetch(warehouse._connection, sql).to_pylist() == [{"nulls": 1}]
    assert warehouse.read("nps")["nps"].isna().all()


def test_text_keeps_its_accents_quotes_and_lines(warehouse):
    text = '« l\'été »\n\t"100 %" ; 😀 \\N NULL'
    warehouse.publish({"responses": rows(TABLES["responses"], {"verbatim": text})}, partition=MARCH)
    assert warehouse.read("responses")["verbatim"].tolist() == [text]


def test_publishing_twice_changes_nothing(warehouse):
    warehouse.publish(window("2026-03"), partition=MARCH)
    before = everything(warehouse)
    warehouse.publish(window("2026-03"), partition=MARCH)
    assert_same(everything(warehouse), before)


def test_a_vanished_theme_is_gone_and_other_windows_stay(warehouse):
    warehouse.publish(window("2026-03"), partition=MARCH)
    warehouse.publish(window("2026-04"), partition=APRIL)
    warehouse.publish(window("2026-03", themes=("attente",)), partition=MARCH)
    assert warehouse.read("drivers", window="2026-03")["theme_id"].tolist() == ["attente"]
    assert warehouse.read("drivers", window="2026-04")["theme_id"].tolist() == ["attente", "prix_tarif"]


def test_a_window_without_frames_is_emptied_in_every_table(warehouse):
    warehouse.publish(window("2026-03"), partition=MARCH)
    warehouse.publish({}, partition=MARCH)
    assert all(warehouse.read(name).empty for name in TABLES)


def test_another_survey_is_left_alone(warehouse):
    warehouse.publish(window("2026-03"), partition=MARCH)
    warehouse.publish({}, partition={"survey_id": "autre", "window": "2026-03"})
    assert len(warehouse.read("responses", survey_id="enseigne")) == 2


@pytest.mark.parametrize("failing", ["responses", "nps", "windows"])
def test_an_error_in_the_middle_leaves_the_old_window_whole(warehouse, monkeypatch, failing):
    warehouse.publish(window("2026-03"), partition=MARCH)
    before = everything(warehouse)
    append = Warehouse._append

    def break_down(self, table, frame):
        append(self, table, frame)
        if table.name == failing:
            execute(self._connection, "SELECT * FROM no_such_table")

    monkeypatch.setattr(Warehouse, "_append", break_down)
    with pytest.raises(WarehouseError, match="refused a statement"):
        warehouse.publish(window("2026-03", responses=7, themes=("accueil",)), partition=MARCH)
    assert_same(everything(warehouse), before)


def test_an_interruption_rolls_back_too(warehouse, monkeypatch):
    warehouse.publish(window("2026-03"), partition=MARCH)
    before = everything(warehouse)

    def interrupt(self, table, frame):
        raise KeyboardInterrupt

    monkeypatch.setattr(Warehouse, "_append", interrupt)
    with pytest.raises(KeyboardInterrupt):
        warehouse.publish(window("2026-03", responses=7), partition=MARCH)
    assert_same(everything(warehouse), before)


def test_a_response_that_moved_to_another_window_stands_once(warehouse):
    warehouse.publish(window("2026-03"), partition=MARCH)
    moved = window("2026-03", responses=1)
    april = {name: moved[name].assign(window="2026-04") for name in ("responses", "opinions")}
    warehouse.publish(april, partition=APRIL)
    found = warehouse.read("responses")
    assert found[["response_id", "window"]].to_numpy().tolist() == [["2026-03-0", "2026-04"], ["2026-03-1", "2026-03"]]
    assert len(warehouse.read("opinions")) == 2


def test_many_rows_are_replaced_again_and_again(warehouse):
    answers = rows(TABLES["responses"], *({"response_id": f"r{number:05}"} for number in range(20_000)))
    for score in (1, 2, 3):
        warehouse.publish({"responses": answers.assign(score=score)}, partition=MARCH)
    found = warehouse.read("responses", columns=["response_id", "score"])
    assert len(found) == 20_000
    assert found["score"].unique().tolist() == [3]


@pytest.mark.parametrize(
    ("frames", "match"),
    [
        ({"drivers": rows(TABLES["drivers"], {}, {})}, "1 rows share a key"),
        ({"drivers": rows(TABLES["drivers"], {"share": 1.5})}, "share fails"),
        ({"drivers": rows(TABLES["drivers"], {}).drop(columns="share")}, "columns are missing: share"),
        ({"drivers": rows(TABLES["drivers"], {}, window="2026-04")}, "rows of another window"),
        ({"driver": rows(TABLES["drivers"], {})}, "unknown tables: driver"),
    ],
    ids=["doubled key", "share above 1", "missing column", "another window", "unknown table"],
)
def test_a_broken_frame_is_refused_before_anything_is_written(warehouse, frames, match):
    warehouse.publish(window("2026-03"), partition=MARCH)
    before = everything(warehouse)
    with pytest.raises(ContractError, match=match):
        warehouse.publish({"responses": window("2026-03", responses=9)["responses"], **frames}, partition=MARCH)
    assert_same(everything(warehouse), before)


def test_themes_are_replaced_by_codebook_and_version(warehouse):
    def themes(version, *names):
        return rows(TABLES["themes"], *({"codebook": "cx-fr", "version": version, "theme_id": name} for name in names))

    warehouse.publish({"themes": themes("1", "prix_tarif", "attente")}, partition=MARCH)
    warehouse.publish({"themes": themes("2", "prix_tarif")}, partition=MARCH)
    warehouse.publish({"themes": themes("1", "accueil")}, partition=APRIL)
    warehouse.publish({}, partition=APRIL)
    assert warehouse.read("themes")[["version", "theme_id"]].to_numpy().tolist() == [
        ["1", "accueil"],
        ["2", "prix_tarif"],
    ]


def test_a_theme_was_first_seen_in_its_earliest_window_but_the_one_that_is_replaced(warehouse):
    for label, partition in (("2026-04", APRIL), ("2026-03", MARCH)):
        opinions = window(label)["opinions"].assign(codebook="cx-fr", theme_id="prix_tarif")
        warehouse.publish({"opinions": opinions}, partition=partition)
    assert warehouse.first_seen("cx-fr", but=APRIL) == {"prix_tarif": "2026-03"}
    assert warehouse.first_seen("cx-fr", but=MARCH) == {"prix_tarif": "2026-04"}


def test_an_unknown_table_lists_the_known_ones(warehouse):
    with pytest.raises(WarehouseError, match="there is no table driver") as error:
        warehouse.read("driver")
    assert "drivers" in error.value.expected


def test_a_later_session_finds_what_was_published(url):
    with open_warehouse(url) as warehouse:
        warehouse.publish(window("2026-03"), partition=MARCH)
    with open_warehouse(url, create=False) as warehouse:
        assert len(warehouse.read("responses")) == 2


def test_a_newer_layout_is_refused(url):
    with open_warehouse(url) as warehouse:
        execute(warehouse._connection, "UPDATE published.schema_version SET version = 99")
        warehouse._connection.commit()
    with pytest.raises(WarehouseError, match="layout 99"):
        open_warehouse(url)


def _without(url: str, table: str, column: str) -> None:
    """Publish a window, then make its table one that knows the column by no such name."""
    with open_warehouse(url) as warehouse:
        warehouse.publish(window("2026-03"), partition=MARCH)
        execute(warehouse._connection, f'ALTER TABLE {table} RENAME COLUMN "{column}" TO former')
        warehouse._connection.commit()


def test_a_column_that_rows_may_go_without_is_added(url):
    _without(url, "restricted.responses", "verbatim")
    with open_warehouse(url) as warehouse:
        assert warehouse.read("responses")["verbatim"].isna().tolist() == [True, True]
        warehouse.publish(window("2026-03"), partition=MARCH)
        assert warehouse.read("responses")["verbatim"].tolist() == ["x", "x"]


def test_a_column_that_no_row_may_go_without_is_named(url):
    _without(url, "published.windows", "rows_in")
    with pytest.raises(WarehouseError, match=r"lack columns: published\.windows\.rows_in") as error:
        open_warehouse(url)
    assert "warehouse.url" in error.value.next_step
