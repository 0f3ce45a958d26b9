"""Spread the sentence embeddings of the encoder that ships: no direction says more than the others only by its size.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.whiten WEIGHTS`` (a minute) changes the projection alone, so
that embeddings have mean zero and nearly equal variances over clauses of training answers and sentences of
../shared/data/text-fr, half and half (Su et al. 2021, *Whitening Sentence Representations*). A linear step behind a
linear layer is that layer with other weights: nothing is added to the model. `POWER` was chosen on dev alone, among 0,
0.5, 0.75 and 1: it has the best mean of likeness (STS-B) and of neighbours that share their theme.
"""

from __future__ import annotations

import argparse
import json
import lzma
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from recipe.predict import Predictor
from recipe.splits import load_splits
from recipe.stages import save_half
from recipe.sts import TEXT
from verbatim.reading import load_encoder, shipped_folder
from verbatim.reading.marked import MarkedAnswer, MarkedOpinion
from verbatim.reading.network import OpinionEncoderModel

SOURCES = ("commonvoice", "tatoeba")
SENTENCES = 6_000
POWER = 0.75
_FLOOR = 1e-3  # of the mean variance: a direction that never varies is not blown up


def main() -> None:
    """Load, spread, save in place, log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="model.safetensors, changed in place")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    began = time.monotonic()
    model = load_encoder().model
    model.load_state_dict(load_file(arguments.weights))
    rng = Random(arguments.seed)  # noqa: S311 - seeded draw, no secret
    answers = rng.sample(load_splits().train, SENTENCES)
    clauses = [answer.text[one.start : one.end] for answer in answers for one in answer.opinions]
    texts = [*rng.sample(clauses, SENTENCES), *rng.sample(sentences(), SENTENCES)]
    before, after = spread(model.float().eval(), texts)
    save_half(model, arguments.weights)
    line = {
        "stage": "whiten",
        "at_s": round(time.monotonic() - began, 1),
        "texts": len(texts),
        "power": POWER,
        "variances_before": before,
        "variances_after": after,
    }
    with arguments.weights.with_name("log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


def sentences() -> list[str]:
    """Short everyday sentences of the pre-training text."""
    lines: list[str] = []
    for name in SOURCES:
        with lzma.open(TEXT / f"{name}.txt.xz", "rt", encoding="utf-8") as file:
            lines += [line.strip() for line, _ in zip(file, range(60_000), strict=False)]
    return [line for line in lines if 10 < len(line) < 160]


def spread(model: OpinionEncoderModel, texts: Sequence[str]) -> tuple[float, float]:
    """Put the spreading step into the projection; the largest share of variance in one direction, before and after."""
    said = project(model, texts)
    mean, (directions, variances, _) = said.mean(axis=0), np.linalg.svd(np.cov(said.T))
    step = directions * (variances + _FLOOR * variances.mean()) ** (-POWER / 2)
    step /= np.abs(step).max()
    weight, bias = (one.detach().numpy().astype(np.float64) for one in (model.projection.weight, model.projection.bias))
    with torch.no_grad():
        model.projection.weight.copy_(torch.from_numpy(step.T @ weight))
        model.projection.bias.copy_(torch.from_numpy(step.T @ (bias - mean)))
    left = np.linalg.eigvalsh(np.cov(project(model, texts).T))
    return round(float(variances.max() / variances.sum()), 4), round(float(left.max() / left.sum()), 4)


def project(model: OpinionEncoderModel, texts: Iterable[str]) -> np.ndarray:
    """Outputs of the projection before they are brought to length 1; their order does not matter here."""
    answers = [MarkedAnswer(text, (MarkedOpinion(0, len(text), "neutral", "autre"),)) for text in texts]
    predictor = Predictor(answers, Tokenizer.from_file(str(shipped_folder() / "tokenizer.json")), torch.device("cpu"))
    said: list[np.ndarray] = []
    hook = model.projection.register_forward_hook(lambda _module, _inputs, out: said.append(out.detach().numpy()))
    try:
        predictor.describe([model], predictor.gold())
    finally:
        hook.remove()
    return np.concatenate(said).astype(np.float64)


if __name__ == "__main__":
    main()
