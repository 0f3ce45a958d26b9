import pandas as pd
import pytest

from verbatim.errors import ContractError
from verbatim.tables import TABLES, THEMES, Table, conform, empty

THEME = {
    "codebook": "cx-fr",
    "theme_id": "prix_tarif",
    "version": "1",
    "label_fr": "Prix",
    "label_en": "Price",
    "definition": "…",
    "origin": "shipped",
    "parent_id": None,
    "first_seen": None,
    "precision": float("nan"),
    "recall": 0.4,
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_documented_and_coherent(table: Table):
    assert table.grain
    assert all(column.doc.endswith(".") for column in table.columns)
    assert set(table.key) | set(table.partition) <= set(table.column_names)
    assert len(set(table.column_names)) == len(table.column_names)
    assert not any(column.nullable for column in table.columns if column.name in table.key)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_empty_frame_conforms(table: Table):
    assert list(conform(empty(table), table).columns) == table.column_names


def test_conform_orders_types_and_nulls():
    frame = conform(pd.DataFrame([{"extra": 1} | dict(reversed(THEME.items()))]), THEMES)
    assert list(frame.columns) == THEMES.column_names
    assert frame.loc[0, "precision"] is pd.NA
    assert frame.dtypes["recall"] == "Float64"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{k: v for k, v in THEME.items() if k != "recall"}], "columns are missing: recall"),
        ([THEME | {"origin": "M. Dupont"}], r"origin fails isin.* \(1 rows\)"),
        ([THEME | {"recall": 1.5}], "recall fails"),
        ([THEME | {"recall": "M. Dupont"}], "wrong type"),
        ([THEME | {"label_fr": None}], "label_fr fails not_nullable"),
        ([THEME, THEME], r"1 rows share a key"),
    ],
)
def test_a_broken_contract_names_columns_and_counts_never_values(rows, message):
    with pytest.raises(ContractError, match=message) as raised:
        conform(pd.DataFrame(rows), THEMES)
    assert "Dupont" not in str(raised.value)
