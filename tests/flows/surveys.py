"""A small survey on disk, made anew for each test."""

from __future__ import annotations

from pathlib import Path

HEADER = "id;nps;explication;date;canal\n"
MONTHS = ("2026-01", "2026-02", "2026-03")


def answers(months=MONTHS, per_month: int = 18) -> list[str]:
    """Rows of a survey: detractors say "trop cher", promoters "bon accueil", some nothing."""
    rows = []
    for month in months:
        for number in range(per_month):
            score = (2, 8, 10)[number % 3]
            text = ("trop cher", "", "bon accueil")[number % 3]
            channel = ("web", "magasin")[number % 2]
            rows.append(f"{month}-{number};{score};{text};{month}-{number % 27 + 1:02};{channel}\n")
    return rows


def write_source(folder: Path, rows: list[str], *, header: str = HEADER) -> Path:
    file = folder / "nps.csv"
    file.write_text(header + "".join(rows), encoding="utf-8")
    return file


def write_settings(folder: Path, *, source: str = "", extra: str = "") -> Path:
    file = folder / "survey.toml"
    file.write_text(
        f"""
[survey]
id = "enseigne"
title = "Enseigne"
[source]
path = "nps.csv"
{source}
[columns]
response_id = "id"
score = "nps"
verbatim = "explication"
answered_at = "date"
[columns.dimensions]
channel = "canal"
[privacy]
min_respondents = 3
{extra}
""",
        encoding="utf-8",
    )
    return file
