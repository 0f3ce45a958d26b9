"""Persons named behind a title: "M. Dupont", "Mme Martin-Leroy", "madame DUPONT", "Monsieur Jean de la Tour"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from verbatim.privacy.resources import read_pairs, read_words

_WORD = re.compile(r"[ \u00a0\u202f]{0,2}([^\W\d_]+(?:[-'’][^\W\d_]+)*)")
_ELIDED = re.compile(r"[dlno]['’]", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:au|ce|cet|cette|chaque|des|du|la|le|les|un|une)\s+$", re.IGNORECASE)
# Ends of verbs, participles and adjectives: what follows a title in small letters and is no name.
_NO_NAME = re.compile(r"(?:ai[st]?|aient|és?|ées?|ants?|antes?|able|ible|ment|ique|tion|eux|euse|ist?e)$")
_WHOLE_TITLES = frozenset({"docteur", "madame", "mademoiselle", "monsieur"})
_FIGURE = re.compile(r"\d\s?$")
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


def find_persons(text: str) -> Iterator[tuple[int, int]]:
    """Spans of a title with the name that follows it; a title alone ("Mme,", "M. le directeur") is no person."""
    position = 0
    while match := _title().search(text, position):
        end = None if _is_metres(text, match) else _name_end(text, match)
        position = end or match.end()
        if end:
            yield match.start(), end


def _is_metres(text: str, title: re.Match[str]) -> bool:
    """Tell a unit from a title: "un rouleau de 10 M. Dommage"."""
    before = text[max(0, title.start() - 2) : title.start()]
    return title.group() in {"M", "M.", "m", "m."} and _FIGURE.search(before) is not None


def _name_end(text: str, title: re.Match[str]) -> int | None:
    """Where the name behind a title ends; None if there is none."""
    written = title.group().rstrip(".")
    capitals = written.isupper() and len(written) > 1
    position, end, words, particles, has_role = title.end(), None, 0, 0, False
    while words < (_MOST_WORDS_CAPITALS if capitals else _MOST_WORDS):
        match = _WORD.match(text, position)
        if match is None:
            break
        word, position = match.group(1), match.end()
        is_initial = len(word) == 1 and word.isupper() and text[position : position + 1] == "."
        if _is_name(word) or is_initial:
            end, words = position, words + 1
            if is_initial:
                position = end = position + 1
        elif words == 0 and not has_role and _is_small_name(text, title, word, after_particle=particles > 0):
            return position
        elif _may_continue(text, title, word, words):
            particles += 1
        elif particles == 1 and words == 0 and word.islower() and not has_role:
            # "Mme la directrice Martin": the name stands behind the role.
            has_role = True
        else:
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


def _is_small_name(text: str, title: re.Match[str], word: str, *, after_particle: bool) -> bool:
    """A name typed in small letters: "mme dupont", "M. le goff", "bonjour madame martin"; not "madame présente"."""
    first = word.partition("-")[0]
    if len(word) < 3 or not (word.islower() and first.isalpha()) or {word, first} & _other_words():
        return False
    written, has_article = title.group().rstrip("."), _has_article(text, title)
    if written == "dr":
        # One key away from "de": a doctor in small letters comes with an article.
        return has_article
    if written.casefold() in _WHOLE_TITLES:
        # "madame la rapporteure", "monsieur de l'accueil"
        is_title = not after_particle
    else:
        is_title = written.casefold() in _abbreviations() or title.group() in {"M.", "MM.", "m."}
    # "un monsieur chauve", "la madame derrière moi": no names.
    return is_title and not has_article and _NO_NAME.search(word) is None


@cache
def _abbreviations() -> frozenset[str]:
    return frozenset(title for title, kind in read_pairs("titres.txt") if kind == "abrégé")


@cache
def _other_words() -> frozenset[str]:
    titles = {title.casefold() for title, _ in read_pairs("titres.txt") if len(title) > 1}
    return read_words("pas-des-noms.txt") | read_words("particules.txt") | titles
