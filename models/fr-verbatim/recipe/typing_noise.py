"""French as customers type it, word by word: gold labels stay where they are."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import spacy
from spacy.language import Language
from spacy.training import Example

_MIDDLE = 0.5  # share of apostrophes that change where they change at all
_TYPO = 0.06  # share of long words with a typo, in a text that has typos
_SHORTEST = 5  # letters of a word with a typo


def without_accents(word: str) -> str:
    """The word without accents and cedillas.

    Examples
    --------
    >>> without_accents("Déçue")
    'Decue'
    """
    apart = unicodedata.normalize("NFD", word.replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def type_words(words: Sequence[str], spaces: Sequence[bool], rng: random.Random) -> tuple[list[str], list[bool]]:
    """Words, and whether a space follows each, as somebody in a hurry may type them.

    No word is added or taken away, so that labels stay aligned.
    """
    typed, follows = list(words), list(spaces)
    if rng.random() < 0.65:
        typed = [without_accents(word) for word in typed]
    manner = rng.random()
    if manner < 0.6:
        typed = [word.lower() for word in typed]
    elif manner < 0.7:
        typed = [word.upper() for word in typed]
    typed, follows = _change_apostrophes(typed, follows, rng)
    if rng.random() < 0.3:
        typed = [_mistype(word, rng) if rng.random() < _TYPO else word for word in typed]
    if rng.random() < 0.3:
        for place, word in enumerate(typed):
            if word in {".", ";"} and rng.random() < 0.7:
                typed[place] = rng.choice((",", "!", "..."))
    return typed, follows


def typed_example(nlp: Language, example: Example, rng: random.Random) -> Example:
    """A typed copy of an example, with the gold labels of the original."""
    said = example.to_dict()
    spaces = [bool(token.whitespace_) for token in example.reference]
    words, follows = type_words([token.text for token in example.reference], spaces, rng)
    text = "".join(word + " " * follow for word, follow in zip(words, follows, strict=True))
    said["token_annotation"]["ORTH"] = words
    said["token_annotation"]["SPACY"] = follows
    return Example.from_dict(nlp.make_doc(text), said)


@spacy.registry.augmenters("verbatim.typed.v1")
def create_typed_augmenter(share: float, seed: int) -> Callable[[Language, Example], Iterator[Example]]:
    """Of each document the original, and for a share of them a typed copy more.

    Parameters
    ----------
    share : float
        Typed copies a document, in [0, 1].
    seed : int
        Of the noise.
    """
    rng = random.Random(seed)  # noqa: S311 - seeded noise, no secret

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        if rng.random() < share:
            yield typed_example(nlp, example, rng)

    return augment


def _change_apostrophes(words: list[str], spaces: list[bool], rng: random.Random) -> tuple[list[str], list[bool]]:
    """Curl some apostrophes, or let a space stand for them ("c est")."""
    apostrophe = rng.choice(("'", "’", "’", " "))
    typed, follows = list(words), list(spaces)
    for place, word in enumerate(words):
        if apostrophe != "'" and len(word) > 1 and word.endswith(("'", "’")) and rng.random() < _MIDDLE:
            typed[place] = word[:-1] + apostrophe.strip()
            follows[place] = spaces[place] or apostrophe == " "
    return typed, follows


def _mistype(word: str, rng: random.Random) -> str:
    """Swap two neighbouring letters inside a long word, or lose or double one."""
    if len(word) < _SHORTEST or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 2)
    first, second = word[at], word[at + 1]
    return word[:at] + rng.choice((second + first, second, first + first + second)) + word[at + 2 :]
