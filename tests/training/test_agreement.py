"""Agreement of marks and readings: published tables, counts by hand, and the counting of the card."""

from __future__ import annotations

import numpy as np
import pytest

from verbatim.reading import load_encoder
from verbatim.reading.marked import parse_row
from verbatim.training.agreement import Confusion, Hits, Kappa, cohen_kappa, count_hits, hits_by_label, worst_confusions
from verbatim.training.scoring import micro_f1
from verbatim.training.spans import score_marked

from .conftest import marked_lines

_GUESSED = [{("prix", "-"), ("accueil", "+")}, {("prix", "+")}, set(), {("stock", "-")}]
_TRUTH = [{("prix", "-")}, {("prix", "-"), ("accueil", "+")}, {("accueil", "+")}, set()]


def _labels(table):
    """Labels of two raters whose table of counts is `table`."""
    cells = [(row, column) for (row, column), n in np.ndenumerate(np.array(table)) for _ in range(n)]
    return [str(row) for row, _ in cells], [str(column) for _, column in cells]


@pytest.mark.parametrize(
    ("table", "value", "low", "high"),
    [
        # SAS's worked example of FREQ's AGREE: kappa 0.4842, ASE 0.1380, 95 % limits 0.2137 and 0.7547.
        ([[0, 4, 1], [0, 8, 0], [0, 1, 5]], 0.4842, 0.2137, 0.7547),
        # By hand: agreed 0.70, chance 0.6 × 0.5 + 0.4 × 0.5 = 0.50.
        ([[20, 5], [10, 15]], 0.4, 0.1511, 0.6489),
        # Agreed as often as chance gives.
        ([[10, 10], [10, 10]], 0.0, -0.3099, 0.3099),
        ([[7, 0], [0, 9]], 1.0, 1.0, 1.0),
    ],
    ids=["SAS", "two by two", "chance", "perfect"],
)
def test_kappa_and_its_interval_are_those_of_worked_tables(table, value, low, high):
    kappa = cohen_kappa(*_labels(table))
    assert (kappa.value, kappa.low, kappa.high) == pytest.approx((value, low, high), abs=5e-5)


def test_the_variance_is_that_of_fleiss_cohen_and_everitt():
    counts = np.random.default_rng(3).integers(0, 9, (4, 4)) + 6 * np.eye(4, dtype=int)
    p, n = counts / counts.sum(), counts.sum()
    rows, columns = p.sum(1), p.sum(0)
    agreed, chance = np.trace(p), rows @ columns
    # Equation 13, term by term.
    diagonal = sum(p[i, i] * (1 - chance - (columns[i] + rows[i]) * (1 - agreed)) ** 2 for i in range(4))
    beside = sum(p[i, j] * (columns[i] + rows[j]) ** 2 for i in range(4) for j in range(4) if i != j)
    last = (agreed * chance - 2 * chance + agreed) ** 2
    variance = (diagonal + (1 - agreed) ** 2 * beside - last) / (n * (1 - chance) ** 4)
    kappa = cohen_kappa(*_labels(counts))
    assert kappa.high - kappa.low == pytest.approx(2 * 1.959964 * np.sqrt(variance))


def test_opinions_that_say_the_same_again_in_their_answer_add_no_certainty():
    marked, said = _labels([[20, 5], [10, 15]])
    once = cohen_kappa(marked, said)
    twice = cohen_kappa(marked * 2, said * 2, [*range(50)] * 2)
    assert (twice.value, twice.low, twice.high) == pytest.approx((once.value, once.low, once.high))
    assert twice.opinions == 100


@pytest.mark.parametrize(
    ("marked", "said", "expected"),
    [
        ([], [], Kappa(None, None, None, None, 0)),
        (["prix", "prix"], ["prix", "prix"], Kappa(None, None, None, 1.0, 2)),
    ],
    ids=["no opinion", "one label"],
)
def test_kappa_without_chance_to_beat_is_undefined(marked, said, expected):
    assert cohen_kappa(marked, said) == expected


def test_hits_count_a_label_once_an_answer_as_the_card_does():
    total = count_hits(_GUESSED, _TRUTH)
    assert total == Hits(marked=4, said=4, right=1)
    assert (total.precision, total.recall, total.f1) == (0.25, 0.25, 0.25)
    assert total.f1 == micro_f1(_GUESSED, _TRUTH)
    assert hits_by_label(_GUESSED, _TRUTH) == {
        ("prix", "-"): Hits(2, 1, 1),
        ("prix", "+"): Hits(0, 1, 0),
        ("accueil", "+"): Hits(2, 1, 0),
        ("stock", "-"): Hits(0, 1, 0),
    }


@pytest.mark.parametrize(
    ("hits", "precision", "recall", "f1"),
    [(Hits(3, 0, 0), None, 0.0, 0.0), (Hits(0, 2, 0), 0.0, None, 0.0), (Hits(0, 0, 0), None, None, None)],
    ids=["never said", "never marked", "neither"],
)
def test_a_share_of_nothing_is_undefined(hits, precision, recall, f1):
    assert (hits.precision, hits.recall, hits.f1) == (precision, recall, f1)


def test_the_most_frequent_confusions_come_first_with_their_surest_examples():
    marked = ["prix", "prix", "prix", "prix", "stock", "stock"]
    said = ["stock", "stock", "stock", "prix", "prix", "stock"]
    quotes = ["trop  cher\nhélas", "cher " * 40, "hors de prix", "bon prix", "rupture", "en rupture"]
    found = worst_confusions(marked, said, quotes, [0.5, 0.99, 0.9, 1, 0.4, 1])
    assert found == (
        Confusion("prix", "stock", 3, 0.75, ("hors de prix", "trop cher hélas")),
        Confusion("stock", "prix", 1, 0.5, ("rupture",)),
    )
    assert worst_confusions(marked, said, quotes, [0.5] * 6, shown=1, examples=1)[0].opinions == 3


def test_marked_spans_scored_together_are_scored_as_one_by_one(parent):
    encoder = load_encoder(parent)
    lines = ["7\tnps\tessai\trien", *marked_lines(40), "7\tnps\tessai\t" + "mot " * 300 + "{-prix_tarif|trop cher}"]
    answers = [parse_row(line) for line in lines]
    together = score_marked(encoder, answers, kind="nps")
    row = 0
    for answer in answers:
        spans = [(opinion.start, opinion.end) for opinion in answer.opinions]
        if spans:
            alone = encoder.score_spans(answer.text, spans, codebook="cx-fr")
            names = [alone.theme_ids.index(name) for name in encoder.config.customer_themes]
            assert together.polarity[row : row + len(spans)] == pytest.approx(alone.polarity, abs=1e-5)
            assert together.themes[row : row + len(spans)] == pytest.approx(alone.themes[:, names], abs=1e-5)
        row += len(spans)
    assert row == len(together.polarity) == len(together.themes)
