"""Metrics of the topics' benchmark, against figures worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sklearn", reason="the benchmark needs the extra `topics`")

from benchmarks.topics import OUT, SEEDS, Corpus, _mark, _numbered, _top_words, coherence, diversity, measure, themes

FOUR = [{"prix", "cher"}, {"prix", "cher"}, {"prix", "attente"}, {"caisse"}]


@pytest.mark.parametrize(
    ("topics", "documents", "wanted"),
    [
        # p(prix) = 3/4, p(cher) = 2/4, both 2/4: ln((2/4) / (3/8)) / -ln(2/4) = ln(4/3) / ln 2
        pytest.param([["prix", "cher"]], FOUR, math.log(4 / 3) / math.log(2), id="one pair"),
        pytest.param([["cher", "prix"]], FOUR, math.log(4 / 3) / math.log(2), id="the order of words is nothing"),
        # both 1/4 = (2/4) * (2/4)
        pytest.param([["a", "b"]], [{"a", "b"}, {"a"}, {"b"}, set()], 0.0, id="independent"),
        pytest.param([["cher", "caisse"]], FOUR, -1.0, id="never together"),
        pytest.param([["a", "b"]], [{"a", "b"}, {"a", "b"}, {"c"}], 1.0, id="never apart"),
        pytest.param([["a", "b"]], [{"a", "b"}, {"a", "b"}], 1.0, id="in every document"),
        # pairs: (prix, cher) as above, (prix, caisse) and (cher, caisse) -1
        pytest.param(
            [["prix", "cher", "caisse"]], FOUR, (math.log(4 / 3) / math.log(2) - 2) / 3, id="mean of a topic's pairs"
        ),
        # A topic counts once, however many words it has: (-1 + mean(pairs)) / 2
        pytest.param(
            [["cher", "caisse"], ["prix", "cher", "caisse"]],
            FOUR,
            (-1 + (math.log(4 / 3) / math.log(2) - 2) / 3) / 2,
            id="mean of the topics",
        ),
        pytest.param([["prix"], ["cher", "caisse"]], FOUR, -1.0, id="a topic of one word has no pair"),
        pytest.param([], FOUR, 0.0, id="no topic"),
    ],
)
def test_coherence(topics, documents, wanted):
    assert coherence(topics, documents) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("topics", "wanted"),
    [
        pytest.param([["a", "b"], ["c", "d"]], 1.0, id="all different"),
        pytest.param([["a", "b"], ["b", "c"]], 0.75, id="one of four again"),
        pytest.param([["a", "b"], ["a", "b"]], 0.5, id="twice the same"),
        pytest.param([], 0.0, id="no topic"),
    ],
)
def test_diversity(topics, wanted):
    assert diversity(topics) == wanted


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        pytest.param(0, 10, "prix_tarif", id="the very mark"),
        pytest.param(6, 18, "attente", id="the one that covers most"),
        pytest.param(10, 12, None, id="between two"),
        pytest.param(30, 40, None, id="behind all"),
    ],
)
def test_mark_of_a_span(start, end, wanted):
    marked = [
        SimpleNamespace(start=0, end=10, theme="prix_tarif"),
        SimpleNamespace(start=12, end=20, theme="attente"),
    ]
    assert _mark(marked, start, end) == wanted


def test_nothing_marked_is_no_mark():
    assert _mark((), 0, 10) is None


def test_what_has_no_topic_is_out():
    assert _numbered(["b", None, "a", "b"]).tolist() == [1, OUT, 0, 1]


def test_top_words_by_class_tf_idf():
    texts = ["caisse prix", "prix, caisse", "caisse caisse attente", "parking"]
    # Mean words of a topic A = 7/2; weight = tf / words of the topic * ln(1 + A / f).
    # Topic 0: prix 2/4 ln(1 + 3.5/2) = 0.51, caisse 2/4 ln(1 + 3.5/4) = 0.31.
    # Topic 1: attente 1/3 ln(1 + 3.5/1) = 0.50, caisse 2/3 ln(1 + 3.5/4) = 0.42.
    assert _top_words(texts, np.array([0, 0, 1, OUT])) == [["prix", "caisse"], ["attente", "caisse"]]


def opinions(marks, theme_ids=("prix", "prix", "attente", "attente")):
    quotes = ["prix", "cher", "caisse", "attente"]
    frame = pd.DataFrame({"quote": quotes, "theme_id": theme_ids})
    vectors = pd.DataFrame({"embedding": [np.zeros(2, np.float32)] * 4})
    return Corpus("four", frame, vectors, np.array(marks, dtype=object))


def by_word(**labels):
    return lambda corpus, _: np.array([labels[text] for text in corpus.texts])


@pytest.mark.parametrize(
    ("labels", "unassigned", "ami", "ami_assigned"),
    [
        pytest.param({"prix": 7, "cher": 7, "caisse": 3, "attente": 3}, 0.0, 1.0, 1.0, id="the marks, renumbered"),
        pytest.param({"prix": 0, "cher": 0, "caisse": 0, "attente": 0}, 0.0, 0.0, 0.0, id="all in one"),
        # MI 0; of the 6 ways to deal two and two, 2 have ln 2: expected ln(2) / 3, so (0 - 1/3) / (1 - 1/3)
        pytest.param({"prix": 0, "cher": 1, "caisse": 0, "attente": 1}, 0.0, -0.5, -0.5, id="across the marks"),
        # What has no topic is one group among all marked, and no opinion among the assigned.
        pytest.param({"prix": OUT, "cher": 1, "caisse": OUT, "attente": 1}, 0.5, -0.5, 0.0, id="half without a topic"),
    ],
)
def test_ami_with_marks(labels, unassigned, ami, ami_assigned):
    figures = measure(by_word(**labels), opinions(["a", "a", "b", "b"]))
    assert figures["unassigned"] == unassigned
    assert figures["ami_marks"] == pytest.approx(ami)
    assert figures["ami_marks_assigned"] == pytest.approx(ami_assigned)


def test_an_unmarked_opinion_is_outside_the_ami():
    labels = {"prix": 0, "cher": 1, "caisse": 1, "attente": 1}
    assert measure(by_word(**labels), opinions(["a", None, "b", "b"]))["ami_marks"] == pytest.approx(1)


def test_seeds_and_shuffles_are_apart():
    def drawn(corpus, seed):
        # Seed 0 tells (prix, cher) from (caisse, attente); any other (prix, caisse) from (cher, attente).
        first = {"prix", "cher"} if seed in (0, None) else {"prix", "caisse"}
        return np.array([int(text in first) for text in corpus.texts])

    figures = measure(drawn, opinions(["a", "a", "b", "b"]))
    # Of 10 pairs of seeds, 4 hold seed 0 and agree at -0.5, as worked out above.
    assert figures["seeds"] == pytest.approx((6 - 4 * 0.5) / 10)
    assert figures["shuffles"] == pytest.approx(1)


def test_a_maker_that_looks_at_places_falls_when_rows_are_shuffled():
    figures = measure(lambda corpus, _: np.array([0, 0, 1, 1]), opinions(["a", "a", "b", "b"]))
    assert figures["seeds"] == pytest.approx(1)
    assert figures["shuffles"] == pytest.approx(-0.5)


def test_seconds_are_of_the_fastest_run_after_one_on_the_whole_corpus(monkeypatch):
    clock, ran = [0.0], []
    # The first run with or without a seed compiles; a neighbour slows some of the others.
    took = {None: [30.0, 5.0, 2.0, 4.0], SEEDS[0]: [30.0, 3.0, 7.0, 6.0]}

    def slow_at_first(corpus, seed):
        clock[0] += took[seed].pop(0) if took.get(seed) else 1.0
        ran.append((len(corpus.texts), seed))
        return np.array([0, 0, 1, 1])

    monkeypatch.setattr("benchmarks.topics.time.monotonic", lambda: clock[0])
    figures = measure(slow_at_first, opinions(["a", "a", "b", "b"]))
    assert (figures["seconds"], figures["seconds_seeded"]) == (2.0, 3.0)
    assert ran[:8] == [(4, None)] * 4 + [(4, SEEDS[0])] * 4


def test_a_theme_that_names_nothing_holds_no_opinion():
    four = opinions([None] * 4, theme_ids=("prix_tarif", "a_classer", "autre", "attente"))
    assert (themes(four, 0) == OUT).tolist() == [False, True, True, False]
