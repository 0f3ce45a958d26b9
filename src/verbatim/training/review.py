"""A team's review of what was read: a sheet to fill in, blind, and what comes back in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from verbatim.errors import ContractError
from verbatim.measures.correction import NO_OPINION
from verbatim.reading.errors import REVIEW_COLUMNS
from verbatim.reading.marked import SIGNS, THEMES, Kind
from verbatim.tables import Polarity
from verbatim.themes import Codebook

if TYPE_CHECKING:
    import numpy.typing as npt

POLARITY_LABELS: Mapping[str, str] = {
    Polarity.POSITIVE: "Positif",
    Polarity.NEGATIVE: "Négatif",
    Polarity.NEUTRAL: "Neutre (souhait, constat)",
}
NO_OPINION_LABEL = "Pas un avis"
SHEET = "Avis"
THEMES_SHEET = "Thèmes"
GUIDE_SHEET = "Mode d’emploi"
HEADERS = (
    "Référence",
    "Empreinte",
    "N°",
    "Commentaire entier",
    "Avis à classer",
    "Thème juste",
    "Polarité juste",
    "Remarque",
)
_WIDTHS = (16, 16, 6, 70, 44, 30, 26, 30)
_HIDDEN, _FILLED_IN = 2, 5  # columns before the first that is shown, and before the first that is filled in
_LONGEST = 32_000  # characters; a cell holds 32,767
_LINE, _TALLEST = 15.0, 400.0  # points
_SHOWN = 8
_INK, _PAPER, _ACCENT = "FF1F2A37", "FFFFF7E0", "FF1F4E79"
_UNMARKABLE = re.compile(r"[{}|\t]")
GUIDE = (
    "Relire un échantillon d’avis",
    "Ce classeur contient des avis tirés au hasard dans vos réponses. Dites, pour chacun, de quoi il parle et s’il est "
    "positif, négatif ou neutre. Ce que la machine en a dit n’est pas montré : vous jugez sans être influencé.",
    "1. Ouvrez l’onglet « Avis ». Chaque ligne porte un commentaire entier ; l’avis à classer y est en gras.",
    "2. Choisissez le thème juste dans la liste (colonne F). L’onglet « Thèmes » dit ce que chacun recouvre.",
    "3. Choisissez la polarité juste (colonne G) : positif, négatif ou neutre (un souhait, un constat sans jugement).",
    "4. Si les mots en gras ne disent rien qui soit un avis, choisissez « Pas un avis » et laissez la polarité vide.",
    "5. Jugez le sens, pas les mots : l’ironie compte pour ce qu’elle veut dire. En cas de doute, une remarque suffit.",
    "Vous pouvez vous arrêter avant la fin : seules les lignes remplies comptent. Vous pouvez filtrer, mais n’ajoutez "
    "et ne déplacez aucune ligne. Un même commentaire revient sur plusieurs lignes s’il contient plusieurs avis : "
    "remplissez-les toutes, un commentaire à moitié relu compte moins.",
    "Ensuite : verbatim review import REGLAGES CE_FICHIER.xlsx",
    "Ces commentaires sont ceux de vos clients ou collègues, anonymisés par une machine qui peut oublier un nom : "
    "gardez ce classeur là où les réponses elles-mêmes peuvent être gardées.",
)


@dataclass(frozen=True)
class Filled:
    """What a sheet says of the opinions that were judged.

    Attributes
    ----------
    judgements : DataFrame
        opinion_id, fingerprint, theme_true, polarity_true and row (number in the sheet), a row a judged opinion;
        polarity_true is null where the words hold no opinion.
    n_rows : int
        Opinions of the sheet, judged or not.
    """

    judgements: pd.DataFrame
    n_rows: int


def draw_opinions(responses: pd.DataFrame, opinions: pd.DataFrame, *, n: int, seed: int) -> pd.DataFrame:
    """Draw answers at random, with all their opinions, until there are n opinions.

    Whole answers, not single opinions: the measures count answers, and a model learns from answers that are marked all
    through. Answers without a score are left out, as the measures do.

    Parameters
    ----------
    responses, opinions : DataFrame
        Rows of a survey, any order.
    n : int
        Opinions wanted; the last answer may bring a few more.
    seed : int
        Another one draws other answers.

    Returns
    -------
    DataFrame
        Columns of `opinions`, and verbatim, score and number (1, 2, … an answer); answers in the order drawn, opinions
        in the order of the text.
    """
    texts = responses.loc[responses["score"].notna() & responses["verbatim"].notna()]
    texts = texts[["response_id", "verbatim", "score"]]
    found = opinions.merge(texts, on="response_id").assign(
        order=lambda rows: [_order(str(answer), seed) for answer in rows["response_id"]]
    )
    found = found.sort_values(["order", "start"], kind="stable", ignore_index=True)
    found["number"] = pd.factorize(found["response_id"])[0] + 1
    last = int(found["number"].iloc[min(n, len(found)) - 1]) if len(found) else 0
    return found[found["number"] <= last].drop(columns="order")


def fingerprints(opinions: pd.DataFrame) -> list[str]:
    """What tells that an opinion is still the one that a sheet showed: its text and its place in it."""
    columns = (opinions[name] for name in ("text_hash", "start", "end"))
    return [_hash(f"{text} {start} {end}")[:12] for text, start, end in zip(*columns, strict=True)]


def write_sheet(drawn: pd.DataFrame, codebook: Codebook, file: Path) -> None:
    """Write the workbook that a team fills in: how to, the opinions, the themes.

    Parameters
    ----------
    drawn : DataFrame
        From :func:`draw_opinions`.
    codebook : Codebook
        Themes to choose from.
    file : Path
        Is replaced.
    """
    from openpyxl import Workbook

    book = Workbook()
    _write_guide(book.active)
    opinions = book.create_sheet(SHEET)
    labels = theme_labels(codebook)
    _write_themes(book.create_sheet(THEMES_SHEET), codebook, labels)
    _write_opinions(opinions, drawn, n_choices=len(labels) + 1)
    book.active = 1
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == SHEET
        sheet.sheet_view.showGridLines = sheet.title != GUIDE_SHEET
    book.save(file)


def theme_labels(codebook: Codebook) -> dict[str, str]:
    """Theme → what the drop-down says, each once."""
    labels = [theme.label_fr.strip() for theme in codebook.themes]
    return {
        theme.id: label if labels.count(label) == 1 else f"{label} ({theme.id})"
        for theme, label in zip(codebook.themes, labels, strict=True)
    }


def read_sheet(file: Path, codebook: Codebook) -> Filled:
    """Read a workbook that was filled in.

    Parameters
    ----------
    file : Path
        Written by :func:`write_sheet`.
    codebook : Codebook
        Themes that may be chosen: labels or ids.

    Returns
    -------
    Filled

    Raises
    ------
    ContractError
        It is no such workbook, or rows cannot be used: all of them, by number, without a customer's word.
    """
    rows = _rows(file)
    themes = {_plain(label): theme for theme, label in theme_labels(codebook).items()}
    themes |= {theme: theme for theme in codebook.ids} | {_plain(NO_OPINION_LABEL): NO_OPINION}
    polarities = {_plain(label): str(polarity) for polarity, label in POLARITY_LABELS.items()}
    polarities |= {_plain(label.split()[0]): str(polarity) for polarity, label in POLARITY_LABELS.items()}
    faults: list[str] = []
    seen: dict[str, int] = {}
    judged = []
    for number, cells in rows:
        opinion, fingerprint = (cells[name] for name in HEADERS[:2])
        if opinion in seen:
            faults.append(f"row {number}: the same opinion as row {seen[opinion]}")
            continue
        seen[opinion] = number
        said = _judgement(_plain(cells["Thème juste"]), _plain(cells["Polarité juste"]), themes, polarities)
        if isinstance(said, str):
            faults.append(f"row {number}: {said}")
        elif said is not None:
            judged.append((opinion, fingerprint, *said, number))
    raise_faults(faults, file, expected="a theme and a polarity from the drop-downs, or neither")
    columns = ["opinion_id", "fingerprint", "theme_true", "polarity_true", "row"]
    return Filled(pd.DataFrame(judged, columns=columns), len(seen))


def join_review(filled: Filled, opinions: pd.DataFrame, revisions: Mapping[str, str], file: Path) -> pd.DataFrame:
    """Put what was read beside what a person says.

    Parameters
    ----------
    filled : Filled
    opinions : DataFrame
        Rows of `opinions` of the survey.
    revisions : mapping of str to str
        Window → `model_revision` that read it.
    file : Path
        The sheet, for the message.

    Returns
    -------
    DataFrame
        :data:`verbatim.reading.errors.REVIEW_COLUMNS`, text or null, sorted by opinion: all opinions of the answers of
        which one was judged; those that were not have no true theme.

    Raises
    ------
    ContractError
        Opinions are no longer there as the sheet shows them.
    """
    known = dict(zip(opinions["opinion_id"].astype(str), fingerprints(opinions), strict=True))
    judgements = filled.judgements
    raise_faults(
        [
            f"row {row}: {'this opinion is no longer there' if opinion not in known else 'the answer was read anew'}"
            for opinion, fingerprint, row in zip(
                *(judgements[name] for name in ("opinion_id", "fingerprint", "row")), strict=True
            )
            if known.get(opinion) != fingerprint
        ],
        file,
        expected="opinions as they are in the warehouse",
        next_step="export a new sheet: verbatim review export SETTINGS; or empty theme and polarity in these rows",
    )
    judged = opinions["opinion_id"].isin(judgements["opinion_id"])
    whole = opinions[opinions["response_id"].isin(opinions.loc[judged, "response_id"])]
    said = whole[["response_id", "opinion_id", "theme_id", "polarity", "window"]].merge(
        judgements[["opinion_id", "theme_true", "polarity_true"]], on="opinion_id", how="left"
    )
    said["model_revision"] = said["window"].map(dict(revisions))
    named = said.rename(columns={"theme_id": "theme_read", "polarity": "polarity_read"})
    return named[list(REVIEW_COLUMNS)].astype("string").sort_values("opinion_id", ignore_index=True)


def add_review(before: pd.DataFrame, review: pd.DataFrame) -> pd.DataFrame:
    """Rows of two reviews, by opinion: a later judgement replaces an earlier one, and no blank replaces a judgement.

    Parameters
    ----------
    before, review : DataFrame
        :data:`verbatim.reading.errors.REVIEW_COLUMNS`.
    """
    joined = pd.concat([before, review], ignore_index=True)
    # What another reader read of the same answer is gone.
    now = review.drop_duplicates("response_id").set_index("response_id")["model_revision"]
    stale = joined["response_id"].isin(now.index) & (joined["model_revision"] != joined["response_id"].map(now))
    joined = joined[~stale.fillna(False).astype(bool)]
    order = joined.assign(is_judged=joined["theme_true"].notna()).sort_values("is_judged", kind="stable")
    kept = order.drop_duplicates("opinion_id", keep="last").drop(columns="is_judged")
    return kept.sort_values("opinion_id", ignore_index=True)


def marked_rows(
    review: pd.DataFrame, responses: pd.DataFrame, opinions: pd.DataFrame, *, kind: Kind, sector: str
) -> list[str]:
    """Answers that were judged all through, as `verbatim train --marked` reads them.

    Answers that hold a theme which the encoder does not know, or a sign that marks use (brace, pipe, tab), are left
    out.

    Parameters
    ----------
    review : DataFrame
        :data:`verbatim.reading.errors.REVIEW_COLUMNS`.
    responses, opinions : DataFrame
        Rows of the survey.
    kind : "nps" or "enps"
        Whose answers they are.
    sector : str
        Third field of each row.

    Returns
    -------
    list of str
        A line an answer, in the order of response_id.
    """
    spans = review.merge(opinions[["opinion_id", "start", "end"]], on="opinion_id")
    scored = responses[responses["score"].notna() & responses["verbatim"].notna()]
    texts = {
        str(answer): (str(text), int(score))
        for answer, text, score in zip(*(scored[name] for name in ("response_id", "verbatim", "score")), strict=True)
    }
    lines: list[str] = []
    for answer, rows in spans.groupby("response_id", sort=True):
        text, score = texts.get(str(answer), ("", -1))
        if 0 <= score <= 10 and _is_learnable(rows["theme_true"], THEMES[kind]):
            marked = _marked(text, rows.sort_values("start"))
            lines += [] if marked is None else [f"{score}\t{kind}\t{sector}\t{marked}"]
    return lines


def wilson(right: npt.NDArray[Any]) -> tuple[float, float, float]:
    """Share that is true, and its 95 % interval."""
    import numpy as np

    from verbatim.measures.estimates import wilson_interval

    share = np.array([right.mean()])
    low, high = wilson_interval(share, np.array([float(len(right))]))
    return float(share[0]), float(low[0]), float(high[0])


def raise_faults(faults: Sequence[str], file: Path, *, expected: str, next_step: str = "") -> None:
    """Tell of all faults of a sheet at once.

    Raises
    ------
    ContractError
        There are any.
    """
    if not faults:
        return
    more = f"\n  … and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    raise ContractError(
        f"{len(faults)} rows of the sheet cannot be used:"
        + "".join(f"\n  {fault}" for fault in faults[:_SHOWN])
        + more,
        where=f"{file}, sheet {SHEET}",
        expected=expected,
        next_step=next_step or "mend these rows and import again",
    )


def _order(response_id: str, seed: int) -> str:
    # A hash, not a generator: the same answers come first, whatever was added to the survey since.
    return _hash(f"{seed} {response_id}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()


def _judgement(
    theme: str, polarity: str, themes: Mapping[str, str], polarities: Mapping[str, str]
) -> tuple[str, str | None] | str | None:
    """Theme and polarity; None where neither is given; else what is wrong."""
    if not theme and not polarity:
        return None
    if not theme:
        return "the theme is missing"
    if theme not in themes:
        return "the theme is none of the list"
    if themes[theme] == NO_OPINION:
        return "words that are no opinion have no polarity" if polarity else (NO_OPINION, None)
    if not polarity:
        return "the polarity is missing"
    if polarity not in polarities:
        return "the polarity is none of the list"
    return themes[theme], polarities[polarity]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of the rows that name an opinion."""
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        rows = list(book[SHEET].iter_rows(values_only=True)) if SHEET in book.sheetnames else []
        book.close()
    # The reasons that openpyxl gives are many and may quote cells.
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, EOFError, SyntaxError):
        rows = []
    head = [str(name) for name in rows[0]] if rows else []
    if any(name not in head for name in HEADERS):
        raise ContractError(
            "The file is no sheet of a review.",
            where=str(file),
            expected=f"an .xlsx file with the sheet {SHEET} and its columns, as verbatim review export writes it",
            next_step="name the file that was filled in; save it as .xlsx",
        )
    place = {name: head.index(name) for name in HEADERS}
    for number, cells in enumerate(rows[1:], start=2):
        values = {name: _text(cells[column]) if column < len(cells) else "" for name, column in place.items()}
        if values["Référence"]:
            yield number, values


