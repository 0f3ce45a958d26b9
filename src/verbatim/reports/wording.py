"""The words of a report: texts of one language, and numbers written in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from verbatim.reports import typography
from verbatim.settings import Language, SurveyKind

_CROSS = " × "


@dataclass(frozen=True)
class Wording:
    """Texts and number formats of one language, for one kind of survey."""

    language: Language
    kind: SurveyKind = "nps"

    def say(self, key: str, **values: str) -> str:
        """Text of a key, filled in. ``{nps}``, its forms with an article and ``{people}`` follow the kind of survey."""
        return read_texts(self.language)[key].format(**_kind_words(self.language, self.kind), **values)

    def say_number(self, key: str, number: int, **values: str) -> str:
        """Text of ``key.one`` or ``key.many``, with the number written as ``{n}``."""
        single = number == 1 or (number == 0 and self.language == "fr")
        return self.say(f"{key}.{'one' if single else 'many'}", n=self.count(number), **values)

    def name(self, family: str, code: str) -> str:
        """Name of a dimension or indicator; its name in the settings where the texts know none."""
        if _CROSS in code:
            return _CROSS.join(self.name(family, part) for part in code.split(_CROSS))
        plain = code.replace("_", " ").strip()
        return read_texts(self.language).get(f"{family}.{code}", plain[:1].upper() + plain[1:])

    def count(self, number: int) -> str:
        """Whole number."""
        return typography.format_count(number, self.language)

    def decimal(self, value: float, *, digits: int = 1) -> str:
        """Number with decimals."""
        return typography.format_decimal(value, self.language, digits=digits)

    def points(self, value: float) -> str:
        """NPS points, with their sign."""
        return typography.format_points(value, self.language)

    def level(self, value: int) -> str:
        """Whole number of NPS points, with its sign."""
        return typography.format_points(value, self.language, digits=0)

    def stake(self, points: float) -> str:
        """Unsigned number of points with its unit: French counts in the plural from 2, English all but 1."""
        shown = round(points, 1)
        single = shown < 2 if self.language == "fr" else shown == 1
        # A handful of people is not nothing.
        number = self.say("points.least") if 0 < points < 0.05 else self.decimal(points)
        return self.say("points.one" if single else "points.many", n=number)

    def change(self, points: float) -> str:
        """Signed number of points with its unit."""
        shown = abs(round(points, 1))
        single = shown < 2 if self.language == "fr" else shown == 1
        return self.say("points.one" if single else "points.many", n=self.points(points))

    def interval(self, low: float | None, high: float | None) -> str:
        """Bounds in signed NPS points; empty where there are none."""
        if low is None or high is None:
            return ""
        return self.say("interval.short", low=self.points(low), high=self.points(high))

    def share(self, value: float) -> str:
        """Share of [0, 1], in percent."""
        return typography.format_share(value, self.language)

    def period(self, label: str) -> str:
        """Name of a period."""
        return typography.name_period(label, self.language)


@cache
def read_texts(language: Language) -> Mapping[str, str]:
    """Read the resource file of a language: dotted key → text, typeset."""
    source = files("verbatim.reports").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    flat = dict(_flatten(tomllib.loads(source)))
    return MappingProxyType({key: typography.typeset(text, language) for key, text in flat.items()})


@cache
def _kind_words(language: Language, kind: SurveyKind) -> dict[str, str]:
    """Words that differ between customers' and employees' surveys."""
    prefix = f"kind.{kind}."
    return {key.removeprefix(prefix): text for key, text in read_texts(language).items() if key.startswith(prefix)}


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield prefix + key, value
        else:
            yield from _flatten(value, f"{prefix}{key}.")
