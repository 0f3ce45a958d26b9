"""The recipe's command: ``PYTHONPATH=src:models/opinion-encoder python -m recipe.main --preset cpu``."""

from __future__ import annotations

import argparse
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from tokenizers import Tokenizer

from recipe import stages
from recipe.corpus import WEIGHTS
from recipe.presets import PRESETS
from recipe.splits import ROOT, load_splits
from recipe.tokenizer import save_tokenizer, train_tokenizer, training_texts

T = TypeVar("T")
MODEL = ROOT / "models" / "opinion-encoder"
TEXTS = (ROOT / ".bundle", ROOT.parent / "shared" / "data" / "text-fr")
"""Where the text files are looked for: what travels to a GPU, then the shared folder beside the repository."""


def main() -> None:
    """Run the stages of the preset that the command line names."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    torch.set_float32_matmul_precision("high")
    if not holds_text(arguments.text):
        raise SystemExit(f"{arguments.text} lacks the text files of shared/data/text-fr: name their folder with --text")
    preset, splits = PRESETS[arguments.preset], load_splits()
    if not (MODEL / "tokenizer.json").exists():
        texts = training_texts(arguments.text, splits.train, limit=80_000, seed=arguments.seed)
        save_tokenizer(train_tokenizer(texts), MODEL)
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    run = stages.prepare(preset, splits, tokenizer, out=arguments.out, seed=arguments.seed, limit_s=arguments.limit)
    streams = stages.streams_of(run, splits, arguments.text)
    if arguments.pretrained:
        student = stages.load_student(run, arguments.pretrained)
    else:
        student = stages.student_mlm(run, streams)
    alone = _attempt(run, "student-alone", lambda: stages.student_alone(run, student))
    if preset.teachers:
        teachers = _attempt(run, "teachers", lambda: stages.teach(run, streams))
        if teachers:
            _attempt(run, "student-distilled", lambda: stages.distil(run, student, teachers))
    run.note("end", done=alone is not None)


def holds_text(folder: Path) -> bool:
    """Tell whether a folder holds every text file to pre-train on."""
    return all((folder / f"{source}.txt.xz").is_file() for source in WEIGHTS if source != "verbatims")


def _attempt(run: stages.Run, stage: str, work: Callable[[], T]) -> T | None:
    # What earlier stages saved must come back whatever happens to this one.
    try:
        return work()
    except Exception as error:
        run.note(stage, failed=type(error).__name__, traceback=traceback.format_exc()[-1500:])
        return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="cpu")
    parser.add_argument(
        "--text", type=Path, default=next(filter(holds_text, TEXTS), TEXTS[-1]), help="folder of the xz files"
    )
    parser.add_argument("--out", type=Path, default=ROOT / ".bundle" / "out", help="where weights and log are written")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds for the whole run")
    parser.add_argument("--pretrained", type=Path, help="weights of a finished student-mlm stage: skips it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
