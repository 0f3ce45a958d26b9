"""Two codebooks side by side: what is told of an edit agrees with what the night will do."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.themes.codebook import Codebook, Retired, Theme
from verbatim.themes.comparison import compare

PRICE = Theme("prix", "Prix", "Prices", "Niveau des prix.", "Price level.", ("cher", "bon marché"))
WAIT = Theme("attente", "Attente", "Waiting", "File d’attente.", "Queue.")
BOOK = Codebook("mien", "1", "fr", (PRICE, WAIT), is_shipped=False)
LONG = "Un texte dont le début est le même et qui va loin, {} et dont la fin est la même, mot pour mot."


def themes(*given: Theme, **head: object) -> Codebook:
    return dataclasses.replace(BOOK, themes=given, **head)


def price(**values: object) -> Codebook:
    return themes(dataclasses.replace(PRICE, **values), WAIT)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BOOK, []),
        (dataclasses.replace(BOOK, version="2"), [("head", "version", "version: “1” → “2”", False)]),
        (dataclasses.replace(BOOK, name="x"), [("head", "name", "name: “mien” → “x”", True)]),
        (price(label_fr="Coût"), [("renamed", "prix", "label_fr: “Prix” → “Coût”", False)]),
        (
            price(definition_fr="Coûts."),
            [("reworded", "prix", "definition_fr: “Niveau des prix.” → “Coûts.”", True)],
        ),
        (price(include_fr="Hausses."), [("reworded", "prix", "include_fr: – → “Hausses.”", True)]),
        (price(exclude_fr="Pas ici."), [("noted", "prix", "exclude_fr: – → “Pas ici.”", False)]),
        (
            price(examples=("cher", "ruineux")),
            [("reworded", "prix", "examples: + “ruineux” | examples: − “bon marché”", True)],
        ),
        (
            price(examples=("bon marché", "cher")),
            [("reworded", "prix", "examples: in another order, or one more than once", True)],
        ),
        (price(parent="attente"), [("re-parented", "prix", "parent: – → “attente”", True)]),
        (price(is_residual=True), [("flags", "prix", "residual: false → true", True)]),
        (themes(PRICE), [("removed", "attente", "“Attente”, nothing took over", True)]),
        (
            themes(PRICE, retired=(Retired("attente", "2", ("prix",)),)),
            [("removed", "attente", "“Attente”, into prix", True)],
        ),
        (
            themes(PRICE, WAIT, dataclasses.replace(WAIT, id="neuf", label_fr="Neuf")),
            [("added", "neuf", "“Neuf”", True)],
        ),
        (themes(WAIT, PRICE), [("order", "", "the themes stand in another order", False)]),
        (
            themes(PRICE, WAIT, retired=(Retired("vieux", "2"),)),
            [("retired", "vieux", "nothing took over", False)],
        ),
        (
            themes(PRICE, WAIT, retired=(Retired("vieux", "2", ("prix",)),)),
            [("retired", "vieux", "into prix", True)],
        ),
    ],
)
def test_each_edit_is_told_with_what_it_means(after, expected):
    told = [
        (change.kind.value, change.subject, " | ".join(change.details), change.changes_assignments)
        for change in compare(BOOK, after)
    ]
    assert told == expected


def test_of_long_texts_only_what_differs_is_told():
    before, after = price(exclude_fr=LONG.format("ceci")), price(exclude_fr=LONG.format("tout cela"))
    ((detail,),) = [change.details for change in compare(before, after)]
    assert detail == "exclude_fr: “… va loin, ceci et dont …” → “… va loin, tout cela et dont …”"


def test_a_retired_id_that_is_heard_of_no_more():
    before = themes(PRICE, WAIT, retired=(Retired("vieux", "2", ("prix",)), Retired("ancien", "1")))
    told = [(change.subject, change.details, change.changes_assignments) for change in compare(before, BOOK)]
    gone = ("no longer among the retired ids",)
    assert told == [("vieux", gone, True), ("ancien", gone, False)]


TEXTS = st.sampled_from(["", "un", "deux"])
IDS = ("a", "b", "c")
THEMES = st.builds(
    Theme,
    st.sampled_from(IDS),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    examples=st.lists(TEXTS, max_size=2).map(tuple),
    is_bare_verdict=st.booleans(),
    include_fr=TEXTS,
    exclude_fr=TEXTS,
    parent=st.sampled_from([None, "a"]),
    sector=TEXTS,
)
RETIRED = st.builds(Retired, st.sampled_from(["x", "y"]), TEXTS, st.lists(st.sampled_from(IDS), max_size=2).map(tuple))


@st.composite
def codebooks(draw):
    own = draw(st.lists(THEMES, unique_by=lambda theme: theme.id, max_size=3))
    gone = draw(st.lists(RETIRED, unique_by=lambda one: one.id, max_size=2))
    return Codebook(
        draw(st.sampled_from(["mien", "tien"])), draw(TEXTS), "fr", tuple(own), is_shipped=False, retired=tuple(gone)
    )


@given(codebooks(), codebooks())
def test_what_is_told_agrees_with_the_hashes(before, after):
    changes = compare(before, after)
    assert any(change.changes_assignments for change in changes) == (before.assignment_hash != after.assignment_hash)
    same = before.content_hash == after.content_hash
    # The order of the retired ids says nothing.
    reordered = set(before.retired) == set(after.retired) and before.retired != after.retired
    assert same == (not changes) or reordered
    assert compare(before, before) == ()
