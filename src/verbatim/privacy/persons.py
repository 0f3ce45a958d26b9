"""Persons named behind a title: "M. Dupont", "Mme Martin-Leroy", "madame DUPONT", "Monsieur Jean de la Tour"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from verbatim.privacy.resources import read_pairs, read_words

_WORD = re.compile(r"[ \u00a0\u202f]{0,2}([^\W\d_]+(?:[-'’][^\W\d_]+)*)")
_ELIDED = re.compile(r"[dlno]['’]", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:au|ce|cet|cette|chaque|des|la|le|les|un|une)\s+$", re.IGNORECASE)
_MOST_WORDS = 4
# In capitals nothing tells a name from what follows it: a given name and a family name at most.
_MOST_WORDS_CAPITALS = 2


@cache
def title_pattern() -> str:
    """Regular expression of the titles, for the search of candidates too."""
    kinds = read_pairs("titres.txt")
    whole, short, exact = (
        "|".join(title for title, kind in kinds if kind == wanted) for wanted in ("tout", "abrégé", "exact")
    )
    # A point behind a whole word ends a sentence; behind an abbreviation it belongs to it.
    return rf"(?<![\w'’@.-])(?:(?i:{whole})(?![\w'’@-])|(?:(?i:{short})|{exact})(?![\w'’@-])\.?)"


@cache
def _title() -> re.Pattern[str]:
    return re.compile(title_pattern())


@cache
def _abbreviations() -> frozenset[str]:
    return frozenset(title for title, kind in read_pairs("titres.txt") if kind == "abrégé")


def find_persons(text: str) -> Iterator[tuple[int, int]]:
    """Spans of a title with the name that follows it; a title alone ("Mme,", "M. le directeur") is no person."""
    position = 0
    while match := _title().search(text, position):
        end = _name_end(text, match)
        position = end or match.end()
        if end:
            yield match.start(), end


def _name_end(text: str, title: re.Match[str]) -> int | None:
    """Where the name behind a title ends; None if there is none."""
    written = title.group().rstrip(".")
    capitals = written.isupper() and len(written) > 1
    position, end, words = title.end(), None, 0
    while words < (_MOST_WORDS_CAPITALS if capitals else _MOST_WORDS):
        match = _WORD.match(text, position)
        if match is None:
            break
        word, position = match.group(1), match.end()
        if _is_name(word):
            end, words = position, words + 1
            if len(word) == 1 and text[position : position + 1] == ".":
                position = end = position + 1
        elif words == 0 and _is_small_name(text, title, word):
            return position
        elif not _may_continue(text, title, word, words):
            break
    return end


def _may_continue(text: str, title: re.Match[str], word: str, words: int) -> bool:
    """A particle joins a name; "Mme Dupont du service client" and "le monsieur de Lyon" are left alone."""
    if word.casefold() not in read_words("particules.txt"):
        return False
    return word != "du" if words else not _has_article(text, title)


def _has_article(text: str, title: re.Match[str]) -> bool:
    return _ARTICLE.search(text, max(0, title.start() - 12), title.start()) is not None


def _is_name(word: str) -> bool:
    core = word[2:] if _ELIDED.match(word) else word
    return core[:1].isupper() and core.casefold() not in _other_words()


def _is_small_name(text: str, title: re.Match[str], word: str) -> bool:
    """A name typed in small letters is taken behind an abbreviated title only: "mme dupont", not "madame présente"."""
    return (
        title.group().rstrip(".").casefold() in _abbreviations()
        and len(word) > 2
        and word.islower()
        and word.isalpha()
        and word not in _other_words()
        and not _has_article(text, title)
    )


@cache
def _other_words() -> frozenset[str]:
    titles = {title.casefold() for title, _ in read_pairs("titres.txt") if len(title) > 1}
    return read_words("pas-des-noms.txt") | read_words("particules.txt") | titles
