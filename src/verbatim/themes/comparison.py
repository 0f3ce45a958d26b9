"""Two codebooks side by side: what an edit changed, and whether it may change a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from verbatim.themes.codebook import Codebook, Theme

_READ, _COUNTED = ("label_fr", "label_en"), ("definition_fr", "definition_en", "include_fr")
_NOTED = ("exclude_fr", "sector", "origin")
_FLAGS: Mapping[str, str] = {"is_bare_verdict": "bare_verdict", "is_residual": "residual"}
_NOTHING = "–"
_SHORT = 60  # characters of a text that is shown whole
_CONTEXT = 2  # words shown before and behind what differs


class ChangeKind(StrEnum):
    """What an edit does."""

    HEAD = "head"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    REWORDED = "reworded"
    NOTED = "noted"
    REPARENTED = "re-parented"
    FLAGGED = "flags"
    RETIRED = "retired"
    ORDER = "order"


@dataclass(frozen=True)
class Change:
    """One thing that differs."""

    kind: ChangeKind
    subject: str
    """Id of the theme; a key of the head; empty for the order."""
    details: tuple[str, ...]
    """What of it: key, value before, value after."""
    changes_assignments: bool
    """True: opinions may get other themes, or a number change. False: only what people read."""


def compare(before: Codebook, after: Codebook) -> tuple[Change, ...]:
    """List what differs between two codebooks.

    Some change has `changes_assignments` where, and only where, the two have different assignment hashes.

    Parameters
    ----------
    before, after : Codebook
        Two versions, or any two codebooks.

    Returns
    -------
    tuple of Change
        The head, what was added and removed, what changed in a theme (in the order of `after`), retired ids, the order.

    Examples
    --------
    >>> one = Codebook("mien", "1", "fr", (Theme("prix", "Prix", "Prices", "Niveau des prix.", "Level of prices."),))
    >>> two = Codebook("mien", "2", "fr", (Theme("prix", "Tarifs", "Prices", "Niveau des prix.", "Level of prices."),))
    >>> [(change.kind.value, change.subject, change.changes_assignments) for change in compare(one, two)]
    [('head', 'version', False), ('renamed', 'prix', False)]
    """
    return tuple(_changes(before, after))


def _changes(before: Codebook, after: Codebook) -> Iterator[Change]:
    for key in ("name", "language", "version"):
        if details := _told(before, after, (key,)):
            yield Change(ChangeKind.HEAD, key, details, key != "version")
    old = {theme.id: theme for theme in before.themes}
    new = {theme.id: theme for theme in after.themes}
    left = {one.id: one for one in after.retired}
    for theme in after.themes:
        if theme.id not in old:
            yield Change(ChangeKind.ADDED, theme.id, (_quoted(theme.label_fr),), changes_assignments=True)
    for theme in before.themes:
        if theme.id not in new:
            heirs = left[theme.id].into if theme.id in left else ()
            what = f"{_quoted(theme.label_fr)}, {_heirs(heirs)}"
            yield Change(ChangeKind.REMOVED, theme.id, (what,), changes_assignments=True)
    for theme in after.themes:
        if theme.id in old:
            yield from _theme_changes(old[theme.id], theme)
    yield from _retired_changes(before, after)
    kept = [theme_id for theme_id in before.ids if theme_id in new]
    if kept != [theme_id for theme_id in after.ids if theme_id in old]:
        yield Change(ChangeKind.ORDER, "", ("the themes stand in another order",), changes_assignments=False)


def _theme_changes(before: Theme, after: Theme) -> Iterator[Change]:
    for kind, keys, assigns in (
        (ChangeKind.RENAMED, _READ, False),
        (ChangeKind.REWORDED, _COUNTED, True),
        (ChangeKind.NOTED, _NOTED, False),
        (ChangeKind.REPARENTED, ("parent",), True),
        (ChangeKind.FLAGGED, tuple(_FLAGS), True),
    ):
        details = _told(before, after, keys)
        if kind is ChangeKind.REWORDED:
            details = (*details, *_examples(before.examples, after.examples))
        if details:
            yield Change(kind, after.id, details, assigns)


def _examples(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    yield from (f"examples: + {_quoted(one)}" for one in after if one not in before)
    yield from (f"examples: − {_quoted(one)}" for one in before if one not in after)
    if before != after and set(before) == set(after):
        yield "examples: in another order, or one more than once"


def _retired_changes(before: Codebook, after: Codebook) -> Iterator[Change]:
    old = {one.id: one for one in before.retired}
    new = {one.id: one for one in after.retired}
    for one in after.retired:
        # A theme that left with this edit was told as removed.
        if one.id not in old and one.id not in before.ids:
            yield Change(ChangeKind.RETIRED, one.id, (_heirs(one.into),), bool(one.into))
        elif one.id in old and (details := _told(old[one.id], one, ("version", "into", "note"))):
            yield Change(ChangeKind.RETIRED, one.id, details, old[one.id].into != one.into)
    for one in before.retired:
        if one.id not in new:
            yield Change(ChangeKind.RETIRED, one.id, ("no longer among the retired ids",), bool(one.into))


def _heirs(into: tuple[str, ...]) -> str:
    return f"into {', '.join(into)}" if into else "nothing took over"


def _told(before: object, after: object, keys: tuple[str, ...]) -> tuple[str, ...]:
    values = ((key, getattr(before, key), getattr(after, key)) for key in keys)
    return tuple(f"{_FLAGS.get(key, key)}: {' → '.join(_shown(*pair))}" for key, *pair in values if pair[0] != pair[1])


def _shown(before: object, after: object) -> tuple[str, str]:
    if isinstance(before, str) and isinstance(after, str) and before and after:
        before, after = _excerpts(before, after)
    return _value(before), _value(after)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value) or _NOTHING
    return _quoted(str(value)) if value else _NOTHING


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Two texts, without what long ones begin and end with alike."""
    if max(len(before), len(after)) <= _SHORT:
        return before, after
    # At plain spaces alone: what a no-break space binds stays together.
    one, two = before.split(" "), after.split(" ")
    start = _alike(one, two)
    end = _alike(one[start:][::-1], two[start:][::-1])
    return _excerpt(one, start, end), _excerpt(two, start, end)


def _excerpt(words: list[str], start: int, end: int) -> str:
    first, last = max(0, start - _CONTEXT), min(len(words), len(words) - end + _CONTEXT)
    return f"{'… ' if first else ''}{' '.join(words[first:last])}{' …' if last < len(words) else ''}"


def _alike(one: list[str], two: list[str]) -> int:
    return next(
        (place for place, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), min(len(one), len(two))
    )


def _quoted(text: str) -> str:
    return f"“{text}”"
