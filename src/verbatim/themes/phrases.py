"""Lemmas and noun phrases of opinions, by a spaCy pipeline: what topics are told apart and named with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.errors import ModelError
from verbatim.themes.words import content_words, is_content, is_word, root

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_SHIPPED = "fr-verbatim"
_CONTENT = frozenset({"NOUN", "PROPN", "ADJ"})
_ELSE = frozenset({"VERB"})
_NOUNS = frozenset({"NOUN", "PROPN"})
_LINKS = frozenset({"de", "à", "a", "en", "au", "du", "aux", "des", "d'", "d’", "après", "apres"})
_MOST_WORDS = 4
_BATCH = 256

Word = tuple[str, str]
"""A word in lower case, and the root under which its forms count together."""


@cache
def load_pipeline(name: str | None = None) -> Language:
    """Open a spaCy pipeline, once a process.

    Parameters
    ----------
    name : str, optional
        An installed pipeline or a folder; by default the one that ships.

    Raises
    ------
    ModelError
        There is none of this name, or it has no parser, tags and lemmas.
    """
    import spacy

    where = str(shipped_pipeline()) if name is None else name
    try:
        pipeline = spacy.load(where)
    # spaCy says with OSError that there is none, with ValueError that it cannot be opened.
    except (OSError, ValueError, KeyError) as error:
        raise _no_pipeline(where, f"it cannot be opened ({type(error).__name__})") from None
    if not {"parser"} & set(pipeline.pipe_names):
        raise _no_pipeline(where, "it has no parser")
    return pipeline


def shipped_pipeline() -> Path:
    """Folder of the pipeline that ships: beside this package in a wheel, under ``models/`` in a source tree."""
    package = Path(__file__).parents[1]
    in_wheel = package / "models" / _SHIPPED
    return in_wheel if in_wheel.is_dir() else package.parents[1] / "models" / _SHIPPED


def content_lemmas(texts: Sequence[str], pipeline: Language) -> list[list[Word]]:
    """Content words of texts with the roots of their lemmas, in their order.

    Nouns, names and adjectives: a subject is a thing. Where a text has none of these, its verbs; else all its words
    that are no stop words.

    Parameters
    ----------
    texts : sequence of str
        Redacted, in the pipeline's language.
    pipeline : Language

    Examples
    --------
    >>> content_lemmas(["Les caisses étaient fermées"], load_pipeline())
    [[('caisses', 'caisse'), ('fermées', 'ferme')]]
    """
    return [_words(document) for document in _read(texts, pipeline)]


def noun_phrases(texts: Sequence[str], pipeline: Language) -> list[list[str]]:
    """Noun phrases of texts, in lower case and in their order: a noun with what directly describes it.

    Parameters
    ----------
    texts : sequence of str
        Redacted, in the pipeline's language.
    pipeline : Language

    Returns
    -------
    list of lists of str
        Of two to four words, determiners left out; a noun alone is no phrase.

    Examples
    --------
    >>> noun_phrases(["beaucoup trop d'attente en caisse, personnel agréable"], load_pipeline())
    [['attente en caisse', 'personnel agréable']]
    """
    return [list(_phrases(document)) for document in _read(texts, pipeline)]


def words_and_phrases(texts: Sequence[str], pipeline: Language) -> tuple[list[list[Word]], list[list[str]]]:
    """What :func:`content_lemmas` and :func:`noun_phrases` say, in one pass."""
    read = [(_words(document), list(_phrases(document))) for document in _read(texts, pipeline)]
    return [words for words, _ in read], [phrases for _, phrases in read]


def _read(texts: Sequence[str], pipeline: Language) -> Iterator[Doc]:
    yield from pipeline.pipe(texts, batch_size=_BATCH)


def _words(document: Doc) -> list[Word]:
    language = document.lang_
    told = [token for token in document if is_content(token.text, language) and is_content(token.lemma_, language)]
    kept = [token for token in told if token.pos_ in _CONTENT] or [token for token in told if token.pos_ in _ELSE]
    words = [(token.lower_, root(token.lemma_)) for token in kept]
    return words or [(word, root(word)) for word in content_words(document.text, language)]


def _phrases(document: Doc) -> Iterator[str]:
    at = 0
    while at < len(document):
        end = at + 1
        if document[at].pos_ in _NOUNS and is_word(document[at].text):
            end = _end(document, at)
            if end - at > 1:
                yield " ".join(document[at:end].text.lower().split())
        at = end


def _end(document: Doc, at: int) -> int:
    """Place behind the phrase that begins with the noun at `at`.

    What a preposition hangs on is what small parsers err on most: here it stands beside its noun, and that is enough.
    """
    end, bound = at + 1, min(at + _MOST_WORDS, len(document))
    while end < bound:
        token = document[end]
        # No phrase ends with a preposition.
        following = document[end + 1] if end + 1 < bound else None
        if token.pos_ == "ADJ" and token.dep_ == "amod" and at <= token.head.i < end:
            end += 1
        elif token.lower_ in _LINKS and following is not None and following.pos_ in _NOUNS and is_word(following.text):
            end += 2
        else:
            break
    return end


def _no_pipeline(name: str, why: str) -> ModelError:
    return ModelError(
        f"There is no usable spaCy pipeline {name}: {why}.",
        where="models.spacy",
        expected="an installed pipeline or a folder with a parser, tags and lemmas",
        next_step='either name the folder of such a pipeline, or write models.profile = "embedded" to take the one '
        "that ships",
    )
