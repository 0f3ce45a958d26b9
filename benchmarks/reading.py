"""How fast the opinion encoder reads, and how its cost grows: answers a second on held-out answers of verbatims-fr.

Run it on an idle machine from the root of the repository:

    taskset -c 0,1 .venv/bin/python benchmarks/reading.py
"""

from __future__ import annotations

import argparse
import random
import resource
import time
import tomllib
from pathlib import Path

import torch

from verbatim.reading import Encoder, load_encoder
from verbatim.reading.marked import read_rows
from verbatim.reading.silence import is_silent
from verbatim.reading.threads import usable_processors

DATA = Path(__file__).parents[1] / "data" / "verbatims-fr"
SIZES = (1_000, 2_000, 4_000)
REPEATS = 3


def held_out() -> list[str]:
    """Distinct answers of the sectors that are never trained on, shuffled: the order of the files is by sector."""
    splits = tomllib.loads((DATA / "splits.toml").read_text(encoding="utf-8"))
    sectors = sorted({*splits["test"], *splits["real"]})
    answers = read_rows(DATA / "rows" / f"{sector}.tsv" for sector in sectors)
    texts = sorted({answer.text for answer in answers if not is_silent(answer.text)})
    random.Random(1).shuffle(texts)  # noqa: S311 - a fixed order
    return texts


def seconds(encoder: Encoder, texts: list[str]) -> float:
    """Shortest of a few runs: what else the machine does only ever adds."""
    took = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        encoder.read(texts, codebook="cx-fr")
        took.append(time.perf_counter() - started)
    return min(took)


def main() -> None:
    """Print one table: precision × size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16"], choices=["fp32", "bf16"])
    arguments = parser.parse_args()
    texts = held_out()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {usable_processors()} processors")
    print(f"{len(texts)} distinct answers, {sum(map(len, texts)) / len(texts):.0f} characters on average\n")
    print("| precision | answers | seconds | answers/s | characters/s |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for precision in arguments.precision:
        started = time.perf_counter()
        encoder = load_encoder(precision=precision)
        opening = time.perf_counter() - started
        encoder.read(texts[:200], codebook="cx-fr")
        for size in SIZES:
            took = seconds(encoder, texts[:size])
            speed = sum(map(len, texts[:size])) / took
            print(f"| {precision} | {size} | {took:.2f} | {size / took:.0f} | {speed:.0f} |", flush=True)
        print(f"| {precision} | opening | {opening:.2f} | | |")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
