"""Geometry of the priority matrix: places in percent of the box, labels where there is room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from verbatim.reports.charts import place

HEIGHT = 380
"""Pixels of the box, axes' labels not included."""
_WIDTH = 680
"""Pixels that labels are placed for: the page is mostly wider, and a phone shows the numbers alone."""
_RADIUS = 10
_LETTER = 6.6
_LINE = 14
_CORNER = (172, 24)
_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A theme to be placed; its number leads to its row in the table."""

    number: str
    name: str
    x: float
    y: float
    right: bool
    """Above the cut of x."""
    upper: bool
    """Above the cut of y."""
    code: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A theme in the box: place in percent, and on which side its name stands; none where it is crowded."""

    number: str
    name: str
    code: str
    unsure: bool
    x: float
    y: float
    side: str


@dataclass(frozen=True, slots=True)
class Field:
    """A quadrant: its rectangle in percent, and the corner that its name stands in."""

    code: str
    name: str
    left: float
    top: float
    width: float
    height: float
    right: bool
    upper: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A value of an axis and its place in percent."""

    label: str
    place: float


@dataclass(frozen=True, slots=True)
class Scatter:
    """Quadrants, levels and dots."""

    fields: tuple[Field, ...]
    levels: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    description: str
    height: int = HEIGHT


def levels_of(values: Sequence[float]) -> tuple[float, ...]:
    """Round values from at most the lowest (0 where none is below) to at least the highest.

    Examples
    --------
    >>> levels_of([1.2, 13.0])
    (0.0, 5.0, 10.0, 15.0)
    """
    low, high = min(0.0, *values), max(*values, 0.1)
    rough = (high - low) / _LEVELS
    power = 10.0 ** floor(log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
    return tuple(round(step * number, 6) for number in range(floor(low / step), ceil(high / step) + 1))


def scatter(
    spots: Sequence[Spot],
    names: Sequence[tuple[str, str, bool, bool]],
    levels: Sequence[tuple[float, str]],
    shares: Sequence[tuple[float, str]],
    description: str,
) -> Scatter:
    """Place spots, x on [0, 1] and y on the levels; `names`: code and name of each quadrant, is it right, is it upper.

    The cuts lie halfway between the spots on both sides: every dot stands in its own quadrant.
    """
    scale = levels[0][0], levels[-1][0]
    across = _cut([(place(spot.x, (0, 1)), spot.right) for spot in spots])
    up = _cut([(place(spot.y, scale), spot.upper) for spot in spots])
    fields = tuple(_field(code, name, right=right, upper=upper, cut=(across, up)) for code, name, right, upper in names)
    ticks = tuple(Tick(label, round(100 - place(value, scale), 2)) for value, label in levels)
    centres = [(place(spot.x, (0, 1)), round(100 - place(spot.y, scale), 2)) for spot in spots]
    sides = _sides([spot.name for spot in spots], centres)
    dots = tuple(
        Dot(spot.number, spot.name, spot.code, spot.unsure, *centre, side)
        for spot, centre, side in zip(spots, centres, sides, strict=True)
    )
    return Scatter(fields, ticks, tuple(Tick(label, 100 * share) for share, label in shares), dots, description)


def _cut(places: Sequence[tuple[float, bool]]) -> float:
    below = max((at for at, above in places if not above), default=0.0)
    return round((below + min((at for at, above in places if above), default=100.0)) / 2, 2)


def _field(code: str, name: str, *, right: bool, upper: bool, cut: tuple[float, float]) -> Field:
    left, width = (cut[0], 100 - cut[0]) if right else (0.0, cut[0])
    top, height = (0.0, 100 - cut[1]) if upper else (100 - cut[1], cut[1])
    return Field(code, name, left, round(top, 2), round(width, 2), round(height, 2), right, upper)


_Box = tuple[float, float, float, float]


def _sides(names: Sequence[str], centres: Sequence[tuple[float, float]]) -> list[str]:
    """Side of each dot on which its name overlaps neither a dot nor a name placed before; empty: none."""
    pixels = [(x * _WIDTH / 100, y * HEIGHT / 100) for x, y in centres]
    taken: list[_Box] = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in pixels]
    # The quadrants' names stand in the corners.
    taken += [
        (x, y, x + _CORNER[0], y + _CORNER[1]) for x in (0, _WIDTH - _CORNER[0]) for y in (0, HEIGHT - _CORNER[1])
    ]
    sides = []
    for name, (x, y) in zip(names, pixels, strict=True):
        long, half = _LETTER * len(name), _LINE / 2
        boxes: dict[str, _Box] = {
            "right": (x + _RADIUS + 3, y - half, x + _RADIUS + 3 + long, y + half),
            "left": (x - _RADIUS - 3 - long, y - half, x - _RADIUS - 3, y + half),
        }
        free = (side for side, box in boxes.items() if _inside(box) and not any(_overlap(box, one) for one in taken))
        side = next(free, "")
        sides.append(side)
        if side:
            taken.append(boxes[side])
    return sides


def _inside(box: _Box) -> bool:
    return box[0] >= 0 and box[2] <= _WIDTH


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
