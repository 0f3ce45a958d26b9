"""What a run says while it works: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

LINES, STEPS = "verbatim", "verbatim.progress"
"""Loggers: what is said, and how far the run is (`extra={"done": …, "total": …}` or `{"batch_rows": …}`)."""


@contextlib.contextmanager
def logged() -> Iterator[Callable[[str], None]]:
    """Show the package's log lines while the block runs.

    Yields
    ------
    callable
        Says one more line.
    """
    lines = logging.getLogger(LINES)
    steps = logging.getLogger(STEPS)
    before = lines.level, lines.propagate, steps.level, steps.propagate
    lines.setLevel(logging.INFO)
    steps.setLevel(logging.DEBUG)
    lines.propagate = steps.propagate = False
    with _bar() if sys.stderr.isatty() else contextlib.nullcontext() as bar:
        handler: logging.Handler = logging.StreamHandler(sys.stderr) if bar is None else _BarHandler(bar)
        handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", datefmt="%H:%M:%S"))
        lines.addHandler(handler)
        if bar is not None:
            steps.addHandler(handler)
        try:
            yield lines.info
        finally:
            lines.removeHandler(handler)
            steps.removeHandler(handler)
            lines.level, lines.propagate, steps.level, steps.propagate = before


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


class _BarHandler(logging.Handler):
    """Lines above the bar; steps move it."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._bar = bar
        self._task = bar.add_task("starting", total=None)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line, or move the bar."""
        if record.name != STEPS:
            # markup off: a path or label may hold square brackets.
            self._bar.console.print(self.format(record), markup=False, highlight=False)
        elif rows := getattr(record, "batch_rows", None):
            self._bar.update(self._task, description="rows read", advance=rows)
        else:
            done, total = getattr(record, "done", 0), getattr(record, "total", None)
            self._bar.update(self._task, description=record.getMessage(), completed=done, total=total)
