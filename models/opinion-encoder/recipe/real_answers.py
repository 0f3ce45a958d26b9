"""The reader on real answers: nps-jardinerie, 220 answers marked by hand, with 95 % intervals. Never tune on it.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.real_answers`` writes evaluation/real-answers.json; the
survey lies outside the repository (../shared/data/nps-jardinerie/nps.csv), and none of its words is written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from recipe.measure import find, rounded, score_marked, wilson
from recipe.splits import ROOT
from verbatim.ingest.repair import repair
from verbatim.reading import Encoder, load_encoder
from verbatim.reading.marked import SIGNS, MarkedAnswer, MarkedOpinion
from verbatim.training.scoring import Pairs, calibration_error, gold_pairs, labels, micro_f1, themes_of

EVALUATION = ROOT / "models" / "opinion-encoder" / "evaluation"
MARKS = EVALUATION / "jardinerie-marks.tsv"
SURVEY = ROOT.parent / "shared" / "data" / "nps-jardinerie" / "nps.csv"
RECORD = EVALUATION / "real-answers.json"
_SAMPLES = 2000
_SEED = 11


def main() -> None:
    """Measure and record."""
    if not SURVEY.is_file():
        raise SystemExit("../shared/data/nps-jardinerie/nps.csv is not here: the record stays as it is")
    record = measure(load_encoder(), load_answers(SURVEY))
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def load_answers(survey: Path, marks: Path = MARKS) -> list[MarkedAnswer]:
    """Marked answers as ingestion leaves them: every marked clause repaired, and every stretch between two.

    A repair may change the length of a text, so a text is repaired piece by piece, its marks set anew.
    """
    with survey.open(encoding="latin-1", newline="") as file:
        cells = {row[""]: row["explication"] for row in csv.DictReader(file)}
    with marks.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    rows = dict.fromkeys(line["row"] for line in lines)
    return [_answer(cells[row], [line for line in lines if line["row"] == row]) for row in rows]


def measure(encoder: Encoder, answers: list[MarkedAnswer]) -> dict[str, Any]:
    """Figures, each with its 95 % interval: Wilson for shares of opinions, bootstrap over answers for F1."""
    polarity, themes = labels(answers)
    said_polarity, said_themes = score_marked(encoder, answers)
    found, pairs = find(encoder, answers)
    truth = gold_pairs(answers)
    signed = polarity != 2
    silent = [not spans for answer, spans in zip(answers, found, strict=True) if not answer.opinions]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "revision": encoder.revision,
        "answers": len(answers),
        "opinions": len(polarity),
        "polarity_accuracy": wilson(said_polarity[signed][:, :2].argmax(1) == polarity[signed]),
        "polarity_accuracy_3": wilson(said_polarity.argmax(1) == polarity),
        "theme_accuracy": wilson(said_themes.argmax(1) == themes),
        "themes_f1": _bootstrap(themes_of(pairs), themes_of(truth), micro_f1),
        "pairs_f1": _bootstrap(pairs, truth, micro_f1),
        "silent_share": wilson(silent),
        # Upward biased where opinions are few: no interval is given.
        **rounded(
            {
                "polarity_ece": calibration_error(said_polarity, polarity),
                "theme_ece": calibration_error(said_themes, themes),
            }
        ),
    }


def _answer(cell: str, lines: list[dict[str, str]]) -> MarkedAnswer:
    text, opinions, read = "", [], 0
    for line in lines:
        if not line["theme_id"]:
            continue
        first, last = int(line["start"]), int(line["end"])
        text = _joined(text, cell[read:first])
        clause, _ = repair(cell[first:last])
        opinions.append(MarkedOpinion(len(text), len(text) + len(clause), SIGNS[line["polarity"]], line["theme_id"]))
        text, read = text + clause, last
    return MarkedAnswer(_joined(text, cell[read:]).rstrip(), tuple(opinions), sector="jardinerie")


def _joined(text: str, between: str) -> str:
    # `repair` strips: the blanks at both ends of a stretch are put back.
    if not between.strip():
        return text + between
    before, after = between[: len(between) - len(between.lstrip())], between[len(between.rstrip()) :]
    return text + before + repair(between)[0] + after


def _bootstrap(guessed: Pairs, truth: Pairs, score: Callable[[Pairs, Pairs], float]) -> dict[str, Any]:
    """A score of answers and its interval: percentiles over answers drawn with replacement."""
    rng = np.random.default_rng(_SEED)
    draws = rng.integers(len(truth), size=(_SAMPLES, len(truth)))
    scores = [score([guessed[i] for i in draw], [truth[i] for i in draw]) for draw in draws]
    low, high = np.percentile(scores, (2.5, 97.5))
    return {"value": round(score(guessed, truth), 4), "low": round(low, 4), "high": round(high, 4), "n": len(truth)}


if __name__ == "__main__":
    main()
