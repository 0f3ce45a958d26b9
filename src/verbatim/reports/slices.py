"""For whom: the slices of each dimension, one table a dimension."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from verbatim.periods import period_kind
from verbatim.reports.charts import IntervalBar, StackedBar, interval_bar, stack
from verbatim.reports.comparison import from_the_rest
from verbatim.reports.drivers import MAIN_POLARITY, ranked, theme_namer
from verbatim.reports.headline import GROUP_COLUMNS
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import ContrastVerdict, NpsGroup, Polarity

SHOWN = 15
"""Slices of a dimension before the fold."""
CONTRASTS = 3
"""Themes told of a slice that speaks of them more than the rest."""
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
    gap_interval: str = ""
    note: str = ""
    """Where the figures are of a longer span: which one, and why."""
    span: str = ""
    """Its length alone."""
    pain: str = ""
    praise: str = ""
    hidden: str = ""
    sort_base: int = 0
    sort_nps: float = 0.0
    sort_gap: float = 0.0


@dataclass(frozen=True, slots=True)
class SliceContrast:
    """What a slice speaks of more than the rest of the survey, in one sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DimensionTable:
    """Slices of one dimension: those shown, those folded."""

    name: str
    shown: tuple[SliceLine, ...]
    folded: tuple[SliceLine, ...]
    fold: str
    left_out: str
    summary: str
    contrasts: tuple[SliceContrast, ...]
    folded_contrasts: tuple[SliceContrast, ...]
    contrasts_fold: str


@dataclass(frozen=True, slots=True)
class Slices:
    """Tables of all dimensions; ``note`` says why there are none, or why they say less than they will."""

    dimensions: tuple[DimensionTable, ...]
    note: str


def build_slices(publication: Publication, *, minimum: int, words: Wording) -> Slices:
    """Tell the slices, dimension by dimension, in order of name of the dimensions."""
    open_still = bool(publication.whole["provisional"])
    rolled = {(row["dimension"], row["slice"]): row for row in publication.rolled}
    found = [rolled.get((row["dimension"], row["slice"]), row) for row in publication.nps if not is_whole(row)]
    # The slices of an open period are hidden by rule, all of them: one sentence says so.
    rows = sorted(
        (row for row in found if row["nps"] is not None or not open_still), key=lambda row: str(row["dimension"])
    )
    scale = _scale(rows)
    dimensions = {name: list(found) for name, found in groupby(rows, key=lambda row: str(row["dimension"]))}
    listed = max(LISTED // max(len(dimensions), 1), SHOWN)
    tables = tuple(
        _dimension(name, found, publication, scale=scale, listed=listed, minimum=minimum, words=words)
        for name, found in dimensions.items()
    )
    note = "open" if found and open_still else "" if tables else "none"
    return Slices(tables, words.say(f"slices.{note}") if note else "")


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
    lines = tuple(_line(row, publication, scale, themes, minimum, words) for row in _in_order(rows, publication))
    folded, rest = lines[SHOWN:listed], len(lines[listed:])
    contrasts = _contrasts(name, publication, words)
    return DimensionTable(
        name=words.name("dimension", name),
        shown=lines[:SHOWN],
        folded=folded,
        fold=words.say_number("slices.fold", len(folded)),
        left_out=words.say_number("slices.left_out", rest) if rest else "",
        summary=_summary(lines, words),
        contrasts=contrasts[:SHOWN],
        folded_contrasts=contrasts[SHOWN:listed],
        contrasts_fold=words.say_number("slices.fold", len(contrasts[SHOWN:listed])),
    )


def _in_order(rows: list[Row], publication: Publication) -> list[Row]:
    """Numeric classes in their order; other values the largest base first, then longer spans, those not shown last."""
    if all(_CLASS.match(row["slice"]) for row in rows):
        return sorted(rows, key=lambda row: _class_start(row["slice"]))

    def place(row: Row) -> tuple[bool, bool, int, str]:
        return row["nps"] is None, row["period"] != publication.period, -(row["n"] or 0), row["slice"]

    return sorted(rows, key=place)


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
    publication: Publication,
    scale: tuple[float, float],
    themes: dict[tuple[str, str], str],
    minimum: int,
    words: Wording,
) -> SliceLine:
    if row["nps"] is None:
        return SliceLine(row["slice"], hidden=words.say_number("slices.hidden", minimum))
    interval = words.interval(row["ci_low"], row["ci_high"])
    own = row["period"] == publication.period
    description = f"{row['slice']}{words.say('colon')}{words.points(row['nps'])} ({interval})"
    shares = [words.share(row[column] / row["n"]) for column in GROUP_COLUMNS.values()]
    gap = from_the_rest(row)
    gap_code = "" if gap is None else "unclear" if gap.may_be_chance else "above" if gap.points > 0 else "below"
    return SliceLine(
        name=row["slice"],
        base=words.count(row["n"]),
        nps=words.points(row["nps"]),
        interval=interval,
        bar=interval_bar(
            row["nps"],
            (row["ci_low"], row["ci_high"]),
            scale=scale,
            # The whole survey of the period alone is no mark for a longer span.
            mark=publication.whole["nps"] if own else None,
            description=description,
        ),
        groups=stack(
            [(code, row[column]) for code, column in GROUP_COLUMNS.items()],
            words.say("groups.short", parts=", ".join(shares)),
        ),
        shares=" · ".join(shares),
        gap="" if gap is None else words.say(f"gap.{gap_code}", points=words.points(gap.points)),
        gap_code=gap_code,
        gap_interval="" if gap is None else words.interval(gap.low, gap.high),
        note="" if own else words.say(f"slices.{period_kind(row['period'])}.note"),
        span="" if own else words.say(f"slices.{period_kind(row['period'])}.short"),
        pain=themes.get((row["slice"], NpsGroup.DETRACTOR), ""),
        praise=themes.get((row["slice"], NpsGroup.PROMOTER), ""),
        sort_base=row["n"],
        sort_nps=round(row["nps"], 3),
        sort_gap=0.0 if gap is None else round(gap.points, 3),
    )


