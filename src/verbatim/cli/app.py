"""The verbs of the command; SETTINGS is the first argument of each."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from verbatim import __version__
from verbatim.cli.codebook import SettingsFile, codebook
from verbatim.cli.problems import explain_errors
from verbatim.cli.review import review

app = App(
    name="verbatim",
    help="What drives the NPS, in the customers' own words. SETTINGS is the TOML file that describes a survey.",
    version=__version__,
)
app.meta.group_parameters = "Every verb"

app.command(codebook)
app.command(review)


def main() -> None:
    """Run the command and exit."""
    app.meta()


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """What drives the NPS, in the customers' own words. SETTINGS is the TOML file that describes a survey.

    Parameters
    ----------
    debug
        Show the whole trace of an error; it may quote customers.
    """
    if debug:
        # Prefect's own switch: the flows read it too.
        os.environ["PREFECT_DEBUG_MODE"] = "1"
    with explain_errors(debug=debug):
        app(tokens)


@app.command
def nightly(settings: SettingsFile, /, *, as_of: str | None = None) -> None:
    """Publish what new or changed answers touch, and write its reports.

    Parameters
    ----------
    settings
        Settings file of the survey.
    as_of
        The moment to look from, such as 2026-10-01; now by default. It decides which periods are still open.
    """
    from verbatim.cli.nightly import run_nightly

    run_nightly(settings, as_of)


@app.command
def read(settings: SettingsFile, /, *, out: Path) -> None:
    """Write responses.parquet and opinions.parquet, without a warehouse.

    Parameters
    ----------
    settings
        Settings file of the survey.
    out
        Folder to write to; made if it is not there.
    """
    from verbatim.cli.progress import logged
    from verbatim.night import read_survey
    from verbatim.settings import load_settings

    described = load_settings(settings)
    with logged() as tell:
        counted = read_survey(described, out, secret=os.environ.get("VERBATIM_SECRET"), tell=tell)
    _print(f"{counted.n_responses:,} responses, {counted.n_opinions:,} opinions: {out}")


@app.command
def drivers(settings: SettingsFile, /, *, period: str | None = None) -> None:
    """Print the NPS and the drivers of a published period.

    Parameters
    ----------
    settings
        Settings file of the survey.
    period
        Such as 2026-03; the last closed one by default.
    """
    from verbatim.cli.terminal import print_headline
    from verbatim.night import chosen_period
    from verbatim.settings import load_settings

    described = load_settings(settings)
    print_headline(described, chosen_period(described, period))


@app.command
def report(settings: SettingsFile, /, *, period: str | None = None) -> None:
    """Write the report of a published period again.

    Parameters
    ----------
    settings
        Settings file of the survey.
    period
        Such as 2026-03, 2026-Q1, 2026-03-3m or 2026-ytd; the last closed one by default.
    """
    from verbatim.night import chosen_period, write_report_of
    from verbatim.settings import load_settings

    described = load_settings(settings)
    _print(str(write_report_of(described, chosen_period(described, period))))


@app.command
def export(
    settings: SettingsFile,
    table: Annotated[str, Parameter(name="TABLE")],
    /,
    *,
    out: Path | None = None,
    period: str | None = None,
) -> None:
    """Export a table of the warehouse; on standard output as CSV by default.

    Parameters
    ----------
    settings
        Settings file of the survey.
    table
        Name of the table, such as drivers; an unknown name lists them.
    out
        File to write, .csv, .parquet or .xlsx.
    period
        Only this period, such as 2026-03.
    """
    from verbatim.cli.export import export_table
    from verbatim.settings import load_settings

    export_table(load_settings(settings), table, out=out, period=period)


@app.command
def refit(settings: SettingsFile, /) -> None:
    """Discover topics that the codebook does not hold, and propose them in a file.

    Parameters
    ----------
    settings
        Settings file of the survey.
    """
    from verbatim.cli.codebook import propose_topics

    propose_topics(settings)


@app.command
def train(settings: SettingsFile, /, *, marked: Path, out: Path | None = None) -> None:
    """Continue the encoder on your own marked answers; writes a folder with its card, in minutes.

    Parameters
    ----------
    settings
        Settings file of the survey; its models.folder, or the encoder that ships, is continued.
    marked
        Tab-separated file of answers with their opinions marked, as data/verbatims-fr/GUIDE.md describes.
    out
        Folder of versions; models/ in the survey's work folder by default.
    """
    from verbatim.cli.train import train_encoder
    from verbatim.settings import load_settings

    for line in train_encoder(load_settings(settings), marked, out):
        _print(line)


@app.command
def check(settings: SettingsFile, /) -> None:
    """Check a settings file and its source, and say what they look like; nothing is written.

    Parameters
    ----------
    settings
        Settings file of the survey.
    """
    from verbatim.cli.check import check_settings

    for line in check_settings(settings):
        _print(line)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
