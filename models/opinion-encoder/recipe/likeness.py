"""Fit what makes a probability of likeness: how sure it is that an opinion is of a theme given by five examples.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.likeness`` (three minutes; after `recipe.whiten` and
`recipe.wide`) changes three keys of config.json and keeps what it saw in evaluation/likeness.json. No row is marked
with subjects that a team might add, so narrow ones are made of the words of the training answers (subjects-fr.tsv):
their names tell which clauses count, five of these are the examples, each subject several times. That is a silver
measure, kind to words and unkind to paraphrases; the figures of the card are of subjects left out of the fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from recipe.baselines import clauses_of
from recipe.predict import Predictor
from recipe.splits import ROOT, load_splits
from verbatim.reading import Encoder, load_encoder, shipped_folder
from verbatim.reading.likeness import prototypes
from verbatim.reading.wide import BUCKETS, count_features, weigh
from verbatim.reading.wordlists import plain

MODEL = ROOT / "models" / "opinion-encoder"
RECORD = MODEL / "evaluation" / "likeness.json"
SUBJECTS = Path(__file__).with_name("subjects-fr.tsv")
KEYS = ("likeness_meaning", "likeness_naming", "likeness_bias")
ANSWERS, EXAMPLES, DRAWS, FOLDS = 14_000, 5, 3, 5
_LEAST = 25  # clauses of a subject that is used
_LENGTHS = range(10, 90)  # characters of an example


@dataclass(frozen=True)
class Trial:
    """One subject given by five examples.

    Attributes
    ----------
    subject : str
    features : array, shape (S, 2)
        Similarity of meaning and of naming of each clause.
    truth : array, shape (S,)
        Whether a clause is of the subject.
    """

    subject: str
    features: npt.NDArray[np.float64]
    truth: npt.NDArray[np.bool_]


def main() -> None:
    """Draw, fit, record, write."""
    encoder = load_encoder()
    train = [answer for answer in load_splits().train if answer.kind == "nps" and answer.opinions]
    answers = np.random.default_rng(11).permutation(len(train))[:ANSWERS]
    trials = list(draw_trials(encoder, [train[place] for place in sorted(answers.tolist())]))
    record = {"trials": len(trials), "subjects": len({trial.subject for trial in trials}), **held_out(trials, encoder)}
    weights, bias = fit(trials)
    config = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))
    config |= dict(zip(KEYS, (*(round(float(one), 3) for one in weights), round(bias, 3)), strict=True))
    (MODEL / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def draw_trials(encoder: Encoder, answers: Sequence) -> Iterator[Trial]:
    """Subjects with enough clauses, several times each, with other examples."""
    tokenizer = Tokenizer.from_file(str(shipped_folder() / "tokenizer.json"))
    predictor = Predictor(answers, tokenizer, torch.device("cpu"))
    embedded = predictor.describe([encoder.model], predictor.gold()).embedding.astype(np.float32)
    clauses = clauses_of(answers)[0]
    bare = [plain(clause) for clause in clauses]
    characters = weigh(count_features(clauses), encoder.rarity)[:, BUCKETS:]
    rng = np.random.default_rng(11)
    for subject, pattern in read_subjects():
        is_of = np.array([bool(pattern.search(one)) for one in bare])
        if is_of.sum() < _LEAST:
            continue
        for _ in range(DRAWS):
            shown = _examples(rng.permutation(np.flatnonzero(is_of)).tolist(), bare, clauses)
            others = np.array([one not in {bare[place] for place in shown} for one in bare])
            meant = embedded @ prototypes([encoder.embed([clauses[place] for place in shown])])[0]
            named = characters @ characters[shown].mean(axis=0)
            yield Trial(subject, np.stack([meant, named], axis=1)[others].astype(np.float64), is_of[others])


def fit(trials: Sequence[Trial]) -> tuple[npt.NDArray[np.float64], float]:
    """Weights of the two similarities, and the bias."""
    features, truth = (np.concatenate(column) for column in zip(*((t.features, t.truth) for t in trials), strict=True))
    fitted = LogisticRegression(C=1e3, max_iter=1000).fit(features, truth)
    return fitted.coef_[0], float(fitted.intercept_[0])


def held_out(trials: Sequence[Trial], encoder: Encoder) -> dict[str, float]:
    """Mean precision, recall and F1 of subjects that the fit had not seen, at the encoder's threshold."""
    subjects = sorted({trial.subject for trial in trials})
    folds = np.array_split(np.random.default_rng(0).permutation(subjects), FOLDS)
    shares: list[tuple[float, float]] = []
    for fold in folds:
        weights, bias = fit([trial for trial in trials if trial.subject not in fold])
        for trial in (trial for trial in trials if trial.subject in fold):
            said = 1 / (1 + np.exp(-(trial.features @ weights + bias))) >= encoder.config.theme_threshold
            right = int((said & trial.truth).sum())
            shares.append((right / max(1, int(said.sum())), right / int(trial.truth.sum())))
    precision, recall = (round(float(np.mean(column)), 4) for column in zip(*shares, strict=True))
    return {"precision": precision, "recall": recall, "f1": round(2 * precision * recall / (precision + recall), 4)}


def read_subjects() -> list[tuple[str, re.Pattern[str]]]:
    """Names and patterns of the silver subjects."""
    lines = SUBJECTS.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [(name, re.compile(pattern)) for name, pattern in rows]


def _examples(order: Sequence[int], bare: Sequence[str], clauses: Sequence[str]) -> list[int]:
    """The first five of different wording and of a length that a person would write."""
    shown: dict[str, int] = {}
    for place in order:
        if len(clauses[place]) in _LENGTHS and len(shown) < EXAMPLES:
            shown.setdefault(bare[place], place)
    return list(shown.values())


if __name__ == "__main__":
    main()
