"""The account of the NPS as a table: what brings points, what costs some, and what has no reason given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import ALL, AccountLine


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One line: what it is, its points, their interval, who brings them."""

    name: str
    points: str
    interval: str
    respondents: str
    is_loss: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Lines with a reason, the largest gains first and the largest losses last; lines without; what they add up to."""

    reasons: tuple[AccountRow, ...]
    others: tuple[AccountRow, ...]
    total: str
    silent: str
    """How much comes from those who wrote nothing; empty where nothing does."""
    bias: str
    """How those who wrote differ from all; empty where all wrote."""
    commenters: tuple[AccountRow, ...]
    """The same lines on the scale of those who wrote, down to the NPS of all; empty where all wrote."""


def build_account(publication: Publication, words: Wording) -> Account | None:
    """Tell where the points of the whole survey come from; None where those who wrote are too few to be told apart."""
    rows = [row for row in publication.nps_account if is_whole(row) and row["points"] is not None]
    if not rows:
        return None
    with_reason = sorted(
        (row for row in rows if row["line"] == AccountLine.THEME),
        key=lambda row: (-row["points"], row["theme_id"], row["polarity"]),
    )
    apart = (AccountLine.THEME, AccountLine.COMMENTERS_BIAS)
    others = [row for line in AccountLine for row in rows if row["line"] == line and line not in apart]
    bias = next((row for row in rows if row["line"] == AccountLine.COMMENTERS_BIAS), None)
    told = [[_row(row, publication, words) for row in part] for part in (with_reason, others)]
    total = sum(row["points"] for row in rows)
    return Account(
        reasons=tuple(told[0]),
        others=tuple(told[1]),
        total=words.points(total),
        silent=_silent(rows, total, words),
        bias="" if bias is None else _bias(bias, total, words),
        commenters=() if bias is None else _own_scale((*with_reason, *others, bias), publication, words),
    )


def _silent(rows: Sequence[Row], total: float, words: Wording) -> str:
    points = next((row["points"] for row in rows if row["line"] == AccountLine.NO_VERBATIM), 0.0)
    if not points:
        return ""
    # "Of +3 points, −2 come from …" says nothing to a reader.
    key = "account.silent" if 2 <= points <= total else "account.silent_apart"
    return words.say(key, total=words.change(total), points=words.points(points), change=words.change(points))


def _bias(row: Row, total: float, words: Wording) -> str:
    gap, low, high = row["points_commenters"], row["ci_low"], row["ci_high"]
    if gap is None:
        return ""
    chance = low is not None and high is not None and low <= 0 <= high
    return words.say(
        "account.bias_chance" if chance else "account.bias",
        nps_commenters=words.points(total - gap),
        gap=words.change(gap),
    )


def _own_scale(rows: Iterable[Row], publication: Publication, words: Wording) -> tuple[AccountRow, ...]:
    shown = (row for row in rows if row["points_commenters"] is not None)
    return tuple(_row(row, publication, words, scale="points_commenters") for row in shown)


def _row(row: Row, publication: Publication, words: Wording, *, scale: str = "points") -> AccountRow:
    if row["line"] == AccountLine.THEME:
        theme = theme_namer(publication, words)(row["theme_id"])
        name = words.say("account.theme", theme=theme, judgement=words.say(f"polarity.{row['polarity']}"))
    elif row["line"] == AccountLine.OTHER_REASONS and row["polarity"] != ALL:
        name = words.say(f"account.other.{row['polarity']}")
    else:
        name = words.say(f"account.line.{row['line']}")
    return AccountRow(
        name,
        words.points(row[scale]),
        words.interval(row["ci_low"], row["ci_high"]),
        "" if row["respondents"] is None else words.count(row["respondents"]),
        row[scale] < 0,
    )
