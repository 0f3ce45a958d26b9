from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.reports.published import publish
from verbatim.reports import render_report
from verbatim.settings import Settings
from verbatim.tables import TABLES, conform, empty


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


@pytest.fixture
def section_of(tables, make_settings) -> Callable[..., str]:
    """Markup of a section of the page, drawn with the rows of one table and the others as published."""

    def section_of(anchor: str, table: str, rows: list[dict[str, Any]], **settings: Any) -> str:
        frame = conform(pd.DataFrame(rows), TABLES[table]) if rows else empty(TABLES[table])
        html = render_report(tables | {table: frame}, settings=make_settings(**settings), period="2026-03")
        section = re.search(rf'<section id="{anchor}".*?</section>', html, flags=re.DOTALL)
        assert (section is None) == (f'href="#{anchor}"' not in html)
        return section.group() if section else ""

    return section_of


def text_of(html: str) -> str:
    """Visible text, ordinary spaces and apostrophes."""
    said = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return re.sub(r"\s+", " ", said)
