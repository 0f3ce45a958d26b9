"""Header rows of a source: names, further names, and the survey tool that they give away."""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verbatim.errors import SourceError
from verbatim.ingest.records import Record
from verbatim.ingest.repair import repair
from verbatim.ingest.resources import read_table
from verbatim.privacy import redact

_MOST_LISTED = 40
_LONGEST_LISTED = 60
_SINGLE_ANSWER = frozenset({"response", "open-ended response", "réponse", "réponse ouverte"})
"""What SurveyMonkey writes below a question with one answer."""
_IMPORT_ID = '{"ImportId"'


@dataclass(frozen=True, slots=True)
class Header:
    """Columns of a source.

    Each may be called by several names: a Qualtrics column by its code, by its question and by its import id.
    """

    label: str
    names: tuple[str, ...]
    other_names: tuple[tuple[str, int], ...] = ()
    """Further names with the place of their column."""
    tool: str | None = None
    timezones: tuple[str | None, ...] = ()

    @property
    def traits(self) -> dict[str, Any]:
        """What is known of the tool: its own columns, its mark of a missing answer."""
        return read_table("survey-tools.toml")[self.tool] if self.tool else {}

    def find(self, name: str) -> int | None:
        """Place of a column, by its exact name first; None if there is none, or no single one."""
        for same in (str, _plain):
            places = [place for place, column in enumerate(self.names) if same(column) == same(name)]
            if not places:
                places = [place for other, place in self.other_names if same(other) == same(name)]
            if places:
                return places[0] if len(places) == 1 else None
        return None

    def require(self, name: str, key: str) -> int:
        """Place of a column that the settings name.

        Raises
        ------
        SourceError
            There is no such column; those found are listed.
        """
        place = self.find(name)
        twins = sum(_plain(column) == _plain(name) for column in self.names)
        if place is None and twins > 1:
            raise SourceError(
                f"{twins} columns are called '{name}' ({key} in the settings)",
                where=self.label,
                expected="a name that stands once in the header",
                next_step="rename one of them in the export",
            )
        if place is None:
            raise SourceError(
                f"there is no column '{name}' ({key} in the settings){self._closest(name)}",
                where=self.label,
                expected=self.listed,
                next_step=f"correct {key}, or export the survey with this column",
            )
        return place

    def guess(self, role: str) -> int | None:
        """Place of the one column whose header says beyond doubt what it holds (`score`, `verbatim`)."""
        patterns = read_table("survey-tools.toml")["unmistakable"][role]
        expression = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.DOTALL)
        named = [*((name, place) for place, name in enumerate(self.names)), *self.other_names]
        places = {place for name, place in named if expression.fullmatch(_plain(name))}
        return places.pop() if len(places) == 1 else None

    def _closest(self, name: str) -> str:
        known = {_plain(column): column for column in self.names if column}
        close = difflib.get_close_matches(_plain(name), list(known), n=1)
        return f"; did you mean '{redact(known[close[0]]).text}'?" if close and not self._looks_like_data() else ""

    @property
    def listed(self) -> str:
        """The columns found, in words."""
        if self._looks_like_data():
            # Without a header row the names would be a customer's answers.
            return "a header row; the first row looks like data"
        shown = [redact(name).text[:_LONGEST_LISTED] for name in self.names if name]
        more = f" and {len(shown) - _MOST_LISTED} more" if len(shown) > _MOST_LISTED else ""
        return f"one of: {', '.join(shown[:_MOST_LISTED])}{more}"

    def _looks_like_data(self) -> bool:
        return any(re.fullmatch(r"-?\d+(?:[.,/:-]\d+)*", name) or redact(name).spans for name in self.names)


def read_header(label: str, records: Iterator[Record]) -> tuple[Header, Iterator[Record]]:
    """Take the header rows off the records.

    Returns
    -------
    header : Header
        Columns, with the survey tool if it is known.
    records : Iterator of Record
        The data rows.

    Raises
    ------
    SourceError
        There is no header row.
    """
    first = next(records, None)
    if not isinstance(first, list) or not any(cell.strip() for cell in first):
        raise SourceError(
            "there is no header row",
            where=label,
            expected="the names of the columns in the first row",
            next_step="export the survey with its header",
        )
    names = tuple(_cleaned(cell) for cell in first)
    header = Header(label, names, tool=_recognise_tool(names))
    peeked = list(itertools.islice(records, 2)) if header.tool in {"qualtrics", "surveymonkey"} else []
    header, rows = _with_further_rows(header, peeked)
    return header, itertools.chain(peeked[rows:], records)


def _with_further_rows(header: Header, peeked: list[Record]) -> tuple[Header, int]:
    """The header with what its second and third rows say, and how many of those there are."""
    if header.tool == "qualtrics" and len(peeked) == 2 and _is_import_ids(peeked[1]):
        return _qualtrics(header, _texts(peeked[0]), _texts(peeked[1])), 2
    if header.tool == "qualtrics" and peeked and _is_question_row(header, peeked[0]):
        return _qualtrics(header, _texts(peeked[0]), []), 1
    if header.tool == "surveymonkey" and peeked and isinstance(peeked[0], list) and not peeked[0][0].strip():
        return _surveymonkey(header, _texts(peeked[0])), 1
    return header, 0


def _recognise_tool(names: tuple[str, ...]) -> str | None:
    known = {_plain(name) for name in names}
    for tool, traits in read_table("survey-tools.toml").items():
        if tool != "unmistakable" and all(_plain(name) in known for name in traits["headers"]):
            return str(tool)
    return None


def _qualtrics(header: Header, questions: list[str], imports: list[str]) -> Header:
    documents = [json.loads(text) if text.startswith(_IMPORT_ID) else {} for text in imports]
    ids = [str(document.get("ImportId", "")) for document in documents]
    zones = tuple(document.get("timeZone") for document in documents)
    others = tuple((name, place) for texts in (questions, ids) for place, name in enumerate(texts) if name)
    return Header(header.label, header.names, others, header.tool, zones)


def _surveymonkey(header: Header, options: list[str]) -> Header:
    """Join a question and its option: "Qu'avez-vous acheté ? - Plantes"; blank headers carry the question on."""
    names, question = [], ""
    for name, option in itertools.zip_longest(header.names, options, fillvalue=""):
        question = name or question
        is_single = not option or (name and option.casefold() in _SINGLE_ANSWER)
        names.append(question if is_single else f"{question} - {option}")
    return Header(header.label, tuple(names), (), header.tool)


def _is_import_ids(record: Record) -> bool:
    return isinstance(record, list) and any(cell.startswith(_IMPORT_ID) for cell in record)


def _is_question_row(header: Header, record: Record) -> bool:
    """Tell the row of question texts by its date columns, which hold words instead of dates."""
    places = (header.find("StartDate"), header.find("EndDate"))
    return isinstance(record, list) and all(
        place is not None and record[place].strip() and not any(map(str.isdigit, record[place])) for place in places
    )


def _texts(record: Record) -> list[str]:
    return [_cleaned(cell) for cell in record] if isinstance(record, list) else []


def _cleaned(cell: str) -> str:
    return " ".join(repair(cell)[0].split())


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
