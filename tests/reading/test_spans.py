"""From tags to spans of the text, and from spans to clauses that judge one thing."""

import numpy as np
import pytest

from verbatim.reading.clauses import most_opposed, opposition, sides_of
from verbatim.reading.spans import BEGIN, INSIDE, OUTSIDE, Span, TokenLayout, best_tags, decode, lay_out, trim


def words_of(text):
    """One token a word: what a tokenizer without subwords would say."""
    places, at = [], 0
    for word in text.split(" "):
        places.append((at, at + len(word)))
        at += len(word) + 1
    return lay_out(text, places, range(len(places)))


def tagged(tags):
    """Scores of a tagger that is sure."""
    return 20 * np.eye(3)[list(tags)]


@pytest.mark.parametrize(
    ("text", "tags", "quotes"),
    [
        ("accueil parfait mais cher", [BEGIN, INSIDE, OUTSIDE, BEGIN], ["accueil parfait", "cher"]),
        ("accueil parfait mais cher", [BEGIN, INSIDE, BEGIN, INSIDE], ["accueil parfait", "cher"]),
        ("rapide, propre.", [BEGIN, BEGIN], ["rapide", "propre"]),
        ("trop cher cependant", [BEGIN, INSIDE, INSIDE], ["trop cher"]),
        ("cher par contre", [OUTSIDE, BEGIN, INSIDE], []),
        ("« très bien »", [INSIDE, INSIDE, INSIDE, INSIDE], ["très bien"]),
        ("merci [PERSONNE] !", [OUTSIDE, BEGIN, INSIDE], ["[PERSONNE]"]),
        ("etonnant matelas", [BEGIN, INSIDE], ["etonnant matelas"]),
        ("- ! -", [BEGIN, INSIDE, INSIDE], []),
        ("dans le magasin", [BEGIN, INSIDE, OUTSIDE], []),
        ("👍 👍", [BEGIN, OUTSIDE], ["👍"]),
    ],
    ids=[
        "two",
        "connective",
        "punctuation",
        "trailing",
        "only a connective",
        "quotes",
        "tag",
        "no word cut",
        "nothing",
        "fillers",
        "emoji",
    ],
)
def test_tags_draw_spans_without_links_or_punctuation(text, tags, quotes):
    spans = decode(text, words_of(text), tagged(tags))
    assert [text[span.start : span.end] for span in spans] == quotes


def test_a_hesitating_tagger_does_not_tear_a_clause_apart():
    # Word by word, "peu" would fall out of "un peu cher" and "cher" would begin again.
    logits = np.array([[0.0, 4.0, 0.0], [0.6, 0.0, 0.3], [0.0, 0.5, 0.3]])
    assert best_tags(logits)[0] == [BEGIN, INSIDE, INSIDE]
    assert best_tags(20 * logits)[0] == [BEGIN, OUTSIDE, BEGIN]


def test_a_bias_against_silence_finds_more():
    logits = np.array([[1.6, 0.2, 0.0]])
    assert decode("bien", words_of("bien"), logits) == []
    assert decode("bien", words_of("bien"), logits, outside_bias=-1.0) == [Span(0, 4, 0, 1)]


def test_opinions_that_barely_lead_silence_are_let_go_where_more_is_asked():
    logits = np.array([[0.2, 0.6, 0.0], [0.5, 0.0, 0.6]])
    tags, lead = best_tags(logits)
    (silent_tags, none), (_, sure) = best_tags(logits + np.array([9.0, 0.0, 0.0])), best_tags(5 * logits)
    assert (tags, silent_tags, none) == ([BEGIN, INSIDE], [OUTSIDE, OUTSIDE], 0.0)
    assert 0 < lead < sure
    text = "quand pressé"
    assert len(decode(text, words_of(text), logits, least=lead - 1e-6)) == 1
    assert decode(text, words_of(text), logits, least=lead + 1e-6) == []


def test_trimming_leaves_a_redaction_tag_whole():
    text = "([EMAIL])"
    start, end = trim(text, 0, len(text))
    assert text[start:end] == "[EMAIL]"


def test_a_token_that_shows_nothing_is_in_no_span():
    layout = TokenLayout([0, 0, 4], [0, 4, 4], [False, True, False])
    assert decode("bien", layout, tagged([OUTSIDE, BEGIN, OUTSIDE])) == [Span(0, 4, 1, 2)]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("joli mais très cher", [("joli", "très cher")]),
        ("joli\ntrès cher", [("joli", "très cher")]),
        ("joli, par contre cher", [("joli", "cher")]),
        ("2,5 km de queue", []),
        ("la maison du jardin", []),
        ("mais trop cher", []),
    ],
)
def test_a_border_has_two_sides(text, sides):
    layout = words_of(text.replace("\n", " "))
    found = sides_of(text, layout, Span(0, len(text), 0, len(layout.start)))
    assert [tuple(text[side.start : side.end] for side in pair) for pair in found] == sides


def test_only_sure_and_opposite_sides_are_cut():
    praise, blame, mild = np.array([0.95, 0.03, 0.02]), np.array([0.05, 0.9, 0.05]), np.array([0.3, 0.6, 0.1])
    assert opposition(praise, blame) == opposition(blame, praise) == 0.9
    assert most_opposed([opposition(praise, praise), opposition(praise, blame)]) == 1
    assert most_opposed([opposition(praise, mild)]) is None
    assert most_opposed([]) is None
