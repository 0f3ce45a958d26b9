"""What was read of a text before, in Parquet part files: never the text itself, only its hash."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import pandas as pd

_LOG = logging.getLogger(__name__)

MAX_PARTS = 16
"""Part files beyond which they are put together."""
MAX_ROWS = 2_000_000
"""Rows kept when they are put together, the newest; about 0.7 GB."""
MAX_READERS = 2
"""Folders of a revision and its themes that are kept, the last used."""
_SILENT = -1
_UNFINISHED = ".unfinished"
_ABANDONED_S = 3600.0


class ReadingCache:
    """Readings of one revision of the encoder for one set of themes, under a survey's cache folder.

    Several processes may share it: a part is written whole under its own name, and never changed. A part that cannot be
    read is thrown away; its texts are read again.

    Parameters
    ----------
    folder : Path
        The survey's cache folder.
    revision : str
        Of the encoder.
    themes : iterable of str
        What the codebook makes of the encoder's themes.
    """

    def __init__(self, folder: Path, *, revision: str, themes: Iterable[str]) -> None:
        name = hashlib.sha256(f"{revision} {sorted(themes)}".encode()).hexdigest()[:24]
        self._all = folder / "readings"
        self._folder = self._all / name

    def find(self, hashes: Iterable[str]) -> pd.DataFrame:
        """Opinions of these texts that were read before.

        Returns
        -------
        DataFrame
            One row per opinion, in the columns given to :meth:`add`, and one with ``k = -1`` per text without opinion.
        """
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        wanted = pa.array(sorted(set(hashes)), pa.string())
        found = []
        for part in self._parts():
            try:
                with pq.ParquetFile(part) as file:
                    if file.schema_arrow != _schema():
                        raise ValueError("another schema")
                    kept = [
                        batch.filter(pc.is_in(batch["text_hash"], value_set=wanted)) for batch in file.iter_batches()
                    ]
            # pyarrow raises its own kinds, OSError and ValueError among them, for a file that is cut short or garbled.
            except (OSError, ValueError, pa.ArrowException):
                _LOG.warning("A part of the reading cache cannot be read and is thrown away: %s", part.name)
                part.unlink(missing_ok=True)
                continue
            found += kept
        frame = _frame(pa.Table.from_batches(found, _schema()))
        # Two processes may have read the same text; both say the same.
        return frame.drop_duplicates(["text_hash", "k"], ignore_index=True)

    def add(self, opinions: pd.DataFrame, silent: Iterable[str]) -> None:
        """Keep the opinions of texts that were just read, and the hashes of those that hold none."""
        import pyarrow as pa

        without = sorted(silent)
        if opinions.empty and not without:
            return
        nothing: list[object] = [None] * len(without)
        fillers: dict[str, list[object]] = {"text_hash": [*without], "k": [_SILENT] * len(without)}
        arrays = [
            pa.array([*opinions[field.name].tolist(), *fillers.get(field.name, nothing)], field.type)
            for field in _schema()
        ]
        self._write(pa.Table.from_arrays(arrays, schema=_schema()))
        if len(self._parts()) > MAX_PARTS:
            self._compact()

    def _parts(self) -> list[Path]:
        # Names begin with the time of writing: the order is from old to new.
        return sorted(self._folder.glob("*.parquet"))

    def _write(self, table: Any) -> None:
        import pyarrow.parquet as pq

        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.touch()
        self._forget_other_readers()
        part = self._folder / f"{time.time_ns():020d}-{uuid4().hex[:8]}.parquet"
        unfinished = part.with_name(part.name + _UNFINISHED)
        pq.write_table(table, unfinished, compression="zstd", row_group_size=65_536)
        unfinished.replace(part)

    def _compact(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        parts = self._parts()
        tables = []
        for part in parts:
            try:
                tables.append(pq.read_table(part, schema=_schema()))
            # As in `find`: what cannot be read is not carried over.
            except (OSError, ValueError, pa.ArrowException):
                continue
        together = pa.concat_tables(tables)
        self._write(together.slice(max(0, together.num_rows - MAX_ROWS)))
        for part in parts:
            part.unlink(missing_ok=True)
        for unfinished in self._folder.glob(f"*{_UNFINISHED}"):
            if time.time() - unfinished.stat().st_mtime > _ABANDONED_S:
                unfinished.unlink(missing_ok=True)

    def _forget_other_readers(self) -> None:
        readers = sorted((f for f in self._all.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
        for reader in readers[MAX_READERS:]:
            for file in reader.iterdir():
                file.unlink(missing_ok=True)
            reader.rmdir()


def _schema() -> Any:
    import pyarrow as pa

    reals = ("p_positive", "p_negative", "p_neutral", "theme_confidence")
    return pa.schema(
        [
            ("text_hash", pa.string()),
            ("k", pa.int64()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("polarity", pa.string()),
            ("theme_id", pa.string()),
            *((name, pa.float64()) for name in reals),
            ("embedding", pa.list_(pa.float16())),
        ]
    )


def _frame(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame
