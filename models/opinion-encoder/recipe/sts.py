"""Sentence embeddings against people's judgement of likeness: STS-B in French, Spearman, beside mean word vectors.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.sts`` writes evaluation/sts.json. The yardstick is fastText
trained on ../shared/data/text-fr (needs gensim, which nothing else here does: ``pip install gensim``); without it the
figure of an earlier run stands.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr
from tokenizers import Tokenizer

from recipe.predict import Predictor
from recipe.splits import ROOT
from verbatim.reading import Encoder, load_encoder, shipped_folder
from verbatim.reading.marked import MarkedAnswer, MarkedOpinion

SHARED = ROOT.parent / "shared" / "data"
STS = SHARED / "stsb-fr"
TEXT = SHARED / "text-fr"
RECORD = ROOT / "models" / "opinion-encoder" / "evaluation" / "sts.json"
_WORDS = 5_000_000
_WORD = re.compile(r"\w+")

Embed = Callable[[Sequence[str]], np.ndarray]


def main() -> None:
    """Measure, record."""
    encoder = load_encoder()
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    record["revision"] = encoder.revision
    record["encoder"] = {split: spearman(STS / f"{split}.csv", embed_with(encoder)) for split in ("dev", "test")}
    try:
        record["fasttext"] = fasttext()
    except ImportError:
        print("gensim is not installed: the yardstick stays as it was")
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def spearman(file: Path, embed: Embed) -> float:
    """Rank correlation of cosines with the judgements of a file: sentence, sentence, likeness from 0 to 5."""
    pairs = pd.read_csv(file, header=0, names=["one", "other", "likeness"])
    one, other = embed(pairs["one"].astype(str).tolist()), embed(pairs["other"].astype(str).tolist())
    return round(float(spearmanr((one * other).sum(axis=1), pairs["likeness"]).statistic), 4)


def embed_with(encoder: Encoder) -> Embed:
    """Embed whole sentences as one span each."""

    def embed(texts: Sequence[str]) -> np.ndarray:
        tokenizer = Tokenizer.from_file(str(shipped_folder() / "tokenizer.json"))
        answers = [MarkedAnswer(text, (MarkedOpinion(0, len(text), "neutral", "autre"),)) for text in texts]
        predictor = Predictor(answers, tokenizer, torch.device("cpu"))
        return predictor.describe([encoder.model], predictor.gold()).embedding.astype(np.float64)

    return embed


def fasttext() -> dict[str, Any]:
    """Mean vectors of words: fastText (Bojanowski et al. 2017), 100 wide, skip-gram, two epochs."""
    from gensim.models import FastText

    started = time.monotonic()
    lines = list(_lines())
    vectors = FastText(lines, vector_size=100, window=5, min_count=5, sg=1, epochs=2, workers=2, seed=11).wv

    def embed(texts: Sequence[str]) -> np.ndarray:
        means = np.stack(
            [np.mean([vectors[word] for word in _words(text)] or [np.zeros(100)], axis=0) for text in texts]
        )
        return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)

    return {
        **{split: spearman(STS / f"{split}.csv", embed) for split in ("dev", "test")},
        "words": sum(map(len, lines)),
        "seconds": round(time.monotonic() - started),
    }


def _lines() -> Iterator[list[str]]:
    """Words of a line, the sources in turn, up to the budget."""
    left = _WORDS
    with contextlib.ExitStack() as opened:
        names = sorted(TEXT.glob("*.txt.xz"))
        files = [opened.enter_context(lzma.open(name, "rt", encoding="utf-8")) for name in names]
        while files and left > 0:
            for file in list(files):
                line = file.readline()
                if not line:
                    files.remove(file)
                    continue
                words = _words(line)
                left -= len(words)
                yield words


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


if __name__ == "__main__":
    main()
