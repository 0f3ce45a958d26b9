"""Errors that tell a person what happened, where, what was expected and what to do next.

A message never holds a customer's text: callers pass column names, row numbers and counts.
"""

from __future__ import annotations


class VerbatimError(Exception):
    """Base of every error that `verbatim` raises on purpose.

    Parameters
    ----------
    what : str
        What went wrong, in one sentence.
    where : str, optional
        File, key, column or row.
    expected : str, optional
        What would have been right.
    next_step : str, optional
        The command or edit that gets the reader further.
    """

    def __init__(self, what: str, *, where: str = "", expected: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.next_step = next_step

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (Prefect, Dask): keyword-only arguments need this to unpickle.
        return _rebuild, (type(self), self.what, self.where, self.expected, self.next_step)

    def __str__(self) -> str:
        parts = [("", self.what), ("where", self.where), ("expected", self.expected), ("next", self.next_step)]
        return "\n".join(f"  {label}: {text}" if label else text for label, text in parts if text)


def _rebuild(kind: type[VerbatimError], what: str, where: str, expected: str, next_step: str) -> VerbatimError:
    return kind(what, where=where, expected=expected, next_step=next_step)


class SettingsError(VerbatimError):
    """The settings file or an override cannot be used."""


class SourceError(VerbatimError):
    """The survey's source cannot be read as it stands; trying again will not help."""


class ContractError(VerbatimError):
    """A frame breaks the contract of its table; nothing was published."""


class ModelError(VerbatimError):
    """A model folder is missing or cannot be used."""


class WarehouseError(VerbatimError):
    """The warehouse refused or cannot be opened; trying again will not help."""


class CodebookError(VerbatimError):
    """A codebook file breaks its own rules."""


class TransientError(VerbatimError):
    """A network or lock trouble that a retry may cure; the only kind that flows retry."""
