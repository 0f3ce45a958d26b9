"""Differences between published NPS, with their intervals, from published figures alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from verbatim.reports.publication import Row


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference of two NPS, in points, with its 95 % interval."""

    points: float
    low: float
    high: float

    @property
    def may_be_chance(self) -> bool:
        """True: the interval holds 0."""
        return self.low <= 0 <= self.high


def between_periods(now: Row, before: Row) -> Difference | None:
    """Change between two independent samples; None where either is suppressed.

    The half widths are combined side by side (MOVER): Zou and Donner, *Construction of confidence limits about effect
    measures*, Statistics in Medicine 27 (2008). It keeps intervals that are not symmetric as they are.
    """
    if now["nps"] is None or before["nps"] is None:
        return None
    points = now["nps"] - before["nps"]
    below = sqrt((now["nps"] - now["ci_low"]) ** 2 + (before["ci_high"] - before["nps"]) ** 2)
    above = sqrt((now["ci_high"] - now["nps"]) ** 2 + (before["nps"] - before["ci_low"]) ** 2)
    return Difference(points, points - below, points + above)


def from_the_rest(row: Row) -> Difference | None:
    """How far a slice lies from the rest of its survey, as published; None where there is no rest, or nothing to show.

    Not from the whole, which holds the slice itself: a large slice could hardly lie far from it.
    """
    if row["difference"] is None:
        return None
    return Difference(row["difference"], row["difference_low"], row["difference_high"])
