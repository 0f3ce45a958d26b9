"""The night's rows merged with the landing store: which row of a response stands, which rows stay in quarantine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verbatim.periods import PeriodKind, label_periods

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

INDEX = ("response_id", "answered_at", "content_hash")
"""What merging needs of a response."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The responses that stand after this night.

    ``index`` has one row a response: `INDEX`, `window`, and `is_incoming` (the night's row stands, not the store's).
    ``outdated`` counts, by window, the night's rows that lost against a newer one of the store.
    """

    index: pd.DataFrame
    outdated: dict[str, int]


def merge_responses(
    stored: pd.DataFrame,
    incoming: pd.DataFrame,
    *,
    kind: PeriodKind,
    zone: ZoneInfo,
    full_snapshot: bool = False,
    reread: bool = False,
) -> Merged:
    """Choose one row a response: the newest `answered_at`, and of two as new the night's.

    Parameters
    ----------
    stored, incoming : DataFrame
        `INDEX` of the landing store and of the night; unique response ids in each.
    kind, zone : str, ZoneInfo
        Windows are labelled anew: the length of a period may have changed in the settings.
    full_snapshot : bool
        A stored response that the night does not bring was deleted. A night without any row deletes nothing: an empty
        export is an accident far more often than a wish.
    reread : bool
        The settings changed, dates may be read otherwise: what the source says now stands.

    Returns
    -------
    Merged
        In the order of response_id.
    """
    import pandas as pd

    both = pd.concat([stored.assign(is_incoming=False), incoming.assign(is_incoming=True)], ignore_index=True)
    if full_snapshot and len(incoming):
        both = both[both["is_incoming"]]
    newest_last = ["response_id", "is_incoming"] if reread else ["response_id", "answered_at", "is_incoming"]
    both = both.sort_values(newest_last, kind="stable")
    stands = ~both.duplicated("response_id", keep="last")
    index = both[stands].reset_index(drop=True)
    if len(index):
        index = index.assign(window=label_periods(index["answered_at"], kind=kind, zone=zone))
    else:
        index = index.assign(window=pd.Series(dtype="string"))
    outdated = both[~stands & both["is_incoming"]]
    lost = index.loc[index["response_id"].isin(outdated["response_id"]), "window"].value_counts()
    return Merged(index, {str(window): int(count) for window, count in lost.items()})


def merge_quarantine(
    stored: pd.DataFrame, incoming: pd.DataFrame, *, sources: Collection[str], full_snapshot: bool = False
) -> pd.DataFrame:
    """Quarantine after this night: the rows of the sources read tonight are replaced, those of other sources stay.

    Parameters
    ----------
    stored, incoming : DataFrame
        Columns of `quarantine`; a row is known by `source` and `row_number`.
    sources : collection of str
        Sources read tonight: a row of theirs that is no longer refused was corrected.
    full_snapshot : bool
        Sources that are absent now were deleted.
    """
    import pandas as pd

    replaced = stored["source"].isin({*sources, *incoming["source"]}) | full_snapshot
    kept = stored[~replaced]
    if kept.empty:
        return incoming.reset_index(drop=True)
    return pd.concat([kept, incoming], ignore_index=True)
