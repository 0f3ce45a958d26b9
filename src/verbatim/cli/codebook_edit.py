"""Verbs that edit a survey's codebook: what was written, what it changes, which windows the next night computes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from verbatim.cli.codebook_show import remarks_of, told
from verbatim.errors import CodebookError, TransientError, WarehouseError
from verbatim.night.rereading import Rereading, find_windows, name_windows
from verbatim.settings import Settings, load_settings
from verbatim.themes import editing
from verbatim.themes.codebook import DISCOVERED, SHIPPED, Codebook, load_codebook, parse_codebook, read_codebook
from verbatim.themes.comparison import Change, ChangeKind, compare

_TEXTS = ("label_fr", "label_en", "definition_fr", "definition_en")
_EXAMPLES_SHOWN = 3


@dataclass(frozen=True)
class _Copy:
    """Where the edited codebook goes."""

    settings: Settings
    settings_file: Path
    before: Codebook
    text: str
    """What is edited; of a codebook that ships, a copy that calls itself by the survey's name."""
    file: Path
    is_new: bool
    """True: the survey read with a codebook that ships, and the settings do not name the file yet."""

    @property
    def version(self) -> str:
        """Version that the edit makes."""
        return editing.next_version(self.before.version)


def rename(settings_file: Path, theme_id: str, *, label_fr: str | None, label_en: str | None) -> Iterator[str]:
    """Give a theme other labels."""
    if label_fr is None and label_en is None:
        raise CodebookError("no label is given", expected="--label-fr, --label-en, or both")
    yield from _edit(
        settings_file, lambda copy: editing.rename(copy.text, theme_id, label_fr=label_fr, label_en=label_en)
    )


def merge(settings_file: Path, theme_ids: Sequence[str], *, into: str) -> Iterator[str]:
    """Retire themes into another one."""
    yield from _edit(
        settings_file,
        lambda copy: editing.merge(copy.text, theme_ids, into=into, version=copy.version),
        leaving=theme_ids,
    )


def split(settings_file: Path, theme_id: str, *, into: Sequence[str], entries: Path) -> Iterator[str]:
    """Retire a theme into new ones."""
    given = read_codebook(entries)
    _themes_of(given, entries)
    yield from _edit(
        settings_file,
        lambda copy: editing.split(copy.text, theme_id, into=into, entries=given, version=copy.version),
        leaving=(theme_id,),
    )


def retire(settings_file: Path, theme_id: str, *, note: str) -> Iterator[str]:
    """Take a theme out."""
    yield from _edit(
        settings_file,
        lambda copy: editing.retire(copy.text, theme_id, version=copy.version, note=note),
        leaving=(theme_id,),
    )


def accept(settings_file: Path, proposal: str, *, file: Path | None, given: Mapping[str, str | None]) -> Iterator[str]:
    """Add a proposal to the codebook.

    Parameters
    ----------
    settings_file : Path
    proposal : str
        Its id in the file of proposals.
    file : Path, optional
        File of proposals; the newest of the survey by default.
    given : mapping of str to str or None
        Values of an entry's keys that go before the proposal's own; None: as proposed.
    """
    source = file or _newest_proposals(load_settings(settings_file))
    proposed = _themes_of(read_codebook(source), source)
    if proposal not in proposed:
        raise CodebookError(
            f"there is no proposal {proposal}", where=str(source), expected=f"one of: {', '.join(proposed)}"
        )
    entry = _entry(proposed[proposal], given, where=f"{source}, {proposal}")

    def change(copy: _Copy) -> str:
        _check_id(entry["id"], copy.before)
        return editing.add(copy.text, entry)

    yield from _edit(settings_file, change)
    if examples := entry.get("examples", []):
        yield f"its {len(examples)} examples are words of customers: reword them so that nobody is recognised"


def _edit(settings_file: Path, change: Callable[[_Copy], str], *, leaving: Sequence[str] = ()) -> Iterator[str]:
    """Edit, check, write; then say what that means. An edit that would not load leaves everything as it was."""
    copy = _copy_of(settings_file)
    text = editing.raise_version(change(copy))
    after = _checked(text, copy, leaving)
    changes = [one for one in compare(replace(copy.before, name=after.name), after) if one.kind is not ChangeKind.HEAD]
    if not changes:
        yield f"nothing to change: {copy.before.name}, version {copy.before.version}, says so already"
        return
    editing.save(text, copy.file)
    yield f"written: {copy.file} (version {copy.before.version} → {after.version})"
    yield from (f"  {line}" for line in told(changes))
    concerned = {change.subject for change in changes}
    yield from (f"warning  {remark}" for remark in remarks_of(after) if concerned.intersection(remark.themes))
    if copy.is_new:
        yield "to read with it, write into the settings:"
        yield from (f"  {line}" for line in _settings_lines(copy.file))
    yield from _windows(copy, changes, leaving)


