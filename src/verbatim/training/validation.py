"""What continued heads are worth on answers that they did not see: cross-validation on the team's own rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from verbatim.reading import Encoder
from verbatim.reading.marked import Kind, MarkedAnswer
from verbatim.tables import UNCLASSIFIED
from verbatim.training.heads import Heads, Judged, Lesson, between, continue_heads, heads_of, judge, with_heads
from verbatim.training.scoring import (
    Pairs,
    cross_entropy,
    fit_temperature,
    gold_pairs,
    labels,
    micro_f1,
    share,
    softmax,
    themes_of,
)

FOLDS = 5
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How far from the shipped heads to the continued ones; 0 is tried too, and may win."""
_TEMPERATURES = np.geomspace(0.5, 3.0, 60)
_CODEBOOKS: dict[Kind, str] = {"nps": "cx-fr", "enps": "ex-fr"}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Validated:
    """What cross-validation chose, and what it saw.

    Attributes
    ----------
    heads_share : float
        Chosen of `SHARES` by cross entropy of tags, polarity and themes.
    losses : tuple of float
        That cross entropy, in nats, at each of `SHARES`.
    polarity_temperature, theme_temperature : float
        Fitted on the answers kept apart.
    before, after : dict
        Figures of the encoder that was continued, and of continued heads on the folds they did not see.
    """

    heads_share: float
    losses: tuple[float, ...]
    polarity_temperature: float
    theme_temperature: float
    before: dict[str, Any]
    after: dict[str, Any]


def fold_of(text: str) -> int:
    """Fold of an answer: its own text decides, never its place in the file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % FOLDS


def validate(
    encoder: Encoder, answers: Sequence[MarkedAnswer], lessons: Sequence[Lesson], *, seed: int, tell: Progress
) -> Validated:
    """Train on four fifths, look at the fifth, five times.

    Parameters
    ----------
    encoder : Encoder
        Whose heads are continued.
    answers : sequence of MarkedAnswer
        Of one kind of survey.
    lessons : sequence of Lesson
        The same answers, in the same order.
    seed : int
        Of the training.
    tell : callable
        Says how far the work is.
    """
    kind = answers[0].kind
    folds = np.array([fold_of(answer.text) for answer in answers])
    start, ends = heads_of(encoder.model), []
    for fold in range(FOLDS):
        tell(f"cross-validation, {fold + 1} of {FOLDS}")
        seen = [lessons[row] for row in np.flatnonzero(folds != fold).tolist()]
        ends.append(continue_heads(encoder.model, seen, kind=kind, seed=seed))
    order = [row for fold in range(FOLDS) for row in np.flatnonzero(folds == fold).tolist()]
    by_fold = [[lessons[row] for row in np.flatnonzero(folds == fold).tolist()] for fold in range(FOLDS)]
    polarity, themes = labels([answers[row] for row in order])
    judged = {step: _judge_folds(encoder, by_fold, start, ends, step, kind) for step in SHARES}
    losses = tuple(_loss(one, polarity, themes) for one in judged.values())
    chosen = SHARES[int(np.argmin(losses))]
    best = judged[chosen]
    temperatures = (
        fit_temperature(best.polarity, polarity, _TEMPERATURES),
        fit_temperature(best.themes, themes, _TEMPERATURES),
    )
    tell("comparing")
    ordered = [answers[row] for row in order]
    before = _figures(encoder, ordered, _pairs(encoder, ordered, kind), judged[0.0])
    pairs: Pairs = []
    for fold, end in enumerate(ends):
        own = [answers[row] for row in np.flatnonzero(folds == fold).tolist()]
        model = with_heads(encoder.model, between(start, end, chosen))
        pairs += _pairs(encoder.with_model(model, revision=""), own, kind)
    return Validated(chosen, losses, *temperatures, before, _figures(encoder, ordered, pairs, best))


def _judge_folds(
    encoder: Encoder, by_fold: Sequence[Sequence[Lesson]], start: Heads, ends: Sequence[Heads], step: float, kind: Kind
) -> Judged:
    parts = [
        judge(with_heads(encoder.model, between(start, end, step)), lessons, kind=kind)
        for lessons, end in zip(by_fold, ends, strict=True)
        if lessons
    ]
    columns = zip(*((part.tags, part.true_tags, part.polarity, part.themes) for part in parts), strict=True)
    return Judged(*(np.concatenate(column) for column in columns))


def _loss(judged: Judged, polarity: npt.NDArray[np.int64], themes: npt.NDArray[np.int64]) -> float:
    """Cross entropies of tags, polarity and themes, each at its best temperature: being surer is no gain by itself."""
    parts = ((judged.tags, judged.true_tags), (judged.polarity, polarity), (judged.themes, themes))
    return sum(
        cross_entropy(softmax(logits / fit_temperature(logits, truth, _TEMPERATURES)), truth) for logits, truth in parts
    )


def _pairs(encoder: Encoder, answers: Sequence[MarkedAnswer], kind: Kind) -> Pairs:
    """What the reader finds in answers by itself."""
    opinions = encoder.read([answer.text for answer in answers], codebook=_CODEBOOKS[kind]).opinions
    pairs: Pairs = [set() for _ in answers]
    for text, theme, polarity in zip(opinions["text"], opinions["theme_id"], opinions["polarity"], strict=True):
        if theme != UNCLASSIFIED:
            pairs[text].add((str(theme), str(polarity)))
    return pairs


def _figures(encoder: Encoder, answers: Sequence[MarkedAnswer], pairs: Pairs, judged: Judged) -> dict[str, Any]:
    polarity, themes = labels(answers)
    clauses = [answer.text[opinion.start : opinion.end] for answer in answers for opinion in answer.opinions]
    deep = softmax(judged.themes / encoder.config.calibration(answers[0].kind).theme_temperature)
    blended = encoder.blend(deep, clauses, answers[0].kind)
    signed = polarity != list(encoder.config.polarities).index("neutral")
    truth = gold_pairs(answers)
    return {
        "answers": len(answers),
        "opinions": len(polarity),
        "polarity_accuracy": round(share(judged.polarity[signed][:, :2].argmax(1) == polarity[signed]), 4),
        "theme_accuracy": round(share(blended.argmax(1) == themes), 4),
        "themes_f1": round(micro_f1(themes_of(pairs), themes_of(truth)), 4),
        "pairs_f1": round(micro_f1(pairs, truth), 4),
    }
