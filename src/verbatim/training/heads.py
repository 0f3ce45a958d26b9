"""The heads of an encoder continued over its frozen trunk: minutes on a processor, some hundred answers are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own abbreviation

from verbatim.reading import Encoder
from verbatim.reading.marked import THEMES, Kind, MarkedAnswer
from verbatim.reading.network import POLARITIES, OpinionEncoderModel
from verbatim.reading.spans import BEGIN, INSIDE, OUTSIDE, TokenLayout, tokens_of

HEADS = ("tagger", "join", "polarity", "customer_themes", "employee_themes", "projection")
"""Modules behind the trunk; all but the themes of the other kind of survey and the embedding's are trained."""
EPOCHS, RATE, BATCH = 12, 5e-4, 32
_SMOOTHING = 0.05
_IGNORED = -100

Heads = dict[str, Tensor]
"""Weights of the modules behind the trunk, by name."""


@dataclass(frozen=True)
class Lesson:
    """One marked answer as the heads see it.

    Attributes
    ----------
    states : Tensor, shape (T, width)
        What the trunk makes of the answer's tokens.
    tags : Tensor, shape (T,)
        O, B, I at the first token of a word, -100 elsewhere.
    spans : Tensor, shape (S, 4)
        First token, token behind the last, polarity, theme.
    """

    states: Tensor
    tags: Tensor
    spans: Tensor


@dataclass(frozen=True)
class Judged:
    """Logits of heads, and what was marked; T leading tokens and S marked spans in order of the lessons.

    Attributes
    ----------
    tags : array, shape (T, 3)
    true_tags : array, shape (T,)
    polarity : array, shape (S, 3)
    themes : array, shape (S, themes)
    """

    tags: npt.NDArray[np.float32]
    true_tags: npt.NDArray[np.int64]
    polarity: npt.NDArray[np.float32]
    themes: npt.NDArray[np.float32]


def prepare(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> list[Lesson]:
    """Run the trunk once over the answers; in their order."""
    lessons: dict[int, Lesson] = {}
    for place, layout, states in encoder.token_states([answer.text for answer in answers]):
        lessons[place] = _lesson(answers[place], layout, torch.from_numpy(states.copy()))
    # An answer without a single token teaches nothing, but keeps its place.
    nothing = Lesson(torch.zeros((0, encoder.config.hidden_size)), torch.zeros(0).long(), torch.zeros((0, 4)).long())
    return [lessons.get(place, nothing) for place in range(len(answers))]


def heads_of(model: OpinionEncoderModel) -> Heads:
    """Copy of the weights behind the trunk."""
    return {name: w.detach().clone() for name, w in model.state_dict().items() if name.split(".")[0] in HEADS}


def with_heads(model: OpinionEncoderModel, heads: Mapping[str, Tensor]) -> OpinionEncoderModel:
    """Copy of a model with other weights behind its trunk."""
    copied = deepcopy(model)
    copied.load_state_dict(dict(heads), strict=False)
    copied.eval()
    return copied


def between(start: Heads, end: Heads, share: float) -> Heads:
    """Heads on the straight line from `start` (share 0) to `end` (1).

    Weights between a general model's and a specialised one's keep most of what both know (Wortsman et al. 2022,
    *Robust fine-tuning of zero-shot models*).
    """
    return {name: torch.lerp(weight, end[name], share) for name, weight in start.items()}


def continue_heads(
    model: OpinionEncoderModel, lessons: Sequence[Lesson], *, kind: Kind, seed: int, epochs: int = EPOCHS
) -> Heads:
    """Train the heads on lessons; `model` is left as it is.

    Parameters
    ----------
    model : OpinionEncoderModel
        Where the heads start from; its trunk is not looked at.
    lessons : sequence of Lesson
    kind : "nps" or "enps"
        Whose themes are trained.
    seed : int
        Of order and dropout. Same lessons and seed give the same heads on one machine.
    epochs : int
        Times that every lesson is seen.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        heads = deepcopy(model).train()
        themes = heads.customer_themes if kind == "nps" else heads.employee_themes
        trained: list[nn.Module] = [heads.tagger, heads.join, heads.polarity, themes]
        optimiser = torch.optim.AdamW([p for module in trained for p in module.parameters()], lr=RATE)
        batches = [lesson for lesson in lessons if len(lesson.states)]
        steps = epochs * -(-len(batches) // BATCH)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for _ in range(epochs):
            order = torch.randperm(len(batches)).tolist()
            for at in range(0, len(order), BATCH):
                loss = _loss(heads, [batches[row] for row in order[at : at + BATCH]], kind)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]  # torch's own
                optimiser.step()
                schedule.step()
    return heads_of(heads)


@torch.inference_mode()
def judge(model: OpinionEncoderModel, lessons: Sequence[Lesson], *, kind: Kind) -> Judged:
    """What the heads of a model say of lessons, beside what was marked."""
    parts = [_judge(model, lessons[at : at + BATCH], kind) for at in range(0, len(lessons), BATCH)]
    return Judged(*(torch.cat(column).numpy() for column in zip(*parts, strict=True)))


def _lesson(answer: MarkedAnswer, layout: TokenLayout, states: Tensor) -> Lesson:
    tags = torch.where(torch.tensor(layout.leads, dtype=torch.bool), OUTSIDE, _IGNORED)
    spans = torch.zeros((len(answer.opinions), 4), dtype=torch.long)
    for place, opinion in enumerate(answer.opinions):
        first, last = tokens_of(layout, opinion.start, opinion.end)
        leading = [token for token in range(first, last) if layout.leads[token]]
        tags[leading] = INSIDE
        tags[leading[:1]] = BEGIN
        polarity, theme = POLARITIES.index(opinion.polarity), THEMES[answer.kind].index(opinion.theme)
        spans[place] = torch.tensor([first, last, polarity, theme])
    return Lesson(states, tags, spans)


def _stack(lessons: Sequence[Lesson]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    states = nn.utils.rnn.pad_sequence([lesson.states for lesson in lessons], batch_first=True)
    tags = nn.utils.rnn.pad_sequence([lesson.tags for lesson in lessons], batch_first=True, padding_value=_IGNORED)
    row = torch.repeat_interleave(torch.tensor([len(lesson.spans) for lesson in lessons]))
    return states, row, torch.cat([lesson.spans for lesson in lessons]), tags


def _judge(model: OpinionEncoderModel, lessons: Sequence[Lesson], kind: Kind) -> tuple[Tensor, ...]:
    states, row, spans, tags = _stack(lessons)
    leading = tags != _IGNORED
    if not len(spans):
        themes = len(THEMES[kind])
        return model.tag(states)[leading], tags[leading], torch.zeros((0, len(POLARITIES))), torch.zeros((0, themes))
    said = model.describe(states, row, spans[:, 0], spans[:, 1])
    return model.tag(states)[leading], tags[leading], said.polarity, said.themes[kind]


def _loss(model: OpinionEncoderModel, lessons: Sequence[Lesson], kind: Kind) -> Tensor:
    states, row, spans, tags = _stack(lessons)
    loss = F.cross_entropy(model.tag(states).flatten(0, 1), tags.flatten(), ignore_index=_IGNORED)
    if len(spans):
        said = model.describe(states, row, spans[:, 0], spans[:, 1])
        loss = loss + F.cross_entropy(said.polarity, spans[:, 2], label_smoothing=_SMOOTHING)
        loss = loss + F.cross_entropy(said.themes[kind], spans[:, 3], label_smoothing=_SMOOTHING)
    return loss
