"""A codebook: the versioned list of themes, a TOML file that people can edit and diff."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from verbatim.errors import CodebookError
from verbatim.tables import UNCLASSIFIED

SHIPPED = ("cx-fr", "ex-fr")
"""Codebooks inside the package: customers' themes, employees' themes."""
DISCOVERED = "discovered"
"""Origin of a theme that was a proposal first."""

_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_UNCLASSIFIED_LABELS = {"fr": "À classer", "en": "To be classified"}
_LABELS = ("label_fr", "label_en", "definition_fr", "definition_en")
_HEAD = {"name", "version", "language", "themes", "retired"}
_THEME = {
    *("id", *_LABELS, "include_fr", "exclude_fr", "examples", "parent", "sector", "origin"),
    *("bare_verdict", "residual"),
}
_RETIRED = {"id", "version", "into", "note"}


@dataclass(frozen=True)
class Theme:
    """An entry of a codebook: what an opinion may be about."""

    id: str
    """Stable code; a label may change, an id never does."""
    label_fr: str
    label_en: str
    definition_fr: str
    definition_en: str
    examples: tuple[str, ...] = ()
    """Clauses that carry it, invented."""
    is_bare_verdict: bool = False
    """True: a verdict without a reason; kept in the tables, not ranked among the drivers."""
    is_residual: bool = False
    """True: names nothing in particular; kept in the tables, not ranked among the drivers."""
    include_fr: str = ""
    """What belongs here though one may doubt it; empty: nothing to say."""
    exclude_fr: str = ""
    """What does not belong here, and where it goes instead; empty: nothing to say."""
    parent: str | None = None
    """Id of the theme that this one is a part of."""
    sector: str = ""
    """Trade that it is meant for; empty: any."""
    origin: Literal["discovered"] | None = None
    """`discovered`: a proposal that a person accepted."""


@dataclass(frozen=True)
class Retired:
    """An id that was a theme's, and is never given again."""

    id: str
    version: str
    """Version of the codebook in which it left."""
    into: tuple[str, ...] = ()
    """Ids that took over: one where it was merged, several where it was split, none where nothing did."""
    note: str = ""


@dataclass(frozen=True)
class Codebook:
    """Themes in the order of their file."""

    name: str
    version: str
    language: str
    themes: tuple[Theme, ...]
    is_shipped: bool = True
    """False: read from a team's own file."""
    retired: tuple[Retired, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 of all that the file says; its layout and comments do not count."""
        said = [self.name, self.version, self.language, [asdict(theme) for theme in self.themes]]
        return _digest([*said, [asdict(one) for one in self.retired]])

    @property
    def assignment_hash(self) -> str:
        """SHA-256 of what decides which opinion gets which theme, or changes a number.

        Labels, exclude notes, sectors, the version and the order of the themes do not count: an edit of these changes
        what people read, and no figure. Of the retired ids counts only what took over: their opinions go there.
        """
        themes = sorted(
            (
                *(theme.id, theme.definition_fr, theme.definition_en, theme.include_fr, theme.examples),
                *(theme.is_bare_verdict, theme.is_residual, theme.parent),
            )
            for theme in self.themes
        )
        return _digest(
            [self.name, self.language, themes, sorted((one.id, one.into) for one in self.retired if one.into)]
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the themes, in the order of the file."""
        return tuple(theme.id for theme in self.themes)

    def label(self, theme_id: str, language: Literal["fr", "en"]) -> str:
        """What readers see of a theme; `a_classer` has a label in every codebook.

        Raises
        ------
        KeyError
            The codebook does not hold it.
        """
        if theme_id == UNCLASSIFIED:
            return _UNCLASSIFIED_LABELS[language]
        theme = {theme.id: theme for theme in self.themes}[theme_id]
        return theme.label_fr if language == "fr" else theme.label_en


@dataclass(frozen=True)
class Problem:
    """A rule that a file breaks."""

    what: str
    place: str
    """Line and entry; empty: the head of the file."""
    expected: str

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.what}; expected {self.expected}"


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Open a codebook that ships, or a TOML file of the same form.

    Parameters
    ----------
    name_or_path : str or Path
        `cx-fr`, `ex-fr`, or a file.

    Raises
    ------
    CodebookError
        There is no such codebook, or it breaks the rules: an unknown or missing key, an id that is no code, stands
        twice or had been retired, an empty text, a parent that is no theme, no theme at all. All problems are named.
    """
    name = str(name_or_path)
    shipped = name in SHIPPED
    return parse_codebook(read_codebook(name), where=f"codebook {name}" if shipped else name, is_shipped=shipped)


def read_codebook(name_or_path: str | Path) -> str:
    """Text of a codebook, whatever it says.

    Raises
    ------
    CodebookError
        There is no such codebook, or it cannot be read.
    """
    name = str(name_or_path)
    shipped = name in SHIPPED
    source = files("verbatim.themes") / "codebooks" / f"{name}.toml" if shipped else Path(name)
    try:
        return source.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = "there is no such codebook"
    except (OSError, UnicodeDecodeError):
        problem = "the codebook cannot be read"
    raise _no_codebook(problem, name)


def parse_codebook(text: str, *, where: str, is_shipped: bool = False) -> Codebook:
    """Take a codebook from its text.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        What the text is, for errors.
    is_shipped : bool
        True: it is one of the package's own.

    Raises
    ------
    CodebookError
        It breaks the rules; all problems are named.
    """
    codebook, problems = examine_codebook(text, where=where, is_shipped=is_shipped)
    if len(problems) == 1:
        (problem,) = problems
        raise CodebookError(
            problem.what, where=", ".join(filter(None, (where, problem.place))), expected=problem.expected
        )
    if problems:
        raise CodebookError(
            f"the codebook cannot be used, {len(problems)} problems:\n"
            + "\n".join(f"    - {problem}" for problem in problems),
            where=where,
            next_step="correct these; docs/themes.md explains every key",
        )
    return codebook


def examine_codebook(text: str, *, where: str, is_shipped: bool = False) -> tuple[Codebook, tuple[Problem, ...]]:
    """Take from a text what can be taken, and list all that breaks the rules.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        What the text is, for errors.
    is_shipped : bool
        True: it is one of the package's own.

    Returns
    -------
    Codebook
        Missing texts are empty. Fit for use only without problems.
    tuple of Problem
        In the order of the file: its head, its themes, its retired ids, then what they say of one another.

    Raises
    ------
    CodebookError
        The text is no TOML: nothing can be taken from it.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_codebook(f"the codebook is no TOML: {error}", where) from None
    reader = _Reader()
    head = reader.head(content)
    themes = tuple(
        reader.theme(entry, place)
        for entry, place in _entries(content.get("themes"), _header_lines(text, "themes"), "theme")
    )
    if not themes:
        reader.note("the codebook holds no theme", "", "[[themes]], once a theme")
    if not isinstance(content.get("retired", []), list):
        reader.note("retired is no list of entries", "", "[[retired]], once an id that left")
    lines = _header_lines(text, "retired")
    retired = tuple(reader.retired(entry, place) for entry, place in _entries(content.get("retired"), lines, "retired"))
    reader.among_themes(themes)
    reader.among_retired(retired, themes)
    return Codebook(**head, themes=themes, is_shipped=is_shipped, retired=retired), tuple(reader.problems)


