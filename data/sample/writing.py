"""The texts of those who write: source answers, joined anew and typed as people type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

from places import Places, Step
from plants import PLANTED
from respondents import Respondent
from sources import Pair, Segment, Source, band_of, without_accents

_SAYS_NOTHING = 0.055
# How often a short answer is joined to another of its band.
_JOINED = {"detractor": 0.35, "passive": 0.55, "promoter": 0.6}
# A score has its reason: what the first opinion of a text is, for all but a few of the band.
_REASON = {"detractor": "negative", "promoter": "positive"}
_WITHOUT_REASON = 0.05

Text = tuple[Segment, ...]


class Writer:
    """Draws texts, the least used sources first, so that no answer stands again and again."""

    def __init__(self, sources: list[Source], rng: Random) -> None:
        self._rng = rng
        self._places = Places()
        self._used: Counter[Source] = Counter()
        self._nothing = _says_nothing()
        self._pools: dict[str, list[Source]] = defaultdict(list)
        for source in sources:
            self._pools[band_of(source.score)].append(source)
            if band_of(source.score) != "detractor" and source.pairs and source.pairs <= PLANTED:
                # A bare planted complaint is a detractor's as well as anyone's: more of them, fewer repeated.
                self._pools["detractor"].append(source)

    def write(self, respondent: Respondent, told: set[Pair] | None) -> Text:
        """Write one text.

        Parameters
        ----------
        respondent : Respondent
            Who writes.
        told : set of Pair or None
            Planted complaints that must be in the text, the others must not; None: as it comes.
        """
        if not told and self._rng.random() < _SAYS_NOTHING:
            return (Segment(self._rng.choice(self._nothing)),)
        banned = frozenset() if told is None else PLANTED - told
        parts: list[Source] = []
        for pair in sorted(told or ()):
            if not any(pair in part.pairs for part in parts):
                parts.append(self._draw(respondent, banned, parts, lambda source, pair=pair: pair in source.pairs))
        if not parts:
            reason = _REASON.get(respondent.band) if self._rng.random() >= _WITHOUT_REASON else None
            parts.append(self._draw(respondent, banned, parts, lambda source: source.gives(reason)))
        if len(parts) == 1 and parts[0].is_short and self._rng.random() < _JOINED[respondent.band]:
            parts.append(self._draw(respondent, banned, parts, lambda source: source.is_short))
        return self._type(self._join(parts))

    def _draw(
        self, respondent: Respondent, banned: frozenset[Pair], parts: list[Source], wanted: Callable[[Source], bool]
    ) -> Source:
        themes = {theme for part in parts for theme, _ in part.pairs}
        step = self._places.step(respondent.channel, respondent.step)
        candidates = (
            source
            for source in self._pools[respondent.band]
            if wanted(source)
            and not source.pairs & banned
            and not themes & {theme for theme, _ in source.pairs}
            and (source.is_common or not self._used[source])
            and step.allows(self._places.of(source))
        )
        chosen = min(candidates, key=lambda source: self._cost(respondent, step, source))
        self._used[chosen] += 1
        return chosen

    def _cost(self, respondent: Respondent, step: Step, source: Source) -> float:
        # Whole numbers first: sets have no order, and sums of floats depend on it.
        fit = sum(theme in step.themes for theme, _ in source.pairs) - 2 * step.strangeness(self._places.of(source))
        return 1.5 * self._used[source] + 0.7 * abs(source.score - respondent.score) + 3 * self._rng.random() - fit

    def _join(self, parts: list[Source]) -> Text:
        text = parts[0].segments
        for earlier, later in pairwise(parts):
            joint, lower = self._joint(earlier, later)
            text = _stripped(text) + (Segment(joint),) + (_lowered(later.segments) if lower else later.segments)
        return text

    def _joint(self, earlier: Source, later: Source) -> tuple[str, bool]:
        opposed = {p for _, p in earlier.pairs} | {p for _, p in later.pairs} >= {"positive", "negative"}
        if opposed and len({p for _, p in earlier.pairs}) == 1:
            return self._rng.choice([(" mais ", True), (", mais ", True), (", par contre ", True), (". ", False)])
        return self._rng.choice([(". ", False), (". ", False), (", et ", True), (", ", True), ("\n", False)])

    def _type(self, text: Text) -> Text:
        """Lose accents or capitals, or slip, as some people do; the marks stay where they are."""
        manner = self._rng.random()
        if manner < 0.1:
            return _each(text, without_accents)
        if manner < 0.18:
            return _each(text, str.lower)
        if manner < 0.19:
            return _each(text, str.upper)
        if manner < 0.31:
            return _each(text, lambda words: "".join(self._slips(words)))
        return text

    def _slips(self, words: str) -> Iterator[str]:
        letters = list(words)
        # Two slips in a hundred letters, of those inside words.
        for i in range(1, len(letters) - 1):
            inside = letters[i - 1].isalpha() and letters[i].isalpha() and letters[i + 1].isalpha()
            if inside and self._rng.random() < 0.02:
                kind = self._rng.randrange(3)
                if kind == 0:
                    letters[i], letters[i + 1] = letters[i + 1], letters[i]
                else:
                    letters[i] = "" if kind == 1 else letters[i] * 2
        return iter(letters)


def _says_nothing() -> list[str]:
    lines = (Path(__file__).parent / "sans-avis.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _each(text: Text, change: Callable[[str], str]) -> Text:
    return tuple(replace(segment, text=change(segment.text)) for segment in text)


def _stripped(text: Text) -> Text:
    """Take the full stop and the blanks from the end, so that the sentence can go on."""
    kept = list(text)
    while kept and not kept[-1].text.rstrip(" .,\n"):
        kept.pop()
    return (*kept[:-1], replace(kept[-1], text=kept[-1].text.rstrip(" .,\n")))


def _lowered(text: Text) -> Text:
    """Begin in lower case, unless the first word is all capitals."""
    first = text[0].text
    if len(first) > 1 and first[1].isupper():
        return text
    return (replace(text[0], text=first[0].lower() + first[1:]), *text[1:])
