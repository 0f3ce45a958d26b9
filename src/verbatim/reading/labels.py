"""Which of the encoder's themes a codebook lets win, and under which of its own ids."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from verbatim.errors import CodebookError
from verbatim.reading.marked import THEMES, Kind

SHIPPED: dict[str, Kind] = {"cx-fr": "nps", "ex-fr": "enps"}


@dataclass(frozen=True)
class Labels:
    """Head of the encoder that is asked, and what becomes of its themes.

    Attributes
    ----------
    kind : "nps" or "enps"
    given : mapping of str to str
        Theme of the head → id under which it is given: its own; that of the theme it was merged into; its own again
        where it was split, since only its words tell its parts apart. A theme that is not here cannot win.
    """

    kind: Kind
    given: Mapping[str, str]

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """Ids that an opinion may get, in the order of the head."""
        return tuple(dict.fromkeys(self.given.values()))


def labels_of(codebook: str) -> Labels:
    """Labels of a shipped codebook (``cx-fr``, ``ex-fr``) or of a TOML file.

    A file that holds none of the encoder's themes is read as customers': its themes are recognised by their examples
    alone.

    Raises
    ------
    CodebookError
        The file is missing or no TOML.
    """
    if codebook in SHIPPED:
        kind = SHIPPED[codebook]
        return Labels(kind, {theme: theme for theme in THEMES[kind]})
    if not codebook.endswith(".toml"):
        raise CodebookError("Unknown codebook.", where="themes.codebook", expected=f"{', '.join(SHIPPED)} or a file")
    content = _read(Path(codebook))
    ids = frozenset(_id(theme) for theme in content.get("themes", ()))
    retired = {_id(entry): tuple(entry.get("into", ())) for entry in content.get("retired", ())}
    said = ids | set(retired)
    kind = max(THEMES, key=lambda kind: len(said.intersection(THEMES[kind])))
    given = {theme: _successor(theme, ids, retired) for theme in THEMES[kind]}
    return Labels(kind, {theme: to for theme, to in given.items() if to is not None})


def _successor(theme: str, ids: frozenset[str], retired: Mapping[str, tuple[str, ...]]) -> str | None:
    """Id under which a theme of the head is given; None where nothing took over."""
    seen: set[str] = set()
    while theme not in ids:
        heirs = retired.get(theme, ())
        if not heirs or theme in seen:
            return None
        if len(heirs) > 1:
            return theme
        seen.add(theme)
        (theme,) = heirs
    return theme


def _id(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry.get("id"))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CodebookError("The codebook cannot be read.", where=str(file), expected="a TOML file") from error
