"""A codebook: the versioned list of themes, a TOML file that people can edit and diff."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from verbatim.errors import CodebookError
from verbatim.tables import UNCLASSIFIED

SHIPPED = ("cx-fr", "ex-fr")
"""Codebooks inside the package: customers' themes, employees' themes."""

_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_UNCLASSIFIED_LABELS = {"fr": "À classer", "en": "To be classified"}
_HEAD = {"name", "version", "language", "themes"}
_THEME = {"id", "label_fr", "label_en", "definition_fr", "definition_en", "examples", "bare_verdict", "residual"}


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


@dataclass(frozen=True)
class Codebook:
    """Themes in the order of their file."""

    name: str
    version: str
    language: str
    themes: tuple[Theme, ...]
    is_shipped: bool = True
    """False: read from a team's own file."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of all that the file says; its layout and comments do not count."""
        said = [self.name, self.version, self.language, [asdict(theme) for theme in self.themes]]
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

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


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Open a codebook that ships, or a TOML file of the same form.

    Parameters
    ----------
    name_or_path : str or Path
        `cx-fr`, `ex-fr`, or a file.

    Raises
    ------
    CodebookError
        There is no such codebook, or it breaks the rules: an unknown or missing key, an id that is no code or stands
        twice, an empty text, no theme at all.
    """
    name = str(name_or_path)
    shipped = name in SHIPPED
    where = f"codebook {name}" if shipped else name
    return _parse(_read(name, where, shipped=shipped), where, is_shipped=shipped)


def _read(name: str, where: str, *, shipped: bool) -> Mapping[str, Any]:
    source = files("verbatim.themes") / "codebooks" / f"{name}.toml" if shipped else Path(name)
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = "there is no such codebook"
    except (OSError, UnicodeDecodeError):
        problem = "the codebook cannot be read"
    except tomllib.TOMLDecodeError as error:
        problem = f"the codebook is no TOML: {error}"
    raise CodebookError(
        problem,
        where=where,
        expected=f"{', '.join(SHIPPED)}, or a TOML file of the same form",
        next_step="copy src/verbatim/themes/codebooks/cx-fr.toml, edit it, and name it in [themes] codebook",
    )


def _parse(content: Mapping[str, Any], where: str, *, is_shipped: bool) -> Codebook:
    _check_keys(content, _HEAD, where)
    entries = content.get("themes")
    if not isinstance(entries, list) or not entries:
        raise CodebookError("the codebook holds no theme", where=where, expected="[[themes]], once a theme")
    themes = tuple(_themes(entries, where))
    ids = [theme.id for theme in themes]
    twice = sorted({theme_id for theme_id in ids if ids.count(theme_id) > 1})
    if twice:
        raise CodebookError(f"a theme stands twice: {', '.join(twice)}", where=where, expected="each id once")
    head = {key: _text(content, key, where) for key in ("name", "version", "language")}
    if not _NAME.fullmatch(head["name"]):
        # It is a key of tables and part of a file's name.
        raise CodebookError(
            f"a name that cannot be one: {head['name']!r}",
            where=where,
            expected="letters without accents, digits, - and _, such as cx-fr",
        )
    return Codebook(**head, themes=themes, is_shipped=is_shipped)


def _themes(entries: list[Any], where: str) -> Iterator[Theme]:
    for position, entry in enumerate(entries, start=1):
        place = f"{where}, theme {position}"
        if not isinstance(entry, dict):
            raise CodebookError("a theme is no table", where=place, expected="[[themes]] with id, label_fr, …")
        _check_keys(entry, _THEME, place)
        yield Theme(
            _id(entry, place),
            label_fr=_text(entry, "label_fr", place),
            label_en=_text(entry, "label_en", place),
            definition_fr=_text(entry, "definition_fr", place),
            definition_en=_text(entry, "definition_en", place),
            examples=_examples(entry, place),
            is_bare_verdict=_flag(entry, "bare_verdict", place),
            is_residual=_flag(entry, "residual", place),
        )


def _id(entry: Mapping[str, Any], where: str) -> str:
    found = _text(entry, "id", where)
    if not _ID.fullmatch(found) or found == UNCLASSIFIED:
        raise CodebookError(
            f"an id that cannot be one: {found!r}",
            where=where,
            expected=f"small letters without accents, digits and _, such as prix_tarif; not {UNCLASSIFIED}",
        )
    return found


def _check_keys(content: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise CodebookError(
            f"unknown keys: {', '.join(unknown)}", where=where, expected=f"some of {', '.join(sorted(known))}"
        )


def _text(content: Mapping[str, Any], key: str, where: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CodebookError(f"{key} is missing or empty", where=where, expected=f'{key} = "…"')
    return value.strip()


def _flag(content: Mapping[str, Any], key: str, where: str) -> bool:
    value = content.get(key, False)
    if not isinstance(value, bool):
        raise CodebookError(f"{key} is no truth value", where=where, expected="true or false")
    return value


def _examples(content: Mapping[str, Any], where: str) -> tuple[str, ...]:
    value = content.get("examples", [])
    if not isinstance(value, list) or not all(isinstance(example, str) for example in value):
        raise CodebookError("examples is no list of texts", where=where, expected='examples = ["…", "…"]')
    return tuple(value)
