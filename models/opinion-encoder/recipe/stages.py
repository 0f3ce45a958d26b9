"""The stages of a run, each saved as it ends: pre-train, fine-tune, teach, distil."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from recipe.beliefs import save_beliefs
from recipe.corpus import Stream, build_streams
from recipe.evaluate import Calibration, calibrate, evaluate
from recipe.examples import Examples, build_examples, recombine
from recipe.finetune import finetune
from recipe.predict import Predictor
from recipe.presets import Preset
from recipe.pretrain import new_encoder, pretrain
from recipe.splits import Splits
from recipe.training import Progress
from verbatim.reading.network import OpinionEncoderModel

_LOG = logging.getLogger("recipe")


@dataclass
class Run:
    """What the stages share: data, device, where to write, when to stop."""

    preset: Preset
    seed: int
    device: torch.device
    out: Path
    tokenizer: Tokenizer
    examples: Examples
    predictors: dict[str, Predictor]
    deadline: float
    started: float

    def allow(self, wanted_s: float, keep_s: float = 0.0) -> float:
        """Seconds that a stage gets: what it wants, or what is left before the deadline less `keep_s`."""
        return max(1.0, min(wanted_s, self.deadline - time.monotonic() - keep_s))

    def note(self, stage: str, **figures: object) -> None:
        """Append one line to the log of the run, and show it."""
        line = {"stage": stage, "at_s": round(time.monotonic() - self.started, 1), **figures}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        _LOG.info("%s", json.dumps(line))


def prepare(preset: Preset, splits: Splits, tokenizer: Tokenizer, *, out: Path, seed: int, limit_s: float) -> Run:
    """Type, encode and place the answers. Forks workers: call it before anything touches a GPU."""
    started = time.monotonic()
    train = splits.train[: preset.eval_rows] if preset.name == "smoke" else splits.train
    joined = recombine(train, preset.recombined, Random(seed))  # noqa: S311 - seeded noise, no secret
    examples = build_examples((*train, *joined), tokenizer, copies=preset.copies, seed=seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    held = {name: getattr(splits, name)[: preset.eval_rows] for name in ("dev", "test", "real")}
    # The employees' test answers are a table of their own.
    held |= {"test_customers": [a for a in held["test"] if a.kind == "nps"]}
    held |= {"test_employees": [a for a in splits.test if a.kind == "enps"][: preset.eval_rows]}
    del held["test"]
    predictors = {name: Predictor(answers, tokenizer, device) for name, answers in held.items() if answers}
    out.mkdir(parents=True, exist_ok=True)
    run = Run(preset, seed, device, out, tokenizer, examples, predictors, started + limit_s, started)
    run.note("examples", train=len(train), recombined=len(joined), device=str(device), torch=torch.__version__)
    return run


def streams_of(run: Run, splits: Splits, folder: Path) -> list[Stream]:
    """Token streams of the training answers and of the text files under `folder`."""
    copies = 2 if run.preset.name.endswith("smoke") else 8
    streams = build_streams(
        folder, splits.train, run.tokenizer, limit=run.preset.corpus_lines, copies=copies, seed=run.seed
    )
    run.note("streams", tokens={stream.name: len(stream.tokens) for stream in streams})
    return streams


def student_mlm(run: Run, streams: list[Stream]) -> OpinionEncoderModel:
    """Pre-train the student and save it."""
    torch.manual_seed(run.seed)
    encoder = new_encoder(run.preset.student, run.tokenizer.get_vocab_size())
    _report(run, _pretrain(run, encoder, streams, "student-mlm", run.preset.student_mlm_s))
    save_half(encoder, run.out / "student-mlm.safetensors")
    return encoder


def student_alone(run: Run, pretrained: OpinionEncoderModel) -> OpinionEncoderModel:
    """The student fine-tuned on gold labels alone: the fallback, and the yardstick of distillation."""
    student = _copy(run, pretrained)
    _report(run, _tune(run, student, "student-alone", run.preset.student_tune_s, run.preset.student_tune_lr, run.seed))
    ship(run, [student], "student-alone")
    return student


def teach(run: Run, streams: list[Stream]) -> list[OpinionEncoderModel]:
    """Pre-train one teacher, fine-tune it with several seeds."""
    preset = run.preset
    # Behind it: the fine-tunings, the labels, the distillation; and before its clock starts, the compiler.
    keep = preset.distil_s + preset.teachers * (preset.teacher_tune_s + 3) + 55
    torch.manual_seed(run.seed + 1)
    base = new_encoder(preset.teacher, run.tokenizer.get_vocab_size())
    progress = _pretrain(run, base, streams, "teacher-mlm", run.allow(preset.teacher_mlm_s, keep))
    _report(run, progress)
    state = {name: weight.cpu() for name, weight in base.state_dict().items()}
    teachers = []
    for number in range(preset.teachers):
        teacher = new_encoder(preset.teacher, run.tokenizer.get_vocab_size())
        teacher.load_state_dict(state)
        seed = run.seed + 10 + number
        _report(run, _tune(run, teacher, f"teacher-{number}", preset.teacher_tune_s, preset.teacher_tune_lr, seed))
        teachers.append(teacher)
        figures = evaluate(run.predictors["dev"], [teacher], Calibration())
        run.note(f"teacher-{number}", dev=figures)
    for name, predictor in run.predictors.items():
        run.note("teachers", **{name: evaluate(predictor, teachers, Calibration())})
    return teachers


def distil(run: Run, pretrained: OpinionEncoderModel, teachers: list[OpinionEncoderModel]) -> OpinionEncoderModel:
    """Fine-tune the student on gold labels and on what the teachers believe; save their beliefs too."""
    student = _copy(run, pretrained)
    save_beliefs(teachers, run.examples, run.out / "beliefs.npz", batch=4 * run.preset.tune_batch)
    run.note("beliefs")
    seconds = run.allow(run.preset.distil_s, 15)
    rate = run.preset.student_tune_lr
    _report(run, _tune(run, student, "student-distilled", seconds, rate, run.seed, teachers))
    ship(run, [student], "student-distilled")
    return student


def ship(run: Run, models: list[OpinionEncoderModel], name: str) -> None:
    """Calibrate on dev, measure everywhere, save weights and configuration."""
    (student,) = models
    # First of all the weights: they must come back whatever the figures do.
    save_half(student, run.out / f"{name}.safetensors")
    calibration = calibrate(run.predictors["dev"], models)
    run.note(name, calibration=asdict(calibration))
    for key, value in asdict(calibration).items():
        setattr(student.config, key, round(value, 4))
    (run.out / f"{name}.json").write_text(student.config.to_json_string(), encoding="utf-8")
    for held, predictor in run.predictors.items():
        run.note(name, **{held: evaluate(predictor, models, calibration)})


def save_half(encoder: OpinionEncoderModel, path: Path) -> None:
    """Write the weights in half precision: two bytes a number, labels unchanged."""
    save_file({name: w.detach().half().cpu().contiguous() for name, w in encoder.state_dict().items()}, str(path))


def load_student(run: Run, path: Path) -> OpinionEncoderModel:
    """A student of the preset's size with the weights of `path`."""
    encoder = new_encoder(run.preset.student, run.tokenizer.get_vocab_size())
    encoder.load_state_dict({name: weight.float() for name, weight in load_file(str(path)).items()})
    return encoder


