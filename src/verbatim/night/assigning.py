"""Themes of a window's opinions: those of the encoder's heads, and those that a team added to its codebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.reading import ReadResult
    from verbatim.themes import Codebook


def assign_themes(read: ReadResult, encoder: Any, codebook: Codebook) -> pd.DataFrame:
    """Opinions with the themes of a codebook: what no head knows is recognised by its examples, without training.

    Parameters
    ----------
    read : ReadResult
        Opinions with the themes of the heads, and their embeddings.
    encoder : opinion encoder
        That read them.
    codebook : Codebook
        In force.
    """
    from verbatim.reading.likeness import likeness
    from verbatim.themes.assignment import assign, recognised
    from verbatim.themes.codebook import SHIPPED, load_codebook

    heads = encoder.heads
    shipped = {example for name in SHIPPED for theme in load_codebook(name).themes for example in theme.examples}
    added = recognised(codebook, {*heads.config.customer_themes, *heads.config.employee_themes}, shipped)
    split = {one.id: one.into for one in codebook.retired if len(one.into) > 1}
    if not (added or split) or read.opinions.empty:
        return read.opinions
    quotes = read.opinions["quote"].tolist()
    # Likeness is calibrated on the encoder's own embeddings; a plugged model's stand elsewhere.
    vectors = _vectors(read) if heads is encoder else heads.embed(quotes)
    said = likeness(heads, quotes, vectors, {theme.id: theme.examples for theme in added})
    return assign(read.opinions, said, added, threshold=float(heads.config.theme_threshold), retired=split)


def _vectors(read: ReadResult) -> Any:
    """Embedding of each opinion, in the order of the opinions; shape (opinions, width)."""
    import numpy as np
    import pandas as pd

    place = pd.MultiIndex.from_frame(read.embeddings[["text_hash", "k"]].astype({"text_hash": object, "k": "int64"}))
    rank = read.opinions["opinion_id"].str.extract(r"#(\d+)$", expand=False).astype("int64")
    rows = place.get_indexer(pd.MultiIndex.from_arrays([read.opinions["text_hash"].astype(object), rank]))
    return np.stack(list(read.embeddings["embedding"]))[rows]
