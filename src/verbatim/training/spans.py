"""What the heads of an encoder say of marked spans: thousands in seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from verbatim.reading import Encoder
from verbatim.reading.marked import Kind, MarkedAnswer
from verbatim.reading.spans import tokens_of
from verbatim.training.scoring import softmax

_BATCH = 64  # spans

_Piece = tuple[int, int, Tensor]


@dataclass(frozen=True)
class SpanScores:
    """Of S marked spans, in order of answer and mark.

    Attributes
    ----------
    polarity : array, shape (S, 3)
        Calibrated probabilities, in the order of the encoder's `polarities`.
    themes : array, shape (S, themes)
        Calibrated probabilities of the head's themes, in its own order; the wide branch counts.
    """

    polarity: npt.NDArray[np.float64]
    themes: npt.NDArray[np.float64]


def score_marked(encoder: Encoder, answers: Sequence[MarkedAnswer], *, kind: Kind) -> SpanScores:
    """Score the marked spans of answers as `Encoder.score_spans` does, many texts at a time.

    Parameters
    ----------
    encoder : Encoder
    answers : sequence of MarkedAnswer
    kind : "nps" or "enps"
        Head that gives the themes.
    """
    calibration = encoder.config.calibration(kind)
    first = np.cumsum([0, *(len(answer.opinions) for answer in answers)])
    model = encoder.model
    names = encoder.config.customer_themes if kind == "nps" else encoder.config.employee_themes
    polarity, themes = np.zeros((first[-1], len(encoder.config.polarities))), np.zeros((first[-1], len(names)))
    for batch in _batches(encoder, answers):
        places = [int(first[answer]) + rank for answer, rank, _ in batch]
        sizes = torch.tensor([len(states) for _, _, states in batch])
        padded = nn.utils.rnn.pad_sequence([states for _, _, states in batch], batch_first=True)
        rows = torch.arange(len(batch))
        with torch.inference_mode():
            said = model.describe(padded, rows, torch.zeros_like(rows), sizes)
        polarity[places] = softmax(said.polarity.double().numpy() / calibration.polarity_temperature)
        themes[places] = softmax(said.themes[kind].double().numpy() / calibration.theme_temperature)
    clauses = [answer.text[opinion.start : opinion.end] for answer in answers for opinion in answer.opinions]
    return SpanScores(polarity, encoder.blend(themes, clauses, kind))


def _batches(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> Iterator[list[_Piece]]:
    """Place of the answer, rank and token states of marked spans, some at a time; short texts come first."""
    batch: list[_Piece] = []
    spoken = [place for place, answer in enumerate(answers) if answer.opinions]
    for at, layout, states in encoder.token_states([answers[place].text for place in spoken]):
        place = spoken[at]
        for rank, opinion in enumerate(answers[place].opinions):
            start, end = tokens_of(layout, opinion.start, opinion.end)
            if len(states):
                # A copy: a view would keep the states of the whole text.
                batch.append((place, rank, torch.from_numpy(states[start:end].copy())))
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
