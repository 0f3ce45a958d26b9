"""The page: what it tells, in which order, put into its template."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from verbatim.reports.account import Account, build_account
from verbatim.reports.bridge import Bridge, build_bridge
from verbatim.reports.drivers import GroupDrivers, build_drivers
from verbatim.reports.effects import Effects, build_effects
from verbatim.reports.findings import Findings, build_findings
from verbatim.reports.headline import Headline, build_headline
from verbatim.reports.indicators import IndicatorLine, build_indicators
from verbatim.reports.method import Method, build_method
from verbatim.reports.news import News, build_news
from verbatim.reports.publication import Publication, select_publications
from verbatim.reports.scoretext import ScoreText, build_scoretext
from verbatim.reports.slices import Slices, build_slices
from verbatim.reports.trend import Trend, build_trend
from verbatim.reports.wording import Wording
from verbatim.settings import Settings
from verbatim.tables import ALL

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Chapter:
    """What the page tells of one population; ``name`` is empty where there is but one."""

    anchor: str
    name: str
    headline: Headline
    findings: tuple[Findings, ...]
    bridge: Bridge | None
    news: tuple[News, ...]
    trend: Trend | None
    drivers: tuple[GroupDrivers, ...]
    effects: Effects | None
    account: Account | None
    scoretext: ScoreText | None
    slices: Slices
    indicators: tuple[IndicatorLine, ...]
    method: Method


def render_report(tables: Mapping[str, pd.DataFrame], *, settings: Settings, period: str) -> str:
    """Render the page of a survey and period: same tables, same text.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Published tables, all periods: nps, score_distribution, indicators, drivers, contrasts, quotes, nps_account,
        effects, nps_bridge, score_text, alerts, themes, windows.
    settings : Settings
        Title, question, language, thresholds.
    period : str
        Label of a published period.

    Returns
    -------
    str
        A self-contained HTML page.

    Raises
    ------
    ReportError
        The period is not published.
    """
    words = Wording(settings.reports.language, settings.survey.kind)
    publications = select_publications(tables, settings=settings, period=period)
    chapters = tuple(
        _chapter(publication, f"p{number}-" if number else "", settings, words)
        for number, publication in enumerate(publications)
    )
    style, script = _asset("style.css"), _asset("behaviour.js")
    page: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            chapters=chapters,
            period=words.period(period),
            policy=_policy(style, script),
            question=settings.survey.question,
            script=Markup(script),  # noqa: S704 (our own file)
            style=Markup(style),  # noqa: S704 (our own file)
            survey=settings.survey.title or settings.survey.id,
            words=words,
        )
    )
    return page


def _chapter(publication: Publication, anchor: str, settings: Settings, words: Wording) -> Chapter:
    minimum = settings.privacy.min_respondents
    return Chapter(
        anchor=anchor,
        name="" if publication.population == ALL else publication.population,
        headline=build_headline(publication, minimum=minimum, words=words),
        findings=build_findings(publication, words),
        bridge=build_bridge(publication, words),
        news=build_news(publication, words),
        trend=build_trend(publication, settings=settings, words=words),
        drivers=build_drivers(publication, minimum=minimum, words=words),
        effects=build_effects(publication, words),
        account=build_account(publication, words),
        scoretext=build_scoretext(publication, words),
        slices=build_slices(publication, minimum=minimum, words=words),
        indicators=build_indicators(publication, minimum=minimum, words=words),
        method=build_method(publication, minimum=minimum, words=words),
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("verbatim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _asset(name: str) -> str:
    return files("verbatim.reports").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Content security policy: our own style and script by their hashes, and nothing else at all."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
