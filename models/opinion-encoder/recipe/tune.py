"""Fit what sits between the logits and the opinions, on the dev families alone, and write it to config.json.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.tune`` changes the twelve `KEYS` and nothing else (five minutes
on two cores). It starts from `UNCALIBRATED`, never from what config.json says, so that it gives the same values
whenever it is run. Bias and threshold are chosen on customers; employees have temperatures of their own. What it tried
is kept in evaluation/calibration.json.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recipe.measure import (
    clauses_marked,
    figures_of,
    find,
    logits_marked,
    read_marked,
    rounded,
)
from recipe.splits import ROOT, load_splits
from verbatim.reading import Encoder, load_encoder
from verbatim.reading.marked import MarkedAnswer
from verbatim.reading.network import calibration_key
from verbatim.training.scoring import (
    cross_entropy,
    fit_temperature,
    gold_pairs,
    labels,
    micro_f1,
    share,
    softmax,
    themes_of,
)

MODEL = ROOT / "models" / "opinion-encoder"
RECORD = MODEL / "evaluation" / "calibration.json"
UNCALIBRATED = {
    "polarity_temperature": 1.0,
    "theme_temperature": 1.0,
    "outside_bias": 0.0,
    "silence_weight": 0.0,
    "silence_offset": 0.0,
    "theme_threshold": 0.0,
    "wide_share": 0.0,
    "wide_temperature": 1.0,
    "employee_polarity_temperature": 1.0,
    "employee_theme_temperature": 1.0,
    "employee_wide_share": 0.0,
    "employee_wide_temperature": 1.0,
}
KEYS = tuple(UNCALIBRATED)
_ROUNDS = 4
_BIASES = np.arange(-1.0, 3.01, 0.25)
_THRESHOLDS = np.arange(0.0, 0.51, 0.05)
_WEIGHTS = (1.0, 2.0, 3.0)
_OFFSETS = np.arange(2.0, 26.01, 2.0)
GIVEN_UP = 0.005
"""F1 of pairs that may be given up for more answers left without an opinion; bias and threshold may cost none."""
LOST = 0.01
"""Answers with opinions, as a share, that may lose them all for it: a bare verdict ("nul") is near to silence."""


def main() -> None:
    """Fit, record, write."""
    encoder, splits = load_encoder(), load_splits()
    dev, employees = splits.dev, splits.dev_employees
    _put(encoder, UNCALIBRATED)
    before = {
        "dev": figures_of(read_marked(encoder, dev)),
        "dev_employees": figures_of(read_marked(encoder, employees)),
    }
    for answers in (dev, employees):
        _put(encoder, fit_temperatures(encoder, answers))
    biases, thresholds = fit_decisions(encoder, dev)
    silences = try_silences(encoder, dev)
    spoken = max(one["spoken_share"] for one in silences)
    near = [one for one in silences if one["spoken_share"] >= spoken - LOST]
    best = choose(near, "silent_share", given_up=GIVEN_UP)
    _put(encoder, {key: best[key] for key in ("silence_weight", "silence_offset")})
    after = {key: getattr(encoder.config, key) for key in KEYS}
    write_keys(MODEL / "config.json", after)
    record = {
        "before": {"keys": UNCALIBRATED, **before},
        "after": {
            "keys": after,
            "dev": figures_of(read_marked(encoder, dev)),
            "dev_employees": figures_of(read_marked(encoder, employees)),
        },
        "outside_bias": biases,
        "theme_threshold": thresholds,
        "silence": silences,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def fit_temperatures(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> dict[str, float]:
    """Divisors of the logits, and the wide branch's share, that minimise the cross entropy (Guo et al. 2017)."""
    kind = answers[0].kind
    (polarity, themes), (polarity_truth, theme_truth) = logits_marked(encoder, answers), labels(answers)
    temperatures = np.geomspace(0.5, 3.0, 120)
    fitted = {"polarity_temperature": fit_temperature(polarity, polarity_truth, temperatures)}
    if encoder.wide is None:
        fitted["theme_temperature"] = fit_temperature(themes, theme_truth, temperatures)
    else:
        wide = encoder.wide.logits(clauses_marked(answers), kind)
        deep_by_t = {float(t): softmax(themes / t) for t in np.geomspace(0.6, 2.5, 25)}
        wide_by_t = {float(t): softmax(wide / t) for t in np.geomspace(0.3, 1.2, 15)}
        tried = [
            (cross_entropy((1 - share) * deep + share * broad, theme_truth), share, deep_t, broad_t)
            for deep_t, deep in deep_by_t.items()
            for broad_t, broad in wide_by_t.items()
            for share in np.linspace(0.1, 0.7, 13).tolist()
        ]
        _, fitted["wide_share"], fitted["theme_temperature"], fitted["wide_temperature"] = min(tried)
    return {calibration_key(key, kind): round(float(value), 4) for key, value in fitted.items()}


