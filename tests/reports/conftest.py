from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.reports.published import publish
from verbatim.settings import Settings


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    return publish()


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make_settings(*, language: str = "fr", minimum: int = 10, **survey: Any) -> Settings:
        return Settings(
            survey={"id": "enseigne", "title": "Jardins & Compagnie", "question": "Pourquoi cette note ?"} | survey,
            source={"path": "nps.csv"},
            privacy={"min_respondents": minimum},
            reports={"folder": tmp_path / "reports", "language": language},
        )

    return make_settings
