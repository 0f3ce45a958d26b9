"""Training of the heads and the trunk on marked answers, from gold labels alone or beside teachers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from recipe.examples import Examples
from recipe.losses import Batch, Beliefs, believe, contrast_loss, gold_loss, teacher_loss
from recipe.training import Progress, train
from verbatim.reading.network import OpinionEncoderModel

CONTRAST = 0.15
TAUGHT = 0.7  # share of the teacher in the loss
_DROPOUT = 0.1


class Batches:
    """Endless batches of answers of like length, each typed twice; or once, at half the cost."""

    def __init__(self, examples: Examples, size: int, seed: int, *, twins: bool = True) -> None:
        self.examples = examples
        self.twins = twins
        self.size = size
        self.device = examples.tokens.device
        self.generator = torch.Generator().manual_seed(seed)
        self.lengths = examples.lengths.cpu()
        self.queue: list[Tensor] = []

    def next(self) -> Batch:
        """Draw a batch; a new epoch begins where the last one ends."""
        if not self.queue:
            self.queue = self._epoch()
        answers = self.queue.pop()
        copies = len(self.examples.tokens)
        picked = [self._pick(copies) for _ in range(2 if self.twins else 1)]
        length = min(self.examples.tokens.shape[-1], -(-int(self.lengths[answers].max()) // 16) * 16)
        return self._gather(answers.to(self.device), picked, length)

    def _epoch(self) -> list[Tensor]:
        # Sorted by length inside large pools, then cut: little padding, and still another batch each time.
        order = torch.randperm(len(self.lengths), generator=self.generator)
        pools = order.split(self.size * 16)
        cut = [chunk for pool in pools for chunk in pool[self.lengths[pool].argsort()].split(self.size)]
        return [cut[i] for i in torch.randperm(len(cut), generator=self.generator)]

    def _pick(self, copies: int) -> int:
        # The clean copy, number 0, half of the time.
        if copies == 1 or torch.rand((), generator=self.generator) < 0.5:
            return 0
        return int(torch.randint(1, copies, (), generator=self.generator))

    def _gather(self, answers: Tensor, copies: Sequence[int], length: int) -> Batch:
        tokens = torch.cat([self.examples.tokens[c, answers, :length] for c in copies]).long()
        tags = torch.cat([self.examples.tags[c, answers, :length] for c in copies])
        # A span that one copy lost (cut at the end) is dropped from both: halves stay twins.
        pair = torch.stack([self.examples.spans[c, answers] for c in copies]).long()
        kept = (pair[..., 0] >= 0).all(0)
        place, slot = kept.nonzero(as_tuple=True)
        spans = torch.cat([part[place, slot] for part in pair])
        row = torch.cat([place + index * len(answers) for index in range(len(copies))])
        kind = self.examples.kind[answers][place].repeat(len(copies))
        return Batch(tokens, tags, row, *_jitter(spans, tokens[row]), spans[:, 2], spans[:, 3], kind)


def _jitter(spans: Tensor, tokens: Tensor, share: float = 0.1) -> tuple[Tensor, Tensor]:
    """Move a share of the borders by one token: the heads must bear spans that the tagger found, not a person."""
    last = (tokens != 0).sum(1) - 1
    moved = torch.rand((2, len(spans)), device=spans.device) < share
    by = torch.randint(-1, 2, (2, len(spans)), device=spans.device) * moved
    start = torch.maximum(spans[:, 0] + by[0], torch.ones_like(last))
    end = torch.minimum(spans[:, 1] + by[1], last)
    empty = start >= end
    return torch.where(empty, spans[:, 0], start), torch.where(empty, spans[:, 1], end)


def finetune(
    model: OpinionEncoderModel,
    examples: Examples,
    *,
    stage: str,
    budget_s: float,
    batch: int,
    learning_rate: float,
    device: torch.device,
    seed: int,
    teachers: Sequence[OpinionEncoderModel] = (),
    max_steps: int | None = None,
    twins: bool = True,
) -> Progress:
    """Fine-tune `model` in place; with `teachers`, their mean belief weighs TAUGHT of the loss.

    Without `twins` a step sees one typed copy of each answer, and spans draw near by theme and polarity alone.
    """
    torch.manual_seed(seed)
    set_dropout(model, _DROPOUT)
    model.to(device).train()
    batches = Batches(examples, batch, seed, twins=twins)

    def step(_: int) -> Tensor:
        drawn = batches.next()
        beliefs = believe(model, drawn)
        loss = gold_loss(beliefs, drawn)
        if teachers:
            loss = TAUGHT * teacher_loss(beliefs, consult(teachers, drawn), drawn) + (1 - TAUGHT) * loss
        return loss + CONTRAST * contrast_loss(beliefs.spans.projected, drawn, twins=twins)

    progress = train(
        model,
        step,
        stage=stage,
        budget_s=budget_s,
        learning_rate=learning_rate,
        average=0.995,
        device=device,
        max_steps=max_steps,
    )
    model.eval()
    return progress


@torch.no_grad()
def consult(teachers: Sequence[OpinionEncoderModel], batch: Batch) -> list[Beliefs]:
    """What each teacher believes of a batch."""
    return [believe(teacher, batch) for teacher in teachers]


def set_dropout(model: OpinionEncoderModel, rate: float) -> None:
    """Set the trunk's dropout, of attention too."""
    for module in model.trunk.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = rate
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = rate
