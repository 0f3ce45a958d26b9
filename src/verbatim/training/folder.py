"""A continued encoder as a folder: weights, configuration, card; named by what it is, so nothing is overwritten."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verbatim.errors import ModelError
from verbatim.reading import Encoder, load_encoder, shipped_folder
from verbatim.reading.marked import MarkedAnswer
from verbatim.reading.network import calibration_key
from verbatim.reading.wide import WIDE_FILE
from verbatim.training.card import render_card
from verbatim.training.heads import Heads, between, continue_heads, heads_of, prepare
from verbatim.training.validation import Validated, validate

_COPIED = ("tokenizer.json", "tokenizer_config.json", WIDE_FILE)


@dataclass(frozen=True)
class Trained:
    """What a training wrote."""

    folder: Path
    validated: Validated
    was_there: bool
    """The same answers had been trained on before; nothing was written."""


def train_on(
    answers: Sequence[MarkedAnswer],
    *,
    parent: Path | None,
    out: Path,
    today: dt.date,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Continue an encoder's heads on marked answers and write the result to a folder of its own.

    Parameters
    ----------
    answers : sequence of MarkedAnswer
        Of one kind of survey, from :func:`verbatim.training.read_answers`.
    parent : Path or None
        Folder of the encoder that is continued; None: the one that ships.
    out : Path
        Folder of versions: the encoder is written to ``out/encoder-<first 8 signs of its content's hash>``.
    today : date
        On the card.
    seed : int
        Of the training.
    tell : callable
        Says how far the work is.

    Returns
    -------
    Trained

    Raises
    ------
    ModelError
        The parent is no encoder, the folder cannot be written, or the answers change nothing for the better: on answers
        kept apart, no continued heads are better than the parent's.
    """
    # In the order of their texts: the order of the file changes nothing.
    answers = sorted(answers, key=lambda answer: answer.text)
    source = shipped_folder() if parent is None else parent
    encoder = load_encoder(parent)
    folder = out / f"encoder-{_version(encoder, answers, seed)}"
    tell(f"{len(answers):,} answers, {sum(len(answer.opinions) for answer in answers):,} marked opinions")
    lessons = prepare(encoder, answers)
    validated = validate(encoder, answers, lessons, seed=seed, tell=tell)
    before, after = validated.before["pairs_f1"], validated.after["pairs_f1"]
    if validated.heads_share == 0 or after <= before:
        raise ModelError(
            "Training on these answers makes the encoder no better: on answers kept apart, the F1 of (theme, polarity) "
            f"is {after:.3f} with training and {before:.3f} without.",
            where=str(source),
            expected="more answers, or answers that the encoder misreads",
            next_step="keep the encoder that you have; nothing was written",
        )
    if folder.exists():
        return Trained(folder, validated, was_there=True)
    tell("training on all answers")
    start = heads_of(encoder.model)
    end = continue_heads(encoder.model, lessons, kind=answers[0].kind, seed=seed)
    try:
        _write(folder, encoder, source, between(start, end, validated.heads_share), validated, answers, today)
    except OSError as error:
        raise ModelError(f"The folder cannot be written: {error.strerror}.", where=str(folder)) from None
    return Trained(folder, validated, was_there=False)


def _version(encoder: Encoder, answers: Sequence[MarkedAnswer], seed: int) -> str:
    digest = hashlib.sha256(f"{encoder.revision} {seed}".encode())
    for answer in answers:
        digest.update(repr((answer.text, answer.opinions, answer.kind)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:8]


def _write(
    folder: Path,
    encoder: Encoder,
    source: Path,
    heads: Heads,
    validated: Validated,
    answers: Sequence[MarkedAnswer],
    today: dt.date,
) -> None:
    from safetensors.torch import load_file, save_file

    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    weights = load_file(source / "model.safetensors")
    weights |= {name: weight.to(weights[name].dtype).contiguous() for name, weight in heads.items()}
    save_file(weights, unfinished / "model.safetensors")
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config[calibration_key("polarity_temperature", answers[0].kind)] = round(validated.polarity_temperature, 4)
    (unfinished / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for name in _COPIED:
        if (source / name).is_file():
            shutil.copyfile(source / name, unfinished / name)
    figures = {"date": today.isoformat(), "parent": encoder.revision, "kind": answers[0].kind, **vars(validated)}
    (unfinished / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (unfinished / "README.md").write_text(render_card(folder.name, answers, validated, encoder, today), "utf-8")
    unfinished.replace(folder)
