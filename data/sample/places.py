"""Places of the company: where an answer plays, by its words and themes, and who can speak of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sources import Source, plain_words

Place = str


@dataclass(frozen=True)
class Step:
    """One step of one channel."""

    home: frozenset[Place]
    """Places that belong to it."""
    tolerated: frozenset[Place]
    """Places that a customer there may speak of, less often."""
    themes: frozenset[str]
    """Themes that it brings up."""

    def allows(self, places: frozenset[Place]) -> bool:
        """True if an answer that plays there can be given at this step."""
        return places <= self.home | self.tolerated

    def strangeness(self, places: frozenset[Place]) -> int:
        """Count the places of an answer that are only tolerated."""
        return len(places - self.home)


class Places:
    """The company's map, as lieux.toml draws it."""

    def __init__(self) -> None:
        drawn = tomllib.loads((Path(__file__).parent / "lieux.toml").read_text(encoding="utf-8"))
        self._words: dict[Place, list[str]] = drawn.pop("words")
        self._themes: dict[str, Place] = drawn.pop("themes")
        self._steps = {
            (channel, name): Step(*(frozenset(step[part]) for part in ("home", "tolerated", "themes")))
            for channel, steps in drawn.items()
            for name, step in steps.items()
        }
        self._known: dict[Source, frozenset[Place]] = {}

    def step(self, channel: str, name: str) -> Step:
        """Step of a channel."""
        return self._steps[channel, name]

    def of(self, source: Source) -> frozenset[Place]:
        """Places that a source answer plays in; none: it can be said anywhere."""
        if source not in self._known:
            themes = {self._themes[theme] for theme, _ in source.pairs if theme in self._themes}
            self._known[source] = frozenset(themes) | frozenset(self._spoken_of(source.text))
        return self._known[source]

    def _spoken_of(self, text: str) -> Iterable[Place]:
        words = plain_words(text)
        return (place for place, beginnings in self._words.items() if any(f" {b}" in words for b in beginnings))
