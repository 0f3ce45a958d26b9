"""One row of a source as a response: read, repaired and redacted, or the reason why it is none."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from verbatim.ingest.customers import customer_key, masked_id
from verbatim.ingest.dates import in_utc, read_date
from verbatim.ingest.layout import Layout
from verbatim.ingest.numbers import read_number, read_score
from verbatim.ingest.repair import repair
from verbatim.ingest.slices import slice_label
from verbatim.privacy import Redacted, redact
from verbatim.settings import Indicator, Settings
from verbatim.tables import ALL, NpsGroup, QuarantineReason


@dataclass(frozen=True, slots=True)
class Response:
    """Columns of the table `responses` that one row gives."""

    survey_id: str
    response_id: str
    population: str
    answered_at: dt.datetime
    score: int | None
    nps_group: str | None
    verbatim: str | None
    customer_key: str | None
    unit: str | None
    weight: float | None
    value: float | None
    dimensions: str
    indicators: str
    redactions: str
    flags: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row is no response, the column at fault, and its date if it could be read."""

    reason: QuarantineReason
    column: int | None = None
    answered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RowReader:
    """What reading a row of one source needs."""

    settings: Settings
    layout: Layout
    secret: str | None
    seen: Counter[bytes] = field(default_factory=Counter)
    """How often each answer without an identifier came in this source."""

    def read(self, cells: list[str]) -> Response | Rejection:
        """Read one row; the reasons of a rejection in the order identifier, date, score, weight."""
        layout, survey = self.layout, self.settings.survey
        response_id = self._cell(cells, layout.response_id)
        answered_at, date_place = self._date(cells)
        if layout.response_id is not None and response_id is None:
            return Rejection(QuarantineReason.NO_RESPONSE_ID, layout.response_id, answered_at)
        if answered_at is None:
            filled = date_place is not None
            reason = QuarantineReason.DATE_UNREADABLE if filled else QuarantineReason.DATE_MISSING
            return Rejection(reason, date_place if filled else layout.answered_at[0])
        score_cell = self._cell(cells, layout.score)
        score = None if score_cell is None else read_score(score_cell, survey.scale[1])
        if score_cell is not None and score is None:
            return Rejection(QuarantineReason.SCORE_UNREADABLE, layout.score, answered_at)
        if score is not None and not survey.scale[0] <= score <= survey.scale[1]:
            return Rejection(QuarantineReason.SCORE_OUT_OF_SCALE, layout.score, answered_at)
        weight = self._number(cells, "weight")
        if self._has(cells, "weight") and (weight is None or weight <= 0):
            return Rejection(QuarantineReason.WEIGHT_UNUSABLE, layout.optional["weight"], answered_at)
        return self._response(cells, response_id, answered_at, score, weight)

    def _response(
        self,
        cells: list[str],
        response_id: str | None,
        answered_at: dt.datetime,
        score: int | None,
        weight: float | None,
    ) -> Response:
        verbatim, repaired = self._verbatim(cells)
        brand, unit = (self._label(cells, self.layout.optional.get(role)) for role in ("brand", "unit"))
        dimensions = {name: self._label(cells, place) for name, place in self.layout.dimensions.items()}
        tags = Counter(
            span.tag.value
            for text in (verbatim, brand, unit, *dimensions.values())
            if text is not None
            for span in text.spans
        )
        response = Response(
            survey_id=self.settings.survey.id,
            response_id=self._safe_id(response_id),
            population=brand.text if brand else ALL,
            answered_at=answered_at,
            score=score,
            nps_group=nps_group(score),
            verbatim=(verbatim.text or None) if verbatim else None,
            customer_key=self._customer(cells),
            unit=unit.text if unit else None,
            weight=weight,
            value=self._number(cells, "value"),
            dimensions=self._slices(dimensions),
            indicators=self._indicators(cells),
            redactions=_json(tags),
            flags="repaired" if repaired else "",
            content_hash="",
        )
        return self._identified(response)

    def _identified(self, response: Response) -> Response:
        """Add the hash of the content, and the identifier where the tool gives none.

        Two customers may give the same answer in the same second: the second is told apart by its count. The count is
        that of the source, so that exports that overlap still give one identifier to one answer.
        """
        if not response.response_id:
            digest = _content_hash(response)[:20]
            key = bytes.fromhex(digest)
            self.seen[key] += 1
            rank = f"-{self.seen[key]}" if self.seen[key] > 1 else ""
            response = replace(response, response_id=f"{self.layout.header.tool or 'row'}-{digest}{rank}")
        return replace(response, content_hash=_content_hash(response))

    def _cell(self, cells: list[str], place: int | None) -> str | None:
        """Text of a cell without blanks around it; None if it is missing."""
        if place is None:
            return None
        text = cells[place].strip()
        return text if text and text not in self.layout.missing else None

    def _has(self, cells: list[str], role: str) -> bool:
        return self._cell(cells, self.layout.optional.get(role)) is not None

    def _number(self, cells: list[str], role: str) -> float | None:
        cell = self._cell(cells, self.layout.optional.get(role))
        return None if cell is None else read_number(cell)

    def _date(self, cells: list[str]) -> tuple[dt.datetime | None, int | None]:
        """Date of the row, and the column that holds it (also if it cannot be read)."""
        fixed = self.settings.source.answered_at
        if fixed is not None:
            return in_utc(fixed, self.settings.survey.zone), None
        for place in self.layout.answered_at:
            cell = self._cell(cells, place)
            if cell is not None:
                return read_date(cell, self.layout.zone), place
        return None, None

    def _verbatim(self, cells: list[str]) -> tuple[Redacted | None, bool]:
        cell = self._cell(cells, self.layout.verbatim)
        if cell is None:
            return None, False
        text, repaired = repair(cell)
        return redact(text), repaired

    def _label(self, cells: list[str], place: int | None) -> Redacted | None:
        cell = self._cell(cells, place)
        return None if cell is None else _clean_label(cell)

    def _safe_id(self, response_id: str | None) -> str:
        if response_id is None:
            return ""
        if not response_id.isprintable():
            response_id = "".join(filter(str.isprintable, response_id))
        return masked_id(response_id, self.secret) if redact(response_id).spans else response_id

    def _customer(self, cells: list[str]) -> str | None:
        identifier = self._cell(cells, self.layout.optional.get("customer_id"))
        return customer_key(identifier, self.secret) if identifier and self.secret else None

    def _slices(self, labels: dict[str, Redacted | None]) -> str:
        dimensions = self.settings.columns.dimensions
        slices = {name: slice_label(label.text, dimensions[name]) for name, label in labels.items() if label}
        return _json({name: label for name, label in slices.items() if label})

    def _indicators(self, cells: list[str]) -> str:
        answers = {}
        for name, place in self.layout.indicators.items():
            cell = self._cell(cells, place)
            answer = None if cell is None else _in_scale(cell, self.settings.columns.indicators[name])
            if answer is not None:
                answers[name] = answer
        return _json(answers)


