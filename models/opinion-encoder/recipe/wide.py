"""Fit the wide branch: logistic regression over hashed words and characters of marked clauses and whole answers.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.wide`` writes wide.safetensors; then run `recipe.tune`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from recipe.baselines import clauses_of
from recipe.splits import ROOT, load_splits
from verbatim.reading.marked import THEMES, Kind, MarkedAnswer
from verbatim.reading.wide import Wide, WideHeads, count_features, rarity_of, save_wide, weigh

MODEL = ROOT / "models" / "opinion-encoder"
STRENGTH = 2.0
"""Inverse strength of the regularisation; that of `recipe.baselines`."""
SILENCE_STRENGTH = 10.0
"""The same of the model that tells answers without opinion; dev says much the same of 3, 10 and 30."""


def fit_wide(train: Sequence[MarkedAnswer]) -> Wide:
    """Fit customers' and employees' themes, and silence on the answers of both; rarity is counted over all clauses."""
    counted = {kind: count_features(clauses_of([a for a in train if a.kind == kind])[0]) for kind in THEMES}
    rarity = rarity_of(count_features(clauses_of(train)[0])).astype(np.float16).astype(np.float32)
    themes: dict[Kind, WideHeads] = {}
    for kind, features in counted.items():
        truth = clauses_of([answer for answer in train if answer.kind == kind])[2]
        fitted = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-3).fit(weigh(features, rarity), truth)
        order = [fitted.classes_.tolist().index(theme) for theme in THEMES[kind]]
        themes[kind] = WideHeads(fitted.coef_[order].T.astype(np.float32), fitted.intercept_[order].astype(np.float32))
    answers = weigh(count_features([answer.text for answer in train]), rarity)
    silent = LogisticRegression(C=SILENCE_STRENGTH, max_iter=1000, tol=1e-3).fit(
        answers, [not a.opinions for a in train]
    )
    return Wide(rarity, themes, WideHeads(silent.coef_.T.astype(np.float32), silent.intercept_.astype(np.float32)))


def main() -> None:
    """Fit and write."""
    started = time.monotonic()
    save_wide(fit_wide(load_splits().train), MODEL)
    print(f"wide.safetensors written in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
