"""What the shipped reader makes of marked answers: every figure of the card, through `verbatim.reading` itself.

`recipe.evaluate` measures logits while the recipe trains; here guard, decoding, clause step and thresholds count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from recipe.predict import Predictor
from verbatim.reading import Encoder, shipped_folder
from verbatim.reading.marked import THEMES, Kind, MarkedAnswer
from verbatim.reading.network import POLARITIES
from verbatim.tables import UNCLASSIFIED
from verbatim.training.scoring import (
    Pairs,
    calibration_error,
    gold_pairs,
    labels,
    micro_f1,
    share,
    softmax,
    themes_of,
)

CODEBOOKS: dict[Kind, str] = {"nps": "cx-fr", "enps": "ex-fr"}
_BINS = 15
_Z = 1.959964
_NEUTRAL = POLARITIES.index("neutral")


@dataclass(frozen=True)
class Read:
    """Answers of one kind of survey with what the reader says of them.

    Attributes
    ----------
    answers : tuple of MarkedAnswer
    polarity : array, shape (S, 3), probabilities on the S marked spans, in order of answer and start
    themes : array, shape (S, themes), the same
    found : list of lists of (start, end), a list an answer: the spans that the reader finds
    pairs : list of sets of (theme, polarity), a set an answer; opinions left unclassified give none
    """

    answers: tuple[MarkedAnswer, ...]
    polarity: np.ndarray
    themes: np.ndarray
    found: list[list[tuple[int, int]]]
    pairs: Pairs

    @property
    def kind(self) -> Kind:
        """Survey of these answers."""
        return self.answers[0].kind

    def only(self, kept: Sequence[bool]) -> Read:
        """Answers for which `kept` is true."""
        rows = np.repeat(np.asarray(kept, dtype=bool), [len(answer.opinions) for answer in self.answers])
        return Read(
            tuple(answer for answer, keep in zip(self.answers, kept, strict=True) if keep),
            self.polarity[rows],
            self.themes[rows],
            [spans for spans, keep in zip(self.found, kept, strict=True) if keep],
            [pairs for pairs, keep in zip(self.pairs, kept, strict=True) if keep],
        )


def read_marked(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> Read:
    """Read answers of one kind of survey: their marked spans, and as in production."""
    polarity, themes = score_marked(encoder, answers)
    found, pairs = find(encoder, answers)
    return Read(tuple(answers), polarity, themes, found, pairs)


def score_marked(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of polarities and themes on the marked spans, shapes (S, 3) and (S, themes).

    The encoder's own weights and temperatures, in batches: `Encoder.score_spans` takes one text at a time.
    """
    polarity, themes = logits_marked(encoder, answers)
    calibration = encoder.config.calibration(answers[0].kind)
    return (
        softmax(polarity / calibration.polarity_temperature),
        encoder.blend(softmax(themes / calibration.theme_temperature), clauses_marked(answers), answers[0].kind),
    )


