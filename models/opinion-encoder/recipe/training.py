"""The loop that every stage shares: a budget of seconds, a cosine to its end, clipped AdamW, averaged weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@dataclass
class Progress:
    """What a loop did: steps, seconds, the running loss every so often."""

    stage: str
    steps: int = 0
    seconds: float = 0.0
    first_step_s: float = 0.0
    losses: list[float] = field(default_factory=list)


def train(
    model: nn.Module,
    step_loss: Callable[[int], Tensor],
    *,
    stage: str,
    budget_s: float,
    learning_rate: float,
    weight_decay: float = 0.01,
    average: float = 0.0,
    device: torch.device,
    max_steps: int | None = None,
) -> Progress:
    """Minimise ``step_loss(step)`` until the budget is spent; `model` ends with its averaged weights.

    Parameters
    ----------
    average : float
        Decay of an exponential moving average of the weights; 0: the last weights.
    max_steps : int, optional
        Schedule and stop by steps instead of seconds: a run that can be repeated exactly.

    Notes
    -----
    The first step compiles or warms up: the clock starts behind it.
    """
    halves = multiplies_halves(device)
    optimiser = _optimiser(model, learning_rate, weight_decay, device)
    averaged = deepcopy(model) if average else None
    progress = Progress(stage)
    began = started = time.monotonic()
    every = 25
    while True:
        done = progress.steps / max_steps if max_steps else (time.monotonic() - started) / budget_s
        if progress.steps and done >= 1.0:
            break
        _set_rate(optimiser, learning_rate * _schedule(done))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=halves):
            loss = step_loss(progress.steps)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if averaged is not None:
            _blend(averaged, model, min(average, (1 + progress.steps) / (10 + progress.steps)))
        if progress.steps % every == 0:
            # Reading the loss waits for the device: the clock is right, and the log has a figure.
            progress.losses.append(round(loss.item(), 4))
        if progress.steps == 0:
            progress.first_step_s, started = time.monotonic() - began, time.monotonic()
        progress.steps += 1
    if averaged is not None:
        model.load_state_dict(averaged.state_dict())
    progress.seconds = time.monotonic() - started
    progress.losses = progress.losses[:: max(1, len(progress.losses) // 40)] + progress.losses[-1:]
    return progress


def multiplies_halves(device: torch.device) -> bool:
    """Whether bfloat16 is faster: 1.8 times the steps on a processor that has it, a fifteenth where it lacks it."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()


def _schedule(done: float, warm: float = 0.05) -> float:
    if done < warm:
        return max(0.02, done / warm)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm) / (1 - warm))))


def _optimiser(model: nn.Module, rate: float, decay: float, device: torch.device) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-8, fused=device.type == "cuda")


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


@torch.no_grad()
def _blend(averaged: nn.Module, model: nn.Module, keep: float) -> None:
    ours, theirs = list(averaged.parameters()), list(model.parameters())
    torch._foreach_lerp_(ours, theirs, 1 - keep)
