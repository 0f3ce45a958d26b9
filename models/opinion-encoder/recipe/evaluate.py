"""The figures of a reader on marked answers, and the fitting of its temperatures and its bias on the dev families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recipe.predict import Described, Predictor
from verbatim.reading.marked import THEMES, MarkedAnswer
from verbatim.reading.network import POLARITIES, OpinionEncoderModel
from verbatim.training.scoring import (
    Pairs,
    calibration_error,
    fit_temperature,
    gold_pairs,
    labels,
    micro_f1,
    softmax,
    themes_of,
)


@dataclass(frozen=True)
class Calibration:
    """What is fitted on dev: divisors of logits, and the bias of the tag O."""

    polarity_temperature: float = 1.0
    theme_temperature: float = 1.0
    outside_bias: float = 0.0


def evaluate(predictor: Predictor, models: Sequence[OpinionEncoderModel], calibration: Calibration) -> dict[str, float]:
    """Figures on the answers of `predictor`; shares lie in [0, 1]."""
    answers = predictor.answers
    gold = predictor.describe(models, predictor.gold())
    polarity, themes = labels(answers)
    signed = polarity != POLARITIES.index("neutral")
    # Of + and - opinions, as the two classes that a sentiment reader is asked for.
    two = gold.polarity[signed, :2]
    said = theme_guess(gold, answers)
    found = predictor.find(predictor.tags(models), calibration.outside_bias)
    silent = [not spans for answer, spans in zip(answers, found, strict=True) if not answer.opinions]
    pairs, truth = guessed_pairs(predictor, models, found), gold_pairs(answers)
    return {
        "answers": len(answers),
        "opinions": len(polarity),
        "polarity_accuracy": float((two.argmax(1) == polarity[signed]).mean()),
        "polarity_accuracy_3": float((gold.polarity.argmax(1) == polarity).mean()),
        "polarity_ece": calibration_error(softmax(gold.polarity / calibration.polarity_temperature), polarity),
        "theme_accuracy": float((said == themes).mean()),
        "theme_ece": _theme_ece(gold, answers, calibration),
        "themes_f1": micro_f1(themes_of(pairs), themes_of(truth)),
        "pairs_f1": micro_f1(pairs, truth),
        "span_f1": _span_f1(found, predictor.gold()),
        "silent_share": float(np.mean(silent)) if silent else float("nan"),
        "silent_answers": len(silent),
    }


def calibrate(predictor: Predictor, models: Sequence[OpinionEncoderModel]) -> Calibration:
    """Temperatures that minimise the cross entropy, the bias that maximises the F1 of pairs, on the answers."""
    gold = predictor.describe(models, predictor.gold())
    polarity, themes = labels(predictor.answers)
    kinds = np.array([predictor.answers[i].kind for i in gold.answer])
    kept = kinds == "nps"
    grid = np.geomspace(0.4, 4.0, 60)
    tags = predictor.tags(models)
    truth = gold_pairs(predictor.answers)

    def score(bias: float) -> float:
        return micro_f1(guessed_pairs(predictor, models, predictor.find(tags, bias)), truth)

    return Calibration(
        polarity_temperature=fit_temperature(gold.polarity, polarity, grid),
        theme_temperature=fit_temperature(gold.themes["nps"][kept], themes[kept], grid),
        outside_bias=float(max(np.arange(-1.5, 1.6, 0.5), key=score)),
    )


def theme_guess(described: Described, answers: Sequence[MarkedAnswer]) -> np.ndarray:
    """Most probable theme of each span, in the codebook of its answer."""
    employees = np.array([answers[i].kind == "enps" for i in described.answer], dtype=bool)
    return np.where(employees, described.themes["enps"].argmax(1), described.themes["nps"].argmax(1))


def guessed_pairs(
    predictor: Predictor, models: Sequence[OpinionEncoderModel], spans: list[list[tuple[int, int]]]
) -> Pairs:
    """The same, read by the models on `spans`."""
    pairs: Pairs = [set() for _ in predictor.answers]
    if not any(spans):
        return pairs
    described = predictor.describe(models, spans)
    themes = theme_guess(described, predictor.answers)
    for answer, theme, polarity in zip(described.answer, themes, described.polarity.argmax(1), strict=True):
        pairs[answer].add((THEMES[predictor.answers[answer].kind][theme], POLARITIES[polarity]))
    return pairs


def _span_f1(found: list[list[tuple[int, int]]], gold: list[list[tuple[int, int]]]) -> float:
    return micro_f1([set(spans) for spans in found], [set(spans) for spans in gold])


def _theme_ece(gold: Described, answers: Sequence[MarkedAnswer], calibration: Calibration) -> float:
    _, themes = labels(answers)
    kinds = np.array([answers[i].kind for i in gold.answer])
    errors = []
    for kind in THEMES:
        kept = kinds == kind
        if kept.any():
            probabilities = softmax(gold.themes[kind][kept] / calibration.theme_temperature)
            errors.append(calibration_error(probabilities, themes[kept]) * kept.mean())
    return float(sum(errors))