def fit_decisions(
    encoder: Encoder, answers: Sequence[MarkedAnswer]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Set bias and threshold in turn until neither moves; what the last round tried of each."""
    for _ in range(_ROUNDS):
        kept = encoder.config.outside_bias, encoder.config.theme_threshold
        biases = try_biases(encoder, answers)
        encoder.config.outside_bias = choose(biases, "silent_share")["outside_bias"]
        thresholds = try_thresholds(encoder, answers)
        encoder.config.theme_threshold = choose(thresholds, "pairs_precision")["theme_threshold"]
        if kept == (encoder.config.outside_bias, encoder.config.theme_threshold):
            return biases, thresholds
    raise SystemExit(f"bias and threshold still move after {_ROUNDS} rounds: look at what `try_biases` gives")


def try_biases(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> list[dict[str, Any]]:
    """Figures at each bias of the tag O; the one in force comes back."""
    kept, tried = encoder.config.outside_bias, []
    for bias in _BIASES.tolist():
        encoder.config.outside_bias = bias
        tried.append({"outside_bias": bias, **_found_figures(encoder, answers)})
    encoder.config.outside_bias = kept
    return tried


def try_thresholds(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> list[dict[str, Any]]:
    """Figures at each confidence below which an opinion is left unclassified."""
    kept, tried = encoder.config.theme_threshold, []
    for threshold in np.round(_THRESHOLDS, 2).tolist():
        encoder.config.theme_threshold = threshold
        tried.append({"theme_threshold": threshold, **_found_figures(encoder, answers)})
    encoder.config.theme_threshold = kept
    return tried


def try_silences(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> list[dict[str, Any]]:
    """Figures at each weight and offset of the wide branch's silence; first without it."""
    kept = {key: getattr(encoder.config, key) for key in ("silence_weight", "silence_offset")}
    tried = []
    for weight, offset in [(0.0, 0.0), *itertools.product(_WEIGHTS, _OFFSETS.tolist())]:
        values = {"silence_weight": weight, "silence_offset": offset}
        _put(encoder, values)
        tried.append({**values, **_found_figures(encoder, answers)})
    _put(encoder, kept)
    return tried


def choose(tried: list[dict[str, Any]], wanted: str, given_up: float = 0.0) -> dict[str, Any]:
    """What was tried with the most of `wanted` among those whose F1 of pairs is within `given_up` of the best."""
    best = max(one["pairs_f1"] for one in tried)
    near = [one for one in tried if one["pairs_f1"] >= best - given_up]
    return max(near, key=lambda one: (one[wanted], one["pairs_f1"]))


def write_keys(config: Path, values: dict[str, float]) -> None:
    """Replace the values of `KEYS` in a config.json, every other byte left alone."""
    text = config.read_text(encoding="utf-8")
    for key, value in values.items():
        text, count = re.subn(rf'("{key}": )[-\d.e]+', rf"\g<1>{value}", text)
        if count != 1:
            raise SystemExit(f"{config.name}: {key} stands {count} times; expected once")
    config.write_text(text, encoding="utf-8")


def _put(encoder: Encoder, values: Mapping[str, float]) -> None:
    for key, value in values.items():
        setattr(encoder.config, key, value)


def _found_figures(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> dict[str, Any]:
    found, pairs = find(encoder, answers)
    truth = gold_pairs(answers)
    right, said = sum(len(p & t) for p, t in zip(pairs, truth, strict=True)), sum(map(len, pairs))
    return rounded(
        {
            "pairs_f1": micro_f1(pairs, truth),
            "pairs_precision": right / said,
            "pairs_recall": right / sum(map(len, truth)),
            "themes_f1": micro_f1(themes_of(pairs), themes_of(truth)),
            "silent_share": share([not s for a, s in zip(answers, found, strict=True) if not a.opinions]),
            "spoken_share": share([bool(s) for a, s in zip(answers, found, strict=True) if a.opinions]),
        }
    )


if __name__ == "__main__":
    main()
