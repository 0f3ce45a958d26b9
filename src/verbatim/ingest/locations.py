"""Files of a source: a path, a glob or a URL that fsspec knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from verbatim.errors import SourceError, TransientError
from verbatim.privacy import redact

_NEXT_STEP = "correct source.path in the settings"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the source."""

    filesystem: Any
    path: str
    label: str
    """Name in quarantine and messages: the file's own, redacted; numbered where two files share it."""

    @property
    def suffix(self) -> str:
        """Format by name, small letters; a compression behind it does not count."""
        suffixes = [suffix.lower() for suffix in PurePosixPath(self.path).suffixes]
        while suffixes and suffixes[-1] in {".gz", ".bz2", ".xz", ".zip", ".zst"}:
            suffixes.pop()
        return suffixes[-1] if suffixes else ""

    @property
    def is_json(self) -> bool:
        """Tell JSON, by line or as an array, from formats with a header row."""
        return self.suffix in {".json", ".jsonl", ".ndjson"}

    def open(self) -> IO[bytes]:
        """Open for reading, decompressed."""
        try:
            return self.filesystem.open(self.path, "rb", compression="infer")  # type: ignore[no-any-return]
        except PermissionError:
            raise SourceError("the source may not be read", where=self.label, next_step="grant read access") from None
        except OSError:
            raise TransientError("the source could not be opened", where=self.label) from None


def find_files(location: str) -> list[SourceFile]:
    """Resolve a path, glob or fsspec URL to its files, in the order of their paths.

    Raises
    ------
    SourceError
        Nothing is there, it is a folder, or a file is empty.
    """
    filesystem, path = _filesystem(location)
    shown = redact(location).text
    if filesystem.isdir(path):
        raise SourceError(
            "the source is a folder",
            where=shown,
            expected="a file, or a glob of files",
            next_step=f"write source.path = '{shown.rstrip('/')}/*.csv'",
        )
    paths = [path] if filesystem.exists(path) else _matches(filesystem, path, shown)
    for found in paths:
        if filesystem.size(found) == 0:
            raise SourceError(
                "the file is empty (0 bytes)",
                where=redact(PurePosixPath(found).name).text,
                expected="at least a header row",
                next_step="export the survey again",
            )
    return [SourceFile(filesystem, found, label) for found, label in zip(paths, _labels(paths), strict=True)]


def _filesystem(location: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    protocol = location.partition("://")[0]
    try:
        filesystem, path = url_to_fs(location)
    except ValueError:
        raise SourceError(
            "no such kind of storage",
            where=f"{protocol}://",
            expected="a local path or a URL that fsspec knows (s3://, gs://, memory://, …)",
            next_step=_NEXT_STEP,
        ) from None
    except ImportError:
        raise SourceError(
            "this kind of storage needs a package that is not installed",
            where=f"{protocol}://",
            next_step="pip install 'verbatim[remote]'",
        ) from None
    return filesystem, path


def _matches(filesystem: Any, path: str, shown: str) -> list[str]:
    is_glob = any(character in path for character in "*?[")
    paths = sorted(match for match in filesystem.glob(path) if not filesystem.isdir(match)) if is_glob else []
    if not paths:
        raise SourceError(
            "no file matches the glob" if is_glob else "there is no such file",
            where=shown,
            expected="an export of the survey: csv, tsv, xlsx, jsonl or parquet",
            next_step=_NEXT_STEP,
        )
    return paths


def _labels(paths: list[str]) -> list[str]:
    """Names for messages and quarantine: unique, and free of personal values."""
    labels: list[str] = []
    for path in paths:
        name = redact(PurePosixPath(path).name).text
        twins = sum(label == name or label.startswith(f"{name} (") for label in labels)
        labels.append(f"{name} ({twins + 1})" if twins else name)
    return labels