def _copy_of(settings_file: Path) -> _Copy:
    settings = load_settings(settings_file)
    before, text = load_codebook(settings.codebook), read_codebook(settings.codebook)
    if settings.codebook not in SHIPPED:
        return _Copy(settings, settings_file, before, text, Path(settings.codebook), is_new=False)
    survey_id = settings.survey.id
    file = settings_file.resolve().parent / f"codebook-{survey_id}.toml"
    if file.exists():
        raise CodebookError(
            "the survey has a codebook of its own that its settings do not name",
            where=str(file),
            expected=f"settings that name it; now they read with {settings.codebook}",
            next_step=f"write into {settings_file}: {' '.join(_settings_lines(file))}; or take the file away",
        )
    name = f"{survey_id}-themes" if survey_id in SHIPPED else survey_id
    return _Copy(settings, settings_file, before, editing.give_name(text, name), file, is_new=True)


def _checked(text: str, copy: _Copy, leaving: Sequence[str]) -> Codebook:
    try:
        return parse_codebook(text, where=str(copy.file))
    except CodebookError as error:
        orphans = [theme.id for theme in copy.before.themes if theme.parent in leaving and theme.id not in leaving]
        raise CodebookError(
            f"nothing was written, the codebook could not be used any more: {error.what}",
            where=error.where,
            expected=error.expected,
            next_step=f"first merge or retire its sub-themes: {', '.join(orphans)}" if orphans else error.next_step,
        ) from None


def _settings_lines(file: Path) -> tuple[str, str]:
    return "[themes]", f'codebook = "{file.name}"'


def _windows(copy: _Copy, changes: Sequence[Change], leaving: Sequence[str]) -> Iterator[str]:
    """What the next night computes again, and where figures move."""
    assigns = [change for change in changes if change.changes_assignments]
    if not assigns and not copy.is_new:
        yield "labels only: numbers stay; the next night publishes them, and draws the reports again"
        return
    gone = [theme_id for theme_id in leaving if any(change.subject == theme_id for change in assigns)]
    try:
        found = find_windows(copy.settings, gone)
    except (TransientError, WarehouseError) as error:
        yield f"the next night computes all windows again; which these are cannot be told now: {error.what}"
        return
    when = "once the settings name the file, the next night" if copy.is_new else "the next night"
    if not found.windows:
        yield f"nothing is published yet: {when} reads with it"
        return
    why = f", once, under the name {_name(copy)}" if copy.is_new else ""
    yield f"{when} computes again{why}: {name_windows(found.windows)}"
    yield _figures(found, gone, assigns)


def _figures(found: Rereading, gone: Sequence[str], assigns: Sequence[Change]) -> str:
    if not assigns:
        return "numbers stay"
    added = [change.subject for change in assigns if change.kind is ChangeKind.ADDED]
    # A theme that is recognised by its examples takes opinions from others, too.
    open_ended = f"; {', '.join(added)} may take opinions of other themes, too" if added else ""
    if not gone:
        return (
            f"figures change where opinions go to {', '.join(added)}" if added else "figures may change in all of them"
        )
    if not found.touched:
        return f"no published opinion is of {', '.join(gone)}{open_ended or ': numbers stay'}"
    counted = f"{found.n_opinions:,} opinion{'' if found.n_opinions == 1 else 's'} of {', '.join(gone)}"
    return f"figures change in: {name_windows(found.touched, more=counted)}{open_ended}"


def _name(copy: _Copy) -> str:
    return str(tomllib.loads(copy.text)["name"])


def _newest_proposals(settings: Settings) -> Path:
    folder = settings.survey_folder / "proposals"
    files = sorted(folder.glob("*.toml"), key=lambda file: (file.stat().st_mtime, file.name))
    if not files:
        raise CodebookError(
            "there is no file of proposals",
            where=str(folder),
            next_step="run `verbatim codebook propose SETTINGS` first, or name one with --file",
        )
    return files[-1]


def _themes_of(text: str, file: Path) -> dict[str, Mapping[str, Any]]:
    """Entries of [[themes]] by their id; the file need be no codebook."""
    try:
        entries = tomllib.loads(text).get("themes")
    except tomllib.TOMLDecodeError as error:
        raise CodebookError(f"the file is no TOML: {error}", where=str(file)) from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        raise CodebookError("the file holds no themes", where=str(file), expected="[[themes]], each with its id")
    return {str(entry["id"]): entry for entry in entries}


def _entry(proposed: Mapping[str, Any], given: Mapping[str, str | None], *, where: str) -> dict[str, Any]:
    """Entry of an accepted proposal, in the order in which codebooks have their keys."""
    said = {**proposed, **{key: value for key, value in given.items() if value is not None}, "origin": DISCOVERED}
    if lacking := [key for key in _TEXTS if not str(said.get(key, "")).strip()]:
        raise CodebookError(
            f"a person must word this theme first; missing: {', '.join(lacking)}",
            where=where,
            expected=" ".join(f'--{key.replace("_", "-")} "…"' for key in lacking),
        )
    return {key: said[key] for key in ("id", *_TEXTS, "parent", "origin", "examples") if said.get(key)}


def _check_id(theme_id: str, codebook: Codebook) -> None:
    retired = {one.id for one in codebook.retired}
    if theme_id in codebook.ids or theme_id in retired:
        was = "was one, and is retired" if theme_id in retired else "is one already"
        raise CodebookError(
            f"{theme_id} cannot be a new theme: it {was}",
            expected="an id that the codebook never had",
            next_step="give it another one with --id",
        )
