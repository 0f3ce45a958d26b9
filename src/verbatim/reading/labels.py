"""Which of the encoder's themes a codebook lets win."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from verbatim.errors import CodebookError, ModelError
from verbatim.reading.marked import THEMES, Kind

SHIPPED: dict[str, Kind] = {"cx-fr": "nps", "ex-fr": "enps"}


@dataclass(frozen=True)
class Labels:
    """Head of the encoder that is asked, and the themes of it that the codebook holds."""

    kind: Kind
    themes: frozenset[str]


def labels_of(codebook: str) -> Labels:
    """Labels of a shipped codebook (``cx-fr``, ``ex-fr``) or of a TOML file whose themes are among theirs.

    Raises
    ------
    CodebookError
        The file is missing or no TOML.
    ModelError
        The encoder knows none of its themes.
    """
    if codebook in SHIPPED:
        return Labels(SHIPPED[codebook], frozenset(THEMES[SHIPPED[codebook]]))
    if not codebook.endswith(".toml"):
        raise CodebookError("Unknown codebook.", where="themes.codebook", expected=f"{', '.join(SHIPPED)} or a file")
    ids = _ids(Path(codebook))
    kind = max(THEMES, key=lambda kind: len(ids.intersection(THEMES[kind])))
    known = ids.intersection(THEMES[kind])
    if not known:
        raise ModelError(
            "The opinion encoder knows no theme of this codebook.",
            where=codebook,
            expected=f"themes of {' or '.join(SHIPPED)}",
        )
    return Labels(kind, known)


def _ids(file: Path) -> frozenset[str]:
    try:
        themes = tomllib.loads(file.read_text(encoding="utf-8")).get("themes", ())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CodebookError("The codebook cannot be read.", where=str(file), expected="a TOML file") from error
    return frozenset(theme if isinstance(theme, str) else str(theme.get("id")) for theme in themes)
