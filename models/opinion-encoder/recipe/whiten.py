"""Fit the sentence embedding of the encoder that ships: what a span judges and which words it says, both spread evenly.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.whiten WEIGHTS`` (two minutes) fits `rarity` and `spread`, and
nothing else of the weights. The projection that the heads learned knows themes and polarities; the mean of the input
embeddings, each token weighted by its rarity (Arora et al. 2017, *A Simple but Tough-to-Beat Baseline for Sentence
Embeddings*), knows subjects. Each is whitened (Su et al. 2021, *Whitening Sentence Representations*) over clauses of
training answers and sentences of ../shared/data/text-fr, half and half; joined at `WORDS` to one they are brought to
the embedding's width along their principal axes. All of it is one linear layer.

`POWER`, `WORDS` and the width were chosen on dev alone, for likeness (STS-B), neighbours that share their theme and
neighbours that share a rare word.
"""

from __future__ import annotations

import argparse
import json
import lzma
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
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
COUNTED = 60_000  # sentences that tokens are counted in, beside all training answers twice
COMMON = 1e-3
"""Share of all tokens at which a token counts half (`a` in Arora et al. 2017, eq. 3)."""
POWER = 0.75
WORDS = 1.4
"""Mean length of the words' part, that of the judgement's being one."""
_FLOOR = 1e-3  # of the mean variance: a direction that never varies is not blown up

Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Load, fit, save in place, log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="model.safetensors, changed in place")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    began = time.monotonic()
    model = load_encoder().model
    model.load_state_dict(load_file(arguments.weights))
    rng = Random(arguments.seed)  # noqa: S311 - seeded draw, no secret
    train = load_splits().train
    everyday = sentences()
    answers = rng.sample(train, SENTENCES)
    clauses = [answer.text[one.start : one.end] for answer in answers for one in answer.opinions]
    texts = [*rng.sample(clauses, SENTENCES), *rng.sample(everyday, SENTENCES)]
    model = model.float().eval()
    counted = [*rng.sample(everyday, COUNTED), *[answer.text for answer in train] * 2]
    set_rarity(model, counted)
    before, after = spread(model, texts)
    save_half(model, arguments.weights)
    line = {
        "stage": "whiten",
        "at_s": round(time.monotonic() - began, 1),
        "texts": len(texts),
        "power": POWER,
        "words": WORDS,
        "width": model.config.embedding_size,
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


@torch.no_grad()
def set_rarity(model: OpinionEncoderModel, texts: Sequence[str]) -> None:
    """Weigh tokens by how rare they are in `texts` (Arora et al. 2017, eq. 3)."""
    counts = np.ones(model.config.vocab_size)
    for encoding in _tokenizer().encode_batch(list(texts), add_special_tokens=False):
        np.add.at(counts, encoding.ids, 1)
    model.rarity.copy_(torch.from_numpy(COMMON / (COMMON + counts / counts.sum())))


def spread(model: OpinionEncoderModel, texts: Sequence[str]) -> tuple[float, float]:
    """Fit the layer over both parts; the largest share of variance in one direction, before and after."""
    parts = parts_of(model, texts)
    size = model.config.projection_size
    steps = [_whitening(parts[:, :size], 1.0), _whitening(parts[:, size:], WORDS)]
    mean = parts.mean(axis=0)
    whole = np.zeros((parts.shape[1], sum(step.shape[1] for step in steps)))
    whole[:size, : steps[0].shape[1]], whole[size:, steps[0].shape[1] :] = steps
    joined = (parts - mean) @ whole
    # The principal axes, the most telling first.
    axes = np.linalg.svd(np.cov(joined.T))[0][:, : model.config.embedding_size]
    layer = whole @ axes
    layer /= np.abs(layer).max()
    with torch.no_grad():
        model.spread.weight.copy_(torch.from_numpy(layer.T))
        model.spread.bias.copy_(torch.from_numpy(-mean @ layer))
    before, after = (np.linalg.eigvalsh(np.cov(said.T)) for said in (parts, (parts - mean) @ layer))
    return round(float(before.max() / before.sum()), 4), round(float(after.max() / after.sum()), 4)


def parts_of(model: OpinionEncoderModel, texts: Sequence[str]) -> Matrix:
    """What the layer is given of each text, judgement and words side by side, shape (texts, both widths)."""
    return _given_to(model, texts, lambda inputs, _: inputs)


def embeddings_of(model: OpinionEncoderModel, texts: Sequence[str]) -> Matrix:
    """What the layer makes of each text, before it is brought to length 1, shape (texts, embedding_size)."""
    return _given_to(model, texts, lambda _, outputs: outputs)


def _whitening(part: Matrix, length: float) -> Matrix:
    """Step that evens the variances of a part and gives it a mean length; directions in columns."""
    directions, variances, _ = np.linalg.svd(np.cov(part.T))
    step = directions * (variances + _FLOOR * variances.mean()) ** (-POWER / 2)
    lengths = np.linalg.norm((part - part.mean(axis=0)) @ step, axis=1)
    scaled: Matrix = step * (length / lengths.mean())
    return scaled


def _given_to(
    model: OpinionEncoderModel,
    texts: Sequence[str],
    chosen: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> Matrix:
    """Inputs or outputs of the layer; the order of the texts does not matter here."""
    answers = [MarkedAnswer(text, (MarkedOpinion(0, len(text), "neutral", "autre"),)) for text in texts]
    predictor = Predictor(answers, _tokenizer(), torch.device("cpu"))
    said: list[npt.NDArray[np.float32]] = []
    hook = model.spread.register_forward_hook(
        lambda _module, inputs, out: said.append(chosen(inputs[0], out).detach().numpy())
    )
    try:
        predictor.describe([model], predictor.gold())
    finally:
        hook.remove()
    return np.concatenate(said).astype(np.float64)


def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(shipped_folder() / "tokenizer.json"))


if __name__ == "__main__":
    main()
