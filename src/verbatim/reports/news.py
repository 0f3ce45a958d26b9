"""What is new: subjects that turned up, themes that are gone; a sentence each, with customers' words."""

from __future__ import annotations

import json
from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import AlertKind

_QUOTES = 3


@dataclass(frozen=True, slots=True)
class News:
    """One alert: what it is about, how far it has come, what is known of it."""

    subject: str
    state: str
    sentence: str
    quotes: tuple[str, ...]


def build_news(publication: Publication, words: Wording) -> tuple[News, ...]:
    """Tell the whole survey's alerts: what lasts, what has just turned up, what is gone."""
    order = {"raised": 0, "watched": 1}
    told = [row for row in publication.alerts if is_whole(row) and row["kind"] in (AlertKind.NEW, AlertKind.GONE)]
    told.sort(
        key=lambda row: (row["kind"] != AlertKind.NEW, order.get(row["state"], 2), -row["share"], row["theme_id"])
    )
    return tuple(_news(row, publication, words) for row in told)


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
