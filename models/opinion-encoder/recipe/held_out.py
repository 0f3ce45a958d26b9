"""How often the shipped reader is right, theme by theme and polarity by polarity: counts that corrections start from.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.held_out`` (a minute on two cores) writes
evaluation/errors.tsv, on the splits that the card's figures by theme are taken on: sectors that are in no training. An
answer counts once for a theme and a polarity, as `verbatim.measures` counts respondents; `verbatim.reading.errors`
reads the file.

How far recall and false alarms differ from sector to sector is measured too: a survey is one more sector, of which
nothing is marked, and the mean over few sectors is itself uncertain. With intraclass correlation ρ over k sectors the
columns hold ρ · (1 + 1/k), by which 1/n grows. When six sectors of customers were left out one after the other and
corrected with the rates of the rest, 96 % of the cells fell within what is expected of 95 %, and 90 % with ρ left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recipe.card import HELD, MODEL, held_answers
from recipe.measure import find
from recipe.splits import load_splits
from verbatim.reading import load_encoder
from verbatim.reading.errors import COLUMNS, ERRORS_FILE
from verbatim.reading.marked import THEMES, MarkedAnswer
from verbatim.reading.network import POLARITIES
from verbatim.training.scoring import Pairs, gold_pairs

_LEAST = 30
"""Answers that a rate needs before its spread over sectors says something."""


def main() -> None:
    """Read the held-out answers and write the counts."""
    encoder, held = load_encoder(), held_answers(load_splits())
    lines = [
        f"# answers of {', '.join(name for splits in HELD.values() for name in splits)}; encoder {encoder.revision}",
        "\t".join(COLUMNS),
    ]
    correlations: tuple[float, float] | None = None
    for codebook, splits in HELD.items():
        answers = [answer for name in splits for answer in held[name]]
        spans, pairs = find(encoder, answers)
        # One family of sectors is marked for employees: theirs is taken to vary as the customers' do.
        correlations = correlations or correlations_of(pairs, answers)
        spreads = [f"{found * (1 + 1 / len(set(families_of(answers)))):.4f}" for found in correlations]
        lines += ["\t".join(map(str, (codebook, *row, *spreads))) for row in counts(spans, pairs, answers)]
    (MODEL / ERRORS_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def counts(
    spans: Sequence[Sequence[tuple[int, int]]], guessed: Pairs, answers: Sequence[MarkedAnswer]
) -> Iterator[tuple[str, str, int, int, int, int, int]]:
    """Theme, polarity, answers tp, fn, fp, tn, and those of fn where nothing is found on the words; as in GUIDE.md."""
    truth = gold_pairs(answers)
    untouched = [_untouched(answer, found) for answer, found in zip(answers, spans, strict=True)]
    for theme in THEMES[answers[0].kind]:
        for polarity in POLARITIES:
            pair = (theme, polarity)
            both = sum(pair in g and pair in t for g, t in zip(guessed, truth, strict=True))
            said, true = sum(pair in g for g in guessed), sum(pair in t for t in truth)
            missed = sum(pair in u and pair not in g for u, g in zip(untouched, guessed, strict=True))
            yield theme, polarity, both, true - both, said - both, len(answers) - said - true + both, missed


def families_of(answers: Sequence[MarkedAnswer]) -> list[str]:
    """Sector of each answer; magasin and magasin2 are one."""
    return [answer.sector.rstrip("0123456789") for answer in answers]


def correlations_of(guessed: Pairs, answers: Sequence[MarkedAnswer]) -> tuple[float, float]:
    """Intraclass correlation over sectors of recall, and of false alarms, all themes and polarities together."""
    truth = gold_pairs(answers)
    family = np.unique(families_of(answers), return_inverse=True)[1]
    pairs = [(theme, polarity) for theme in THEMES[answers[0].kind] for polarity in POLARITIES]
    said, true = (np.array([[pair in one for pair in pairs] for one in sets], dtype=float) for sets in (guessed, truth))

    def by_family(values: np.ndarray) -> np.ndarray:
        return np.array([values[family == place].sum(axis=0) for place in range(family.max() + 1)])

    recall = intraclass(by_family(said * true), by_family(true))
    false = intraclass(by_family(said * (1 - true)), by_family(1 - true))
    return recall, false


def intraclass(right: np.ndarray, of: np.ndarray) -> float:
    """Moment estimate of a beta-binomial correlation (Kleinman, JASA 68, 1973), pooled over columns; at least 0."""
    total, hits = of.sum(axis=0), right.sum(axis=0)
    kept = (total >= _LEAST) & (hits > 0) & (hits < total)
    right, of, total, hits = right[:, kept], of[:, kept], total[kept], hits[kept]
    rate, freedom = hits / total, (of > 0).sum(axis=0) - 1
    squares = (of * (right / np.maximum(of, 1) - rate) ** 2).sum(axis=0) / (rate * (1 - rate))
    return max(0.0, float((squares - freedom).sum() / (total - (of**2).sum(axis=0) / total - freedom).sum()))


def _untouched(answer: MarkedAnswer, found: Sequence[tuple[int, int]]) -> set[tuple[str, str]]:
    """Pairs of an answer of which no mark is touched by what the reader found."""
    touched, untouched = set(), set()
    for opinion in answer.opinions:
        is_touched = any(start < opinion.end and opinion.start < end for start, end in found)
        (touched if is_touched else untouched).add((opinion.theme, opinion.polarity))
    return untouched - touched


if __name__ == "__main__":
    main()