def _text(value: object) -> str:
    from openpyxl.utils.escape import unescape

    text = "" if value is None else str(value)
    return str(unescape(text)) if "_x" in text else text


def _is_learnable(themes: pd.Series, known: Sequence[str]) -> bool:
    return bool(themes.notna().all() and themes.isin([*known, NO_OPINION]).all())


def _marked(text: str, opinions: pd.DataFrame) -> str | None:
    """An answer with its opinions marked in place; None where its own signs forbid it."""
    signs = {polarity: sign for sign, polarity in SIGNS.items()}
    pieces, read = [], 0
    for start, end, theme, polarity in zip(
        *(opinions[name] for name in ("start", "end", "theme_true", "polarity_true")), strict=True
    ):
        if start < read or end > len(text):
            return None
        clause = text[start:end]
        pieces.append(text[read:start])
        pieces.append(clause if theme == NO_OPINION else f"{{{signs[polarity]}{theme}|{clause}}}")
        read = int(end)
    # Line breaks of every kind would end the row.
    return None if _UNMARKABLE.search(text) else "\\n".join("".join([*pieces, text[read:]]).splitlines())


def _write_guide(sheet: Any) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = GUIDE_SHEET
    sheet.column_dimensions["A"].width = 4
    sheet.column_dimensions["B"].width = 100
    for place, line in enumerate(GUIDE):
        cell = _text_cell(sheet, 2 + place, 2, line)
        cell.font = Font(size=16 if place == 0 else 11, bold=place == 0, color=_ACCENT if place == 0 else _INK)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[2 + place].height = 28 if place == 0 else 8 + _LINE * (1 + len(line) // 105)


def _write_themes(sheet: Any, codebook: Codebook, labels: Mapping[str, str]) -> None:
    from openpyxl.styles import Alignment

    _write_head(sheet, ("Identifiant", "Libellé", "Définition"), (28, 34, 100))
    rows = [(theme.id, labels[theme.id], theme.definition_fr) for theme in codebook.themes]
    rows.append(
        ("", NO_OPINION_LABEL, "Les mots en gras ne portent aucun avis : politesse, « RAS », hors sujet, coupure.")
    )
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _text_cell(sheet, number, column, value).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[number].height = 4 + _LINE * (1 + len(row[2]) // 100)


def _write_opinions(sheet: Any, drawn: pd.DataFrame, *, n_choices: int) -> None:
    _write_head(sheet, HEADERS, _WIDTHS)
    columns = ("opinion_id", "number", "verbatim", "quote", "start", "end")
    rows = zip(fingerprints(drawn), *(drawn[name] for name in columns), strict=True)
    for place, (fingerprint, opinion, number, verbatim, quote, start, end) in enumerate(rows, start=2):
        _write_opinion(
            sheet, place, (str(opinion), fingerprint, int(number)), (str(verbatim), int(start), int(end)), str(quote)
        )
    last = len(drawn) + 1
    _offer(
        sheet, f"F2:F{max(last, 2)}", f"'{THEMES_SHEET}'!$B$2:$B${n_choices + 1}", "Choisissez un thème de la liste."
    )
    choices = ",".join(label.split()[0] for label in POLARITY_LABELS.values())
    _offer(sheet, f"G2:G{max(last, 2)}", f'"{choices}"', "Choisissez : positif, négatif ou neutre.")
    for letter in "AB":
        sheet.column_dimensions[letter].hidden = True
    sheet.auto_filter.ref = f"C1:H{last}"
    sheet.freeze_panes = "C2"
    # Without a password: it keeps slips out, not people.
    sheet.protection.sheet = True
    for allowed in ("autoFilter", "formatColumns", "formatRows", "formatCells"):
        setattr(sheet.protection, allowed, False)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _write_opinion(sheet: Any, row: int, keys: tuple[str, str, int], shown: tuple[str, int, int], quote: str) -> None:
    from openpyxl.styles import Alignment, Border, PatternFill, Protection, Side

    line = Side(style="thin", color="FFD8DEE6")
    for column, value in enumerate((*keys[:2], None, None, quote, None, None, None), start=1):
        cell = _text_cell(sheet, row, column, value)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = Border(top=line, bottom=line)
        if column > _FILLED_IN:
            cell.fill = PatternFill("solid", fgColor=_PAPER)
            cell.protection = Protection(locked=False)
    sheet.cell(row, _HIDDEN + 1).value = keys[2]
    sheet.cell(row, _HIDDEN + 2).value = _with_bold(*shown)
    lines = sum(1 + len(part) // 66 for part in shown[0].splitlines() or [""])
    sheet.row_dimensions[row].height = min(_TALLEST, 6 + _LINE * max(lines, 1 + len(quote) // 40))


def _with_bold(text: str, start: int, end: int) -> Any:
    """The whole answer, its opinion in bold; a rich text is never a formula."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    bold = InlineFont(b=True, color=_ACCENT)
    if end > _LONGEST:
        return CellRichText("… ", TextBlock(bold, _clean(text[start:end])[:_LONGEST]))
    before, said, after = _clean(text[:start]), _clean(text[start:end]), _clean(text[end:_LONGEST])
    return CellRichText(*(part for part in (before, TextBlock(bold, said), after) if part))


def _text_cell(sheet: Any, row: int, column: int, value: str | None) -> Any:
    """Write a text that no spreadsheet runs as a formula, whatever it begins with."""
    cell = sheet.cell(row, column)
    if value is not None:
        cell.value = _clean(value)[:_LONGEST]
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell


def _clean(text: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))


def _write_head(sheet: Any, names: Sequence[str], widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, (name, width) in enumerate(zip(names, widths, strict=True), start=1):
        cell = _text_cell(sheet, 1, column, name)
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[1].height = 26
    sheet.freeze_panes = "A2"


def _offer(sheet: Any, cells: str, choices: str, told: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=True)
    offered.errorTitle, offered.error = "Valeur inconnue", told
    sheet.add_data_validation(offered)
    offered.add(cells)
