"""What a night has to do: each window is skipped, or computed for a named cause."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from verbatim.tables import UNDATED
from verbatim.warehouse.fingerprints import METHOD_VERSION, Fingerprint, source_hash

if TYPE_CHECKING:
    import pandas as pd


class Cause(StrEnum):
    """Why a window is computed."""

    NEW = "new"
    LATE_ANSWERS = "late answers"
    CODEBOOK = "codebook"
    MODEL = "model"
    SETTINGS = "settings"
    METHOD = "method"
    PERIOD_CLOSED = "period closed"
    NO_ROW_LEFT = "no row left"


# Columns of `windows` that explain a changed fingerprint, in the order in which causes are named.
_CAUSES: Mapping[str, Cause] = {
    "source_hash": Cause.LATE_ANSWERS,
    "codebook_hash": Cause.CODEBOOK,
    "model_revision": Cause.MODEL,
    "settings_hash": Cause.SETTINGS,
    "method_version": Cause.METHOD,
    "provisional": Cause.PERIOD_CLOSED,
}


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """One window of a night's plan; without a cause it is skipped."""

    window: str
    fingerprint: Fingerprint
    causes: tuple[Cause, ...]
    n_duplicates: int

    @property
    def is_skipped(self) -> bool:
        """Nothing changed."""
        return not self.causes

    @property
    def is_removed(self) -> bool:
        """No row is left: the window leaves the tables."""
        return Cause.NO_ROW_LEFT in self.causes

    @property
    def cause(self) -> str:
        """The causes in words."""
        return ", ".join(self.causes)


def plan_windows(
    responses: pd.DataFrame,
    quarantine: pd.DataFrame,
    published: pd.DataFrame,
    *,
    duplicates: Mapping[str, int],
    codebook_hash: str,
    model_revision: str,
    settings_hash: str,
    provisional: Collection[str],
) -> list[PlannedWindow]:
    """Compare what each window would be computed from with what it was computed from.

    Parameters
    ----------
    responses : DataFrame
        `response_id`, `content_hash`, `window` of every response that stands.
    quarantine : DataFrame
        Rows in quarantine, with their window.
    published : DataFrame
        The survey's rows of `windows`.
    duplicates : mapping of str to int
        Dropped copies by window.
    codebook_hash, model_revision, settings_hash : str
        The night's own.
    provisional : collection of str
        Windows that are still open at the run's `as_of`.

    Returns
    -------
    list of PlannedWindow
        In the order of time, `undated` last.
    """
    before = {str(row["window"]): row for row in published.to_dict("records")}
    answered = {str(window): rows for window, rows in responses.groupby("window")}
    refused = {str(window): rows for window, rows in quarantine.groupby("window")}
    return [
        _plan(
            window,
            Fingerprint(
                source_hash(
                    answered.get(window, responses[:0]),
                    refused.get(window, quarantine[:0]),
                    n_duplicates=duplicates.get(window, 0),
                ),
                codebook_hash,
                model_revision,
                settings_hash,
                METHOD_VERSION,
                window in provisional,
            ),
            before.get(window),
            duplicates.get(window, 0),
            is_empty=window not in answered and window not in refused,
        )
        for window in sorted({*before, *answered, *refused}, key=lambda label: (label == UNDATED, label))
    ]


def _plan(
    window: str, fingerprint: Fingerprint, before: dict[Any, Any] | None, n_duplicates: int, *, is_empty: bool
) -> PlannedWindow:
    if is_empty:
        causes: tuple[Cause, ...] = (Cause.NO_ROW_LEFT,)
    elif before is None:
        causes = (Cause.NEW,)
    elif before["fingerprint"] == fingerprint.digest:
        causes = ()
    else:
        causes = tuple(cause for column, cause in _CAUSES.items() if before[column] != getattr(fingerprint, column))
    return PlannedWindow(window, fingerprint, causes, n_duplicates)
