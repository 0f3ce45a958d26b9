"""The verbs of `verbatim codebook`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

codebook = App(
    name="codebook",
    help="Show, check, compare and edit codebooks: the lists of themes that opinions may have.",
)

SettingsFile = Annotated[Path, Parameter(name="SETTINGS")]
_Codebook = Annotated[str, Parameter(name="CODEBOOK")]
_Theme = Annotated[str, Parameter(name="THEME")]


@codebook.command
def show(said: _Codebook, /) -> None:
    """Print themes: id, label, parent, number of examples, definition; retired ids under them.

    Parameters
    ----------
    said
        cx-fr, ex-fr, a codebook file, or the settings file of a survey.
    """
    from verbatim.cli.codebook_show import show_codebook

    show_codebook(said)


@codebook.command
def check(said: _Codebook, /) -> None:
    """Name all problems of a codebook and what deserves a look; exit code 1 where it cannot be used.

    Parameters
    ----------
    said
        cx-fr, ex-fr, a codebook file, or the settings file of a survey.
    """
    from verbatim.cli.codebook_show import check_codebook

    lines, is_good = check_codebook(said)
    _print(lines)
    if not is_good:
        sys.exit(1)


@codebook.command
def diff(
    before: Annotated[str, Parameter(name="A")],
    after: Annotated[str, Parameter(name="B")],
    /,
) -> None:
    """Say what B changes of A, and what of it may change a number; exit code 1 where they differ.

    Parameters
    ----------
    before
        cx-fr, ex-fr, a codebook file, or the settings file of a survey.
    after
        The same.
    """
    from verbatim.cli.codebook_show import diff_codebooks

    lines, is_same = diff_codebooks(before, after)
    _print(lines)
    if not is_same:
        sys.exit(1)


@codebook.command
def propose(settings: SettingsFile, /) -> None:
    """Discover topics that the codebook does not hold, and propose them in a file (the same as `verbatim refit`).

    Parameters
    ----------
    settings
        Settings file of the survey.
    """
    propose_topics(settings)


@codebook.command
def accept(
    settings: SettingsFile,
    proposal: Annotated[str, Parameter(name="PROPOSAL")],
    /,
    *,
    file: Path | None = None,
    id: str | None = None,  # noqa: A002
    label_fr: str | None = None,
    label_en: str | None = None,
    definition_fr: str | None = None,
    definition_en: str | None = None,
    parent: str | None = None,
) -> None:
    """Add a proposal to the codebook of a survey as a theme.

    Parameters
    ----------
    settings
        Settings file of the survey.
    proposal
        Id of the proposal in its file.
    file
        File of proposals; the newest of the survey by default.
    id
        Id of the theme; the proposal's by default.
    label_fr
        French label; the proposal's by default.
    label_en
        English label.
    definition_fr
        French definition.
    definition_en
        English definition.
    parent
        Theme that it is a part of; the proposal's by default, "" for none.
    """
    from verbatim.cli.codebook_edit import accept as run

    given = {
        "id": id,
        "label_fr": label_fr,
        "label_en": label_en,
        "definition_fr": definition_fr,
        "definition_en": definition_en,
        "parent": parent,
    }
    _print(run(settings, proposal, file=file, given=given))


@codebook.command
def rename(
    settings: SettingsFile, theme: _Theme, /, *, label_fr: str | None = None, label_en: str | None = None
) -> None:
    """Give a theme other labels; its id and all numbers stay.

    Parameters
    ----------
    settings
        Settings file of the survey.
    theme
        Id of the theme.
    label_fr
        New French label.
    label_en
        New English label.
    """
    from verbatim.cli.codebook_edit import rename as run

    _print(run(settings, theme, label_fr=label_fr, label_en=label_en))


@codebook.command
def merge(settings: SettingsFile, /, *themes: Annotated[str, Parameter(name="FROM", required=True)], into: str) -> None:
    """Retire themes into another one, which takes over their opinions, examples and sub-themes.

    Parameters
    ----------
    settings
        Settings file of the survey.
    themes
        Ids of the themes that leave.
    into
        Id of the theme that takes over.
    """
    from verbatim.cli.codebook_edit import merge as run

    _print(run(settings, themes, into=into))


@codebook.command
def split(
    settings: SettingsFile,
    theme: _Theme,
    /,
    *,
    into: Annotated[list[str], Parameter(consume_multiple=True)],
    entries: Annotated[Path, Parameter(name="--from")],
) -> None:
    """Retire a theme into new ones, which a file describes.

    Parameters
    ----------
    settings
        Settings file of the survey.
    theme
        Id of the theme that leaves; it stays where it is itself named after --into.
    into
        Ids of the new themes.
    entries
        TOML file with an entry of [[themes]] for each new theme: labels, definitions, five examples or more.
    """
    from verbatim.cli.codebook_edit import split as run

    _print(run(settings, theme, into=into, entries=entries))


@codebook.command
def retire(settings: SettingsFile, theme: _Theme, /, *, note: str = "") -> None:
    """Take a theme out of the codebook; no other theme takes over, and its id is never given again.

    Parameters
    ----------
    settings
        Settings file of the survey.
    theme
        Id of the theme.
    note
        Why; kept in the file.
    """
    from verbatim.cli.codebook_edit import retire as run

    _print(run(settings, theme, note=note))


@codebook.command
def score(
    marked: Annotated[Path, Parameter(name="MARKED.tsv")],
    /,
    *,
    settings: Path | None = None,
    codebook: str | None = None,
) -> None:
    """Compare what the reader says with answers that a person marked: precision, recall, F1, kappa, confusions.

    Parameters
    ----------
    marked
        Tab-separated file of answers with their opinions marked, as data/verbatims-fr/GUIDE.md describes.
    settings
        Settings file of a survey: its encoder and its codebook; what ships by default.
    codebook
        cx-fr, ex-fr or a codebook file, instead.
    """
    from verbatim.cli.codebook_score import score as run

    _print(run(marked, settings=settings, codebook=codebook))


def propose_topics(settings: Path) -> None:
    """Run the refit, and print the file that it wrote."""
    from verbatim.cli.prefect import prepared_flow
    from verbatim.settings import load_settings

    load_settings(settings)
    with prepared_flow("refit") as flow:
        written = flow(str(settings))
    if written is not None:
        _print([str(written)])


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
