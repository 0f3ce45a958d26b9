"""The card of a continued encoder: what it was continued on, what that gave, what it is not for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from verbatim.reading import Encoder
from verbatim.reading.marked import MarkedAnswer
from verbatim.training.heads import BATCH, EPOCHS, RATE
from verbatim.training.validation import FOLDS, SHARES, Validated

FIGURES = {
    "polarity_accuracy": "polarity of + and - opinions",
    "theme_accuracy": "theme of a marked opinion, top 1",
    "themes_f1": "themes of an answer, micro F1",
    "pairs_f1": "(theme, polarity) of an answer, micro F1",
}
"""Figures by their names on a card and on the terminal."""
_RARE = 10


def render_card(
    name: str, answers: Sequence[MarkedAnswer], validated: Validated, encoder: Encoder, today: dt.date
) -> str:
    """Text of README.md, in Markdown; no customer's word stands in it."""
    themes = Counter(opinion.theme for answer in answers for opinion in answer.opinions)
    rare = sorted(theme for theme, count in themes.items() if count < _RARE)
    rows = "\n".join(
        f"| {label} | {validated.before[key]:.3f} | {validated.after[key]:.3f} |" for key, label in FIGURES.items()
    )
    losses = ", ".join(f"{step:g}: {loss:.4f}" for step, loss in zip(SHARES, validated.losses, strict=True))
    return f"""# {name}

The opinion encoder continued on {len(answers):,} marked answers ({sum(themes.values()):,} opinions, \
{answers[0].kind}) of a team's own, {today.isoformat()}. Its trunk is the parent's (revision \
`{encoder.revision[:16]}`); tagger, span layer, polarity and the themes of {answers[0].kind} were trained.

## Recipe
`verbatim train SETTINGS --marked MARKED.tsv`: {EPOCHS} epochs, AdamW at {RATE:g}, {BATCH} answers a step, over a \
frozen trunk; the heads that are kept stand {validated.heads_share:.0%} of the way from the parent's to the trained.
Cross entropy on answers kept apart, by share: {losses}.

## Figures
{FOLDS}-fold cross-validation: every answer was read by heads that had not seen it.

| figure | parent | continued |
| --- | --- | --- |
{rows}

The share was chosen on the same folds: take a gain of a point or less for none.

## Limits
- It is for answers like those it was continued on. On others it may read worse than its parent: measure first.
- Themes with fewer than {_RARE} marks could hardly be learned: {", ".join(rare) or "none"}.
- Weights may remember rare wordings of the marked answers: keep this folder where the answers themselves may be kept.
- Everything that the parent's card warns of holds here too.
"""
