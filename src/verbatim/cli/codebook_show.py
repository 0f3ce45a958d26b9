"""A codebook on a terminal: its themes, what is wrong with it, what another one changes."""

from __future__ import annotations

import sys
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verbatim.settings import load_settings
from verbatim.themes.codebook import SHIPPED, Codebook, examine_codebook, load_codebook, read_codebook
from verbatim.themes.comparison import Change, compare
from verbatim.themes.remarks import Remark, remarks

_WIDTH = 140
_NARROWEST = 20  # characters of a definition
_EDGES = 4
_FRENCH: Mapping[str, str] = {
    "title": "{name}, version {version}\N{NO-BREAK SPACE}: {n} thèmes",
    "columns": "Code|Libellé|Sous|Exemples|Définition",
    "retired": "Codes retirés, jamais redonnés",
    "retired columns": "Code|Depuis la version|Remplacé par|Note",
}
_ENGLISH: Mapping[str, str] = {
    "title": "{name}, version {version}: {n} themes",
    "columns": "Id|Label|Part of|Examples|Definition",
    "retired": "Retired ids, never given again",
    "retired columns": "Id|Since version|Replaced by|Note",
}


def codebook_named(said: str) -> str:
    """Codebook that a first argument means: the one in force where it is the settings file of a survey."""
    if said in SHIPPED:
        return said
    try:
        content = tomllib.loads(Path(said).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        # Whoever opens it as a codebook says what is wrong.
        return said
    return load_settings(Path(said)).codebook if "survey" in content else said


def show_codebook(said: str) -> None:
    """Print the themes of a codebook, and its retired ids under them.

    Raises
    ------
    CodebookError, SettingsError
        It cannot be used.
    """
    codebook = load_codebook(codebook_named(said))
    words = _FRENCH if codebook.language == "fr" else _ENGLISH
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    title = words["title"].format(name=codebook.name, version=codebook.version, n=len(codebook.themes))
    console.print(f"\n{title}", style="bold", markup=False)
    console.print(_themes(codebook, words, width=console.width))
    if codebook.retired:
        console.print(words["retired"], style="bold", markup=False)
        console.print(_retired(codebook, words))


def check_codebook(said: str) -> tuple[tuple[str, ...], bool]:
    """Say all that is wrong with a codebook, and what deserves a look.

    Returns
    -------
    tuple of str
        Lines.
    bool
        True: it may be used.

    Raises
    ------
    CodebookError, SettingsError
        There is no such file, or it is no TOML.
    """
    name = codebook_named(said)
    codebook, problems = examine_codebook(read_codebook(name), where=name, is_shipped=name in SHIPPED)
    lines = [f"problem  {problem}" for problem in problems]
    lines += [f"warning  {remark}" for remark in remarks_of(codebook)]
    if problems:
        lines.append(f"{name}: {_plural(len(problems), 'problem')}; it cannot be used")
    else:
        themes, retired = (
            _plural(len(some), what) for some, what in ((codebook.themes, "theme"), (codebook.retired, "retired id"))
        )
        lines.append(f"{name}: good; {codebook.name}, version {codebook.version}, {themes}, {retired}")
    return tuple(lines), not problems


def remarks_of(codebook: Codebook) -> tuple[Remark, ...]:
    """Remarks on a codebook that the shipped encoder reads with."""
    from verbatim.reading.marked import CUSTOMER_THEMES, EMPLOYEE_THEMES

    return remarks(codebook, known=(*CUSTOMER_THEMES, *EMPLOYEE_THEMES))


def diff_codebooks(before: str, after: str) -> tuple[tuple[str, ...], bool]:
    """Say what differs between two codebooks: first what may change a figure, then what only reads otherwise.

    Returns
    -------
    tuple of str
        Lines; none where the two say the same.
    bool
        True: they say the same.

    Raises
    ------
    CodebookError, SettingsError
        One of them cannot be used.
    """
    one, two = (load_codebook(codebook_named(said)) for said in (before, after))
    changes = compare(one, two)
    lines: list[str] = []
    for assigns, title in (
        (True, "changes assignments: the next night computes the windows again"),
        (False, "changes what people read: numbers stay"),
    ):
        some = [change for change in changes if change.changes_assignments is assigns]
        lines += [title, *(f"  {line}" for line in told(some))] if some else []
    return tuple(lines), not changes


def told(changes: list[Change]) -> Iterator[str]:
    """Changes as lines, one a detail."""
    for change in changes:
        subject = f"{change.subject}: " if change.subject else ""
        for detail in change.details:
            if detail.startswith(f"{change.subject}: "):
                # A key of the head says its name itself.
                subject = ""
            yield f"{change.kind.value:<11} {subject}{detail}"


def _themes(codebook: Codebook, words: Mapping[str, str], *, width: int) -> Table:
    french = codebook.language == "fr"
    rows = [
        (theme.id, theme.label_fr if french else theme.label_en, theme.parent or "", str(len(theme.examples)))
        for theme in codebook.themes
    ]
    names = words["columns"].split("|")
    used = sum(max(len(text) for text in column) + 3 for column in zip(names, *rows, strict=False))
    table = _table(words["columns"], right=(3,))
    for theme, row in zip(codebook.themes, rows, strict=True):
        # Wrapped here: rich would break a line at a no-break space.
        definition = textwrap.fill(
            theme.definition_fr if french else theme.definition_en, max(_NARROWEST, width - used - _EDGES)
        )
        table.add_row(*map(Text, (*row, definition)))
    return table


def _retired(codebook: Codebook, words: Mapping[str, str]) -> Table:
    table = _table(words["retired columns"])
    for one in codebook.retired:
        table.add_row(*map(Text, (one.id, one.version, ", ".join(one.into) or "–", one.note)))
    return table


def _table(columns: str, *, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns.split("|")):
        options: dict[str, Any] = {"justify": "right"} if place in right else {}
        # An id must not be cut: people copy it.
        table.add_column(name, no_wrap=place == 0, overflow="fold", **options)
    return table


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
