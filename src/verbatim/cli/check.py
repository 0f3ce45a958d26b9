"""`verbatim check`: what a settings file describes, and what its source looks like; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from verbatim.night import Inspected, codebook_of, inspect_source
from verbatim.settings import load_settings
from verbatim.warehouse.address import parse_address


def check_settings(file: Path) -> Iterator[str]:
    """Describe a survey line by line; what is wrong is raised where it is found.

    Parameters
    ----------
    file : Path
        Settings file.

    Raises
    ------
    VerbatimError
        The settings, the codebook or the source cannot be used.
    """
    settings = load_settings(file)
    codebook = codebook_of(settings)
    yield f"survey     {settings.survey.id} ({settings.survey.kind}), one window a {settings.survey.period}"
    yield f"codebook   {codebook.name}, {len(codebook.themes)} themes"
    yield f"warehouse  {parse_address(settings.warehouse.url).shown}"
    yield f"reports    {settings.reports.folder}"
    yield from describe_source(inspect_source(settings))
    yield f"{file}: good"


def describe_source(seen: Inspected) -> Iterator[str]:
    """Say what a source looks like."""
    traits = [f"{len(seen.columns)} columns", *filter(None, (seen.encoding, seen.tool and f"export of {seen.tool}"))]
    yield f"source     {seen.label} ({', '.join(traits)})"
    width = max((len(role) for role, _ in seen.mapped), default=0)
    for role, column in seen.mapped:
        yield f"  {role:<{width}}  ← {column}"
    used = {column for _, column in seen.mapped}
    if unused := [column for column in seen.columns if column and column not in used]:
        yield f"  not used: {', '.join(unused)}"
    if not seen.n_rows:
        yield "  no rows: a night would publish nothing"
        return
    yield (
        f"  first {seen.n_rows:,} rows: {seen.n_responses:,} responses, {seen.n_scored:,} with a score, "
        f"{seen.n_commenters:,} with text"
    )
    if seen.refused:
        yield f"  to quarantine: {', '.join(f'{reason} {count:,}' for reason, count in seen.refused)}"