def _contrasts(dimension: str, publication: Publication, words: Wording) -> tuple[SliceContrast, ...]:
    """One line a slice that speaks of something more than the rest, the largest difference first."""
    ranked_themes = {row["theme_id"] for row in publication.drivers if row["rank"] is not None}
    # Themes that no driver ranks name nothing to act on: a bare verdict, what no theme holds.
    unranked = {row["theme_id"] for row in publication.drivers} - ranked_themes
    rows = [
        row
        for row in publication.contrasts
        if row["dimension"] == dimension
        and row["verdict"] == ContrastVerdict.MORE_THAN_OUTSIDE
        and row["polarity"] != Polarity.NEUTRAL
        and row["theme_id"] not in unranked
    ]
    rows.sort(key=lambda row: -row["difference"])
    slices = dict.fromkeys(row["slice"] for row in rows)
    return tuple(
        SliceContrast(
            name, _tell_contrasts([row for row in rows if row["slice"] == name][:CONTRASTS], publication, words)
        )
        for name in slices
    )


def _tell_contrasts(rows: Sequence[Row], publication: Publication, words: Wording) -> str:
    name, parts = theme_namer(publication, words), []
    for polarity in (Polarity.NEGATIVE, Polarity.POSITIVE):
        themes = [
            words.say(
                "slices.contrast.theme",
                theme=name(row["theme_id"]),
                share=words.share(row["share"]),
                outside=words.share(row["share_outside"]),
            )
            for row in rows
            if row["polarity"] == polarity
        ]
        if themes:
            parts.append(words.say(f"slices.contrast.{polarity}", themes=", ".join(themes)))
    return words.say("semicolon").join(parts)


def _summary(lines: Sequence[SliceLine], words: Wording) -> str:
    """One sentence on which slices stand out, or that none does."""
    shown = [line for line in lines if line.nps]
    if not shown:
        return words.say("slices.all_hidden")
    if not any(line.gap_code for line in shown):
        return words.say("slices.not_compared")
    found = []
    for code in ("below", "above"):
        names = [f"{line.name} ({line.span})" if line.span else line.name for line in shown if line.gap_code == code]
        if names:
            found.append(words.say(f"slices.{code}", names=", ".join(names[:5]) + (", …" if len(names) > 5 else "")))
    return " ".join(found) or words.say("slices.none_stands_out")
