"""Other closed questions: satisfaction, effort and their like, on their own scales."""

from __future__ import annotations

from dataclasses import dataclass

from verbatim.reports.charts import IntervalBar, interval_bar
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """Mean answer to one question; without ``mean`` it is not shown, and ``hidden`` says why."""

    name: str
    scale: str
    low: str = ""
    high: str = ""
    mean: str = ""
    interval: str = ""
    base: str = ""
    bar: IntervalBar | None = None
    hidden: str = ""


def build_indicators(publication: Publication, *, minimum: int, words: Wording) -> tuple[IndicatorLine, ...]:
    """Tell the whole survey's indicators, in order of name."""
    rows = sorted(filter(is_whole, publication.indicators), key=lambda row: str(row["indicator"]))
    return tuple(_line(row, minimum, words) for row in rows)


def _line(row: Row, minimum: int, words: Wording) -> IndicatorLine:
    name = words.name("indicator", row["indicator"])
    low, high = words.count(row["scale_low"]), words.count(row["scale_high"])
    scale = words.say("indicators.scale", low=low, high=high)
    if row["mean"] is None:
        return IndicatorLine(name, scale, hidden=words.say_number("slices.hidden", minimum))
    mean, ci_low, ci_high = (words.decimal(row[column], digits=2) for column in ("mean", "ci_low", "ci_high"))
    interval = words.say("interval.short", low=ci_low, high=ci_high)
    return IndicatorLine(
        name,
        scale,
        low,
        high,
        mean=mean,
        interval=interval,
        base=words.count(row["base"]),
        bar=interval_bar(
            row["mean"],
            (row["ci_low"], row["ci_high"]),
            scale=(row["scale_low"], row["scale_high"]),
            description=f"{name}{words.say('colon')}{mean} ({interval})",
        ),
    )
