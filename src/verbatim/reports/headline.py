"""Where we stand: the NPS with its interval, the groups, the scores, those who wrote, and the change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from verbatim.periods import period_bounds
from verbatim.reports.charts import Columns, StackedBar, stack, stand
from verbatim.reports.comparison import between_periods
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import NpsGroup

GROUP_COLUMNS = {NpsGroup.PROMOTER: "promoters", NpsGroup.PASSIVE: "passives", NpsGroup.DETRACTOR: "detractors"}
"""Column of `nps` that counts each group, promoters first."""
SIMILAR_POINTS = 1.0
"""Below this many points, those who wrote are said to judge as all do."""


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One group's part of the respondents."""

    code: str
    name: str
    scores: str
    share: str
    count: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The first figures of the page; ``nps`` is empty where they are not shown."""

    nps: str
    interval: str
    reading: str
    change: str
    responses: str
    commenters: str
    bias: str
    response_rate: str
    provisional: str
    groups: tuple[GroupFigure, ...]
    bar: StackedBar | None
    scores: Columns | None
    weighted: str


def build_headline(publication: Publication, *, minimum: int, words: Wording) -> Headline:
    """Say where the whole survey stands; ``minimum`` is the base below which nothing is shown."""
    row = publication.whole
    provisional = words.say("headline.provisional") if row["provisional"] else ""
    if row["nps"] is None:
        hidden = words.say_number("headline.suppressed", minimum)
        return Headline("", hidden, "", "", "", "", "", "", provisional, (), None, None, "")
    groups = tuple(_group(row, code, words) for code in GROUP_COLUMNS)
    return Headline(
        nps=words.points(row["nps"]),
        interval=words.say("interval.long", low=words.points(row["ci_low"]), high=words.points(row["ci_high"])),
        reading=words.say("headline.reading", low=words.points(row["ci_low"]), high=words.points(row["ci_high"])),
        change=_change(publication, words),
        responses=words.say_number("headline.responses", row["n"]),
        commenters=_commenters(row, words),
        bias=_bias(row, words),
        response_rate=_response_rate(row, words),
        provisional=provisional,
        groups=groups,
        bar=_group_bar(row, groups, words),
        scores=_scores(publication, words),
        weighted=_weighted(row, words),
    )


def group_of(score: int) -> NpsGroup:
    """Group of a score, for its colour."""
    return NpsGroup.PROMOTER if score >= 9 else NpsGroup.PASSIVE if score >= 7 else NpsGroup.DETRACTOR


def _group(row: Row, code: NpsGroup, words: Wording) -> GroupFigure:
    count = row[GROUP_COLUMNS[code]]
    return GroupFigure(
        code,
        words.say(f"group.{code}.title"),
        words.say(f"group.{code}.scores"),
        words.share(count / row["n"]),
        words.say_number("respondents", count),
    )


def _group_bar(row: Row, groups: tuple[GroupFigure, ...], words: Wording) -> StackedBar:
    description = words.say("groups.description", parts=", ".join(f"{group.name} {group.share}" for group in groups))
    return stack([(code, row[column]) for code, column in GROUP_COLUMNS.items()], description)


def _scores(publication: Publication, words: Wording) -> Columns | None:
    rows = [row for row in publication.score_distribution if is_whole(row) and row["share"] is not None]
    if not rows:
        return None
    rows.sort(key=lambda row: row["score"])
    bars = [(str(row["score"]), group_of(row["score"]), row["share"], words.share(row["share"])) for row in rows]
    parts = ", ".join(f"{score} {text}" for score, _, _, text in bars)
    return stand(bars, words.say("scores.description", parts=parts))


def _change(publication: Publication, words: Wording) -> str:
    # Rolling spans of one month and the next share most of their answers: only what came before is compared with.
    begins = _bounds(publication.period)[0]
    earlier = [
        row for row in publication.history[:-1] if row["nps"] is not None and _bounds(row["period"])[1] <= begins
    ]
    if not earlier:
        return words.say("change.none")
    change = between_periods(publication.whole, earlier[-1])
    if change is None:
        return ""
    before = {"before": words.points(earlier[-1]["nps"]), "period": words.period(earlier[-1]["period"])}
    if change.may_be_chance:
        signed = [words.points(value) for value in (change.points, change.low, change.high)]
        return words.say("change.chance", points=signed[0], low=signed[1], high=signed[2], **before)
    low, high = sorted((abs(change.low), abs(change.high)))
    return words.say(
        "change.up" if change.points > 0 else "change.down",
        points=words.stake(abs(change.points)),
        low=words.decimal(low),
        high=words.stake(high),
        **before,
    )


def _bounds(period: str) -> tuple[dt.datetime, dt.datetime]:
    return period_bounds(period, ZoneInfo("UTC"))


def _commenters(row: Row, words: Wording) -> str:
    if row["n_commenters"] is None:
        return ""
    if row["n_commenters"] == 0:
        return words.say("headline.no_commenters")
    return words.say_number(
        "headline.commenters", row["n_commenters"], share=words.share(row["n_commenters"] / row["n"])
    )


def _bias(row: Row, words: Wording) -> str:
    if row["nps_commenters"] is None:
        return ""
    gap = row["nps_commenters"] - row["nps"]
    key = "bias.similar" if abs(gap) < SIMILAR_POINTS else "bias.lower" if gap < 0 else "bias.higher"
    return words.say(key, nps_commenters=words.points(row["nps_commenters"]), gap=words.stake(abs(gap)))


def _response_rate(row: Row, words: Wording) -> str:
    if row["response_rate"] is None:
        return ""
    return words.say("headline.response_rate", rate=words.share(row["response_rate"]))


def _weighted(row: Row, words: Wording) -> str:
    """Say so when the headline is weighted: the counts beside it are not."""
    plain = row["nps_unweighted"]
    if plain is None or abs(plain - row["nps"]) < 0.05:
        return ""
    return words.say("headline.weighted", plain=words.points(plain))
