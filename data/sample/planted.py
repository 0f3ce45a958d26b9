"""What was planted, measured on the marks of the finished answers, as TOML that tests can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sources import Pair

if TYPE_CHECKING:
    from generate import Answer

FIRST, LAST = ("2025-10", "2025-11", "2025-12"), ("2026-07", "2026-08", "2026-09")
"""Months of the first and of the last quarter."""
_TRENDS = {"rising": ("livraison", "negative"), "falling": ("joignabilite_attente", "negative")}
_DIFFERENCE = ("facturation_paiement", "negative")
_SLICE = "Professionnel"


def share(answers: Sequence[Answer], pair: Pair, holds: Callable[[Answer], bool]) -> tuple[int, int]:
    """Count detractors who wrote: those who tell of a theme, and all of them.

    Returns
    -------
    tuple of int
        Respondents with such an opinion, base.
    """
    base = [a for a in answers if is_base(a) and holds(a)]
    return sum(pair in a.pairs for a in base), len(base)


def is_base(answer: Answer) -> bool:
    """True for a detractor with a score and a text: what a driver's share is counted on."""
    who = answer.respondent
    return bool(who.shows_score and who.band == "detractor" and answer.verbatim)


def planted_toml(answers: Sequence[Answer], n_rows: int) -> str:
    """Describe the sample for tests: counts, trends, the difference, invented personal data."""
    parts = [_HEADER, _counts(answers, n_rows)]
    parts += [_trend(answers, kind, pair) for kind, pair in _TRENDS.items()]
    return "\n".join([*parts, _difference(answers), _identities(answers)])


_HEADER = (
    "# Written by generate.py, never by hand.\n"
    "# Shares are counted on the marks, among detractors with a score and a text.\n"
)


def _counts(answers: Sequence[Answer], n_rows: int) -> str:
    scored = [a for a in answers if a.respondent.shows_score]
    groups = Counter(a.respondent.band for a in scored)
    figures = {
        "rows": n_rows,
        "responses": len(answers),
        "quarantined": 4,
        "duplicates": n_rows - len(answers) - 4,
        "scored": len(scored),
        **{f"{band}s": groups[band] for band in ("promoter", "passive", "detractor")},
        "with_text": sum(bool(a.verbatim) for a in answers),
        "with_opinion": sum(bool(a.pairs) for a in answers),
        "detractors_with_text": sum(map(is_base, answers)),
    }
    return "[counts]\n" + "".join(f"{name} = {number}\n" for name, number in figures.items())


def _trend(answers: Sequence[Answer], kind: str, pair: Pair) -> str:
    months = sorted({a.respondent.month for a in answers})
    monthly = {month: share(answers, pair, lambda a, month=month: a.respondent.month == month) for month in months}
    first, last = (
        [sum(column) for column in zip(*(monthly[m] for m in quarter), strict=True)] for quarter in (FIRST, LAST)
    )
    table = "".join(f'"{month}" = {respondents / base:.4f}\n' for month, (respondents, base) in monthly.items())
    return (
        f'[trends.{kind}]\ntheme = "{pair[0]}"\npolarity = "{pair[1]}"\ngroup = "detractor"\n'
        f"first_quarter = {_figures(*first)}\nlast_quarter = {_figures(*last)}\n\n"
        f"[trends.{kind}.monthly_share]\n{table}"
    )


def _difference(answers: Sequence[Answer]) -> str:
    there = share(answers, _DIFFERENCE, lambda a: a.respondent.segment == _SLICE)
    elsewhere = share(answers, _DIFFERENCE, lambda a: a.respondent.segment != _SLICE)
    return (
        f'[difference]\ntheme = "{_DIFFERENCE[0]}"\npolarity = "{_DIFFERENCE[1]}"\ngroup = "detractor"\n'
        f'dimension = "segment"\nslice = "{_SLICE}"\n'
        f"in_slice = {_figures(*there)}\nelsewhere = {_figures(*elsewhere)}\n"
    )


def _figures(respondents: int, base: int) -> str:
    return f"{{ respondents = {respondents}, base = {base}, share = {respondents / base:.4f} }}"


def _identities(answers: Sequence[Answer]) -> str:
    found = [a.identity for a in answers if a.identity]
    kinds = sorted({identity.kind for identity in found})
    lines = [f"# Invented, of nobody; none of these may be in any output.\n[personal_data]\ntexts = {len(found)}\n"]
    for kind in kinds:
        values = "".join(f'    "{identity.value}",\n' for identity in found if identity.kind == kind)
        lines.append(f"{kind} = [\n{values}]\n")
    return "".join(lines)
