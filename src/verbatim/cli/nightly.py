"""`verbatim nightly`: the flow, then what a person wants to know of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from verbatim.cli.prefect import prepared_flow
from verbatim.cli.terminal import print_headline
from verbatim.night import parse_as_of, report_file
from verbatim.settings import Settings, load_settings


def run_nightly(file: Path, as_of: str | None) -> None:
    """Run the nightly flow on a settings file and print its headline, its drivers and the path of its report."""
    settings = load_settings(file)
    # A wrong date is told before Prefect starts.
    parse_as_of(as_of, settings.survey.zone)
    with prepared_flow("nightly") as flow:
        summary = flow(str(file.resolve()), as_of)
    _print_summary(settings, summary)


def _print_summary(settings: Settings, summary: Any) -> None:
    if summary.headline is not None:
        print_headline(settings, summary.headline)
        sys.stdout.write(f"\nreport: {report_file(settings, summary.headline)}\n")
    else:
        sys.stdout.write("no answer is published yet: the source holds no row with a response\n")
    if not summary.computed and not summary.removed and summary.skipped:
        sys.stdout.write(
            f"all {len(summary.skipped)} windows were skipped: answers, themes, model, settings and method are "
            "unchanged since they were published\n"
        )
