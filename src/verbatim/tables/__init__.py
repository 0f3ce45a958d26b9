"""The contracts of the tables: one row per what, which columns, of which type, under which invariants.

Everything that must agree on a table (DDL, validation, documentation, reports) derives from here.
"""

from verbatim.tables.catalogue import (
    ALERTS,
    DRIVERS,
    INDICATORS,
    NPS,
    NPS_ACCOUNT,
    OPINIONS,
    QUARANTINE,
    QUOTES,
    RESPONSES,
    SCORE_DISTRIBUTION,
    TABLES,
    THEMES,
    WINDOWS,
)
from verbatim.tables.contract import (
    Column,
    ColumnType,
    Schema,
    Table,
)
from verbatim.tables.validation import (
    check,
    conform,
    empty,
)
from verbatim.tables.vocabulary import (
    ALL,
    UNCLASSIFIED,
    UNDATED,
    AccountLine,
    AlertKind,
    AlertState,
    DriverVerdict,
    NpsGroup,
    Polarity,
    QuarantineReason,
    QuoteRole,
    WindowState,
)

__all__ = [
    "ALERTS",
    "ALL",
    "DRIVERS",
    "INDICATORS",
    "NPS",
    "NPS_ACCOUNT",
    "OPINIONS",
    "QUARANTINE",
    "QUOTES",
    "RESPONSES",
    "SCORE_DISTRIBUTION",
    "TABLES",
    "THEMES",
    "UNCLASSIFIED",
    "UNDATED",
    "WINDOWS",
    "AccountLine",
    "AlertKind",
    "AlertState",
    "Column",
    "ColumnType",
    "DriverVerdict",
    "NpsGroup",
    "Polarity",
    "QuarantineReason",
    "QuoteRole",
    "Schema",
    "Table",
    "WindowState",
    "check",
    "conform",
    "empty",
]
