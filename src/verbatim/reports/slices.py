"""For whom: the slices of each dimension, one table a dimension."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from verbatim.reports.charts import IntervalBar, StackedBar, interval_bar, stack
from verbatim.reports.comparison import from_whole
from verbatim.reports.drivers import MAIN_POLARITY, ranked, theme_namer
from verbatim.reports.headline import GROUP_COLUMNS
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import NpsGroup

SHOWN = 15
"""Slices of a dimension before the fold."""
LISTED = 300
"""Slices on a page, over all dimensions: a page is mailed, a thousand shops are a table to query."""


_CLASS = re.compile(r"<?(\d+(?:\.\d+)?)(?:-<?\d+(?:\.\d+)?|\+)?$")


@dataclass(frozen=True, slots=True)
class SliceLine:
    """One slice; without ``nps`` it is not shown, and ``hidden`` says why."""

    name: str
    base: str = ""
    nps: str = ""
    interval: str = ""
    bar: IntervalBar | None = None
    groups: StackedBar | None = None
    shares: str = ""
    gap: str = ""
    gap_code: str = ""
    pain: str = ""
    praise: str = ""
    hidden: str = ""
    sort_base: int = 0
    sort_nps: float = 0.0
    sort_gap: float = 0.0


@dataclass(frozen=True, slots=True)
class DimensionTable:
    """Slices of one dimension: those shown, those folded."""

    name: str
    shown: tuple[SliceLine, ...]
    folded: tuple[SliceLine, ...]
    fold: str
    left_out: str
    summary: str


def build_slices(publication: Publication, *, minimum: int, words: Wording) -> tuple[DimensionTable, ...]:
    """Tell the slices, dimension by dimension, in order of name of the dimensions."""
    rows = sorted((row for row in publication.nps if not is_whole(row)), key=lambda row: row["dimension"])
    scale = _scale(rows)
    dimensions = {name: list(found) for name, found in groupby(rows, key=lambda row: str(row["dimension"]))}
    listed = max(LISTED // max(len(dimensions), 1), SHOWN)
    return tuple(
        _dimension(name, found, publication, scale=scale, listed=listed, minimum=minimum, words=words)
        for name, found in dimensions.items()
    )


def _scale(rows: Sequence[Row]) -> tuple[float, float]:
    """Scale shared by all tables, so that slices can be compared across dimensions."""
    shown = [row for row in rows if row["nps"] is not None]
    if not shown:
        return (-100.0, 100.0)
    low = min(row["ci_low"] for row in shown) // 10 * 10
    high = -(-max(row["ci_high"] for row in shown) // 10) * 10
    return max(low, -100.0), min(max(high, low + 10), 100.0)


def _dimension(
    name: str,
    rows: list[Row],
    publication: Publication,
    *,
    scale: tuple[float, float],
    listed: int,
    minimum: int,
    words: Wording,
) -> DimensionTable:
    themes = _first_themes(name, publication, words)
    lines = tuple(_line(row, publication.whole, scale, themes, minimum, words) for row in _in_order(rows))
    folded, rest = lines[SHOWN:listed], len(lines[listed:])
    return DimensionTable(
        name=words.name("dimension", name),
        shown=lines[:SHOWN],
        folded=folded,
        fold=words.say_number("slices.fold", len(folded)),
        left_out=words.say_number("slices.left_out", rest) if rest else "",
        summary=_summary(lines, words),
    )


def _in_order(rows: list[Row]) -> list[Row]:
    """Numeric classes in their order; other values the largest base first, those not shown last."""
    if all(_CLASS.match(row["slice"]) for row in rows):
        return sorted(rows, key=lambda row: _class_start(row["slice"]))
    return sorted(rows, key=lambda row: (-(row["n"] or 0), row["slice"]))


def _class_start(label: str) -> tuple[float, bool]:
    """Lower bound of a numeric class; "<1" stands before "1"."""
    found = _CLASS.match(label)
    return (float(found[1]) if found else 0.0, not label.startswith("<"))


def _first_themes(dimension: str, publication: Publication, words: Wording) -> dict[tuple[str, str], str]:
    """First driver of detractors and of promoters by (slice, group), with its share."""
    name, first = theme_namer(publication, words), {}
    rows = [row for row in publication.drivers if row["dimension"] == dimension]
    for value, found in groupby(rows, key=lambda row: str(row["slice"])):
        of_slice = list(found)
        for group in (NpsGroup.DETRACTOR, NpsGroup.PROMOTER):
            best = ranked(of_slice, group, MAIN_POLARITY[group])
            if best:
                first[value, str(group)] = f"{name(best[0]['theme_id'])} ({words.share(best[0]['share'])})"
    return first


def _line(
    row: Row,
    whole: Row,
    scale: tuple[float, float],
    themes: dict[tuple[str, str], str],
    minimum: int,
    words: Wording,
) -> SliceLine:
    if row["nps"] is None:
        return SliceLine(row["slice"], hidden=words.say_number("slices.hidden", minimum))
    interval = words.say("interval.short", low=words.points(row["ci_low"]), high=words.points(row["ci_high"]))
    description = f"{row['slice']}{words.say('colon')}{words.points(row['nps'])} ({interval})"
    shares = [words.share(row[column] / row["n"]) for column in GROUP_COLUMNS.values()]
    gap, gap_code, gap_points = _gap(row, whole, words)
    return SliceLine(
        name=row["slice"],
        base=words.count(row["n"]),
        nps=words.points(row["nps"]),
        interval=interval,
        bar=interval_bar(
            row["nps"], (row["ci_low"], row["ci_high"]), scale=scale, mark=whole["nps"], description=description
        ),
        groups=stack(
            [(code, row[column]) for code, column in GROUP_COLUMNS.items()],
            words.say("groups.short", parts=", ".join(shares)),
        ),
        shares=" · ".join(shares),
        gap=gap,
        gap_code=gap_code,
        pain=themes.get((row["slice"], NpsGroup.DETRACTOR), ""),
        praise=themes.get((row["slice"], NpsGroup.PROMOTER), ""),
        sort_base=row["n"],
        sort_nps=round(row["nps"], 3),
        sort_gap=gap_points,
    )


def _gap(row: Row, whole: Row, words: Wording) -> tuple[str, str, float]:
    gap = from_whole(row, whole)
    if gap is None:
        return "", "", 0.0
    code = "unclear" if gap.may_be_chance else "above" if gap.points > 0 else "below"
    return words.say(f"gap.{code}", points=words.points(gap.points)), code, round(gap.points, 3)


def _summary(lines: Sequence[SliceLine], words: Wording) -> str:
    """One sentence on which slices stand out, or that none does."""
    shown = [line for line in lines if line.nps]
    if not shown:
        return words.say("slices.all_hidden")
    if not any(line.gap_code for line in shown):
        return words.say("slices.not_compared")
    found = []
    for code in ("below", "above"):
        names = [line.name for line in shown if line.gap_code == code]
        if names:
            found.append(words.say(f"slices.{code}", names=", ".join(names[:5]) + (", …" if len(names) > 5 else "")))
    return " ".join(found) or words.say("slices.none_stands_out")
