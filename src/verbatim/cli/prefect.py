"""Prefect underneath a command: quiet, offline, and its flows found in the wheel and in a source checkout."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import verbatim
from verbatim.cli.progress import logged

_ENVIRONMENT: Mapping[str, str] = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The line above stops the server, this one the client: on a terminal it would send an event of its first import.
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "verbatim",
    # A fresh home migrates its database first: 8-20 s on an idle machine, and 20 s is where Prefect gives up.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}


@contextlib.contextmanager
def prepared_flow(name: str) -> Iterator[Any]:
    """Lend a flow of `flows/`, with the run's log lines on the terminal and Prefect's own kept off it.

    Parameters
    ----------
    name : str
        Module and flow, such as ``nightly``.
    """
    for variable, value in _ENVIRONMENT.items():
        os.environ.setdefault(variable, value)
    with logged() as tell:
        tell("starting Prefect … (some 20 s the first time, then a few)")
        flow = getattr(import_flow(name), name)
        if "PREFECT_DEBUG_MODE" not in os.environ:
            _keep_quiet()
        yield flow


def import_flow(name: str) -> Any:
    """Import a module of `flows/`: the wheel has it inside the package, a source checkout beside `src/`."""
    packaged = f"{verbatim.__name__}.flows"
    try:
        return importlib.import_module(f"{packaged}.{name}")
    except ModuleNotFoundError as error:
        if error.name != packaged:
            raise
    checkout = str(Path(verbatim.__file__).parents[2])
    if checkout not in sys.path:
        sys.path.insert(0, checkout)
    return importlib.import_module(f"flows.{name}")


def _keep_quiet() -> None:
    """Keep Prefect's lines and traces off the terminal; its own pages still have them.

    The command says what went wrong once, last, in its own words.
    """
    from prefect.logging.handlers import PrefectConsoleHandler

    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, PrefectConsoleHandler)]:
        root.removeHandler(handler)
    # Without any handler Python would print warnings itself.
    root.addHandler(logging.NullHandler())
    logging.getLogger("prefect._internal").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
