"""The landing store of one ingestion: redacted batches on disk, and in memory only what resolving duplicates needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from verbatim.tables import QUARANTINE, RESPONSES, Column, Table, conform

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

RESPONSES_LANDED = replace(RESPONSES, columns=RESPONSES.columns[:-1])
"""The contract of `responses` without `run_id`, which the run adds."""
QUARANTINE_LANDED = replace(QUARANTINE, columns=QUARANTINE.columns[:-1])
"""The contract of `quarantine` without `run_id`."""
# In a batch a response may still stand twice: rows are told apart by their position.
_BATCH = replace(
    RESPONSES_LANDED,
    key=("position",),
    columns=(*RESPONSES_LANDED.columns, Column("position", "integer", "Order of arrival.")),
)
# Figures of a hexadecimal hash that are kept to compare it: 64 bits.
_HASH_FIGURES = 16


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which rows stay: positions in the order of their response_id, and the flags that they get."""

    positions: np.ndarray
    duplicate_resolved: np.ndarray
    same_customer: np.ndarray
    duplicates_by_window: dict[str, int]


class Landing:
    """Batches of responses, appended to one Arrow file and read back memory-mapped.

    Parameters
    ----------
    file : Path
        Working file; removed at the end.
    """

    def __init__(self, file: Path) -> None:
        import pyarrow as pa

        self._file = file
        self._schema = arrow_schema(RESPONSES_LANDED)
        self._writer = pa.ipc.new_file(file, self._schema)
        self._index: list[pd.DataFrame] = []
        self._windows: dict[str, int] = {}
        self._starts = [0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._file.unlink(missing_ok=True)

    def add(self, batch: pd.DataFrame) -> None:
        """Check a batch against the contract and write it.

        Raises
        ------
        ContractError
            Names columns, checks and counts.
        """
        rows = conform(batch.assign(position=range(len(batch))), _BATCH).drop(columns="position")
        self._writer.write_batch(_to_arrow(rows, self._schema).combine_chunks().to_batches()[0])
        self._index.append(self._indexed(rows))
        self._starts.append(self._starts[-1] + len(rows))

    def _indexed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What resolving duplicates needs of a batch, some 50 bytes a row."""
        import pandas as pd

        windows = [self._windows.setdefault(window, len(self._windows)) for window in rows["window"]]
        return pd.DataFrame(
            {
                "response_id": rows["response_id"],
                "answered_at": rows["answered_at"],
                "content": _short(rows["content_hash"]),
                "repaired": rows["flags"] != "",
                "customer": _short(rows["customer_key"]),
                "window": pd.Series(windows, dtype="int32"),
            }
        )

    def resolve(self) -> Resolution:
        """Choose one row a response_id: the newest, then the smallest content hash."""
        import numpy as np
        import pandas as pd

        if not self._index:
            nothing = np.array([], dtype=int)
            return Resolution(nothing, nothing.astype(bool), nothing.astype(bool), {})
        index = pd.concat(self._index, ignore_index=True)
        self._index.clear()
        index = index.sort_values(
            ["response_id", "answered_at", "content", "repaired"], ascending=[True, False, True, True], kind="stable"
        )
        # Copies of a response stand together now: it begins where the identifier changes.
        kept = np.flatnonzero(~index.duplicated("response_id").to_numpy())
        copies = np.diff(np.append(kept, len(index)))
        index = index.drop(columns=["response_id", "answered_at", "content", "repaired"]).iloc[kept]
        shared = (index["customer"] != 0) & index.duplicated("customer", keep=False)
        names = list(self._windows)
        dropped = np.bincount(index["window"], weights=copies - 1, minlength=len(names)).astype(int)
        return Resolution(
            index.index.to_numpy(),
            copies > 1,
            shared.to_numpy(dtype=bool),
            {window: count for window, count in sorted(zip(names, dropped.tolist(), strict=True)) if count},
        )

    def write(self, resolution: Resolution, target: ParquetFile, *, batch_rows: int) -> None:
        """Write the rows that stay, in the order of their response_id, a batch at a time."""
        import pyarrow as pa

        self._writer.close()
        with pa.memory_map(str(self._file)) as source:
            batches = pa.ipc.open_file(source)
            for start in range(0, len(resolution.positions), batch_rows):
                piece = slice(start, start + batch_rows)
                rows = self._take(batches, resolution.positions[piece]).to_pandas()
                rows["flags"] = [
                    _joined(flags, duplicate, same)
                    for flags, duplicate, same in zip(
                        rows["flags"],
                        resolution.duplicate_resolved[piece],
                        resolution.same_customer[piece],
                        strict=True,
                    )
                ]
                target.write(rows)

    def _take(self, batches: Any, positions: np.ndarray) -> Any:
        """Rows at positions of the whole landing store, in their order."""
        import numpy as np
        import pyarrow as pa

        parts = np.searchsorted(self._starts, positions, side="right") - 1
        order = np.argsort(parts, kind="stable")
        pieces = [
            batches.get_batch(int(part)).take(pa.array(positions[parts == part] - self._starts[part]))
            for part in np.unique(parts)
        ]
        return pa.Table.from_batches(pieces).take(pa.array(np.argsort(order, kind="stable")))


class ParquetFile:
    """A Parquet file of a table's contract, written under another name until it is whole."""

    def __init__(self, file: Path, table: Table) -> None:
        import pyarrow.parquet as pq

        self._file = file
        self._unfinished = file.with_name(f"{file.name}.unfinished")
        self._table = table
        self._schema = arrow_schema(table)
        self._writer = pq.ParquetWriter(self._unfinished, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writer.close()
            if kind is None:
                self._unfinished.replace(self._file)
        finally:
            self._unfinished.unlink(missing_ok=True)

    def write(self, rows: pd.DataFrame) -> None:
        """Check rows against the contract and append them as one row group."""
        self._writer.write_table(_to_arrow(conform(rows, self._table), self._schema))


def arrow_schema(table: Table) -> Any:
    """Arrow types of a table's columns."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "real": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.type]) for column in table.columns])


def _to_arrow(rows: pd.DataFrame, schema: Any) -> Any:
    import pyarrow as pa

    # The metadata of pandas would make equal tables differ by its version.
    return pa.Table.from_pandas(rows, schema=schema, preserve_index=False).replace_schema_metadata(None)


def _short(hashes: pd.Series) -> np.ndarray:
    """First 64 bits of hexadecimal hashes, in the order of the whole; 0 for a missing one."""
    import numpy as np

    figures = hashes.str[:_HASH_FIGURES].fillna("0")
    return np.fromiter((int(text, 16) for text in figures), dtype=np.uint64, count=len(hashes))


def _joined(flags: str, duplicate: bool, same_customer: bool) -> str:
    added = [flag for flag, is_set in (("duplicate_resolved", duplicate), ("same_customer", same_customer)) if is_set]
    return ",".join(sorted(filter(None, [*flags.split(","), *added])))
