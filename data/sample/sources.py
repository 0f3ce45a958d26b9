"""Source answers of verbatims-fr as segments, and the fragments that can be joined anew."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

Band = Literal["detractor", "passive", "promoter"]
Pair = tuple[str, str]
"""Theme and polarity of an opinion."""

SECTORS = ("magasin", "magasin2", "bricolage", "jardinerie")
"""Whole sectors of verbatims-fr that are kept out of every training; no other may be drawn from."""

_HERE = Path(__file__).parent
_FOLDERS = (_HERE.parent / "verbatims-fr" / "rows", _HERE.parents[2] / "shared" / "data" / "verbatims-fr" / "rows")
_MARK = re.compile(r"\{(?P<sign>[+\-=])(?P<theme>\w+)\|(?P<text>[^}]*)\}")
_POLARITIES = {"+": "positive", "-": "negative", "=": "neutral"}
# What may stand between two marks so that each can live alone.
_JOINT = re.compile(r"(?:[\s,.;!]|\bet\b|\bmais\b|\bpar contre\b)*")
_SHORT = 70
# What one customer tells, not two.
_PARTICULAR = re.compile(r"[\d«\"]")


@dataclass(frozen=True)
class Segment:
    """A stretch of an answer; ``pair`` is None outside of the opinions."""

    text: str
    pair: Pair | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """An answer of the corpus, or a clause of one that can stand alone; equal to itself only."""

    score: int
    segments: tuple[Segment, ...]

    @cached_property
    def text(self) -> str:
        """The answer as it was typed."""
        return "".join(segment.text for segment in self.segments)

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        """Themes and polarities of its opinions."""
        return frozenset(segment.pair for segment in self.segments if segment.pair)

    def gives(self, polarity: str | None) -> bool:
        """True if one of its opinions has the polarity; always for None."""
        return polarity is None or any(found == polarity for _, found in self.pairs)

    @cached_property
    def is_short(self) -> bool:
        """True if it can be joined to another."""
        return len(self.text) <= _SHORT and len(self.pairs) <= 2

    @cached_property
    def is_common(self) -> bool:
        """True if two customers can say it in the same words: short, without a figure or a quotation."""
        return self.is_short and not _PARTICULAR.search(self.text)


def band_of(score: int) -> Band:
    """Group of a score."""
    return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"


def rows_folder() -> Path:
    """Folder of the marked rows.

    Raises
    ------
    SystemExit
        There is none.
    """
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise SystemExit("verbatims-fr is not here; looked in:\n" + "\n".join(f"  {folder}" for folder in _FOLDERS))


def read_sources(folder: Path) -> list[Source]:
    """Usable answers of the four sectors, then the clauses that can be told apart in them."""
    other_trades, leaning = _entries("autres-metiers.txt"), _entries("debuts-dependants.txt")
    rows = [row for sector in SECTORS for row in _read_sector(folder / f"{sector}.tsv")]
    usable = [row for row in rows if row.pairs and _fits(row.text, other_trades)]
    clauses = [clause for row in usable for clause in _clauses(row, leaning)]
    # A dictionary keeps the order and drops what stands twice.
    return list({(source.score, source.segments): source for source in usable + clauses}.values())


def _read_sector(file: Path) -> list[Source]:
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        score, _, _, marked = line.split("\t")
        # U+202F has no place in cp1252, the charset of the export.
        rows.append(Source(int(score), parse_marks(marked.replace("\\n", "\n").replace("\u202f", "\u00a0"))))
    return rows


def parse_marks(marked: str) -> tuple[Segment, ...]:
    """Cut a marked text into segments.

    Examples
    --------
    >>> parse_marks("{+prix_tarif|pas cher}, merci")
    (Segment(text='pas cher', pair=('prix_tarif', 'positive')), Segment(text=', merci', pair=None))
    """
    segments, end = [], 0
    for mark in _MARK.finditer(marked):
        segments.append(Segment(marked[end : mark.start()]))
        segments.append(Segment(mark["text"], (mark["theme"], _POLARITIES[mark["sign"]])))
        end = mark.end()
    segments.append(Segment(marked[end:]))
    return tuple(segment for segment in segments if segment.text)


def _clauses(row: Source, leaning: tuple[str, ...]) -> list[Source]:
    joints = [segment.text for segment in row.segments if segment.pair is None]
    marks = [segment for segment in row.segments if segment.pair]
    if len(marks) < 2 or not all(_JOINT.fullmatch(joint.lower()) for joint in joints):
        return []
    return [Source(row.score, (mark,)) for mark in marks if _stands_alone(mark.text, leaning)]


def _stands_alone(text: str, leaning: tuple[str, ...]) -> bool:
    words = plain_words(text)
    return 8 <= len(text) <= _SHORT and not any(words.startswith(f" {beginning} ") for beginning in leaning)


def _entries(file: str) -> tuple[str, ...]:
    lines = (_HERE / file).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _fits(text: str, other_trades: tuple[str, ...]) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    words = plain_words(text)
    # Short entries are whole words, longer ones beginnings.
    return not any(f" {entry}{' ' if len(entry) <= 4 else ''}" in words for entry in other_trades)


def plain_words(text: str) -> str:
    """Words of a text, lower case and without accents, a blank before and behind each."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', without_accents(text).lower()))} "


def without_accents(text: str) -> str:
    """Text with its accents lost, as some people type; other characters stay."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
