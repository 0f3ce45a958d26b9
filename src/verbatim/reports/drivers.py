"""Why: the drivers of each group, ranked by what is at stake, with customers' words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from verbatim.reports.charts import ShareBar, share_bar
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.quotes import Quote, read_quotes
from verbatim.reports.wording import Wording
from verbatim.tables import DriverVerdict, NpsGroup, Polarity

GROUP_ORDER = (NpsGroup.DETRACTOR, NpsGroup.PASSIVE, NpsGroup.PROMOTER)
"""Groups as the page tells them: the largest worry first."""
MAIN_POLARITY = {
    NpsGroup.DETRACTOR: Polarity.NEGATIVE,
    NpsGroup.PASSIVE: Polarity.NEGATIVE,
    NpsGroup.PROMOTER: Polarity.POSITIVE,
}
"""What explains the score of a group."""
_STAKES = {
    NpsGroup.DETRACTOR: "drivers.to_win",
    NpsGroup.PASSIVE: "drivers.to_win",
    NpsGroup.PROMOTER: "drivers.to_keep",
}
LEAST_UNRANKED = 0.005
"""Smallest share that the line of what is no driver mentions."""
SHOWN = {True: 8, False: 3}
"""Drivers shown before the fold, in a main block and in a smaller one."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A theme spoken of well or badly in a group."""

    number: str
    theme: str
    share: str
    who: str
    stake: str
    stake_interval: str
    verdict: str
    verdict_code: str
    within: str
    """The theme's part of the complaints or praise, which the verdict compares; empty where it is not known."""
    reading: str
    """How well the machine reads this theme; empty where nobody has measured it."""
    bar: ShareBar
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Drivers of one group and polarity: those shown, those folded."""

    heading: str
    main: bool
    shown: tuple[Driver, ...]
    folded: tuple[Driver, ...]
    fold: str
    stake_header: str
    """What the points are; empty in a smaller block, where they would be the price of nothing."""
    scale: str


@dataclass(frozen=True, slots=True)
class GroupDrivers:
    """What one group says; ``note`` says why where there is nothing to show."""

    code: str
    heading: str
    base: str
    blocks: tuple[Block, ...]
    unranked: str
    note: str


def build_drivers(publication: Publication, *, minimum: int, words: Wording) -> tuple[GroupDrivers, ...]:
    """Tell the drivers of the whole survey, group by group."""
    rows = [row for row in publication.drivers if is_whole(row)]
    return tuple(
        _group([row for row in rows if row["nps_group"] == group], group, publication, minimum, words)
        for group in GROUP_ORDER
    )


def ranked(rows: Iterable[Row], group: str, polarity: str) -> list[Row]:
    """Drivers of a group and polarity that may be shown and acted on, the largest stake first."""
    mine = (row for row in rows if row["nps_group"] == group and row["polarity"] == polarity)
    return sorted((row for row in mine if row["rank"] is not None and row["respondents"]), key=lambda row: row["rank"])


def theme_namer(publication: Publication, words: Wording) -> Callable[[str], str]:
    """Names of themes; one that the codebook does not name is called by its id, made readable."""
    labels = publication.theme_labels(words.language)
    return lambda theme_id: labels.get(theme_id) or words.name("theme", theme_id)


def _group(
    rows: Sequence[Row], group: NpsGroup, publication: Publication, minimum: int, words: Wording
) -> GroupDrivers:
    shown = [row for row in rows if row["share"] is not None]
    blocks, main = [], MAIN_POLARITY[group]
    for polarity in sorted(Polarity, key=lambda polarity: (polarity != main, polarity == Polarity.NEUTRAL)):
        found = ranked(shown, group, polarity)
        if found:
            blocks.append(_block(found, publication, main=polarity == main, words=words))
    heading = words.say(f"group.{group}.title")
    base = words.say_number(f"group.{group}.base", shown[0]["base"]) if shown else ""
    note = "" if blocks else _why_nothing(rows, shown, group, minimum, words)
    return GroupDrivers(group, heading, base, tuple(blocks), _unranked(shown, publication, words), note)


def _why_nothing(rows: Sequence[Row], shown: Sequence[Row], group: NpsGroup, minimum: int, words: Wording) -> str:
    reason = "nothing_ranked" if shown else "suppressed" if rows else "nobody"
    return words.say(f"drivers.{reason}", group=words.say(f"group.{group}.plural"), minimum=words.count(minimum))


def _block(rows: Sequence[Row], publication: Publication, *, main: bool, words: Wording) -> Block:
    group, polarity, limit = rows[0]["nps_group"], rows[0]["polarity"], SHOWN[main]
    name, quotes = theme_namer(publication, words), read_quotes(publication, words)
    widest = _widest(rows)
    drivers = tuple(
        _driver(row, position, name(row["theme_id"]), quotes.get(_quote_key(row), ()), widest, words)
        for position, row in enumerate(rows, start=1)
    )
    folded = drivers[limit:]
    return Block(
        heading=words.say(f"block.{group}.{polarity}"),
        main=main,
        shown=drivers[:limit],
        folded=folded,
        fold=words.say_number("drivers.fold", len(folded)),
        stake_header=words.say(_STAKES[group]) if main else "",
        scale=words.share(widest),
    )


def _quote_key(row: Row) -> tuple[str, str, str]:
    return row["nps_group"], row["theme_id"], row["polarity"]


def _widest(rows: Sequence[Row]) -> float:
    """End of the axis that the bars of a block share, rounded up to 5 %."""
    ends = [row["share"] for row in rows]
    ends += [row["share_elsewhere"] + row["ci_high"] for row in rows if row["ci_high"] is not None]
    ends += [row["share_elsewhere"] for row in rows if row["share_elsewhere"] is not None]
    return min(ceil(max(ends) * 20 - 1e-9) / 20, 1.0) or 0.05


def _driver(row: Row, position: int, theme: str, quotes: tuple[Quote, ...], widest: float, words: Wording) -> Driver:
    difference = None if row["ci_low"] is None else (row["ci_low"], row["ci_high"])
    group = words.say(f"group.{row['nps_group']}.plural")
    return Driver(
        number=str(position),
        theme=theme,
        share=words.share(row["share"]),
        who=words.say("drivers.who", n=words.count(row["respondents"]), base=words.count(row["base"]), group=group),
        stake=words.stake(row["stake_points"]) if row["stake_points"] is not None else "",
        stake_interval=_stake_interval(row, words),
        verdict=say_verdict(row, words),
        verdict_code=row["verdict"] or "",
        within=_within(row, words),
        reading=_reading(row, words),
        bar=share_bar(
            row["share"],
            row["share_elsewhere"],
            difference,
            widest=widest,
            description=_describe(row, theme, words),
        ),
        quotes=quotes,
    )


def say_verdict(row: Row, words: Wording) -> str:
    """Verdict of a driver in words: "revient surtout chez les détracteurs : 12 % contre 3 %"."""
    if row["verdict"] is None:
        return ""
    # Without a share elsewhere there is nothing to compare with: suppressed neighbours.
    comparable = row["share_elsewhere"] is not None or row["verdict"] == DriverVerdict.INDICATIVE
    code = row["verdict"] if comparable else "not_compared"
    return words.say(
        f"verdict.{code}",
        group=words.say(f"group.{row['nps_group']}.plural"),
        share=words.share(row["share"]),
        elsewhere="" if row["share_elsewhere"] is None else words.share(row["share_elsewhere"]),
    )


def _stake_interval(row: Row, words: Wording) -> str:
    if row["stake_low"] is None or row["stake_high"] is None:
        return ""
    low, high = (words.decimal(row[name]) for name in ("stake_low", "stake_high"))
    return words.say("drivers.stake_interval", low=low, high=high)


def _within(row: Row, words: Wording) -> str:
    if row["share_within"] is None or row["share_within_elsewhere"] is None:
        return ""
    share, elsewhere = (words.share(row[name]) for name in ("share_within", "share_within_elsewhere"))
    return words.say(f"drivers.within.{row['polarity']}", share=share, elsewhere=elsewhere)


def _reading(row: Row, words: Wording) -> str:
    if row["precision"] is None or row["recall"] is None:
        return ""
    return words.say("drivers.reading", **{name: words.share(row[name]) for name in ("precision", "recall")})


def _describe(row: Row, theme: str, words: Wording) -> str:
    share = words.share(row["share"])
    unsure = row["verdict"] in (DriverVerdict.INCONCLUSIVE, DriverVerdict.INDICATIVE)
    if row["share_elsewhere"] is None or row["ci_low"] is None or unsure:
        key = "bar.alone" if row["share_elsewhere"] is None else "bar.unsure"
    else:
        key = "bar.compared"
    elsewhere = "" if row["share_elsewhere"] is None else words.share(row["share_elsewhere"])
    low, high = ("" if row[name] is None else words.points(100 * row[name]) for name in ("ci_low", "ci_high"))
    return words.say(key, theme=theme, share=share, elsewhere=elsewhere, low=low, high=high)


def _unranked(rows: Sequence[Row], publication: Publication, words: Wording) -> str:
    """One line for what is no driver: verdicts without a reason, what no theme holds."""
    name = theme_namer(publication, words)
    found = [
        row
        for row in rows
        if row["rank"] is None and row["polarity"] != Polarity.NEUTRAL and row["share"] >= LEAST_UNRANKED
    ]
    parts = [
        words.say(
            "drivers.unranked_part",
            theme=name(row["theme_id"]),
            polarity=words.say(f"polarity.{row['polarity']}"),
            share=words.share(row["share"]),
        )
        for row in sorted(found, key=lambda row: -row["share"])
    ]
    return words.say("drivers.unranked", parts=words.say("semicolon").join(parts)) if parts else ""
