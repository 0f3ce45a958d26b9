"""Where tables are published: DuckDB or PostgreSQL, one code path, a window in one transaction."""

from verbatim.warehouse.fingerprints import METHOD_VERSION, Fingerprint, settings_hash
from verbatim.warehouse.merging import merge_quarantine, merge_responses
from verbatim.warehouse.plan import Cause, PlannedWindow, plan_windows
from verbatim.warehouse.store import Warehouse, open_warehouse
from verbatim.warehouse.windows import window_row

__all__ = [
    "METHOD_VERSION",
    "Cause",
    "Fingerprint",
    "PlannedWindow",
    "Warehouse",
    "merge_quarantine",
    "merge_responses",
    "open_warehouse",
    "plan_windows",
    "settings_hash",
    "window_row",
]