def _copy(run: Run, pretrained: OpinionEncoderModel) -> OpinionEncoderModel:
    student = new_encoder(run.preset.student, run.tokenizer.get_vocab_size())
    student.load_state_dict(pretrained.state_dict())
    return student


def _pretrain(run: Run, encoder: OpinionEncoderModel, streams: list[Stream], stage: str, seconds: float) -> Progress:
    student = stage.startswith("student")
    return pretrain(
        encoder,
        streams,
        stage=stage,
        budget_s=seconds,
        batch=run.preset.student_batch if student else run.preset.teacher_batch,
        learning_rate=run.preset.student_lr if student else run.preset.teacher_lr,
        device=run.device,
        seed=run.seed,
        compiled=run.preset.compile and run.device.type == "cuda",
    )


def _tune(
    run: Run,
    model: OpinionEncoderModel,
    stage: str,
    seconds: float,
    rate: float,
    seed: int,
    teachers: list[OpinionEncoderModel] | None = None,
) -> Progress:
    if run.examples.tokens.device != run.device:
        run.examples = replace(run.examples.to(run.device))
    return finetune(
        model,
        run.examples,
        stage=stage,
        budget_s=seconds,
        batch=run.preset.tune_batch,
        learning_rate=rate,
        device=run.device,
        seed=seed,
        teachers=teachers or (),
    )


def _report(run: Run, progress: Progress) -> None:
    memory = torch.cuda.max_memory_allocated() / 2**30 if run.device.type == "cuda" else 0.0
    run.note(progress.stage, **{k: v for k, v in asdict(progress).items() if k != "stage"}, peak_gb=round(memory, 1))
