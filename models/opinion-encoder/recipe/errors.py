"""Which errors remain, by kind, with examples: invented answers of verbatims-fr only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from recipe.measure import Read
from verbatim.reading.marked import THEMES
from verbatim.reading.network import POLARITIES
from verbatim.training.scoring import labels

_EXAMPLES = 4
_LONGEST = 90  # characters of a clause that is shown
_CONFUSIONS = 12


def errors_of(reads: Sequence[Read]) -> dict[str, Any]:
    """Counts and the surest examples of each kind of error on marked spans; spans missed and spans too many."""
    spoken = [(read, answer, spans) for read in reads for answer, spans in zip(read.answers, read.found, strict=True)]
    silent = [(read, answer, spans) for read, answer, spans in spoken if not answer.opinions]
    mute = [answer.text for _, answer, spans in spoken if answer.opinions and not spans]
    talked = [answer.text[start:end] for _, answer, spans in silent for start, end in spans[:1]]
    return {
        "polarity": {
            f"{true}>{said}": _kind(list(_polarity_errors(reads, true, said)))
            for true in POLARITIES
            for said in POLARITIES
            if true != said
        },
        "themes": _theme_confusions(reads),
        "opinion_where_none_is": {"n": len(talked), "of": len(silent), "examples": _short(talked)},
        "none_where_opinion_is": {"n": len(mute), "of": len(spoken) - len(silent), "examples": _short(mute)},
    }


def _polarity_errors(reads: Sequence[Read], true: str, said: str) -> Iterator[tuple[float, str]]:
    for read in reads:
        truth, _ = labels(read.answers)
        wrong = (truth == POLARITIES.index(true)) & (read.polarity.argmax(1) == POLARITIES.index(said))
        clauses = _clauses(read)
        yield from ((float(read.polarity[row].max()), clauses[row]) for row in np.flatnonzero(wrong))


def _theme_confusions(reads: Sequence[Read]) -> list[dict[str, Any]]:
    """The most frequent confusions of themes: marked, said, opinions, an example."""
    found: Counter[tuple[str, str]] = Counter()
    surest: dict[tuple[str, str], tuple[float, str]] = {}
    for read in reads:
        _, truth = labels(read.answers)
        names, clauses = THEMES[read.kind], _clauses(read)
        for row, said in enumerate(read.themes.argmax(1)):
            if said == truth[row]:
                continue
            pair = names[truth[row]], names[said]
            found[pair] += 1
            if len(clauses[row]) <= _LONGEST:
                surest[pair] = max(surest.get(pair, (0.0, "")), (float(read.themes[row].max()), clauses[row]))
    return [
        {"marked": true, "said": said, "n": n, "example": surest.get((true, said), (0.0, ""))[1]}
        for (true, said), n in found.most_common(_CONFUSIONS)
    ]


def _kind(errors: list[tuple[float, str]]) -> dict[str, Any]:
    return {"n": len(errors), "examples": _short([clause for _, clause in sorted(errors, reverse=True)])}


def _short(texts: Sequence[str]) -> list[str]:
    return [" ".join(text.split()) for text in dict.fromkeys(texts) if len(text) <= _LONGEST][:_EXAMPLES]


def _clauses(read: Read) -> list[str]:
    return [answer.text[o.start : o.end] for answer in read.answers for o in answer.opinions]
