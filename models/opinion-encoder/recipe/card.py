"""The model card: measures the shipped encoder, writes figures.json, and README.md from it and from the records.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.card`` (a minute on two cores). Records that it reads, each
written by its own command: training-log.jsonl (`recipe.main`), evaluation/calibration.json (`recipe.tune`),
evaluation/baselines.json (`recipe.baselines`), evaluation/real-answers.json (`recipe.real_answers`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recipe.errors import errors_of
from recipe.measure import (
    CODEBOOKS,
    Read,
    by_sector,
    calibration_bins,
    clauses_marked,
    confusion,
    figures_of,
    read_marked,
    rounded,
    theme_table,
)
from recipe.render import render
from recipe.splits import ROOT, Splits, load_splits
from verbatim.reading import Encoder, load_encoder
from verbatim.reading.encoder import FILES
from verbatim.reading.marked import THEMES
from verbatim.reading.network import POLARITIES
from verbatim.reading.wide import WIDE_FILE
from verbatim.training.agreement import cohen_kappa, worst_confusions

MODEL = ROOT / "models" / "opinion-encoder"
HELD = {"cx-fr": ("real", "test_customers"), "ex-fr": ("test_employees",)}
"""Splits that the figures by theme are taken on: not dev, on which thresholds were chosen."""


def main() -> None:
    """Measure, write figures.json and README.md."""
    figures = measure(load_encoder(), load_splits())
    (MODEL / "figures.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (MODEL / "README.md").write_text(render(figures), encoding="utf-8")


def held_answers(splits: Splits) -> dict[str, tuple[Any, ...]]:
    """Answers of each split that is measured, one kind of survey each."""
    return {
        "dev": splits.dev,
        "dev_employees": splits.dev_employees,
        "real": splits.real,
        "test_customers": tuple(answer for answer in splits.test if answer.kind == "nps"),
        "test_employees": tuple(answer for answer in splits.test if answer.kind == "enps"),
    }


def measure(encoder: Encoder, splits: Splits) -> dict[str, Any]:
    """All figures of the card."""
    reads = {name: read_marked(encoder, answers) for name, answers in held_answers(splits).items()}
    customers = [reads[name] for name in HELD["cx-fr"]]
    record = {name: _record(name) for name in ("calibration", "baselines", "real-answers", "precision", "sts")}
    for name in ("baselines", "real-answers", "precision", "sts"):
        _check_fresh(name, record[name], encoder)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "revision": encoder.revision,
        "themes": {codebook: theme_table([reads[name] for name in HELD[codebook]]) for codebook in CODEBOOKS.values()},
        "agreement": {codebook: agreement_of([reads[name] for name in HELD[codebook]]) for codebook in HELD},
        "polarity": {"confusion": {name: confusion(held) for name, held in _groups(reads, customers).items()}},
        "splits": {name: figures_of(read) for name, read in reads.items()},
        "sectors": by_sector(reads.values()),
        "calibration": {
            "bins": {name: calibration_bins(held) for name, held in _groups(reads, customers).items()},
            "keys": record["calibration"]["after"]["keys"],
            "fit": record["calibration"],
        },
        "baselines": record["baselines"],
        "precision": record["precision"],
        "sts": record["sts"],
        "real_answers": record["real-answers"],
        "errors": errors_of(customers),
        "rows": _rows(splits),
        "sizes": _sizes(encoder),
        "training": _training(),
    }


def agreement_of(reads: Sequence[Read]) -> dict[str, Any]:
    """Cohen's kappa of themes and of polarity, and the ten worst confusions of themes, on marked spans.

    The figures of `verbatim codebook score`: surest theme, no threshold.
    """
    names = THEMES[reads[0].kind]
    answers = [answer for read in reads for answer in read.answers]
    opinions = [(place, opinion) for place, answer in enumerate(answers) for opinion in answer.opinions]
    of_answer = [place for place, _ in opinions]
    marked = [opinion.theme for _, opinion in opinions]
    said = [names[theme] for read in reads for theme in read.themes.argmax(1)]
    signs = [opinion.polarity for _, opinion in opinions], [POLARITIES[p] for r in reads for p in r.polarity.argmax(1)]
    sure = np.concatenate([read.themes.max(1) for read in reads])
    return {
        "theme": rounded(asdict(cohen_kappa(marked, said, of_answer))),
        "polarity": rounded(asdict(cohen_kappa(*signs, of_answer))),
        "confusions": [rounded(asdict(one)) for one in worst_confusions(marked, said, clauses_marked(answers), sure)],
    }


def _groups(reads: dict[str, Read], customers: list[Read]) -> dict[str, list[Read]]:
    return {"customers": customers, "employees": [reads["test_employees"]]}


def _record(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((MODEL / "evaluation" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def _check_fresh(name: str, record: dict[str, Any], encoder: Encoder) -> None:
    if record["revision"] != encoder.revision:
        command = f"python -m recipe.{name.replace('-', '_')}"
        raise SystemExit(f"evaluation/{name}.json was measured with another encoder or reader: run `{command}` first")


def _log() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (MODEL / "training-log.jsonl").read_text(encoding="utf-8").splitlines()]


def _rows(splits: Splits) -> dict[str, dict[str, Any]]:
    dealt = {
        "train": splits.train,
        "written": splits.written,
        "dev": splits.dev,
        "dev_employees": splits.dev_employees,
        "test": splits.test,
        "real": splits.real,
    }
    return {
        name: {
            "answers": len(answers),
            "opinions": sum(len(answer.opinions) for answer in answers),
            "without_opinion": sum(not answer.opinions for answer in answers),
            "sectors": len({answer.sector for answer in answers}),
        }
        for name, answers in dealt.items()
    }


def _sizes(encoder: Encoder) -> dict[str, int]:
    sizes = {name: (MODEL / name).stat().st_size for name in (*FILES, WIDE_FILE)}
    return {**sizes, "parameters": sum(weight.numel() for weight in encoder.model.parameters())}


def _training() -> dict[str, Any]:
    """Steps and seconds of each stage, tokens of each source, from the log of the run."""
    log = _log()
    stages = {
        line["stage"]: {"steps": line["steps"], "seconds": round(line["seconds"]), "last_loss": line["losses"][-1]}
        for line in log
        if "steps" in line and line["stage"] != "more"
    }
    whitened = [line for line in log if line["stage"] == "whiten"]
    more = [line for line in log if line["stage"] == "more"]
    (end,) = (line for line in log if line["stage"] == "end")
    (examples,) = (line for line in log if line["stage"] == "examples")
    (streams,) = (line for line in log if line["stage"] == "streams")
    return {
        "stages": stages,
        "tokens": streams["tokens"],
        "recombined": examples["recombined"],
        "torch": examples["torch"],
        "seconds": round(end["at_s"]),
        "more": [
            {**{key: one[key] for key in ("written", "known", "steps")}, "minutes": round(one["seconds"] / 60)}
            for one in more
        ],
        "blended": [{key: one[key] for key in ("runs", "share", "pairs_f1")} for one in log if one["stage"] == "blend"],
        "whitened": [{key: one[key] for key in ("texts", "power", "words")} for one in whitened],
    }


if __name__ == "__main__":
    main()
