"""The file of proposals: topics as entries of a codebook, with what a person needs to judge them."""

from __future__ import annotations

import json
from pathlib import Path

from verbatim.tables import UNCLASSIFIED
from verbatim.themes.codebook import Codebook
from verbatim.themes.discovery import Discovery
from verbatim.themes.evidence import Proposal
from verbatim.themes.stability import FLOOR

# No-break spaces as French typography wants them: before : and ; and within « ».
_HEAD = """\
# Sujets dont parlent les clients et que le codebook « {name} » (version {version}) ne nomme pas.
# Ce sont des propositions, que personne n’a encore relues. `verbatim codebook propose` remplace ce fichier à chaque
# passage ; un sujet déjà trouvé garde son code, son nom et ses avis.
# Citations de clients, sans les coordonnées ni les noms reconnus : à ne montrer qu’à qui peut lire les réponses.
#
# {considered} avis examinés, en {wordings} formulations. Ni thème ni sujet : {unassigned} des avis.
# Sujets trouvés : {topics} ; trop instables pour être proposés (stabilité sous {floor}) : {unstable}.
# Accord des regroupements refaits sans un cinquième des formulations : {agreement} sur 1.
#
# D’abord les sujets nouveaux, qu’aucun thème ne range (« {residual} », « {unclassified} » ou avis partagés entre
# plusieurs thèmes), puis les sous-thèmes ; de chaque sorte, du plus cité au moins cité. Pour adopter un sujet :
#   verbatim codebook accept SETTINGS ID --label-fr "…" --label-en "…" --definition-fr "…" --definition-en "…"
# Relisez ses exemples : réécrivez-les pour que personne ne s’y reconnaisse. Dès la nuit suivante, les avis qui leur
# ressemblent reçoivent le nouveau thème, sans apprentissage.
"""

_ENTRY = """
# {kind}. {respondents} répondants, {opinions} avis : {positive} positifs, {negative} négatifs.{nps}
# Stabilité {stability} sur 1. Mots : {words}.{phrases}
# {nearest}
[[themes]]
id = {id}
label_fr = {label}
label_en = ""
definition_fr = ""
definition_en = ""
{parent}examples = [
{examples}
]
"""


def write_proposals(found: Discovery, codebook: Codebook, file: Path) -> None:
    """Write proposals as entries that a person may copy into the codebook; the file is whole or not there.

    Parameters
    ----------
    found : Discovery
        From :func:`verbatim.themes.discover`, with at least one proposal.
    codebook : Codebook
        In force; names the nearest themes.
    file : Path
        A TOML file; its folder is made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.write_text(format_proposals(found, codebook), encoding="utf-8", errors="replace")
    unfinished.replace(file)


def format_proposals(found: Discovery, codebook: Codebook) -> str:
    """Lay proposals out as TOML, with comments in French."""
    residual = [theme.label_fr for theme in codebook.themes if theme.is_residual]
    head = _HEAD.format(
        name=_line(codebook.name),
        version=_line(codebook.version),
        considered=_number(found.n_opinions),
        wordings=_number(found.n_wordings),
        unassigned=_percent(found.unassigned),
        topics=_number(len(found.topics.topics)),
        unstable=_number(found.n_unstable),
        floor=_decimal(FLOOR),
        agreement=_decimal(found.agreement),
        residual=_line(", ".join(residual)),
        unclassified=codebook.label(UNCLASSIFIED, "fr"),
    )
    return _french(head) + "".join(_entry(proposal, codebook) for proposal in found.proposals)


def _entry(proposal: Proposal, codebook: Codebook) -> str:
    comments, entry = _ENTRY.split("[[themes]]")
    told = comments.format(
        kind=_kind(proposal, codebook),
        respondents=_number(proposal.n_respondents),
        opinions=_number(proposal.n_opinions),
        positive=_percent(proposal.positive),
        negative=_percent(proposal.negative),
        nps="" if proposal.nps is None else f" NPS de ces répondants : {_signed(proposal.nps)}.",
        stability=_decimal(proposal.stability),
        words=", ".join(proposal.words),
        phrases=f"\n# Expressions : {', '.join(proposal.phrases)}." if proposal.phrases else "",
        nearest=_nearest(proposal, codebook),
    )
    return (
        _french(told)
        + "[[themes]]"
        + entry.format(
            id=_toml(proposal.id),
            label=_toml(proposal.label),
            parent="" if proposal.parent is None else f"parent = {_toml(proposal.parent)}\n",
            examples="\n".join(f"  {_toml(example)}," for example in proposal.examples),
        )
    )


def _kind(proposal: Proposal, codebook: Codebook) -> str:
    if proposal.parent is None:
        return "Sujet nouveau"
    return f"Sous-thème de « {_line(codebook.label(proposal.parent, 'fr'))} »"


def _nearest(proposal: Proposal, codebook: Codebook) -> str:
    if proposal.nearest_theme is None or proposal.similarity is None:
        return "Aucun thème n’a d’avis assez sûrs pour dire lequel est le plus proche."
    label = _line(codebook.label(proposal.nearest_theme, "fr"))
    return (
        f"Thème le plus proche : {label} ({proposal.nearest_theme}, similarité {_decimal(proposal.similarity)} sur 1)."
    )


def _french(text: str) -> str:
    """Bind punctuation to its word."""
    for sign in (" :", " ;", " »", " %"):
        text = text.replace(sign, f"\N{NO-BREAK SPACE}{sign[1]}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _decimal(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(points: float) -> str:
    return f"{points:+.0f}".replace("-", "\N{MINUS SIGN}")


def _toml(text: str) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
