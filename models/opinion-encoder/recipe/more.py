"""Teach the encoder that ships more rows, on a processor: what it knows is kept by its own beliefs.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.more`` (half an hour on two cores) starts from the weights that
ship. Rows under ``written/`` are new to it and count by their marks alone; on the others it is held to what it believed
before (Li and Hoiem 2016, *Learning without Forgetting*), since those beliefs are a committee's of larger models that
no machine here could train again. Run it with several seeds, then `recipe.blend` them; then `recipe.whiten`,
`recipe.wide` and what NOTES.md lists behind it.
"""

from __future__ import annotations

import argparse
import json
import time
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer

from recipe.evaluate import Calibration, evaluate
from recipe.examples import build_examples, recombine
from recipe.finetune import CONTRAST, TAUGHT, Batches, consult, set_dropout
from recipe.losses import believe, contrast_loss, gold_loss, teacher_loss
from recipe.predict import Predictor
from recipe.splits import ROOT, load_splits
from recipe.stages import save_half
from recipe.training import train
from verbatim.reading import load_encoder
from verbatim.reading.marked import MarkedAnswer

MODEL = ROOT / "models" / "opinion-encoder"
COPIES, BATCH, RATE, AVERAGE = 6, 32, 4e-4, 0.995
_JOINED = 4  # one answer in so many is made by joining others
_SILENT = 2  # further times that an answer without opinion stands in its pool: they are one in twenty
_NEW_TWICE = 2  # how often a new row is drawn for each time that a known one is


def main() -> None:
    """Train, save, measure on dev."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    splits, tokenizer = load_splits(), Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    rng = Random(arguments.seed)  # noqa: S311 - seeded draw, no secret
    new = set(splits.written)
    pools = [splits.written, tuple(answer for answer in splits.train if answer not in new)]
    written, known = (_batches(pool, tokenizer, rng, arguments.seed + place) for place, pool in enumerate(pools))
    model = load_encoder().model
    teacher = deepcopy(model).eval()
    set_dropout(model, 0.1)
    torch.manual_seed(arguments.seed)
    drawn_new = _NEW_TWICE * len(pools[0]) / (_NEW_TWICE * len(pools[0]) + len(pools[1]))

    def step(_: int) -> torch.Tensor:
        is_new = rng.random() < drawn_new
        drawn = (written if is_new else known).next()
        beliefs = believe(model, drawn)
        loss = gold_loss(beliefs, drawn)
        if not is_new:
            loss = TAUGHT * teacher_loss(beliefs, consult([teacher], drawn), drawn) + (1 - TAUGHT) * loss
        return loss + CONTRAST * contrast_loss(beliefs.spans.projected, drawn, twins=False)

    device = torch.device("cpu")
    model.train()
    done = train(
        model, step, stage="more", budget_s=arguments.seconds, learning_rate=RATE, average=AVERAGE, device=device
    )
    model.eval()
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_half(model, arguments.out / "model.safetensors")
    dev = evaluate(Predictor(splits.dev, tokenizer, device), [model], Calibration())
    line = {
        "stage": "more",
        "at_s": round(time.monotonic() - arguments.began, 1),
        "written": len(pools[0]),
        "known": len(pools[1]),
        "seed": arguments.seed,
        **{name: value for name, value in asdict(done).items() if name != "stage"},
        "dev": dev,
    }
    with (arguments.out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


def _batches(answers: tuple[MarkedAnswer, ...], tokenizer: Tokenizer, rng: Random, seed: int) -> Batches:
    joined = recombine(answers, len(answers) // _JOINED, rng)
    silent = _SILENT * tuple(answer for answer in answers if not answer.opinions)
    examples = build_examples((*answers, *silent, *joined), tokenizer, copies=COPIES, seed=seed)
    return Batches(examples, BATCH, seed, twins=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / ".verbatim" / "more", help="where weights and log go")
    parser.add_argument("--seconds", type=float, default=1500.0, help="of training")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=11)
    parser.set_defaults(began=time.monotonic())
    return parser.parse_args()


if __name__ == "__main__":
    main()
