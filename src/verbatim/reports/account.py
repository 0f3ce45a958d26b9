"""The account of the NPS as a table: what brings points, what costs some, and what has no reason given."""

from __future__ import annotations

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


def build_account(publication: Publication, words: Wording) -> Account | None:
    """Tell where the points of the whole survey come from; None where those who wrote are too few to be told apart."""
    rows = [row for row in publication.nps_account if is_whole(row) and row["points"] is not None]
    if not rows:
        return None
    with_reason = sorted(
        (row for row in rows if row["line"] == AccountLine.THEME),
        key=lambda row: (-row["points"], row["theme_id"], row["polarity"]),
    )
    others = [row for line in AccountLine for row in rows if row["line"] == line and line != AccountLine.THEME]
    told = [[_row(row, publication, words) for row in part] for part in (with_reason, others)]
    return Account(tuple(told[0]), tuple(told[1]), words.points(sum(row["points"] for row in rows)))


def _row(row: Row, publication: Publication, words: Wording) -> AccountRow:
    if row["line"] == AccountLine.THEME:
        theme = theme_namer(publication, words)(row["theme_id"])
        name = words.say("account.theme", theme=theme, judgement=words.say(f"polarity.{row['polarity']}"))
    elif row["line"] == AccountLine.OTHER_REASONS and row["polarity"] != ALL:
        name = words.say(f"account.other.{row['polarity']}")
    else:
        name = words.say(f"account.line.{row['line']}")
    low, high = words.points(row["ci_low"]), words.points(row["ci_high"])
    return AccountRow(
        name,
        words.points(row["points"]),
        words.say("interval.short", low=low, high=high),
        words.count(row["respondents"]),
        row["points"] < 0,
    )
