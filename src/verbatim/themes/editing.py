"""Edits of a codebook's text: an entry changes, the rest stays as a person laid it out, comments and all.

Each edit takes a text and gives a text, and leaves the version as it is: :func:`raise_version` comes last, and
:func:`verbatim.themes.codebook.parse_codebook` says whether the result may stand.
"""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from verbatim.errors import CodebookError

_WIDTH = 120  # characters of a list that stays on one line
_STARTS = re.compile(r"[ \t]*\[\[")


@dataclass(frozen=True)
class _Block:
    """An entry with the comments above it, or the head of the file."""

    kind: str
    """`themes`, `retired`; empty: the head."""
    id: str
    text: str


def next_version(version: str) -> str:
    """Version after this one: its last number is one higher; what ends in no number gets one.

    Examples
    --------
    >>> next_version("1"), next_version("1.3"), next_version("2026-11"), next_version("v2")
    ('2', '1.4', '2026-11.1', 'v2.1')
    """
    before, dot, last = version.rpartition(".")
    return f"{before}{dot}{int(last) + 1}" if last.isdecimal() else f"{version}.1"


def raise_version(text: str) -> str:
    """Text with the next version in its head."""
    return _in_head(text, {"version": next_version(str(tomllib.loads(text)["version"]))})


def give_name(text: str, name: str) -> str:
    """Text of a codebook that calls itself by another name."""
    return _in_head(text, {"name": name})


def rename(text: str, theme_id: str, *, label_fr: str | None = None, label_en: str | None = None) -> str:
    """Give a theme other labels; the exclude notes of the others name it by the new one.

    Parameters
    ----------
    text : str
        Of the codebook.
    theme_id : str
    label_fr, label_en : str, optional
        Left out: as it is.

    Raises
    ------
    CodebookError
        There is no such theme.
    """
    blocks = _blocks(text)
    place = _place(blocks, theme_id)
    before = _entry(blocks[place])
    labels = {"label_fr": label_fr, "label_en": label_en}
    blocks[place] = _with(blocks[place], {key: label for key, label in labels.items() if label is not None})
    if label_fr is None:
        return _joined(blocks)
    # \s: no-break spaces, too.
    named = re.compile(rf"«(\s*){re.escape(before['label_fr'])}(\s*)»")

    def follow(block: _Block) -> _Block:
        note = str(_entry(block).get("exclude_fr", "")) if block.kind == "themes" else ""
        renamed = named.sub(lambda found: f"«{found[1]}{label_fr}{found[2]}»", note)
        return block if renamed == note else _with(block, {"exclude_fr": renamed})

    return _joined(map(follow, blocks))


def merge(text: str, theme_ids: Sequence[str], *, into: str, version: str) -> str:
    """Retire themes into another one, which takes their examples and sub-themes over.

    Parameters
    ----------
    text : str
        Of the codebook.
    theme_ids : sequence of str
        Themes that leave.
    into : str
        Theme that takes over.
    version : str
        In which they leave.

    Raises
    ------
    CodebookError
        One of them is no theme, or takes over from itself.
    """
    if into in theme_ids:
        raise CodebookError(f"{into} cannot be merged into itself", expected="other themes before --into")
    blocks = _blocks(text)
    leaving = [_entry(blocks[_place(blocks, theme_id)]) for theme_id in theme_ids]
    place = _place(blocks, into)
    added = [example for entry in leaving for example in entry.get("examples", [])]
    blocks[place] = _with_examples(blocks[place], added)

    def adopt(block: _Block) -> _Block:
        if block.kind != "themes" or _entry(block).get("parent") not in theme_ids:
            return block
        return _with(block, {"parent": None if block.id == into else into})

    blocks = list(map(adopt, blocks))
    for theme_id in dict.fromkeys(theme_ids):
        blocks = _retired(blocks, theme_id, into=[into], version=version)
    return _joined(blocks)


