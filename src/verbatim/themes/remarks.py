"""What a person should look at in a codebook that may be used as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from verbatim.themes.codebook import SHIPPED, Codebook, Theme
from verbatim.themes.naming import LONGEST_LABEL

LEAST_EXAMPLES = 5
"""A theme that no head of the encoder knows is recognised by so many examples well enough."""


@dataclass(frozen=True)
class Remark:
    """One thing to look at."""

    themes: tuple[str, ...]
    """Ids; none: the codebook as a whole."""
    what: str

    def __str__(self) -> str:
        return f"{', '.join(self.themes)}: {self.what}" if self.themes else self.what


def remarks(codebook: Codebook, *, known: Collection[str]) -> tuple[Remark, ...]:
    """List what deserves a look.

    Parameters
    ----------
    codebook : Codebook
    known : collection of str
        Themes that the encoder was trained on.

    Returns
    -------
    tuple of Remark
        By theme, in the order of the file; then what several share.
    """
    return tuple(_remarks(codebook, known))


def _remarks(codebook: Codebook, known: Collection[str]) -> Iterator[Remark]:
    if codebook.name in SHIPPED and not codebook.is_shipped:
        yield Remark((), f"the name {codebook.name} is that of a codebook that ships: tables cannot tell them apart")
    for theme in codebook.themes:
        yield from (Remark((theme.id,), what) for what in _of_theme(theme, known))
    for what, texts in (
        ("the same example", {theme.id: theme.examples for theme in codebook.themes}),
        ("the same label", {theme.id: (theme.label_fr,) for theme in codebook.themes}),
    ):
        holders: dict[str, list[str]] = defaultdict(list)
        for theme_id, own in texts.items():
            for text in dict.fromkeys(" ".join(one.split()).casefold() for one in own if one):
                holders[text].append(theme_id)
        yield from (Remark(tuple(ids), f"{what}, “{text}”") for text, ids in holders.items() if len(ids) > 1)


def _of_theme(theme: Theme, known: Collection[str]) -> Iterator[str]:
    for key in ("label_fr", "label_en"):
        if (length := len(getattr(theme, key))) > LONGEST_LABEL:
            yield f"{key} has {length} characters; charts have room for {LONGEST_LABEL}"
    if theme.id not in known and len(theme.examples) < LEAST_EXAMPLES:
        yield (
            f"the encoder does not know it, and it has {_counted(len(theme.examples))}; "
            f"{LEAST_EXAMPLES} or more make it recognised"
        )
    french = ("label_fr", "definition_fr", "include_fr", "exclude_fr")
    straight = [key for key in french if "'" in getattr(theme, key)]
    if any("'" in example for example in theme.examples):
        straight.append("examples")
    if straight:
        yield f"straight apostrophes in {', '.join(straight)}; French typography wants ’"


def _counted(examples: int) -> str:
    return "no example" if not examples else f"{examples} example{'' if examples == 1 else 's'}"
