"""The opinions of a survey's responses: each distinct text is read once, ever, by one revision of the encoder."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.reading.cache import ReadingCache
from verbatim.reading.encoder import Encoder, Progress
from verbatim.reading.labels import labels_of

if TYPE_CHECKING:
    import pandas as pd

_LOG = logging.getLogger(__name__)

_COLUMNS = (
    *("response_id", "opinion_id", "start", "end", "quote", "polarity", "p_positive", "p_negative", "p_neutral"),
    *("codebook", "theme_id", "theme_confidence", "text_hash"),
)
_EMBEDDINGS = ("text_hash", "k", "revision", "embedding")


@dataclass(frozen=True)
class ReadResult:
    """What was read of a survey's responses.

    Attributes
    ----------
    opinions : DataFrame
        One row per opinion, in order of response_id and rank: the columns of the table ``opinions`` that reading knows.
    embeddings : DataFrame
        One row per opinion of a distinct text, in order of text_hash and rank `k`: text_hash, k, revision, embedding
        (float16 vector of length 1).
    n_read, n_cached : int
        Distinct texts read now, and found in the cache.
    """

    opinions: pd.DataFrame
    embeddings: pd.DataFrame
    n_read: int
    n_cached: int


def read_responses(
    responses: pd.DataFrame,
    encoder: Encoder,
    *,
    codebook: str,
    cache_folder: Path | None,
    on_progress: Progress | None = None,
) -> ReadResult:
    """Read the opinions of responses.

    Parameters
    ----------
    responses : DataFrame
        Rows of the table ``responses``; response_id and verbatim are looked at. Without a verbatim there is no opinion.
    encoder : Encoder
        From :func:`load_encoder`.
    codebook : str
        ``cx-fr``, ``ex-fr`` or a TOML file.
    cache_folder : Path or None
        Where readings are kept from one run to the next; None: nowhere.
    on_progress : callable, optional
        Called with the number of texts read and of texts to read.

    Returns
    -------
    ReadResult
        Does not depend on the order of the rows.

    Raises
    ------
    CodebookError, ModelError
        The codebook cannot be read, or the encoder knows none of its themes.
    """
    commented = responses.loc[responses["verbatim"].notna(), ["response_id", "verbatim"]].astype("string")
    commented = commented[commented["verbatim"].str.strip() != ""]
    texts = {_hash(text): text for text in commented["verbatim"].drop_duplicates()}
    cache = None
    if cache_folder is not None:
        cache = ReadingCache(
            cache_folder,
            revision=encoder.revision,
            themes=[f"{own} {to}" for own, to in labels_of(codebook).given.items()],
        )
    readings, n_cached = _readings(texts, encoder, cache, codebook, on_progress)
    readings = readings.sort_values(["text_hash", "k"], ignore_index=True)
    embeddings = readings.assign(revision=encoder.revision)[list(_EMBEDDINGS)]
    of_text = commented.assign(text_hash=commented["verbatim"].map({text: key for key, text in texts.items()}))
    opinions = of_text.merge(readings, on="text_hash").sort_values(["response_id", "k"], ignore_index=True)
    opinions = opinions.assign(
        opinion_id=opinions["response_id"] + "#" + opinions["k"].astype("string"),
        quote=[
            text[start:end]
            for text, start, end in zip(opinions["verbatim"], opinions["start"], opinions["end"], strict=True)
        ],
        codebook=codebook,
    )
    return ReadResult(_typed(opinions[list(_COLUMNS)]), embeddings, len(texts) - n_cached, n_cached)


def _readings(
    texts: dict[str, str], encoder: Encoder, cache: ReadingCache | None, codebook: str, on_progress: Progress | None
) -> tuple[pd.DataFrame, int]:
    """One row per opinion of a distinct text, by text_hash and k; and how many texts the cache knew."""
    import pandas as pd

    known = cache.find(texts) if cache is not None else None
    cached = set() if known is None else set(known["text_hash"])
    unread = {key: text for key, text in texts.items() if key not in cached}
    reading = encoder.read(list(unread.values()), codebook=codebook, on_progress=on_progress)
    keys = list(unread)
    fresh = reading.opinions.assign(
        text_hash=pd.array([keys[place] for place in reading.opinions["text"]], dtype="string"),
        embedding=pd.Series(list(reading.embeddings), dtype="object"),
    )
    if cache is not None and unread:
        try:
            cache.add(fresh, set(unread).difference(fresh["text_hash"]))
        except OSError as error:
            # The cache saves time, nothing else.
            _LOG.warning("The reading cache cannot be written (%s): the texts will be read again.", error.strerror)
    fresh = fresh.drop(columns=["text", "quote"])
    if known is None:
        return fresh, 0
    # Nulls of the texts without opinions made floats of the offsets.
    types = fresh.dtypes.drop("embedding").to_dict()
    spoken = known.loc[known["k"] >= 0, fresh.columns].astype(types)
    kept = [frame for frame in (fresh, spoken) if not frame.empty]
    return (pd.concat(kept, ignore_index=True) if kept else fresh), len(cached)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Types of the table's contract."""
    from verbatim.tables import OPINIONS

    kinds = {"text": "string", "integer": "Int64", "real": "Float64"}
    types = {column.name: kinds[column.type] for column in OPINIONS.columns if column.name in frame.columns}
    return frame.astype(types)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