def logits_marked(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> tuple[np.ndarray, np.ndarray]:
    """The transformer's logits of polarities and themes on the marked spans, shapes (S, 3) and (S, themes)."""
    predictor = Predictor(answers, Tokenizer.from_file(str(shipped_folder() / "tokenizer.json")), torch.device("cpu"))
    said = predictor.describe([encoder.model], predictor.gold())
    return said.polarity, said.themes[answers[0].kind]


def clauses_marked(answers: Sequence[MarkedAnswer]) -> list[str]:
    """Words of the marked spans, in order of answer and start."""
    spans = [sorted((opinion.start, opinion.end) for opinion in answer.opinions) for answer in answers]
    return [answer.text[start:end] for answer, own in zip(answers, spans, strict=True) for start, end in own]


def find(encoder: Encoder, answers: Sequence[MarkedAnswer]) -> tuple[list[list[tuple[int, int]]], Pairs]:
    """Spans and (theme, polarity) pairs that the reader finds by itself."""
    opinions = encoder.read([answer.text for answer in answers], codebook=CODEBOOKS[answers[0].kind]).opinions
    found: list[list[tuple[int, int]]] = [[] for _ in answers]
    pairs: Pairs = [set() for _ in answers]
    columns = (opinions[name] for name in ("text", "start", "end", "theme_id", "polarity"))
    for text, start, end, theme, polarity in zip(*columns, strict=True):
        found[text].append((start, end))
        if theme != UNCLASSIFIED:
            pairs[text].add((str(theme), str(polarity)))
    return found, pairs


def figures_of(read: Read) -> dict[str, Any]:
    """Figures of one set of answers; shares lie in [0, 1] and are rounded to four digits."""
    polarity, themes = labels(read.answers)
    signed = polarity != _NEUTRAL
    truth = gold_pairs(read.answers)
    silent = [not spans for answer, spans in zip(read.answers, read.found, strict=True) if not answer.opinions]
    return rounded(
        {
            "answers": len(read.answers),
            "opinions": len(polarity),
            "polarity_accuracy": share(read.polarity[signed][:, :2].argmax(1) == polarity[signed]),
            "polarity_opinions": int(signed.sum()),
            "polarity_accuracy_3": share(read.polarity.argmax(1) == polarity),
            "polarity_ece": calibration_error(read.polarity, polarity, _BINS),
            "theme_accuracy": share(read.themes.argmax(1) == themes),
            "theme_ece": calibration_error(read.themes, themes, _BINS),
            "themes_f1": micro_f1(themes_of(read.pairs), themes_of(truth)),
            "pairs_f1": micro_f1(read.pairs, truth),
            "span_f1": micro_f1([set(spans) for spans in read.found], spans_of(read.answers)),
            "silent_share": share(silent) if silent else None,
            "silent_interval": [wilson(silent)[end] for end in ("low", "high")] if silent else None,
            "silent_answers": len(silent),
        }
    )


def by_sector(reads: Iterable[Read]) -> dict[str, dict[str, Any]]:
    """Figures of each sector of `reads`."""
    found = {}
    for read in reads:
        sectors = [answer.sector for answer in read.answers]
        for sector in sorted(set(sectors)):
            found[sector] = figures_of(read.only([name == sector for name in sectors]))
    return found


def theme_table(reads: Sequence[Read]) -> dict[str, Any]:
    """Precision, recall and count of each theme, as sets an answer; under `polarity` of each (theme, polarity) too."""
    guessed = [pairs for read in reads for pairs in read.pairs]
    truth = [pairs for read in reads for pairs in gold_pairs(read.answers)]
    table: dict[str, Any] = {}
    for theme in THEMES[reads[0].kind]:
        table[theme] = hits([theme in t for t in themes_of(guessed)], [theme in t for t in themes_of(truth)])
        table[theme]["polarity"] = {
            polarity: hits([(theme, polarity) in g for g in guessed], [(theme, polarity) in t for t in truth])
            for polarity in POLARITIES
        }
    return table


def hits(said: Sequence[bool], true: Sequence[bool]) -> dict[str, Any]:
    """Precision (None: never said), recall (None: never true), answers in which it is true and in which it is said."""
    both = sum(s and t for s, t in zip(said, true, strict=True))
    precision = both / sum(said) if any(said) else None
    recall = both / sum(true) if any(true) else None
    return rounded({"precision": precision, "recall": recall, "n": sum(true), "said": sum(said)})


def confusion(reads: Sequence[Read]) -> dict[str, dict[str, int]]:
    """Marked polarity → polarity that the reader gives the marked span → opinions."""
    polarity = np.concatenate([labels(read.answers)[0] for read in reads])
    said = np.concatenate([read.polarity.argmax(1) for read in reads])
    return {
        true: {guess: int(((polarity == t) & (said == g)).sum()) for g, guess in enumerate(POLARITIES)}
        for t, true in enumerate(POLARITIES)
    }


def calibration_bins(reads: Sequence[Read]) -> list[dict[str, Any]]:
    """Confidence of the polarity against how often it is right, equal-width bins that hold an opinion."""
    polarity = np.concatenate([labels(read.answers)[0] for read in reads])
    said = np.concatenate([read.polarity for read in reads])
    sure, right = said.max(1), said.argmax(1) == polarity
    bin_of = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    return [
        rounded(
            {
                "from": b / _BINS,
                "to": (b + 1) / _BINS,
                "n": int((bin_of == b).sum()),
                "confidence": float(sure[bin_of == b].mean()),
                "accuracy": share(right[bin_of == b]),
            }
        )
        for b in sorted(set(bin_of.tolist()))
    ]


def spans_of(answers: Sequence[MarkedAnswer]) -> list[set[tuple[int, int]]]:
    """Marked spans of each answer."""
    return [{(opinion.start, opinion.end) for opinion in answer.opinions} for answer in answers]


def wilson(right: Sequence[bool] | np.ndarray) -> dict[str, Any]:
    """Part of `right` that is true, its 95 % interval (Wilson 1927) and how many there are."""
    n, p = len(right), share(right)
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return rounded({"value": p, "low": middle - half, "high": middle + half, "n": n})


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Floats to four digits."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
