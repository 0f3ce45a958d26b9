"""Words that may name a subject: elisions off, stop words out, accents kept for reading and folded for counting."""

from __future__ import annotations

import pytest

from verbatim.themes.words import content_words, plain, root


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L’attente en caisse", ["attente", "caisse"]),
        ("l'attente jusqu'à l'ouverture", ["attente", "ouverture"]),
        ("Il n’y a PAS assez de vendeurs", ["vendeurs"]),
        ("3 rendez-vous annulés en 2024", ["rendez-vous", "annulés"]),
        ("appelez [PERSONNE] au [TELEPHONE] : remboursement", ["appelez", "remboursement"]),
        ("très bien, rien à dire", []),
        ("", []),
    ],
)
def test_content_words(text, words):
    assert content_words(text, "fr") == words


def test_another_language_keeps_all_its_words():
    assert content_words("the queue at a till", "en") == ["the", "queue", "at", "till"]


def test_stop_words_are_sorted_and_in_the_form_that_they_are_compared_in():
    from importlib.resources import files

    text = (files("verbatim.themes") / "resources" / "stop-words-fr.txt").read_text(encoding="utf-8")
    words = [line for line in text.splitlines() if not line.startswith("#")]
    assert words == sorted(set(words))
    assert words == [plain(word) for word in words]


@pytest.mark.parametrize(
    ("one", "other"), [("réduction", "REDUCTIONS"), ("journée", "journees"), ("bureau", "bureaux")]
)
def test_singular_and_plural_count_together(one, other):
    assert root(one) == root(other)
