"""Errors as a person reads them at the end of a run: once, last, without a trace, with an exit code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from verbatim.errors import SettingsError, VerbatimError

FAILED, WRONG_SETTINGS, INTERRUPTED = 1, 2, 130


@contextlib.contextmanager
def explain_errors(*, debug: bool) -> Iterator[None]:
    """Turn an error into a message on standard error and an exit code.

    Parameters
    ----------
    debug : bool
        Let errors pass with their trace.
    """
    try:
        yield
    except KeyboardInterrupt:
        _tell("interrupted; run again to go on where it stopped")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of the output (head, less) went away: nobody is left to tell.
        sys.stderr.close()
        sys.exit(FAILED)
    except Exception as error:
        if debug:
            raise
        problem = error if isinstance(error, VerbatimError) else _unexpected(error)
        _tell(f"error: {problem}")
        sys.exit(WRONG_SETTINGS if isinstance(problem, SettingsError) else FAILED)


def _unexpected(error: Exception) -> VerbatimError:
    from verbatim.night.failures import describe_unexpected

    return describe_unexpected(error)


def _tell(message: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{message}\n")
