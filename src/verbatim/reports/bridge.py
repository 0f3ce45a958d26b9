"""What changed: from the NPS of the earlier closed period to that of this one, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verbatim.reports.charts import StepBar, step_bar
from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import ALL, BridgeComponent

NAMED = 4
"""Reasons named under each component."""
_NEEDED = ("nps_before", "nps_after", "change_low", "change_high")


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line: what it is, its points, their interval; a reason within a component has no bar."""

    name: str
    points: str
    interval: str
    bar: StepBar | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """One sentence, and the lines that add up to the change."""

    moved: bool
    sentence: str
    note: str
    before: BridgeLine
    lines: tuple[BridgeLine, ...]
    after: BridgeLine
    total: BridgeLine


def build_bridge(publication: Publication, words: Wording) -> Bridge | None:
    """Tell what the change of the whole survey's NPS comes from; None where the period is bridged from none."""
    rows = [row for row in publication.nps_bridge if is_whole(row)]
    earlier = max((row["period_before"] for row in rows), default="")
    rows = [row for row in rows if row["period_before"] == earlier]
    if not rows or any(rows[0][name] is None for name in _NEEDED):
        return None
    first = rows[0]
    method = any(row["component"] == BridgeComponent.METHOD for row in rows)
    parts = [(one, [row for row in rows if row["component"] == one]) for one in BridgeComponent]
    parts = [(component, found) for component, found in parts if any(row["points"] for row in found)]
    scale = _scale(first["nps_before"], [_sum(found) for _, found in parts])
    lines, level = [], first["nps_before"]
    for component, found in parts:
        points = _sum(found)
        lines.append(_component(component, found, step_bar(level, level + points, scale=scale), words))
        lines += _reasons(found, publication, words) if len(found) > 1 else []
        level += points
    return Bridge(
        moved=bool(first["moved"]),
        sentence=_sentence(first, words),
        note=words.say("bridge.not_alike") if method else "",
        before=_level(first["nps_before"], earlier, scale, words),
        lines=tuple(lines),
        after=_level(first["nps_after"], publication.period, scale, words),
        total=BridgeLine(
            words.say("bridge.total"),
            words.points(first["nps_after"] - first["nps_before"]),
            words.interval(first["change_low"], first["change_high"]),
            None,
        ),
    )


def _sum(rows: Sequence[Row]) -> float:
    return float(sum(row["points"] for row in rows))


def _scale(before: float, changes: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest level on the way, with some room: bars begin there, not at 0."""
    levels = [before]
    for points in changes:
        levels.append(levels[-1] + points)
    room = max(max(levels) - min(levels), 1.0) * 0.25
    return min(levels) - room, max(levels) + room / 5


def _sentence(row: Row, words: Wording) -> str:
    return words.say(
        "bridge.moved" if row["moved"] else "bridge.still",
        period=words.period(row["period_before"]),
        before=words.points(row["nps_before"]),
        after=words.points(row["nps_after"]),
        points=words.change(row["nps_after"] - row["nps_before"]),
        low=words.points(row["change_low"]),
        high=words.points(row["change_high"]),
    )


def _level(nps: float, period: str, scale: tuple[float, float], words: Wording) -> BridgeLine:
    name = words.say("bridge.level", period=words.period(period))
    return BridgeLine(name, words.points(nps), "", step_bar(None, nps, scale=scale))


def _component(component: str, rows: Sequence[Row], bar: StepBar, words: Wording) -> BridgeLine:
    # The interval of several lines together is not published.
    interval = words.interval(rows[0]["ci_low"], rows[0]["ci_high"]) if len(rows) == 1 else ""
    code = "mix_of_employees" if component == BridgeComponent.MIX and words.kind == "enps" else component
    return BridgeLine(words.say(f"bridge.component.{code}"), words.points(_sum(rows)), interval, bar)


def _reasons(rows: Sequence[Row], publication: Publication, words: Wording) -> list[BridgeLine]:
    """Reasons that count most, and the others together."""
    name = theme_namer(publication, words)
    named = sorted(
        (row for row in rows if row["theme_id"] != ALL),
        key=lambda row: (-abs(row["points"]), row["theme_id"], row["polarity"]),
    )[:NAMED]
    lines = [
        BridgeLine(
            words.say("account.theme", theme=name(row["theme_id"]), judgement=words.say(f"polarity.{row['polarity']}")),
            words.points(row["points"]),
            words.interval(row["ci_low"], row["ci_high"]),
            None,
        )
        for row in named
    ]
    if len(named) < len(rows):
        lines.append(BridgeLine(words.say("bridge.others"), words.points(_sum(rows) - _sum(named)), "", None))
    return lines
