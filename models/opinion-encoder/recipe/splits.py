"""Which answers may be trained on: data/verbatims-fr/splits.toml, applied."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from verbatim.reading.marked import MarkedAnswer, read_rows

ROOT = Path(__file__).parents[3]
DATA = ROOT / "data" / "verbatims-fr"


@dataclass(frozen=True)
class Splits:
    """Answers by use; `train` and `written` hold no exact text of the others."""

    train: tuple[MarkedAnswer, ...]
    """All that may be trained on, `written` included."""
    written: tuple[MarkedAnswer, ...]
    """Those under ``written/``: written later, where the encoder erred."""
    dev: tuple[MarkedAnswer, ...]
    dev_employees: tuple[MarkedAnswer, ...]
    test: tuple[MarkedAnswer, ...]
    real: tuple[MarkedAnswer, ...]


def load_splits(folder: Path = DATA) -> Splits:
    """Read the rows of `folder` and deal them out by sector: what ``splits.toml`` does not name is trained on."""
    named = tomllib.loads((folder / "splits.toml").read_text(encoding="utf-8"))
    files = sorted([*(folder / "rows").glob("*.tsv"), *(folder / "written").glob("*.tsv")])
    kept = {name: tuple(read_rows(f for f in files if f.stem in set(sectors))) for name, sectors in named.items()}
    taken = {sector for sectors in named.values() for sector in sectors}
    free = [file for file in files if file.stem not in taken]
    held = {bare(answer.text) for answers in kept.values() for answer in answers}

    def trainable(chosen: Iterable[Path]) -> tuple[MarkedAnswer, ...]:
        return tuple(answer for answer in read_rows(chosen) if bare(answer.text) not in held)

    written = trainable(file for file in free if file.parent.name == "written")
    return Splits(
        train=(*trainable(file for file in free if file.parent.name == "rows"), *written), written=written, **kept
    )


def bare(text: str) -> str:
    """A text without case, accents, punctuation and doubled spaces: what "exact" means across splits."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.sub(r"[\W_]+", " ", "".join(letter for letter in plain if not unicodedata.combining(letter))).strip()
