"""Sizes and budgets of one run of the recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Size:
    """Shape of a ModernBERT trunk."""

    layers: int
    width: int
    feed_forward: int
    heads: int


@dataclass(frozen=True)
class Preset:
    """What one run may spend; all budgets in seconds of wall clock."""

    name: str
    student: Size
    teacher: Size
    student_mlm_s: float
    teacher_mlm_s: float
    student_tune_s: float
    teacher_tune_s: float
    distil_s: float
    teachers: int
    """How many fine-tuned teachers are averaged; 0: no teacher."""
    copies: int
    """Typed copies of each training answer, the clean one included."""
    recombined: int
    """Answers made by joining others."""
    corpus_lines: int
    """Lines taken of each text source; a cap."""
    student_batch: int
    teacher_batch: int
    """Sequences of a pre-training step."""
    tune_batch: int
    """Answers of a fine-tuning step, two typed copies each."""
    student_lr: float = 2e-3
    teacher_lr: float = 1e-3
    student_tune_lr: float = 8e-4
    teacher_tune_lr: float = 2.5e-4
    compile: bool = False
    eval_rows: int = 1_000_000


STUDENT = Size(layers=6, width=256, feed_forward=704, heads=4)
TEACHER = Size(layers=12, width=512, feed_forward=1408, heads=8)
_TINY = Size(layers=2, width=64, feed_forward=96, heads=2)

_GPU = Preset(
    name="gpu",
    student=STUDENT,
    teacher=TEACHER,
    student_mlm_s=115,
    teacher_mlm_s=200,
    student_tune_s=20,
    teacher_tune_s=28,
    distil_s=75,
    teachers=3,
    copies=12,
    recombined=12_000,
    corpus_lines=1_000_000,
    student_batch=1024,
    teacher_batch=512,
    tune_batch=256,
    compile=True,
)

PRESETS = {
    "gpu": _GPU,
    # Every stage at its real size, for seconds: finds trouble and fills the compiler's cache before the real run.
    "gpu-smoke": replace(
        _GPU,
        name="gpu-smoke",
        student_mlm_s=3,
        teacher_mlm_s=3,
        student_tune_s=2,
        teacher_tune_s=2,
        distil_s=2,
        teachers=1,
        copies=2,
        recombined=500,
        corpus_lines=20_000,
        eval_rows=300,
    ),
    "smoke": Preset(
        name="smoke",
        student=_TINY,
        teacher=_TINY,
        student_mlm_s=4,
        teacher_mlm_s=4,
        student_tune_s=8,
        teacher_tune_s=4,
        distil_s=4,
        teachers=2,
        copies=2,
        recombined=200,
        corpus_lines=2_000,
        student_batch=8,
        teacher_batch=8,
        tune_batch=16,
        eval_rows=200,
    ),
    "cpu": replace(
        _GPU,
        name="cpu",
        student_mlm_s=1500,
        student_tune_s=1200,
        teachers=0,
        copies=8,
        recombined=8_000,
        corpus_lines=100_000,
        student_batch=64,
        tune_batch=64,
        student_lr=1.5e-3,
        compile=False,
    ),
}
