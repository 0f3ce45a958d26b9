"""What fine-tuning minimises: gold labels, a teacher's beliefs, and distances between spans."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own abbreviation

from recipe.examples import IGNORED
from verbatim.reading.network import OpinionEncoderModel, SpanOutput


@dataclass(frozen=True)
class Batch:
    """Typed answers, both copies stacked, and their S spans.

    Attributes
    ----------
    tokens, tags : Tensor, shape (B, T)
    row, start, end, polarity, theme, kind : Tensor, shape (S,)
    """

    tokens: Tensor
    tags: Tensor
    row: Tensor
    start: Tensor
    end: Tensor
    polarity: Tensor
    theme: Tensor
    kind: Tensor


@dataclass(frozen=True)
class Beliefs:
    """Logits of a model on a batch: of tags (B, T, 3) and of spans."""

    tags: Tensor
    spans: SpanOutput


def believe(model: OpinionEncoderModel, batch: Batch) -> Beliefs:
    """Logits of the tags of every token and of the heads on the marked spans."""
    states = model(batch.tokens, batch.tokens != 0)
    return Beliefs(model.tag(states), model.describe(states, batch.row, batch.start, batch.end))


def gold_loss(beliefs: Beliefs, batch: Batch) -> Tensor:
    """Cross entropies of tags, polarity and theme, in nats."""
    tags = F.cross_entropy(beliefs.tags.flatten(0, 1).float(), batch.tags.flatten().long(), ignore_index=IGNORED)
    polarity = F.cross_entropy(beliefs.spans.polarity.float(), batch.polarity, label_smoothing=0.05)
    return tags + polarity + _theme_loss(beliefs.spans, batch)


def teacher_loss(beliefs: Beliefs, taught: list[Beliefs], batch: Batch) -> Tensor:
    """Cross entropy against the mean probabilities of the teachers (Hinton et al. 2015, at temperature 1)."""
    counted = batch.tags.flatten() != IGNORED
    tags = _soft(beliefs.tags.flatten(0, 1), [t.tags.flatten(0, 1) for t in taught], counted)
    everything = torch.ones_like(batch.kind, dtype=torch.bool)
    polarity = _soft(beliefs.spans.polarity, [t.spans.polarity for t in taught], everything)
    themes = [
        _soft(logits, [t.spans.themes[name] for t in taught], batch.kind == index)
        * (batch.kind == index).float().mean()
        for index, (name, logits) in enumerate(beliefs.spans.themes.items())
    ]
    return tags + polarity + sum(themes)


def contrast_loss(projected: Tensor, batch: Batch, *, twins: bool, temperature: float = 0.1) -> Tensor:
    """Spans of one theme and polarity draw near (Khosla et al. 2020), two typed copies of one span nearest.

    With `twins`, the first half of the spans and the second are the same spans, typed twice.
    """
    size = len(projected)
    near = projected @ projected.T / temperature
    near = near.masked_fill(torch.eye(size, dtype=torch.bool, device=near.device), -1e4)
    logp = near.log_softmax(1)
    label = (batch.kind * 100 + batch.theme) * 3 + batch.polarity
    alike = (label[:, None] == label).float().fill_diagonal_(0)
    classes = -(logp * alike).sum(1) / alike.sum(1).clamp(min=1)
    if not twins:
        return classes.mean()
    twin = (torch.arange(size, device=near.device) + size // 2) % size
    return (classes.mean() + F.nll_loss(logp, twin)) / 2


def _theme_loss(spans: SpanOutput, batch: Batch) -> Tensor:
    losses = [
        F.cross_entropy(
            logits.float(),
            torch.where(batch.kind == index, batch.theme, IGNORED),
            ignore_index=IGNORED,
            label_smoothing=0.05,
            reduction="sum",
        )
        for index, logits in enumerate(spans.themes.values())
    ]
    return sum(losses) / max(1, len(batch.kind))


def _soft(logits: Tensor, taught: list[Tensor], counted: Tensor) -> Tensor:
    target = torch.stack([t.float().softmax(-1) for t in taught]).mean(0)
    each = -(target * logits.float().log_softmax(-1)).sum(-1)
    return (each * counted).sum() / counted.sum().clamp(min=1)
