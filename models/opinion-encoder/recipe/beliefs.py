"""What the teachers believe of the training answers, kept: the student can be taught again where they are gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recipe.examples import IGNORED, Examples
from verbatim.reading.network import OpinionEncoderModel

COPIES = 2  # typed copies that are kept, the clean one first: more would not fit a file of 16 MiB


@torch.inference_mode()
def save_beliefs(models: Sequence[OpinionEncoderModel], examples: Examples, path: Path, *, batch: int) -> None:
    """Write mean probabilities, half precision.

    Keys, for copy c: ``tags{c}`` (leading tokens in order of answer and place; O, B), ``spans{c}`` (spans in order of
    answer and slot; three polarities, then the themes of the answer's codebook, padded with 0), ``check`` (the sum of
    all token ids: the same examples, or none).
    """
    kept = {"check": np.array([int(examples.tokens.long().sum())])}
    for copy in range(min(COPIES, len(examples.tokens))):
        order = torch.arange(len(examples.kind), device=examples.kind.device).split(batch)
        parts = [_believe(models, examples, copy, answers) for answers in order]
        for name, column in zip(("tags", "spans"), zip(*parts, strict=True), strict=True):
            kept[f"{name}{copy}"] = torch.cat(column).half().cpu().numpy()
    np.savez_compressed(path, **kept)


def _believe(
    models: Sequence[OpinionEncoderModel], examples: Examples, copy: int, answers: Tensor
) -> tuple[Tensor, Tensor]:
    tokens = examples.tokens[copy, answers].long()
    tokens = tokens[:, : int((tokens != 0).sum(1).max())]
    leading = examples.tags[copy, answers, : tokens.shape[1]] != IGNORED
    spans = examples.spans[copy, answers].long()
    row, slot = (spans[..., 0] >= 0).nonzero(as_tuple=True)
    first, last = spans[row, slot, 0], spans[row, slot, 1]
    customer = (examples.kind[answers][row] == 0)[:, None]
    tags, described = [], []
    for model in models:
        with torch.autocast(tokens.device.type, dtype=torch.bfloat16):
            states = model(tokens, tokens != 0)
            output = model.describe(states, row, first, last)
            tags.append(model.tag(states).float().softmax(-1)[leading][:, :2])
        customers, employees = (output.themes[kind].float().softmax(-1) for kind in ("nps", "enps"))
        employees = torch.nn.functional.pad(employees, (0, customers.shape[1] - employees.shape[1]))
        polarity = output.polarity.float().softmax(-1)
        described.append(torch.cat([polarity, torch.where(customer, customers, employees)], dim=1))
    return torch.stack(tags).mean(0), torch.stack(described).mean(0)
