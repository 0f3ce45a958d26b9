"""Small frames that keep their tables' contracts: the tests say only what matters to them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from verbatim.tables import TABLES, Table

_VALUES = {"text": "x", "integer": 1, "real": 0.5, "boolean": False, "timestamp": pd.Timestamp("2026-03-05", tz="UTC")}


def rows(table: Table, *given: Mapping[str, object], window: str = "2026-03") -> pd.DataFrame:
    """Rows of a table: what is given, and for other columns an allowed value."""
    usual = {column.name: column.allowed[0] if column.allowed else _VALUES[column.type] for column in table.columns} | {
        "survey_id": "enseigne",
        "window": window,
        "period": window,
        "run_id": "run-1",
    }
    filled = [{name: value for name, value in (usual | row).items() if name in table.column_names} for row in given]
    return pd.DataFrame(filled, columns=table.column_names)


def window(label: str, *, responses: int = 2, themes: tuple[str, ...] = ("prix_tarif", "attente")) -> dict:
    """Frames of a whole window, keyed so that windows do not share a row."""
    answers = [{"response_id": f"{label}-{number}"} for number in range(responses)]
    return {
        "responses": rows(TABLES["responses"], *answers, window=label),
        "opinions": rows(
            TABLES["opinions"], *({**row, "opinion_id": f"{row['response_id']}#0"} for row in answers), window=label
        ),
        "nps": rows(TABLES["nps"], {"nps": 12.5}, window=label),
        "drivers": rows(TABLES["drivers"], *({"theme_id": theme} for theme in themes), window=label),
        "windows": rows(TABLES["windows"], {"n_responses": responses}, window=label),
    }