def split(text: str, theme_id: str, *, into: Sequence[str], entries: str, version: str) -> str:
    """Retire a theme into new ones, which stand in its place.

    Parameters
    ----------
    text : str
        Of the codebook.
    theme_id : str
        Theme that is split. Where it stands among `into`, it stays as it is beside the new ones.
    into : sequence of str
        The parts.
    entries : str
        Text with an entry of [[themes]] for each new part; others in it do not count.
    version : str
        In which it leaves.

    Raises
    ------
    CodebookError
        There is no such theme, fewer than two parts, or a part without an entry.
    """
    parts = list(dict.fromkeys(into))
    if len(parts) < 2:
        raise CodebookError(f"{theme_id} cannot be split into one theme", expected="two ids or more after --into")
    blocks = _blocks(text)
    place = _place(blocks, theme_id)
    given = {block.id: block for block in _blocks(entries) if block.kind == "themes"}
    if lacking := [part for part in parts if part != theme_id and part not in given]:
        raise CodebookError(
            f"no entry for: {', '.join(lacking)}",
            expected=f"[[themes]] for each new theme; found: {', '.join(given) or 'none'}",
            next_step="write them into the file that --from names: id, labels, definitions, five examples or more",
        )
    new = [replace(given[part], text=_spaced(given[part].text)) for part in parts if part != theme_id]
    blocks[place] = replace(blocks[place], text=_spaced(blocks[place].text))
    blocks[place + 1 : place + 1] = new
    return _joined(blocks if theme_id in parts else _retired(blocks, theme_id, into=parts, version=version))


def retire(text: str, theme_id: str, *, version: str, note: str = "") -> str:
    """Take a theme out; nothing takes over.

    Raises
    ------
    CodebookError
        There is no such theme.
    """
    return _joined(_retired(_blocks(text), theme_id, into=[], version=version, note=note))


def add(text: str, entry: Mapping[str, Any]) -> str:
    """Add a theme: behind its parent and the parent's other parts, else behind all.

    Parameters
    ----------
    text : str
        Of the codebook.
    entry : mapping
        Keys of [[themes]]; what is None or empty is left out.
    """
    blocks = _blocks(text)
    parent = entry.get("parent")
    family = [
        place
        for place, block in enumerate(blocks)
        if block.kind == "themes" and parent and parent in (block.id, _entry(block).get("parent"))
    ]
    themes = [place for place, block in enumerate(blocks) if block.kind == "themes"]
    place = max(family or themes or [0])
    blocks[place] = replace(blocks[place], text=_spaced(blocks[place].text))
    blocks.insert(place + 1, _Block("themes", str(entry["id"]), f"{_written('themes', entry)}\n"))
    return _joined(blocks)


def save(text: str, file: Path) -> None:
    """Write a codebook whole or not at all; a file of Windows keeps its line ends.

    Raises
    ------
    CodebookError
        The file cannot be written; it stands as it was.
    """
    # A link goes on to point where it does.
    file = file.resolve()
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        ends = "\r\n" if file.exists() and b"\r\n" in file.read_bytes() else "\n"
        unfinished.write_text(text, encoding="utf-8", newline=ends)
        if file.exists():
            unfinished.chmod(file.stat().st_mode & 0o777)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise CodebookError(
            "the codebook cannot be written; it stands as it was",
            where=str(file),
            expected="a file in a folder that this user may write to",
        ) from None


def no_such_theme(theme_id: str, known: Iterable[str]) -> CodebookError:
    """Error about an id that is no theme's, with the ids that are."""
    ids = list(known)
    close = difflib.get_close_matches(theme_id, ids, n=1, cutoff=0.5)
    return CodebookError(
        f"the codebook has no theme {theme_id}{f'; did you mean {close[0]}?' if close else ''}",
        expected=f"one of: {', '.join(ids)}",
    )


def _blocks(text: str) -> list[_Block]:
    """Cut a text at its entries: the head first, each entry with the comment lines right above it."""
    lines = text.splitlines(keepends=True)
    starts = [place for place, line in enumerate(lines) if _STARTS.match(line)]
    pieces: list[list[str]] = []
    open_piece: list[str] = []
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        open_piece += lines[start:end]
        # What looks like a header inside a text or a list of several lines is none: its piece goes on.
        if _is_toml("".join(open_piece)):
            pieces.append(open_piece)
            open_piece = []
    if open_piece:
        raise CodebookError("the codebook is no TOML", next_step="`verbatim codebook check` says where")
    for piece, following in itertools.pairwise(pieces):
        comments: list[str] = []
        while piece and piece[-1].lstrip().startswith("#"):
            comments.insert(0, piece.pop())
        following[:0] = comments
    return [_block("".join(piece)) for piece in pieces]


