"""Answers that say nothing are known before any model; verdicts of one word are not among them."""

import pytest

from verbatim.reading.silence import is_silent
from verbatim.reading.wordlists import read_list


@pytest.mark.parametrize(
    "text",
    [
        *(
            "RAS",
            "ras",
            "r.a.s.",
            "R A S",
            "Rasss",
            "RAS merci",
            "RAS !!!",
            "RAS 👍",
            "bonjour, ras",
            "R.A.S., merci !",
        ),
        *("rien à signaler", "RIEN A SIGNALER", "Rien à signaler pour l’instant.", "rien de particulier à signaler"),
        *("néant", "NEANT", "aucun commentaire", "Aucune remarque particulière", "pas de commentaires", "pas d'avis"),
        *("merci", "Merciiii", "bonne journée", "Merci et bonne journée à vous", "non", "je ne sais pas", "sans avis"),
        *("", " ", "...", "…", "-", "/", "x", "xxx", "NA", "n/a", "N.A.", "😀", "😀 😀", "👍🏽", "12", "06 12", "?!"),
    ],
)
def test_nothing_is_said(text):
    assert is_silent(text)


@pytest.mark.parametrize(
    "text",
    [
        *("bien", "Parfait", "nul", "bof", "10/10", "5 / 5", "n°1"),
        *("Rien à redire", "rien à dire, parfait", "RAS tout est parfait", "non car trop cher", "oui très bien"),
        *("merci pour l'accueil", "Rien ne va", "aucun conseil", "pas de parking", "sans intérêt", "[PERSONNE]"),
        "merci " * 200 + "pour tout ce temps perdu",
    ],
)
def test_something_is_said(text):
    assert not is_silent(text)


@pytest.mark.parametrize("name", ["borders-fr.txt", "connectives-fr.txt", "fillers-fr.txt", "ras-fr.txt"])
def test_a_word_list_names_its_origin_and_holds_no_line_twice(name):
    lines = read_list(name)
    assert lines
    assert len(set(lines)) == len(lines)
