"""Differences between published NPS, with an interval that comes from the published intervals alone."""

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


def from_whole(part: Row, whole: Row) -> Difference | None:
    """How far a slice lies from the whole survey that holds it; None where either is suppressed.

    The slice is part of the whole, so the two are not independent: with f the slice's share of the respondents,
    Var(slice − whole) = Var(slice) (1 − 2f) + Var(whole). Where the slice is the more uniform of the two this can
    fall below what drawing f of the whole at random gives, Var(slice) (1 − f); the larger is taken.
    """
    if part["nps"] is None or whole["nps"] is None:
        return None
    fraction = part["n"] / whole["n"]
    variance, of_whole = (((row["ci_high"] - row["ci_low"]) / 2) ** 2 for row in (part, whole))
    half = sqrt(max(variance * (1 - 2 * fraction) + of_whole, variance * (1 - fraction), 0.0))
    points = part["nps"] - whole["nps"]
    return Difference(points, points - half, points + half)
