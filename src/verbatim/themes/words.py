"""The words of a text that may name its subject: what a topic is described with."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_TAG = re.compile(r"\[[A-Z]+\]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def content_words(text: str, language: str) -> list[str]:
    """Words of a text in lower case, in their order; elisions, stop words, numbers and redaction tags left out.

    Parameters
    ----------
    text : str
        Redacted.
    language : str
        `fr`; another language has no list of stop words, and keeps all words of two letters or more.

    Examples
    --------
    >>> content_words("Jusqu’à l'attente en caisse, [PERSONNE] !", "fr")
    ['attente', 'caisse']
    """
    found = (word.casefold() for word in _WORD.findall(_TAG.sub(" ", text)))
    return [word for word in found if is_content(word, language)]


def is_content(word: str, language: str) -> bool:
    """Tell whether a word may name a subject: letters, more than one of them, and no stop word."""
    return is_word(word) and plain(word) not in _stop_words(language)


def is_word(text: str) -> bool:
    """Tell whether a text is one word: more than one letter, hyphens allowed, no digits.

    Examples
    --------
    >>> is_word("rendez-vous"), is_word("3"), is_word("l")
    (True, False, False)
    """
    return len(text) > 1 and _WORD.fullmatch(text) is not None


def plain(text: str) -> str:
    """Lower case without accents; ligatures as two letters.

    Examples
    --------
    >>> plain("Cœur de Forêt")
    'coeur de foret'
    """
    apart = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def root(word: str) -> str:
    """Key under which a word's singular and plural, accented or not, count together.

    Examples
    --------
    >>> root("Réductions"), root("prix")
    ('reduction', 'prix')
    """
    bare = plain(word)
    return bare[:-1] if len(bare) > 4 and bare[-1] in "sx" else bare


@cache
def _stop_words(language: str) -> frozenset[str]:
    source = files("verbatim.themes") / "resources" / f"stop-words-{language}.txt"
    if not source.is_file():
        return frozenset()
    lines = source.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
