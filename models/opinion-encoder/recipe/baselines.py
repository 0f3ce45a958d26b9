"""The yardstick: TF-IDF and logistic regression on the marked clauses, same training rows, same test rows, same run.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.baselines`` writes evaluation/baselines.json (a minute and a
half on one core): the linear model, the shipped encoder, its lead with an interval, and the linear learning curve.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import numpy as np
import sklearn
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from recipe.measure import logits_marked, rounded, score_marked
from recipe.off_the_shelf import judge, libraries
from recipe.real_answers import SURVEY, load_answers
from recipe.splits import ROOT, Splits, load_splits
from verbatim.reading import Encoder, load_encoder
from verbatim.reading.marked import THEMES, Kind, MarkedAnswer
from verbatim.reading.network import POLARITIES
from verbatim.training.scoring import labels, share

POLARITY_C, THEME_C = 2.0, 2.0
"""Inverse strength of the regularisation, chosen on dev among 1, 2, 5, 10 and 20."""
RECORD = ROOT / "models" / "opinion-encoder" / "evaluation" / "baselines.json"
SHARES = (0.125, 0.25, 0.5, 1.0)
"""Parts of the training answers, drawn at random, of the learning curve."""
_SAMPLES = 2000
_SEED = 11

Right = dict[str, np.ndarray]
"""Figure → whether each marked opinion is read right, shape (S,); a polarity of + and - is NaN where the mark is =."""


class Linear:
    """Words 1-2 and characters 2-5 of a clause, weighed by TF-IDF, into one logistic regression a question."""

    def __init__(self, train: Sequence[MarkedAnswer]) -> None:
        clauses, polarity, themes = clauses_of(train)
        self.features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")),
                (
                    "characters",
                    TfidfVectorizer(
                        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, strip_accents="unicode"
                    ),
                ),
            ]
        )
        matrix = self.features.fit_transform(clauses)
        self.polarity = _fit(matrix, polarity, strength=POLARITY_C)
        self.themes = _fit(matrix, themes, strength=THEME_C)

    def right(self, answers: Sequence[MarkedAnswer]) -> Right:
        """Which marked clauses it reads right."""
        clauses, _, themes = clauses_of(answers)
        matrix = self.features.transform(clauses)
        order = [self.polarity.classes_.tolist().index(name) for name in POLARITIES]
        polarity = self.polarity.predict_proba(matrix)[:, order]
        return {**_polarities(polarity, answers), "theme_accuracy": (self.themes.predict(matrix) == themes) * 1.0}


def encoder_right(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> Right:
    """Which marked spans the shipped encoder reads right; its theme also without the wide branch."""
    polarity, themes = score_marked(encoder, answers)
    _, alone = logits_marked(encoder, answers)
    _, truth = labels(answers)
    return {
        **_polarities(polarity, answers),
        "theme_accuracy": (themes.argmax(1) == truth) * 1.0,
        "theme_accuracy_transformer": (alone.argmax(1) == truth) * 1.0,
    }


def figures_of_right(right: Right) -> dict[str, float]:
    """Share read right, figure by figure."""
    return rounded({name: float(np.nanmean(each)) for name, each in right.items()})


def lead_of(ours: Right, theirs: Right, answers: Sequence[MarkedAnswer]) -> dict[str, dict[str, float]]:
    """Differences of shares with 95 % intervals: the same opinions in both, answers drawn with replacement."""
    answer_of = np.repeat(np.arange(len(answers)), [len(answer.opinions) for answer in answers])
    rng = np.random.default_rng(_SEED)
    draws = rng.multinomial(len(answers), np.full(len(answers), 1 / len(answers)), size=_SAMPLES)[:, answer_of]
    leads = {}
    for name, each in ours.items():
        difference = each - theirs[name.removesuffix("_transformer")]
        counted = ~np.isnan(difference)
        weights = draws[:, counted]
        low, high = np.percentile((weights @ difference[counted]) / weights.sum(1), (2.5, 97.5))
        leads[name] = rounded({"value": share(difference[counted]), "low": float(low), "high": float(high)})
    return leads


def clauses_of(answers: Sequence[MarkedAnswer]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Marked clauses with their polarities and themes, in order of answer and start."""
    marked = [(answer.text[o.start : o.end], o.polarity, o.theme) for answer in answers for o in answer.opinions]
    return [m[0] for m in marked], np.array([m[1] for m in marked]), np.array([m[2] for m in marked])


