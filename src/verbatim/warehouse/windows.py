"""The row of `windows` that a publication leaves: where the window stands, from what, and the account of its rows."""

from __future__ import annotations

import dataclasses
import resource
from typing import TYPE_CHECKING

from verbatim.tables import WindowState

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.warehouse.plan import PlannedWindow


def window_row(
    planned: PlannedWindow,
    *,
    survey_id: str,
    responses: pd.DataFrame,
    opinions: pd.DataFrame,
    quarantine: pd.DataFrame,
    seconds: float,
    run_id: str,
) -> pd.DataFrame:
    """Make the one row of a published window.

    Parameters
    ----------
    planned : PlannedWindow
        Its fingerprint, causes and dropped copies.
    survey_id, run_id : str
        Which survey, which run.
    responses, opinions, quarantine : DataFrame
        What was published of them in the window.
    seconds : float
        Wall time spent on the window.
    """
    import pandas as pd

    commented = set(responses.loc[responses["verbatim"].notna(), "response_id"])
    row = {
        "survey_id": survey_id,
        "window": planned.window,
        "state": WindowState.PUBLISHED.value,
        "cause": planned.cause,
        "fingerprint": planned.fingerprint.digest,
        **dataclasses.asdict(planned.fingerprint),
        "rows_in": len(responses) + len(quarantine) + planned.n_duplicates,
        "n_responses": len(responses),
        "n_quarantined": len(quarantine),
        "n_duplicates": planned.n_duplicates,
        "n_scored": int(responses["score"].notna().sum()),
        "n_commenters": len(commented),
        "n_opinions": len(opinions),
        "n_without_opinion": len(commented - set(opinions["response_id"])),
        # Its alerts look at other windows too: they come after all of them.
        "alerts_digest": None,
        "seconds": round(seconds, 3),
        "peak_memory_mb": peak_memory_mb(),
        "run_id": run_id,
    }
    return pd.DataFrame([row])


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, MB (Linux counts in kB)."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1)
