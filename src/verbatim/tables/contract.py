"""What a contract says of a table: its grain, its keys, its columns, their types and bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Schema = Literal["restricted", "published"]
ColumnType = Literal["text", "integer", "real", "boolean", "timestamp"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: ColumnType
    doc: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its grain, its keys, its columns.

    ``partition`` names the columns whose values are replaced together when a window is published.
    """

    name: str
    schema: Schema
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: tuple[str, ...] = ("survey_id", "window")

    @property
    def column_names(self) -> list[str]:
        """Names in order."""
        return [column.name for column in self.columns]

    @property
    def qualified_name(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"
