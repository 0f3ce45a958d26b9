"""What one model, or several averaged, says of answers: on the marked spans and on the spans it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from recipe.examples import LENGTH
from verbatim.reading.marked import THEMES, MarkedAnswer
from verbatim.reading.network import OpinionEncoderModel
from verbatim.reading.spans import TokenLayout, decode, lay_out, tokens_of


@dataclass(frozen=True)
class Described:
    """Spans with their logits.

    Attributes
    ----------
    answer : array, shape (S,), index of the answer
    start, end : array, shape (S,), characters
    polarity : array, shape (S, 3), logits
    themes : dict, kind → array of logits, shape (S, themes)
    embedding : array, shape (S, width), the first model's
    """

    answer: np.ndarray
    start: np.ndarray
    end: np.ndarray
    polarity: np.ndarray
    themes: dict[str, np.ndarray]
    embedding: np.ndarray


class Predictor:
    """Encodes the answers once, then answers questions of one or several models."""

    def __init__(
        self, answers: Sequence[MarkedAnswer], tokenizer: Tokenizer, device: torch.device, batch: int = 256
    ) -> None:
        self.answers = answers
        self.device = device
        encodings = tokenizer.encode_batch([answer.text for answer in answers])
        self.ids = [encoding.ids[:LENGTH] for encoding in encodings]
        layouts = [lay_out(a.text, e.offsets, e.word_ids) for a, e in zip(answers, encodings, strict=True)]
        self.layouts = [TokenLayout(x.start[:LENGTH], x.end[:LENGTH], x.leads[:LENGTH]) for x in layouts]
        order = sorted(range(len(answers)), key=lambda i: len(self.ids[i]))
        self.batches = [order[at : at + batch] for at in range(0, len(order), batch)]

    @torch.inference_mode()
    def tags(self, models: Sequence[OpinionEncoderModel]) -> list[np.ndarray]:
        """Mean log probabilities of O, B, I, one array (tokens, 3) an answer."""
        found: list[np.ndarray] = [np.zeros((0, 3))] * len(self.answers)
        for batch, _, states in self._states(models):
            logits = [m.tag(s).float().log_softmax(-1) for m, s in zip(models, states, strict=True)]
            mean = torch.stack(logits).mean(0).cpu().numpy()
            for row, answer in enumerate(batch):
                found[answer] = mean[row, : len(self.ids[answer])]
        return found

    def find(self, tags: list[np.ndarray], outside_bias: float) -> list[list[tuple[int, int]]]:
        """Character spans, a list an answer."""
        decoded = (
            decode(answer.text, layout, logits, outside_bias=outside_bias)
            for answer, layout, logits in zip(self.answers, self.layouts, tags, strict=True)
        )
        return [[(span.start, span.end) for span in spans] for spans in decoded]

    def gold(self) -> list[list[tuple[int, int]]]:
        """The marked spans."""
        return [[(opinion.start, opinion.end) for opinion in answer.opinions] for answer in self.answers]

    @torch.inference_mode()
    def describe(self, models: Sequence[OpinionEncoderModel], spans: list[list[tuple[int, int]]]) -> Described:
        """Mean logits of the models on `spans`, in order of answer and start."""
        parts: list[tuple[np.ndarray, ...]] = []
        for batch, tokens, states in self._states(models):
            place = [(row, answer, span) for row, answer in enumerate(batch) for span in spans[answer]]
            if place:
                parts.append(self._describe(models, tokens, states, place))
        return self._ordered(parts)

    def _describe(self, models, tokens, states, place) -> tuple[np.ndarray, ...]:
        held = [tokens_of(self.layouts[answer], *span) for _, answer, span in place]
        row, first, last = (
            torch.tensor(column, device=self.device)
            for column in ([row for row, _, _ in place], [t[0] for t in held], [t[1] for t in held])
        )
        outputs = [m.describe(s, row, first, last) for m, s in zip(models, states, strict=True)]
        mean = [
            torch.stack([o.polarity for o in outputs]),
            *(torch.stack([o.themes[kind] for o in outputs]) for kind in THEMES),
            models[0].embed(outputs[0].projected, tokens, row, first, last)[None],
        ]
        where = np.array([(answer, *span) for _, answer, span in place])
        return where, *(part.float().mean(0).cpu().numpy() for part in mean)

    @staticmethod
    def _ordered(parts: list[tuple[np.ndarray, ...]]) -> Described:
        where, polarity, customers, employees, embedding = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        order = np.lexsort((where[:, 1], where[:, 0]))
        themes = {"nps": customers[order], "enps": employees[order]}
        columns = where[order].T
        return Described(columns[0], columns[1], columns[2], polarity[order], themes, embedding[order])

    def _states(self, models: Sequence[OpinionEncoderModel]):
        for batch in self.batches:
            width = max(len(self.ids[answer]) for answer in batch)
            padded = torch.zeros((len(batch), width), dtype=torch.long)
            for row, answer in enumerate(batch):
                padded[row, : len(self.ids[answer])] = torch.tensor(self.ids[answer])
            padded = padded.to(self.device)
            mask: Tensor = padded != 0
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
                yield batch, padded, [model(padded, mask) for model in models]