def train_linear(splits: Splits, kind: Kind) -> Linear:
    """Fit on the training answers of one kind of survey."""
    return Linear([answer for answer in splits.train if answer.kind == kind])


def learning_curve(
    train: Sequence[MarkedAnswer], held: Mapping[str, Sequence[MarkedAnswer]], whole: Linear
) -> list[dict[str, Any]]:
    """Figures of the linear model on growing parts of `train`; `whole` was fitted on all of it."""
    shuffled, points = list(train), []
    Random(_SEED).shuffle(shuffled)  # noqa: S311 - a seeded draw, no secret
    for part in SHARES:
        drawn = shuffled[: round(part * len(shuffled))]
        model = whole if part == 1 else Linear(drawn)
        point = {name: figures_of_right(model.right(answers)) for name, answers in held.items()}
        points.append({"answers": len(drawn), "opinions": sum(len(a.opinions) for a in drawn), **point})
    return points


def main() -> None:
    """Fit customers' and employees' models, score them and the encoder, record the figures."""
    splits, encoder, started = load_splits(), load_encoder(), time.monotonic()
    linear: dict[Kind, Linear] = {kind: train_linear(splits, kind) for kind in THEMES}
    held: dict[str, Sequence[MarkedAnswer]] = {
        "dev": splits.dev,
        "real": splits.real,
        "test_customers": [answer for answer in splits.test if answer.kind == "nps"],
        "test_employees": [answer for answer in splits.test if answer.kind == "enps"],
    }
    if SURVEY.is_file():
        held["real_answers"] = load_answers(SURVEY)
    theirs = {name: linear[answers[0].kind].right(answers) for name, answers in held.items()}
    ours = {name: encoder_right(encoder, answers) for name, answers in held.items()}
    # Never the real answers: a curve is there to decide by.
    families = {name: held[name] for name in ("dev", "real", "test_customers")}
    asked = libraries()
    customers = [answer for answer in splits.train if answer.kind == "nps"]
    record = {
        "tfidf_logistic_regression": {name: figures_of_right(right) for name, right in theirs.items()},
        "encoder": {name: figures_of_right(right) for name, right in ours.items()},
        "lead": {name: lead_of(ours[name], theirs[name], answers) for name, answers in held.items()},
        "learning_curve": learning_curve(customers, families, linear["nps"]),
        "off_the_shelf": {
            name: {split: judge(sentiment, answers) for split, answers in held.items()}
            for name, sentiment in asked.items()
            if sentiment is not None
        },
        "not_run": [name for name, sentiment in asked.items() if sentiment is None],
        "date": datetime.now(UTC).date().isoformat(),
        "revision": encoder.revision,
        "scikit_learn": sklearn.__version__,
        "seconds": round(time.monotonic() - started),
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def _polarities(probabilities: np.ndarray, answers: Sequence[MarkedAnswer]) -> Right:
    truth, _ = labels(answers)
    signed = truth != POLARITIES.index("neutral")
    return {
        "polarity_accuracy": np.where(signed, probabilities[:, :2].argmax(1) == truth, np.nan),
        "polarity_accuracy_3": (probabilities.argmax(1) == truth) * 1.0,
    }


def _fit(matrix: csr_matrix, truth: np.ndarray, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000, tol=1e-3, solver="lbfgs").fit(matrix, truth)


if __name__ == "__main__":
    main()
