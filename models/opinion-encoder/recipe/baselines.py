"""The yardstick: TF-IDF and logistic regression on the marked clauses, same training rows, same test rows.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.baselines`` writes evaluation/baselines.json.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sklearn
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from recipe.measure import rounded, share
from recipe.real_answers import SURVEY, load_answers
from recipe.splits import ROOT, Splits, load_splits
from verbatim.reading.marked import Kind, MarkedAnswer

POLARITY_C, THEME_C = 2.0, 2.0
"""Inverse strength of the regularisation, chosen on dev among 1, 2, 5, 10 and 20."""
RECORD = ROOT / "models" / "opinion-encoder" / "evaluation" / "baselines.json"


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

    def figures(self, answers: Sequence[MarkedAnswer]) -> dict[str, Any]:
        """Accuracy on marked clauses: polarity of + and - ones, polarity of all, theme."""
        clauses, polarity, themes = clauses_of(answers)
        matrix = self.features.transform(clauses)
        said = self.polarity.predict_proba(matrix)
        order = self.polarity.classes_.tolist()
        signed = polarity != "neutral"
        positive = said[:, order.index("positive")] > said[:, order.index("negative")]
        return rounded(
            {
                "polarity_accuracy": share(positive[signed] == (polarity == "positive")[signed]),
                "polarity_accuracy_3": share(self.polarity.classes_[said.argmax(1)] == polarity),
                "theme_accuracy": share(self.themes.predict(matrix) == themes),
            }
        )


def clauses_of(answers: Sequence[MarkedAnswer]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Marked clauses with their polarities and themes, in order of answer and start."""
    marked = [(answer.text[o.start : o.end], o.polarity, o.theme) for answer in answers for o in answer.opinions]
    return [m[0] for m in marked], np.array([m[1] for m in marked]), np.array([m[2] for m in marked])


def train_linear(splits: Splits, kind: Kind) -> Linear:
    """Fit on the training answers of one kind of survey."""
    return Linear([answer for answer in splits.train if answer.kind == kind])


def main() -> None:
    """Fit customers' and employees' models, score them, record the figures."""
    splits, started = load_splits(), time.monotonic()
    customers = train_linear(splits, "nps")
    held = {
        "dev": splits.dev,
        "real": splits.real,
        "test_customers": [answer for answer in splits.test if answer.kind == "nps"],
    }
    figures = {name: customers.figures(answers) for name, answers in held.items()}
    employees = train_linear(splits, "enps")
    figures["test_employees"] = employees.figures([answer for answer in splits.test if answer.kind == "enps"])
    if SURVEY.is_file():
        figures["real_answers"] = customers.figures(load_answers(SURVEY))
    record = {
        "tfidf_logistic_regression": figures,
        "date": datetime.now(UTC).date().isoformat(),
        "scikit_learn": sklearn.__version__,
        "seconds": round(time.monotonic() - started),
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def _fit(matrix: csr_matrix, truth: np.ndarray, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000, tol=1e-3, solver="lbfgs").fit(matrix, truth)


if __name__ == "__main__":
    main()
