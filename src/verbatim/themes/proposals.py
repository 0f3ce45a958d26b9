"""The file of proposals: topics as entries of a codebook, with what a person needs to judge them."""

from __future__ import annotations

import json
from pathlib import Path

from verbatim.tables import UNCLASSIFIED
from verbatim.themes.codebook import Codebook
from verbatim.themes.discovery import Proposal, Proposals

_LONGEST_LABEL = 34  # characters; what a chart has room for

# No-break spaces as French typography wants them: before : and ; and within « ».
_HEAD = """\
# Sujets que le codebook « {name} » (version {version}) ne range pas bien.
# Ce sont des propositions, que personne n’a encore relues. `verbatim refit` remplace ce fichier à chaque passage.
# Citations de clients, sans les coordonnées ni les noms reconnus : à ne montrer qu’à qui peut lire les réponses.
#
# {considered} avis examinés sur {total} : ceux dont le thème est incertain, « {residual} » ou « {unclassified} ».
# Sujets trouvés : {topics} ; proposés : {found}, du plus cité au moins cité. Un sujet dit de quoi l’on
# parle, pas si l’on en est content.
#
# Le plus souvent, un sujet précise un thème qui existe (le plus proche est indiqué) : complétez alors la définition et
# les exemples de ce thème dans votre codebook. Pour en faire un thème à part :
#   1. copiez son bloc, de [[themes]] à la fin des exemples, dans votre codebook (une copie de {name}.toml, nommée dans
#      [themes] codebook) ;
#   2. choisissez un id définitif, écrivez les deux libellés (34 caractères au plus) et les deux définitions, gardez
#      deux à quatre exemples, réécrits pour que personne ne s’y reconnaisse ;
#   3. augmentez `version`.
# Le lecteur livré n’attribue que les thèmes qu’il a appris (ceux de cx-fr et de ex-fr) : un thème nouveau reste vide
# tant que le modèle ne l’a pas appris.
"""

_ENTRY = """
# {respondents} répondants, {opinions} avis. Mots : {words}.{phrases}
# {nearest}
[[themes]]
id = {id}
label_fr = {label}
label_en = ""
definition_fr = ""
definition_en = ""
examples = [
{examples}
]
"""


def write_proposals(found: Proposals, codebook: Codebook, file: Path) -> None:
    """Write proposals as entries that a person may copy into the codebook; the file is whole or not there.

    Parameters
    ----------
    found : Proposals
        From :func:`verbatim.themes.discover`, with at least one topic.
    codebook : Codebook
        In force; names the nearest themes.
    file : Path
        A TOML file; its folder is made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.write_text(format_proposals(found, codebook), encoding="utf-8", errors="replace")
    unfinished.replace(file)


def format_proposals(found: Proposals, codebook: Codebook) -> str:
    """Lay proposals out as TOML, with comments in French."""
    residual = [theme.label_fr for theme in codebook.themes if theme.is_residual]
    head = _HEAD.format(
        name=_line(codebook.name),
        version=_line(codebook.version),
        considered=_number(found.n_considered),
        total=_number(found.n_opinions),
        residual=_line(", ".join(residual)),
        unclassified=codebook.label(UNCLASSIFIED, "fr"),
        topics=_number(found.n_topics),
        found=_number(len(found.proposals)),
    )
    return _french(head) + "".join(_entry(proposal, codebook) for proposal in found.proposals)


def _entry(proposal: Proposal, codebook: Codebook) -> str:
    nearest = "Aucun thème n’a d’avis assez sûrs pour dire lequel est le plus proche."
    if proposal.nearest_theme is not None and proposal.similarity is not None:
        label = _line(codebook.label(proposal.nearest_theme, "fr"))
        similarity = f"{proposal.similarity:.2f}".replace(".", ",")
        nearest = f"Thème le plus proche : {label} ({proposal.nearest_theme}, similarité {similarity} sur 1)."
    comments, entry = _ENTRY.split("[[themes]]")
    told = comments.format(
        respondents=_number(proposal.n_respondents),
        opinions=_number(proposal.n_opinions),
        words=", ".join(proposal.words),
        phrases=f"\n# Expressions : {', '.join(proposal.phrases)}." if proposal.phrases else "",
        nearest=nearest,
    )
    return (
        _french(told)
        + "[[themes]]"
        + entry.format(
            id=_toml(proposal.id),
            label=_toml(_label(proposal)),
            examples="\n".join(f"  {_toml(example)}," for example in proposal.examples),
        )
    )


def _label(proposal: Proposal) -> str:
    """The expression that is shared most, else as many of the first three words as a chart has room for."""
    labels = [*proposal.phrases[:1], *(", ".join(proposal.words[:count]) for count in (3, 2, 1))]
    label = next((label for label in labels if len(label) <= _LONGEST_LABEL), labels[-1][:_LONGEST_LABEL])
    return label[:1].upper() + label[1:]


def _french(text: str) -> str:
    """Bind punctuation to its word."""
    for sign in (" :", " ;", " »"):
        text = text.replace(sign, f"\N{NO-BREAK SPACE}{sign[1]}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _toml(text: str) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
