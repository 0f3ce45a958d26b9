"""What sentiment libraries that a French team would find first say of marked opinions.

None is a dependency of the project: ``pip install textblob textblob-fr vaderSentiment-fr`` before `recipe.baselines`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from recipe.measure import clauses_marked, rounded
from verbatim.reading.marked import MarkedAnswer
from verbatim.reading.network import POLARITIES
from verbatim.training.scoring import labels

Sentiment = Callable[[str], float]
"""Above 0: praise; below: blame; 0: undecided."""


def libraries() -> dict[str, Sentiment | None]:
    """Each library's judgement of a text, as its own documentation calls it; None where it is not installed."""
    return {"textblob-fr": _textblob(), "vaderSentiment-fr": _vader()}


def judge(sentiment: Sentiment, answers: Sequence[MarkedAnswer]) -> dict[str, Any]:
    """Figures on the opinions that are marked + or -.

    Returns
    -------
    dict
        `polarity_accuracy` (an undecided opinion is not right), `decided` (share), `accuracy_decided`.
    """
    truth, _ = labels(answers)
    signs = np.sign([sentiment(clause) for clause in clauses_marked(answers)])
    signed = truth != POLARITIES.index("neutral")
    wanted = np.where(truth == POLARITIES.index("positive"), 1, -1)[signed]
    said = signs[signed]
    return rounded(
        {
            "polarity_accuracy": float((said == wanted).mean()),
            "decided": float((said != 0).mean()),
            "accuracy_decided": float((said == wanted)[said != 0].mean()),
        }
    )


def _textblob() -> Sentiment | None:
    try:
        from textblob import Blobber
        from textblob_fr import PatternAnalyzer, PatternTagger
    except ImportError:
        return None
    blobber = Blobber(pos_tagger=PatternTagger(), analyzer=PatternAnalyzer())
    return lambda text: float(blobber(text).sentiment[0])


def _vader() -> Sentiment | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from vaderSentiment_fr.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    analyser = SentimentIntensityAnalyzer()
    return lambda text: float(analyser.polarity_scores(text)["compound"])
