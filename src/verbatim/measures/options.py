"""What the measures need to know of a survey's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class MeasureOptions:
    """Options of :func:`verbatim.measures.measure_period`."""

    dimensions: tuple[str | tuple[str, str], ...]
    """Dimensions to slice by; keys of `responses.dimensions`. Two are crossed."""
    indicators: Mapping[str, tuple[int, int]]
    """Other closed questions: name, lowest and highest answer; keys of `responses.indicators`."""
    scale: tuple[int, int]
    """Lowest and highest score, both included."""
    min_respondents: int
    """A cell with a smaller base is suppressed."""
    codebook: str
    """Codebook that the opinions were read with."""
    bare_themes: frozenset[str] = frozenset()
    """Themes that are a verdict without a reason (`image_recommandation`): kept, not ranked."""
    residual_themes: frozenset[str] = frozenset()
    """Themes that name nothing (`autre`, `a_classer`): kept, not ranked."""

    parents: Mapping[str, str] = field(default_factory=dict)
    """Sub-theme → theme that it is a part of."""

    mix: str | None = None
    """Dimension whose mix the account and the bridge allow for."""
    effect_margin: float = 1.0
    """NPS points; an effect that surely lies within them is called none."""
    reader: pd.DataFrame | None = None
    """What the reader gets right on held-out answers (:func:`verbatim.measures.correction.rates_of`)."""
    reviewed: pd.DataFrame | None = None
    """The same of what the team has marked of its own answers."""

    @property
    def unranked_themes(self) -> frozenset[str]:
        """Themes that get no rank: nobody can act on them."""
        return self.bare_themes | self.residual_themes
