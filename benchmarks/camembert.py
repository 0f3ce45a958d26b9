"""How fast the embedded reader is beside a classifier of CamemBERT-base's size, at the same precision, in the same run.

The classifier has CamemBERT-base's shape and random weights (no hub is asked), and only judges whole answers: it finds
no opinions, themes or embeddings. Its words are cut as the encoder's are: about as many tokens as its own would give.
Run it on an idle machine from the root of the repository:

    taskset -c 0,1 .venv/bin/python benchmarks/camembert.py
"""

from __future__ import annotations

import argparse
import time

import torch
from reading import held_out
from tokenizers import Tokenizer
from transformers import CamembertConfig, CamembertForSequenceClassification

from verbatim.reading import load_encoder, shipped_folder
from verbatim.reading.threads import usable_processors

SIZES = {"classifier": 300, "reader": 3_000}
"""Answers that each is timed on: the classifier is much slower."""
_ROWS = 32


def classifier(precision: str) -> CamembertForSequenceClassification:
    """A sequence classifier of CamemBERT-base's shape with random weights."""
    config = CamembertConfig(
        vocab_size=32_005, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
        max_position_embeddings=514, num_labels=3,
    )  # fmt: skip
    model = CamembertForSequenceClassification(config).eval()
    return model.to(torch.bfloat16) if precision == "bf16" else model


def classify(model: CamembertForSequenceClassification, texts: list[str]) -> float:
    """Seconds to judge texts, in batches of like length, all processors on each batch."""
    tokenizer = Tokenizer.from_file(str(shipped_folder() / "tokenizer.json"))
    started = time.perf_counter()
    encoded = sorted((encoding.ids[:512] for encoding in tokenizer.encode_batch(texts)), key=len)
    with torch.inference_mode():
        for at in range(0, len(encoded), _ROWS):
            rows = encoded[at : at + _ROWS]
            width = max(map(len, rows))
            # Ids from 4: CamemBERT keeps 1 for padding.
            tokens = torch.tensor([[token + 4 for token in row] + [1] * (width - len(row)) for row in rows])
            model(input_ids=tokens, attention_mask=(tokens != 1).long())
    return time.perf_counter() - started


def main() -> None:
    """Print one table: precision, answers a second of both, their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16"], choices=["fp32", "bf16"])
    arguments = parser.parse_args()
    texts = held_out()
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {usable_processors()} processors\n")
    print("| precision | CamemBERT-base, answers/s | reader, answers/s | times |")
    print("| --- | ---: | ---: | ---: |")
    for precision in arguments.precision:
        torch.set_num_threads(usable_processors())
        model = classifier(precision)
        classify(model, texts[:_ROWS])
        slow = SIZES["classifier"] / classify(model, texts[: SIZES["classifier"]])
        # Opening the encoder sets one thread a batch, several batches at once.
        encoder = load_encoder(precision=precision)
        torch.set_num_threads(1)
        encoder.read(texts[:200], codebook="cx-fr")
        started = time.perf_counter()
        encoder.read(texts[: SIZES["reader"]], codebook="cx-fr")
        fast = SIZES["reader"] / (time.perf_counter() - started)
        print(f"| {precision} | {slow:.1f} | {fast:.0f} | {fast / slow:.1f} |", flush=True)


if __name__ == "__main__":
    main()
