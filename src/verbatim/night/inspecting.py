"""A look at a source before its first night: its columns, what each holds, its first rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain, islice

from verbatim.settings import Settings

_MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a source looks like; headers are redacted, and no cell is kept."""

    label: str
    """The first file, or the query."""
    encoding: str | None
    tool: str | None
    """Survey tool that the header gives away."""
    columns: tuple[str, ...]
    mapped: tuple[tuple[str, str], ...]
    """Role in the settings and header of its column, in the order of the settings."""
    n_rows: int
    """Rows that were looked at: the first thousand, rows without any text left out."""
    n_responses: int
    n_scored: int
    n_commenters: int
    refused: tuple[tuple[str, int], ...]
    """Reasons for which rows cannot be responses, the most frequent first."""


def inspect_source(settings: Settings) -> Inspected:
    """Read the header and the first rows of a survey's first source; nothing is written.

    Parameters
    ----------
    settings : Settings
        The survey.

    Raises
    ------
    SourceError
        A source cannot be read, or a column is missing.
    """
    from verbatim.ingest.headers import read_header
    from verbatim.ingest.layout import resolve_layout
    from verbatim.ingest.responses import Rejection, RowReader
    from verbatim.ingest.sources import open_sources
    from verbatim.privacy import redact

    source = next(open_sources(settings.source))
    first = next(source.records, None)
    if first is None and not source.has_header_row:
        return Inspected(source.label, source.encoding, None, (), (), 0, 0, 0, 0, ())
    header, records = read_header(source.label, source.records if first is None else chain([first], source.records))
    layout = resolve_layout(header, settings)
    reader = RowReader(settings, layout, None)
    filled = (record for record in records if not isinstance(record, list) or any(map(str.strip, record)))
    batch = list(islice(filled, _MOST_ROWS))
    refused: Counter[str] = Counter()
    responses = []
    for record in batch:
        read = reader.read(record) if isinstance(record, list) else Rejection(record)
        if isinstance(read, Rejection):
            refused[str(read.reason)] += 1
        else:
            responses.append(read)
    places = {
        "response_id": layout.response_id,
        "score": layout.score,
        "verbatim": layout.verbatim,
        "answered_at": layout.answered_at[0] if layout.answered_at else None,
        **layout.optional,
        **{f"dimensions.{name}": place for name, place in layout.dimensions.items()},
        **{f"indicators.{name}": place for name, place in layout.indicators.items()},
    }
    columns = tuple(redact(name).text for name in header.names)
    return Inspected(
        source.label,
        source.encoding,
        header.tool,
        columns,
        tuple((role, columns[place]) for role, place in places.items() if place is not None),
        len(batch),
        len(responses),
        sum(response.score is not None for response in responses),
        sum(response.verbatim is not None for response in responses),
        tuple(refused.most_common()),
    )
