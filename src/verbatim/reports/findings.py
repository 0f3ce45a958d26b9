"""What to remember: the pains and the praises that weigh most, a sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from verbatim.reports.drivers import MAIN_POLARITY, ranked, theme_namer
from verbatim.reports.publication import Publication, Row, is_whole
from verbatim.reports.wording import Wording
from verbatim.tables import DriverVerdict, NpsGroup

SENTENCES = 3
"""Sentences a group."""
_UNSURE = (DriverVerdict.INCONCLUSIVE, DriverVerdict.AS_ELSEWHERE, DriverVerdict.INDICATIVE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, its theme set apart."""

    theme: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences of one group, or why there is none."""

    code: str
    heading: str
    sentences: tuple[Finding, ...]
    note: str


def build_findings(publication: Publication, words: Wording) -> tuple[Findings, ...]:
    """Pains of detractors, then praises of promoters."""
    return tuple(_findings(publication, group, words) for group in (NpsGroup.DETRACTOR, NpsGroup.PROMOTER))


def _findings(publication: Publication, group: NpsGroup, words: Wording) -> Findings:
    name = theme_namer(publication, words)
    rows = ranked(filter(is_whole, publication.drivers), group, MAIN_POLARITY[group])[:SENTENCES]
    sentences = tuple(Finding(name(row["theme_id"]), _say(row, group, words)) for row in rows)
    note = "" if sentences else words.say(f"findings.{group}.none")
    return Findings(group, words.say(f"findings.{group}.heading"), sentences, note)


def _say(row: Row, group: NpsGroup, words: Wording) -> str:
    stake = "" if row["stake_points"] is None else words.stake(row["stake_points"])
    verdict = row["verdict"]
    doubt = f" {words.say(f'findings.{verdict}')}" if verdict in _UNSURE else ""
    if row["share_elsewhere"] is None:
        # Without a share elsewhere only the reader can be in doubt.
        own = doubt if verdict == DriverVerdict.INDICATIVE else ""
        return words.say(f"findings.{group}.alone", share=words.share(row["share"]), doubt=own, stake=stake)
    return words.say(
        f"findings.{group}.compared",
        share=words.share(row["share"]),
        elsewhere=words.share(row["share_elsewhere"]),
        doubt=doubt,
        stake=stake,
    )