class _Reader:
    """Reads entries leniently, and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._places: dict[tuple[str, str], str] = {}

    def note(self, what: str, place: str, expected: str) -> None:
        """Keep a problem."""
        self.problems.append(Problem(what, place, expected))

    def head(self, content: Mapping[str, Any]) -> dict[str, str]:
        """Name, version, language."""
        self._keys(content, _HEAD, "")
        head = {key: self._text(content, key, "") for key in ("name", "version", "language")}
        if head["name"] and not _NAME.fullmatch(head["name"]):
            # It is a key of tables and part of a file's name.
            self.note(
                f"a name that cannot be one: {head['name']!r}",
                "",
                "letters without accents, digits, - and _, such as cx-fr",
            )
        return head

    def theme(self, entry: Mapping[str, Any], place: str) -> Theme:
        """One entry of [[themes]]."""
        self._keys(entry, _THEME, place)
        theme_id = self._id(entry, place)
        self._places["theme", theme_id] = place
        labels = {key: self._text(entry, key, place) for key in _LABELS}
        origin = self._optional(entry, "origin", place)
        if origin not in ("", DISCOVERED):
            self.note(f"an origin that is not known: {origin!r}", place, f'origin = "{DISCOVERED}", or no such key')
        return Theme(
            theme_id,
            **labels,
            examples=self._texts(entry, "examples", place),
            is_bare_verdict=self._flag(entry, "bare_verdict", place),
            is_residual=self._flag(entry, "residual", place),
            include_fr=self._optional(entry, "include_fr", place),
            exclude_fr=self._optional(entry, "exclude_fr", place),
            parent=self._optional(entry, "parent", place) or None,
            sector=self._optional(entry, "sector", place),
            origin="discovered" if origin == DISCOVERED else None,
        )

    def retired(self, entry: Mapping[str, Any], place: str) -> Retired:
        """One entry of [[retired]]."""
        self._keys(entry, _RETIRED, place)
        theme_id = self._id(entry, place)
        self._places["retired", theme_id] = place
        return Retired(
            theme_id,
            version=self._text(entry, "version", place),
            into=self._texts(entry, "into", place),
            note=self._optional(entry, "note", place),
        )

    def among_themes(self, themes: Sequence[Theme]) -> None:
        """Ids stand once; parents are themes without a parent."""
        if twice := _twice([theme.id for theme in themes]):
            self.note(f"a theme stands twice: {', '.join(twice)}", "", "each id once")
        parents = {theme.id: theme.parent for theme in themes}
        for theme in themes:
            place = self._places["theme", theme.id]
            if theme.parent is None:
                continue
            if theme.parent not in parents:
                self.note(f"a parent that is no theme: {theme.parent}", place, "the id of a theme of this file")
            elif parents[theme.parent] is not None:
                self.note(
                    f"a parent that is a sub-theme itself: {theme.parent}", place, "one level: a theme without a parent"
                )

    def among_retired(self, retired: Sequence[Retired], themes: Sequence[Theme]) -> None:
        """Ids are never given again; what took over is known, and no id took over from itself."""
        gone = {one.id: one.into for one in retired}
        known = {theme.id for theme in themes}
        if twice := _twice([one.id for one in retired]):
            self.note(f"an id is retired twice: {', '.join(twice)}", "", "each id once")
        for one in retired:
            place = self._places["retired", one.id]
            if one.id in known:
                self.note(
                    f"an id that was retired is a theme again: {one.id}",
                    self._places["theme", one.id],
                    "another id: tables and trends know the old one with its old meaning",
                )
            if strangers := [heir for heir in one.into if heir not in known and heir not in gone]:
                self.note(f"into names no theme: {', '.join(strangers)}", place, "themes of this file, or retired ids")
            elif _comes_back(one.id, gone):
                self.note(f"{one.id} took over from itself, by way of {', '.join(one.into)}", place, "no circle")

    def _id(self, entry: Mapping[str, Any], place: str) -> str:
        found = self._text(entry, "id", place)
        if found and (not _ID.fullmatch(found) or found == UNCLASSIFIED):
            self.note(
                f"an id that cannot be one: {found!r}",
                place,
                f"small letters without accents, digits and _, such as prix_tarif; not {UNCLASSIFIED}",
            )
        return found

    def _keys(self, content: Mapping[str, Any], known: set[str], place: str) -> None:
        if unknown := sorted(set(content) - known):
            self.note(f"unknown keys: {', '.join(unknown)}", place, f"some of {', '.join(sorted(known))}")

    def _text(self, content: Mapping[str, Any], key: str, place: str) -> str:
        value = content.get(key)
        if not isinstance(value, str) or not value.strip():
            self.note(f"{key} is missing or empty", place, f'{key} = "…"')
            return ""
        return value.strip()

    def _optional(self, content: Mapping[str, Any], key: str, place: str) -> str:
        value = content.get(key, "")
        if not isinstance(value, str):
            self.note(f"{key} is no text", place, f'{key} = "…"')
            return ""
        return value.strip()

    def _flag(self, content: Mapping[str, Any], key: str, place: str) -> bool:
        value = content.get(key, False)
        if not isinstance(value, bool):
            self.note(f"{key} is no truth value", place, "true or false")
            return False
        return value

    def _texts(self, content: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
        value = content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self.note(f"{key} is no list of texts", place, f'{key} = ["…", "…"]')
            return ()
        return tuple(value)


def _entries(entries: object, lines: Sequence[int], kind: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Tables of an array with the place of each; what is no table counts as one without keys."""
    if not isinstance(entries, list):
        return
    for position, entry in enumerate(entries, start=1):
        place = f"{kind} {position}"
        # Written inline, or as a header in a text of several lines: then no line can be told.
        if len(lines) == len(entries):
            place = f"line {lines[position - 1]}, {place}"
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            place = f"{place} ({entry['id']})"
        yield entry if isinstance(entry, dict) else {}, place


def _header_lines(text: str, kind: str) -> list[int]:
    header = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    return [number for number, line in enumerate(text.splitlines(), start=1) if header.match(line)]


def _twice(ids: Sequence[str]) -> list[str]:
    return sorted({one for one in ids if one and ids.count(one) > 1})


def _comes_back(theme_id: str, gone: Mapping[str, Sequence[str]]) -> bool:
    seen, ahead = set[str](), list(gone[theme_id])
    while ahead:
        heir = ahead.pop()
        if heir == theme_id:
            return True
        if heir not in seen:
            seen.add(heir)
            ahead += gone.get(heir, ())
    return False


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _no_codebook(problem: str, where: str) -> CodebookError:
    return CodebookError(
        problem,
        where=where,
        expected=f"{', '.join(SHIPPED)}, or a TOML file of the same form",
        next_step="copy src/verbatim/themes/codebooks/cx-fr.toml, edit it, and name it in [themes] codebook",
    )
