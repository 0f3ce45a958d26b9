"""Answers with their opinions marked in place, as data/verbatims-fr/GUIDE.md describes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from verbatim.errors import ContractError

Kind = Literal["nps", "enps"]

CUSTOMER_THEMES = (
    "accueil_relation",
    "competence_conseil",
    "joignabilite_attente",
    "delai_traitement",
    "livraison",
    "prix_tarif",
    "facturation_paiement",
    "qualite_produit",
    "choix_stock",
    "site_appli",
    "information_clarte",
    "resolution_reclamation",
    "simplicite_demarches",
    "confiance_promesse",
    "fidelite_reconnaissance",
    "ponctualite_disponibilite",
    "confort_proprete",
    "couverture_garantie",
    "accessibilite_proximite",
    "securite_donnees",
    "engagement_rse",
    "image_recommandation",
    "autre",
)
EMPLOYEE_THEMES = (
    "management",
    "charge_travail",
    "salaire_avantages",
    "ambiance_equipe",
    "outils_conditions",
    "evolution_formation",
    "sens_reconnaissance",
    "equilibre_vie",
    "image_recommandation",
    "autre",
)
THEMES: dict[Kind, tuple[str, ...]] = {"nps": CUSTOMER_THEMES, "enps": EMPLOYEE_THEMES}
SIGNS = {"+": "positive", "-": "negative", "=": "neutral"}

# Codes of a team's own codebook may hold figures.
_MARK = re.compile(r"\{([+=-])([a-z0-9_]+)\|([^{}|]+)\}")


@dataclass(frozen=True)
class MarkedOpinion:
    """One marked clause: offsets into the bare text, polarity, theme code."""

    start: int
    end: int
    polarity: str
    theme: str


@dataclass(frozen=True)
class MarkedAnswer:
    """One answer: bare text, its opinions in order of start, and where it comes from."""

    text: str
    opinions: tuple[MarkedOpinion, ...]
    kind: Kind = "nps"
    sector: str = ""
    score: int = -1


def parse_marks(marked: str) -> tuple[str, tuple[MarkedOpinion, ...]]:
    r"""Take the marks off a text.

    Parameters
    ----------
    marked : str
        For example ``"{+accueil_relation|accueil} top"``; ``\n`` stands for a line break.

    Returns
    -------
    tuple of str and tuple of MarkedOpinion
        The answer as the customer typed it, and its opinions.

    Raises
    ------
    ContractError
        A brace or a pipe is left once the marks are off.

    Examples
    --------
    >>> parse_marks("{+prix_tarif|pas cher}, oui")
    ('pas cher, oui', (MarkedOpinion(start=0, end=8, polarity='positive', theme='prix_tarif'),))
    """
    pieces: list[str] = []
    opinions: list[MarkedOpinion] = []
    length = read = 0
    for mark in _MARK.finditer(marked):
        before = _unescape(marked[read : mark.start()])
        clause = _unescape(mark[3])
        start = length + len(before)
        length = start + len(clause)
        pieces += (before, clause)
        opinions.append(MarkedOpinion(start, length, SIGNS[mark[1]], mark[2]))
        read = mark.end()
    text = "".join(pieces) + _unescape(marked[read:])
    if re.search(r"[{}|\t]", text):
        raise ContractError("A mark is malformed.", expected="{sign theme|clause}, not nested, no stray brace or pipe")
    return text, tuple(opinions)


def parse_row(line: str, *, themes: Mapping[Kind, Collection[str]] = THEMES) -> MarkedAnswer:
    """Parse one line of four tab-separated fields.

    Parameters
    ----------
    line : str
    themes : mapping of kind to collection of str, optional
        Codes that may be marked; where a codebook of a team's own is in force, its ids. A kind that it leaves out has
        those of GUIDE.md.

    Raises
    ------
    ContractError
        Names the field at fault.
    """
    fields = line.split("\t")
    if len(fields) != 4:
        raise ContractError(f"A row has {len(fields)} fields.", expected="score, survey, sector, marked text")
    score, kind, sector, marked = fields
    if kind not in THEMES:
        # Not quoted: where a field is missing, this is the customer's text.
        raise ContractError("Unknown survey in the second field.", expected=" or ".join(THEMES))
    if not score.isdigit() or int(score) > 10:
        raise ContractError("The score is not a whole number from 0 to 10.", where="first field")
    text, opinions = parse_marks(marked)
    known = themes.get(kind, THEMES[kind])
    unknown = {opinion.theme for opinion in opinions}.difference(known)
    if unknown:
        expected = f"codes of {kind} in GUIDE.md" if known is THEMES[kind] else "ids of the codebook in force"
        raise ContractError(f"Unknown themes: {', '.join(sorted(unknown))}.", expected=expected)
    return MarkedAnswer(text, opinions, kind, sector, int(score))


def read_rows(files: Iterable[Path]) -> Iterator[MarkedAnswer]:
    """Yield the answers of row files, files in the order given; an error names file and line."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                yield parse_row(line)
            except ContractError as error:
                where = f"{file.name}:{number}"
                raise ContractError(error.what, where=where, expected=error.expected) from None


def _unescape(text: str) -> str:
    return text.replace("\\n", "\n")
