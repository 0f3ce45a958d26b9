"""Where the score and the text do not say the same: reversed scales, promoters at risk, passives one point away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import ALL, ScoreTextKind

NAMED = 5
"""Themes named of each kind."""


@dataclass(frozen=True, slots=True)
class AtStake:
    """A theme that they complain of."""

    theme: str
    respondents: str
    stake: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One kind: how many it holds, and of what they complain first."""

    code: str
    heading: str
    sentence: str
    themes: tuple[AtStake, ...]


@dataclass(frozen=True, slots=True)
class ScoreText:
    """Kinds that are shown, and the sentence on reversed scales; empty where there are none."""

    kinds: tuple[Contradiction, ...]
    reversed_scale: str


def build_scoretext(publication: Publication, words: Wording) -> ScoreText | None:
    """Tell the whole survey's contradictions; None where none is published."""
    rows = [row for row in publication.score_text if is_whole(row)]
    if not rows:
        return None
    told = (
        _contradiction(kind, [row for row in rows if row["kind"] == kind], publication, words)
        for kind in (ScoreTextKind.PROMOTER_AT_RISK, ScoreTextKind.PASSIVE_ONE_POINT_AWAY)
    )
    reversed_rows = [row for row in rows if row["kind"] == ScoreTextKind.REVERSED_SCALE and row["theme_id"] == ALL]
    return ScoreText(
        tuple(one for one in told if one is not None),
        _reversed(reversed_rows[0], words) if reversed_rows else "",
    )


def _contradiction(
    kind: ScoreTextKind, rows: Sequence[Row], publication: Publication, words: Wording
) -> Contradiction | None:
    if not rows:
        return None
    name = theme_namer(publication, words)
    named = sorted(
        (row for row in rows if row["theme_id"] != ALL), key=lambda row: (-row["respondents"], row["theme_id"])
    )[:NAMED]
    themes = tuple(AtStake(name(row["theme_id"]), words.count(row["respondents"]), _stake(row, words)) for row in named)
    sentence = "".join(_sentence(kind, row, words) for row in rows if row["theme_id"] == ALL)
    return Contradiction(str(kind), words.say(f"scoretext.{kind}.heading"), sentence, themes)


def _sentence(kind: ScoreTextKind, row: Row, words: Wording) -> str:
    told = words.say_number(
        f"scoretext.{kind}.sentence",
        row["respondents"],
        share="" if row["share"] is None else words.share(row["share"]),
        stake=_stake(row, words),
    )
    if row["respondents_low"] is None or row["respondents_high"] is None:
        return told
    low, high = words.count(row["respondents_low"]), words.count(row["respondents_high"])
    return f"{told} {words.say('scoretext.range', low=low, high=high)}"


def _stake(row: Row, words: Wording) -> str:
    return "" if row["stake_points"] is None else words.stake(abs(row["stake_points"]))


def _reversed(row: Row, words: Wording) -> str:
    low, high = row["respondents_low"], row["respondents_high"]
    if low is None or high is None:
        return words.say_number("scoretext.reversed", row["respondents"])
    # "Between 0 and 12" would say that there may be none, which is so, but less plainly.
    if low == 0 or low == high:
        return words.say_number("scoretext.reversed_up_to", high)
    return words.say("scoretext.reversed_between", low=words.count(low), high=words.count(high))
