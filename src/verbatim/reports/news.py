"""What is new: subjects that turned up, themes that are gone; a sentence each, with customers' words."""

from __future__ import annotations

import json
from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import AlertKind, AlertState

_QUOTES = 3
_MOVING = (AlertKind.RISING, AlertKind.FALLING, AlertKind.STEP_CHANGE)
_GROUPS = "nps_group"
_LEAST_RATE = 0.1


@dataclass(frozen=True, slots=True)
class News:
    """One alert: what it is about, how far it has come, what is known of it."""

    subject: str
    state: str
    sentence: str
    quotes: tuple[str, ...]


def build_news(publication: Publication, words: Wording) -> tuple[News, ...]:
    """Tell the alerts: what lasts, what has just turned up, what is gone; then what moves, the surest first."""
    order = {"raised": 0, "watched": 1}
    told = [row for row in publication.alerts if is_whole(row) and row["kind"] in (AlertKind.NEW, AlertKind.GONE)]
    told.sort(
        key=lambda row: (row["kind"] != AlertKind.NEW, order.get(row["state"], 2), -row["share"], row["theme_id"])
    )
    moving = [row for row in publication.alerts if row["kind"] in _MOVING]
    moving.sort(key=lambda row: (order.get(row["state"], 2), row["false_alerts_per_year"], row["theme_id"]))
    return (
        *(_news(row, publication, words) for row in told),
        *(_movement(row, publication, words) for row in moving),
    )


def _movement(row: Row, publication: Publication, words: Wording) -> News:
    """A theme that rises, falls or steps: whose it is, how much, and how often that is said without a cause."""
    theme = theme_namer(publication, words)(row["theme_id"])
    subject = words.say("account.theme", theme=theme, judgement=words.say(f"polarity.{row['polarity']}"))
    direction = "more" if row["share"] >= row["share_before"] else "less"
    kind = f"step.{direction}" if row["kind"] == AlertKind.STEP_CHANGE else row["kind"]
    sentence = words.say(
        "news.movement",
        whom=_whom(row, words),
        share=words.share(row["share"]),
        before=words.share(row["share_before"]),
        rate=words.decimal(row["false_alerts_per_year"])
        if row["false_alerts_per_year"] >= _LEAST_RATE
        else words.say("points.least"),
    )
    state = "news.withdrawn" if row["state"] == AlertState.WITHDRAWN else f"news.{kind}"
    return News(subject, words.say(state), sentence, ())


def _whom(row: Row, words: Wording) -> str:
    if is_whole(row):
        return words.say("news.whom.all")
    if row["dimension"] == _GROUPS:
        return words.say("news.whom.group", group=words.say(f"group.{row['slice']}.plural"))
    return words.say("news.whom.slice", dimension=words.name("dimension", row["dimension"]), slice=row["slice"])


def _news(row: Row, publication: Publication, words: Wording) -> News:
    is_new = row["kind"] == AlertKind.NEW
    subject = row["label_fr"] if is_new else theme_namer(publication, words)(row["theme_id"])
    return News(
        str(subject),
        words.say(f"news.{row['kind']}.{row['state']}"),
        words.say_number(
            f"news.{row['kind']}.sentence",
            row["respondents"],
            share=words.share(row["share"]),
            before=words.share(row["share_before"]),
        ),
        tuple(json.loads(row["quotes"])[:_QUOTES]) if is_new else (),
    )
