"""Errors that nobody foresaw: named by type and place, because their own text may quote a customer."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from verbatim.errors import VerbatimError


class UnexpectedError(VerbatimError):
    """A fault of the program, or of something it stands on."""


@contextlib.contextmanager
def named_only(*, debug: bool = False) -> Iterator[None]:
    """Let errors raised on purpose pass; of all others keep the type and the place.

    Parameters
    ----------
    debug : bool
        Let every error pass as it is.

    Raises
    ------
    UnexpectedError
        Instead of any other exception.
    """
    try:
        yield
    except VerbatimError:
        raise
    except Exception as error:
        if debug:
            raise
        raise describe_unexpected(error) from None


def describe_unexpected(error: Exception) -> UnexpectedError:
    """Name an error's type and the line it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}, line {frame.lineno}" for frame in (frames[:1] + frames[-1:])]
    return UnexpectedError(
        f"an unexpected error: {type(error).__name__}",
        where="; raised in ".join(dict.fromkeys(places)),
        next_step="run the same command with --debug for the whole trace (it may quote customers), and report it",
    )
