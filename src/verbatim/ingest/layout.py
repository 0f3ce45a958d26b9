"""Which column of one source holds what: from the settings, else from the survey tool."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, available_timezones

from verbatim.errors import SourceError
from verbatim.ingest.headers import Header
from verbatim.settings import ColumnSettings, Settings

_UTC = ZoneInfo("UTC")
OPTIONAL_ROLES = ("customer_id", "weight", "invited", "brand", "unit", "value")


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the columns; a role that the source does not have is absent."""

    header: Header
    score: int
    response_id: int | None
    """None: the tool gives none, it is derived from the answer."""
    answered_at: tuple[int, ...]
    """Columns with a date, the first that is filled counts; none: `source.answered_at` gives it."""
    verbatim: int | None
    optional: dict[str, int] = field(default_factory=dict)
    dimensions: dict[str, int] = field(default_factory=dict)
    indicators: dict[str, int] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    zone: ZoneInfo = _UTC
    """Time zone of dates without an offset."""

    def column_name(self, place: int | None) -> str | None:
        """Header of a column."""
        return self.header.names[place] if place is not None else None


def resolve_layout(header: Header, settings: Settings) -> Layout:
    """Find every column that the settings name, and those of a recognised tool that they do not.

    Raises
    ------
    SourceError
        A column is missing, or none is named for the identifier, the score or the date.
    """
    columns = settings.columns
    answered_at = _answered_at(header, settings)
    return Layout(
        header,
        score=_score(header, columns),
        response_id=_response_id(header, columns),
        answered_at=answered_at,
        verbatim=_named(header, "verbatim", columns.verbatim),
        optional={
            role: header.require(name, f"columns.{role}")
            for role in OPTIONAL_ROLES
            if (name := getattr(columns, role)) is not None
        },
        dimensions={
            name: header.require(dimension.column, f"columns.dimensions.{name}")
            for name, dimension in sorted(columns.dimensions.items())
        },
        indicators={
            name: header.require(indicator.column, f"columns.indicators.{name}")
            for name, indicator in sorted(columns.indicators.items())
        },
        missing=frozenset(settings.source.missing) | frozenset(header.traits.get("missing", ())),
        zone=_zone(header, answered_at, settings.survey.zone),
    )


def _score(header: Header, columns: ColumnSettings) -> int:
    place = _named(header, "score", columns.score)
    if place is None:
        raise _unset(header, "score", "the column of the likelihood to recommend")
    return place


def _named(header: Header, role: str, name: str | None) -> int | None:
    if name is not None:
        return header.require(name, f"columns.{role}")
    return header.guess(role) if header.tool else None


def _response_id(header: Header, columns: ColumnSettings) -> int | None:
    name = columns.response_id or header.traits.get("response_id")
    if name is None and header.tool is None:
        raise _unset(header, "response_id", "the column that tells responses apart")
    return header.require(name, "columns.response_id") if name is not None else None


def _answered_at(header: Header, settings: Settings) -> tuple[int, ...]:
    if settings.source.answered_at is not None:
        return ()
    if settings.columns.answered_at is not None:
        return (header.require(settings.columns.answered_at, "columns.answered_at"),)
    places = (header.find(name) for name in header.traits.get("answered_at", ()))
    found = tuple(place for place in places if place is not None)
    if not found:
        raise _unset(header, "answered_at", "the column of the date, or source.answered_at where there is none")
    return found


def _zone(header: Header, answered_at: tuple[int, ...], survey_zone: ZoneInfo) -> ZoneInfo:
    """Zone that the export names ("Submit Date (UTC)", Qualtrics' third header row), else the survey's."""
    for place in answered_at:
        if header.names[place].casefold().endswith("(utc)"):
            return _UTC
        name = header.timezones[place] if place < len(header.timezones) else None
        if name:
            return _UTC if name == "Z" else ZoneInfo(name) if name in available_timezones() else survey_zone
    return survey_zone


def _unset(header: Header, role: str, what: str) -> SourceError:
    return SourceError(
        f"columns.{role} is not set, and no survey tool was recognised that would tell",
        where=header.label,
        expected=f"{what}; {header.listed}",
        next_step=f"set columns.{role} in the settings",
    )
