"""What weighs: the points that go with the praise of a theme and with complaints of it, and what to see to first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.scatter import Scatter, Spot, levels_of, scatter
from verbatim.reports.wording import Wording
from verbatim.tables import EffectVerdict, Quadrant

SHOWN = 12
"""Themes shown before the fold."""
QUADRANTS = (Quadrant.IMPROVE, Quadrant.PROTECT, Quadrant.WATCH, Quadrant.MAINTAIN)
"""As the page tells them: what to see to first."""
_RIGHT = (Quadrant.PROTECT, Quadrant.MAINTAIN)
_UPPER = (Quadrant.IMPROVE, Quadrant.PROTECT)
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class SidePoints:
    """Points of one side of a theme and their interval; empty where it is not shown."""

    points: str
    interval: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A theme: its number in the matrix (empty: not in it), its points, what may be said."""

    number: str
    theme: str
    quadrant: str
    code: str
    praised: SidePoints
    blamed: SidePoints
    verdict: str


@dataclass(frozen=True, slots=True)
class Effects:
    """Matrix and table."""

    matrix: Scatter | None
    shown: tuple[Effect, ...]
    folded: tuple[Effect, ...]
    fold: str
    has_unsure: bool


def build_effects(publication: Publication, words: Wording) -> Effects | None:
    """Tell what weighs in the whole survey; None where no effect is published."""
    rows = [row for row in publication.effects if is_whole(row) and row["importance_points"] is not None]
    if not rows:
        return None
    # Themes that nobody can act on, or whose shares are not shown, stand last and without a number.
    rows.sort(key=lambda row: (not _has_place(row), -row["importance_points"], row["theme_id"]))
    name = theme_namer(publication, words)
    effects = tuple(
        _effect(row, str(number) if _has_place(row) else "", name(row["theme_id"]), words)
        for number, row in enumerate(rows, start=1)
    )
    placed = [(row, effect) for row, effect in zip(rows, effects, strict=True) if effect.number]
    folded = effects[SHOWN:]
    return Effects(
        matrix=_matrix(placed, words) if placed else None,
        shown=effects[:SHOWN],
        folded=folded,
        fold=words.say_number("drivers.fold", len(folded)),
        has_unsure=any(row["verdict"] == EffectVerdict.INDICATIVE for row, _ in placed),
    )


def _has_place(row: Row) -> bool:
    return row["quadrant"] is not None and row["performance"] is not None


def _effect(row: Row, number: str, theme: str, words: Wording) -> Effect:
    quadrant = row["quadrant"] or ""
    return Effect(
        number=number,
        theme=theme,
        quadrant=words.say(f"effects.quadrant.{quadrant}") if quadrant else "",
        code=quadrant,
        praised=_side(row, "positive", words),
        blamed=_side(row, "negative", words),
        verdict=_verdict(row, words),
    )


def _side(row: Row, polarity: str, words: Wording) -> SidePoints:
    points, low, high = (row[name] for name in (f"effect_points_{polarity}", f"{polarity}_low", f"{polarity}_high"))
    if points is None:
        return SidePoints("", "")
    return SidePoints(words.points(points), words.interval(low, high))


def _verdict(row: Row, words: Wording) -> str:
    if row["verdict"] == EffectVerdict.INCONCLUSIVE and row["respondents_needed"] is not None:
        return words.say("effects.verdict.needed", n=words.count(row["respondents_needed"]))
    return words.say(f"effects.verdict.{row['verdict']}")


def _matrix(placed: Sequence[tuple[Row, Effect]], words: Wording) -> Scatter:
    spots = [
        Spot(
            effect.number,
            effect.theme,
            row["performance"],
            row["importance_points"],
            row["quadrant"] in _RIGHT,
            row["quadrant"] in _UPPER,
            effect.code,
            row["verdict"] == EffectVerdict.INDICATIVE,
        )
        for row, effect in placed
    ]
    names = [(str(one), words.say(f"effects.quadrant.{one}"), one in _RIGHT, one in _UPPER) for one in QUADRANTS]
    values = levels_of([spot.y for spot in spots])
    digits = 0 if all(value == round(value) for value in values) else 1
    levels = [(value, words.decimal(value, digits=digits)) for value in values]
    shares = [(share, words.share(share)) for share in _SHARES]
    return scatter(spots, names, levels, shares, _describe(placed, words))


def _describe(placed: Sequence[tuple[Row, Effect]], words: Wording) -> str:
    """Quadrant by quadrant, what stands in it."""
    told = []
    for quadrant in QUADRANTS:
        parts = [
            words.say(
                "effects.described",
                theme=effect.theme,
                share=words.share(row["performance"]),
                points=words.stake(abs(row["importance_points"])),
            )
            for row, effect in placed
            if row["quadrant"] == quadrant
        ]
        if parts:
            told.append(words.say(f"effects.quadrant.{quadrant}") + words.say("colon") + ", ".join(parts))
    return words.say("semicolon").join(told) + "."
