"""Topics that were found once: where they stand, what they are called, which opinions they hold; kept from run to run.

Centres are safetensors, the rest is Parquet, so that a night can give new opinions to the nearest topic without
BERTopic, and a later discovery keeps what an earlier one said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from verbatim.themes.clusters import Labels, nearest
from verbatim.themes.wordings import Vectors

if TYPE_CHECKING:
    import pandas as pd

CENTRES, TOPICS, ASSIGNMENTS = "centres.safetensors", "topics.parquet", "assignments.parquet"
_EDGE = 5  # percent of a topic's wordings that stand farther than its reach


@dataclass(frozen=True)
class Topic:
    """A group of opinions with a name."""

    id: str
    """Short code; it never changes, and no theme of the codebook has it."""
    label: str
    parent: str | None
    """Theme that it is a part of; None: no theme holds most of it."""
    words: tuple[str, ...]
    """What sets it apart, the strongest first."""
    stability: float
    """Mean best overlap when a fifth of the wordings is left out, in [0, 1]."""
    reach: float
    """Least cosine to the centre of an opinion that it takes in."""


@dataclass(frozen=True)
class Topics:
    """T topics, their centres and their opinions.

    Attributes
    ----------
    topics : tuple of Topic
    centres : array, shape (T, width)
        Of length 1, among the sentence embeddings.
    assignments : DataFrame
        One row per opinion of a distinct text that a topic holds: text_hash, k, topic_id.
    """

    topics: tuple[Topic, ...]
    centres: Vectors
    assignments: pd.DataFrame

    @property
    def ids(self) -> tuple[str, ...]:
        """Their codes."""
        return tuple(topic.id for topic in self.topics)


def no_topics() -> Topics:
    """Before the first discovery."""
    import pandas as pd

    return Topics((), np.zeros((0, 1), np.float32), pd.DataFrame({"text_hash": [], "k": [], "topic_id": []}))


def place(topics: Topics, said: pd.DataFrame, vectors: Vectors) -> Labels:
    """Topic of each opinion: the one that it was given before, else the nearest that reaches it.

    Parameters
    ----------
    topics : Topics
    said : DataFrame
        Columns text_hash and k, one row per opinion.
    vectors : array, shape (opinions, width)
        Their sentence embeddings.

    Returns
    -------
    array, shape (opinions,)
        Rank of the topic; -1: none.
    """
    if not topics.topics or said.empty:
        return np.full(len(said), -1, dtype=np.int64)
    found = nearest(vectors, topics.centres, reach=np.array([topic.reach for topic in topics.topics], np.float32))
    rank = {topic_id: number for number, topic_id in enumerate(topics.ids)}
    rows = topics.assignments
    given = {(text, k): rank[one] for text, k, one in zip(rows["text_hash"], rows["k"], rows["topic_id"], strict=True)}
    keys = zip(said["text_hash"], said["k"], strict=True)
    return np.array([given.get(key, own) for key, own in zip(keys, found.tolist(), strict=True)], dtype=np.int64)


def reach_of(similarities: npt.NDArray[np.floating]) -> float:
    """How near a new opinion must be to the centre, by the similarities of the topic's own wordings."""
    return round(float(np.percentile(similarities, _EDGE)), 4)


def save_topics(topics: Topics, folder: Path, *, made_from: dict[str, str]) -> None:
    """Write topics into a folder; each file is whole or as it was.

    Parameters
    ----------
    topics : Topics
    folder : Path
        Made if it is not there.
    made_from : dict of str to str
        What they hang on (codebook, encoder); :func:`load_topics` asks for the same.
    """
    import pandas as pd
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    rows = [{**topic.__dict__, "words": list(topic.words)} for topic in topics.topics]
    _replace(folder / TOPICS, lambda file: pd.DataFrame(rows).to_parquet(file, index=False))
    _replace(folder / ASSIGNMENTS, lambda file: topics.assignments.to_parquet(file, index=False))
    # Last: it says what all three were made from.
    _replace(
        folder / CENTRES,
        lambda file: save_file({"centres": topics.centres}, str(file), metadata={"made_from": json.dumps(made_from)}),
    )


def load_topics(folder: Path, *, made_from: dict[str, str]) -> Topics | None:
    """Read topics back; None where there are none, or where they were made from something else."""
    import pandas as pd
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / CENTRES, framework="numpy") as file:
            if json.loads((file.metadata() or {}).get("made_from", "{}")) != made_from:
                return None
            centres: Any = file.get_tensor("centres")
        rows = pd.read_parquet(folder / TOPICS)
        assignments = pd.read_parquet(folder / ASSIGNMENTS)
    except (OSError, ValueError, SafetensorError):
        return None
    topics = tuple(
        Topic(row["id"], row["label"], row["parent"], tuple(row["words"]), row["stability"], row["reach"])
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records")
    )
    if len(topics) != len(centres) or not set(assignments["topic_id"]) <= {topic.id for topic in topics}:
        # Written by a run that was cut off between two files.
        return None
    return Topics(topics, centres, assignments)


def _replace(file: Path, write: Any) -> None:
    unfinished = file.with_name(f"{file.name}.unfinished")
    write(unfinished)
    unfinished.replace(file)


def topic_column(topics: Sequence[Topic], ranks: Labels) -> list[str | None]:
    """Codes of the topics at some ranks; None for -1."""
    return [topics[rank].id if rank >= 0 else None for rank in ranks.tolist()]
