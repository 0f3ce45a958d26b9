"""What a topic is called: by the noun phrase that its customers share, else by its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from verbatim.themes.wordings import Wordings, shared_phrases
from verbatim.themes.words import plain, root

LONGEST_LABEL = 34
"""Characters; what a chart has room for."""
_LEAST_SHARING = 2
_COMMON, _SEVERAL = 0.08, 3
"""Share and number of the wordings that must hold a phrase before it names them all."""
_FAMILIAR = 0.04
"""Share of the wordings that must hold a word that describes them."""


def phrases_of(wordings: Wordings, places: Sequence[int], words: Sequence[str]) -> list[tuple[str, int]]:
    """Noun phrases that several wordings of a topic share and that hold one of its words, with how many do."""
    return shared_phrases(wordings, places, {root(word) for word in words}, least=_LEAST_SHARING)


def label_of(
    words: Sequence[str], phrases: Sequence[tuple[str, int]], *, n_wordings: int, taken: Collection[str]
) -> str:
    """Label of a topic: no other topic has it, and a chart has room for it.

    Parameters
    ----------
    words : sequence of str
        What sets it apart, the strongest first.
    phrases : sequence of (str, int)
        From :func:`phrases_of`.
    n_wordings : int
        Of the topic.
    taken : collection of str
        Labels that others have.

    Examples
    --------
    >>> label_of(["caisse", "attente"], [("attente en caisse", 9)], n_wordings=40, taken=())
    'Attente en caisse'
    >>> label_of(["caisse", "attente"], [("attente en caisse", 2)], n_wordings=90, taken=())
    'Caisse, attente'
    """
    labels = [label[:1].upper() + label[1:] for label in _candidates(words, phrases, n_wordings)]
    free = (label for label in labels if len(label) <= LONGEST_LABEL and label not in taken)
    first = labels[0][: LONGEST_LABEL - 4] if labels else "Sujet"
    return next(free, None) or next(
        label for number in range(1, len(taken) + 3) if (label := f"{first} {number}") not in taken
    )


def familiar_words(wordings: Wordings, places: Sequence[int], strongest: Sequence[str]) -> list[str]:
    """Roots that enough wordings of a topic hold, in the order given; class-TF-IDF is fond of a single odd word."""
    counts = Counter(key for place in places for key in wordings.roots(place))
    least = max(_LEAST_SHARING, _FAMILIAR * len(places))
    return [key for key in strongest if counts[key] >= least]


def free_code(words: Sequence[str], taken: Collection[str]) -> str:
    """Short code from the first two words that nothing in `taken` has.

    In the order of the alphabet: which of the two is the strongest changes from month to month.

    Examples
    --------
    >>> free_code(["recharge", "borne", "panne"], taken=())
    'borne_recharge'
    """
    parts = [re.sub(r"[^a-z0-9]+", "_", plain(word)).strip("_") for word in words]
    stem = "_".join(sorted([part for part in parts if part][:2])) or "sujet"
    codes = (stem if number == 1 else f"{stem}_{number}" for number in range(1, len(taken) + 2))
    return next(code for code in codes if code not in taken)


def _candidates(words: Sequence[str], phrases: Sequence[tuple[str, int]], n_wordings: int) -> Iterator[str]:
    yield from (phrase.replace("'", "’") for phrase, count in phrases if count >= max(_SEVERAL, _COMMON * n_wordings))
    for first in range(len(words)):
        yield from (", ".join(words[first : first + count]) for count in (3, 2, 1))