FIELDS = tuple(Response.__dataclass_fields__)
# One encoder for all rows: json.dumps builds one a call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_SAID = tuple(name for name in FIELDS if name not in {"flags", "content_hash"})


def nps_group(score: int | None) -> NpsGroup | None:
    """Promoter (9-10), passive (7-8) or detractor (0-6); None without a score."""
    if score is None:
        return None
    if score >= 9:
        return NpsGroup.PROMOTER
    return NpsGroup.PASSIVE if score >= 7 else NpsGroup.DETRACTOR


def _in_scale(cell: str, indicator: Indicator) -> float | int | None:
    low, high = indicator.scale
    number = read_number(cell)
    if number is None:
        # "4 - Satisfait"
        number = read_score(cell, high)
    if number is None or not low <= number <= high:
        return None
    return int(number) if number == int(number) else number


@lru_cache(maxsize=65_536)
def _clean_label(cell: str) -> Redacted:
    """A short text such as a channel or a shop; the same few values come again and again."""
    return redact(" ".join(repair(cell)[0].split()))


def _content_hash(response: Response) -> str:
    """SHA-256 of everything the response says; neither its place in the source nor how it was repaired."""
    said = [str(getattr(response, name)) for name in _SAID]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def _json(values: Mapping[str, object]) -> str:
    return _ENCODER.encode(values)
