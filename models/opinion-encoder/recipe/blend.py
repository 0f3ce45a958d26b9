"""Average the runs of `recipe.more`, and go part of the way from the weights that they started from.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.blend START END [END …]`` (five minutes). Runs that start alike
and differ by their seeds end in one basin, where the mean of the weights is better than any of them (Wortsman et al.
2022, *Model soups*); between the start and that mean lies a point that keeps most of what both know (Wortsman et al.
2022, *Robust fine-tuning of zero-shot models*). How far to go is chosen on dev, by the F1 of (theme, polarity) pairs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from recipe.evaluate import Calibration, evaluate
from recipe.predict import Predictor
from recipe.splits import ROOT, load_splits
from recipe.stages import save_half
from verbatim.reading import load_encoder, shipped_folder

SHARES = (0.25, 0.5, 0.75, 1.0)
Weights = Mapping[str, Tensor]


def main() -> None:
    """Average, measure each share on dev, save the best, log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=Path, help="weights that the runs started from")
    parser.add_argument("ends", type=Path, nargs="+", help="weights that they ended with")
    parser.add_argument("--out", type=Path, default=ROOT / ".verbatim" / "more" / "model.safetensors")
    arguments = parser.parse_args()
    began = time.monotonic()
    start, end = _load(arguments.start), average([_load(file) for file in arguments.ends])
    model = load_encoder().model.float().eval()
    tokenizer = Tokenizer.from_file(str(shipped_folder() / "tokenizer.json"))
    dev = Predictor(load_splits().dev, tokenizer, torch.device("cpu"))
    figures: dict[float, dict[str, Any]] = {}
    for share in SHARES:
        # The layer of the embeddings is fitted later.
        model.load_state_dict(between(start, end, share), strict=False)
        figures[share] = evaluate(dev, [model], Calibration())
        print(share, json.dumps(figures[share]), flush=True)
    best = max(SHARES, key=lambda share: figures[share]["pairs_f1"])
    model.load_state_dict(between(start, end, best), strict=False)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    save_half(model, arguments.out)
    line = {
        "stage": "blend",
        "at_s": round(time.monotonic() - began, 1),
        "runs": len(arguments.ends),
        "share": best,
        "pairs_f1": {str(share): round(said["pairs_f1"], 4) for share, said in figures.items()},
        "dev": figures[best],
    }
    with arguments.out.with_name("log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def average(runs: Sequence[Weights]) -> dict[str, Tensor]:
    """Mean of the weights of several runs."""
    return {name: torch.stack([run[name] for run in runs]).mean(0) for name in runs[0]}


def between(start: Weights, end: Weights, share: float) -> dict[str, Tensor]:
    """Weights on the straight line from `start` (share 0) to `end` (1); those that only one side has are left out."""
    return {name: torch.lerp(start[name], weight, share) for name, weight in end.items() if name in start}


def _load(file: Path) -> dict[str, Tensor]:
    return {name: weight.float() for name, weight in load_file(file).items()}


if __name__ == "__main__":
    main()
