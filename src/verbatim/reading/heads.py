"""What the labels of somebody else's classifier mean: star ratings and classes as polarities."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from verbatim.errors import ModelError

POLARITIES = ("positive", "negative", "neutral")
_STARS = re.compile(r"^\s*([1-5])\s*(?:stars?|étoiles?|etoiles?|★)?\s*$", re.IGNORECASE)
_BY_STARS = {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"}
_NAMES = {
    "positive": ("positive", "positif", "positif(ve)", "pos", "p"),
    "negative": ("negative", "negatif", "négatif", "neg", "n"),
    "neutral": ("neutral", "neutre", "neu", "mixed", "mixte"),
}
_BY_NAME = {name: polarity for polarity, names in _NAMES.items() for name in names}


def polarity_of_labels(labels: Mapping[int, str], given: Mapping[str, str], *, where: str) -> npt.NDArray[np.float64]:
    """Which polarity each label of a head counts for.

    Parameters
    ----------
    labels : mapping
        The head's own ``id2label``.
    given : mapping
        Label → polarity from the settings; of any label named here, the name decides, and all must then be named.
    where : str
        Key of the settings, for the message.

    Returns
    -------
    array, shape (labels, 3)
        1 where the label counts for the polarity (order of `POLARITIES`): probabilities times it are polarities'.

    Raises
    ------
    ModelError
        A label is not understood or not named, or a name is no label of the head.

    Examples
    --------
    >>> polarity_of_labels({0: "1 star", 1: "5 stars"}, {}, where="models.sentiment")
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    shown = ", ".join(repr(labels[place]) for place in sorted(labels))
    if given and set(given) != set(labels.values()):
        raise ModelError(
            "The labels of the settings are not those of the head.",
            where=f"{where}.labels",
            expected=f"a polarity for each of {shown}",
        )
    meant = [given.get(labels[place]) or _understood(labels[place]) for place in sorted(labels)]
    if None in meant or len(set(meant)) < 2:
        example = ", ".join(f'"{labels[place]}" = "…"' for place in sorted(labels))
        raise ModelError(
            f"The head's labels say no polarity: {shown}.",
            where=where,
            expected="star ratings (1 star … 5 stars), or positive, negative, neutral",
            next_step=f"say what they mean: labels = {{ {example} }}, each positive, negative or neutral",
        )
    counts = np.zeros((len(meant), len(POLARITIES)))
    for place, polarity in enumerate(meant):
        counts[place, POLARITIES.index(str(polarity))] = 1
    return counts


def _understood(label: str) -> str | None:
    stars = _STARS.match(label)
    return _BY_STARS[int(stars[1])] if stars else _BY_NAME.get(label.strip().casefold())
