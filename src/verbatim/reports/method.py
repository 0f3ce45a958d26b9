"""How sure we are: what the figures rest on, what happened to the rows, and what the data cannot say."""

from __future__ import annotations

from dataclasses import dataclass

from verbatim.reports.drivers import theme_namer
from verbatim.reports.publication import Publication, Row
from verbatim.reports.wording import Wording

_PARAGRAPHS = ("nps", "interval", "shares", "verdicts", "stake", "suppression", "reading", "redaction")
_LIMITS = ("silent", "cause", "many", "machine")
MODE = "mode"
"""Dimension that says how answers were collected."""
_FUNNEL = (
    "rows_in",
    "n_quarantined",
    "n_duplicates",
    "n_responses",
    "n_scored",
    "n_commenters",
    "n_without_opinion",
    "n_opinions",
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A question and its answer."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ThemeQuality:
    """How well the machine reads one theme."""

    theme: str
    precision: str
    recall: str


@dataclass(frozen=True, slots=True)
class Method:
    """The foot of the page; ``warning`` is empty where there is nothing to warn of."""

    warning: str
    paragraphs: tuple[Paragraph, ...]
    limits: tuple[str, ...]
    funnel: tuple[tuple[str, str], ...]
    qualities: tuple[ThemeQuality, ...]
    run: str


def build_method(publication: Publication, *, minimum: int, words: Wording) -> Method:
    """Tell the method; ``minimum`` is the base below which nothing is shown."""
    window = publication.windows[0] if publication.windows else None
    return Method(
        warning=_warning(publication, words),
        paragraphs=tuple(
            Paragraph(
                words.say(f"method.{name}.heading"), words.say(f"method.{name}.text", minimum=words.count(minimum))
            )
            for name in _PARAGRAPHS
        ),
        limits=tuple(words.say(f"limits.{name}") for name in _LIMITS),
        funnel=() if window is None else tuple(_step(window, column, words) for column in _FUNNEL),
        qualities=_qualities(publication, words),
        run=_run(publication.whole, window, words),
    )


def _warning(publication: Publication, words: Wording) -> str:
    """Warn of a survey that mixes modes: the same customer scores otherwise on the telephone than in writing."""
    modes = [row["slice"] for row in publication.nps if row["dimension"] == MODE]
    return words.say("method.modes", modes=", ".join(modes)) if len(modes) > 1 else ""


def _step(window: Row, column: str, words: Wording) -> tuple[str, str]:
    return words.say(f"funnel.{column}"), words.count(window[column])


def _qualities(publication: Publication, words: Wording) -> tuple[ThemeQuality, ...]:
    name = theme_namer(publication, words)
    measured = [row for row in publication.themes if row["precision"] is not None or row["recall"] is not None]
    lines = (
        ThemeQuality(name(row["theme_id"]), *(_share(row[key], words) for key in ("precision", "recall")))
        for row in measured
    )
    return tuple(sorted(lines, key=lambda line: line.theme))


def _share(value: float | None, words: Wording) -> str:
    return "" if value is None else words.share(value)


def _run(row: Row, window: Row | None, words: Wording) -> str:
    fingerprint = "" if window is None else window["fingerprint"][:12]
    return words.say("footer.run" if window else "footer.run_only", run=row["run_id"], fingerprint=fingerprint)