def _block(text: str) -> _Block:
    content = tomllib.loads(text)
    for kind in ("themes", "retired"):
        entries = content.get(kind)
        # Entries that are written inline, [{id = …}], stay in the head and cannot be told apart.
        if isinstance(entries, list) and len(entries) == 1 and "name" not in content:
            return _Block(kind, str(entries[0].get("id", "")), text)
    return _Block("", "", text)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _joined(blocks: Iterable[_Block]) -> str:
    return f"{''.join(block.text for block in blocks).rstrip()}\n"


def _place(blocks: Sequence[_Block], theme_id: str) -> int:
    for place, block in enumerate(blocks):
        if block.kind == "themes" and block.id == theme_id:
            return place
    known = [block.id for block in blocks if block.kind == "themes"]
    if not known:
        raise CodebookError(
            "the themes are not written as [[themes]]", expected="[[themes]], once a theme", next_step="edit by hand"
        )
    raise no_such_theme(theme_id, known)


def _entry(block: _Block) -> dict[str, Any]:
    (entry,) = tomllib.loads(block.text)[block.kind]
    return dict(entry)


def _edited(block: _Block, edit: Callable[[Any], None]) -> _Block:
    """Edit an entry (or the head), and nothing of what stands behind its last key."""
    lines = block.text.splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#"))
    document = tomlkit.parse("".join(lines[: last + 1]))
    edit(document[block.kind][0] if block.kind else document)
    said = tomlkit.dumps(document)
    return replace(block, text=f"{said.rstrip()}\n{''.join(lines[last + 1 :])}")


def _with(block: _Block, values: Mapping[str, str | None]) -> _Block:
    def edit(table: Any) -> None:
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value

    return _edited(block, edit)


def _with_examples(block: _Block, added: Sequence[str]) -> _Block:
    new = [one for one in dict.fromkeys(added) if one not in _entry(block).get("examples", [])]
    if not new:
        return block

    def edit(table: Any) -> None:
        if "examples" not in table:
            table["examples"] = []
        examples = table["examples"]
        was_one_line = "\n" not in examples.as_string()
        for one in new:
            examples.append(one)
        if was_one_line and len(f"examples = {examples.as_string()}") > _WIDTH:
            table["examples"] = _list(list(examples))

    return _edited(block, edit)


def _list(values: Sequence[str]) -> Any:
    """A list as TOML, one value a line where they do not fit on one."""
    array = tomlkit.array()
    array.extend(values)
    if len(f"examples = {array.as_string()}") > _WIDTH:
        lines = "".join(f"  {tomlkit.item(value).as_string()},\n" for value in values)
        array = tomlkit.parse(f"list = [\n{lines}]\n")["list"]
    return array


def _in_head(text: str, values: Mapping[str, str]) -> str:
    head, *entries = _blocks(text)
    return _joined([_with(head, values), *entries])


def _retired(
    blocks: Sequence[_Block], theme_id: str, *, into: Sequence[str], version: str, note: str = ""
) -> list[_Block]:
    """Blocks without a theme, its id among the retired ones, under what was noted about it."""
    place = _place(blocks, theme_id)
    comments = "".join(f"{line.strip()}\n" for line in blocks[place].text.splitlines() if line.lstrip().startswith("#"))
    entry = {"id": theme_id, "version": version, "into": list(into), "note": note}
    left = [*blocks[:place], *blocks[place + 1 :]]
    left[-1] = replace(left[-1], text=_spaced(left[-1].text))
    return [*left, _Block("retired", theme_id, f"{comments}{_written('retired', entry)}\n")]


def _written(kind: str, entry: Mapping[str, Any]) -> str:
    """An entry as TOML; `into` stands there when it is empty, too: nothing took over."""
    kept = {key: value for key, value in entry.items() if value or key == "into"}
    return f"[[{kind}]]\n" + "".join(_lines(kept))


def _lines(entry: Mapping[str, Any]) -> Iterator[str]:
    for key, value in entry.items():
        item = _list(value) if isinstance(value, (list, tuple)) else tomlkit.item(value)
        yield f"{key} = {item.as_string()}\n"


def _spaced(text: str) -> str:
    """Text that ends in one empty line."""
    return f"{text.rstrip()}\n\n"
