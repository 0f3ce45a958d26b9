"""`verbatim review`: a sheet of opinions for a team to judge, and what its judgement says of the reader."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from verbatim.cli.codebook import SettingsFile

if TYPE_CHECKING:
    import pandas as pd

    from verbatim.settings import Settings

review = App(
    name="review",
    help="Let the team judge opinions of its own answers in a spreadsheet: how often the reader is right.",
)
_WIDTH = 46
_FEW = 30  # judged opinions under which a share says little
_TRAINING_FILE = "marked.tsv"


@review.command(name="export")
def export_sheet(settings: SettingsFile, /, *, out: Path | None = None, n: int = 100, seed: int = 1) -> None:
    """Write a spreadsheet of opinions drawn at random, with drop-downs for theme and polarity.

    Parameters
    ----------
    settings
        Settings file of the survey.
    out
        File to write; review.xlsx beside the settings file by default.
    n
        Opinions wanted; answers come whole, so there may be a few more.
    seed
        Number that decides which answers are drawn; another one for another sheet.
    """
    from verbatim.settings import load_settings

    _print(write_review(load_settings(settings), out or settings.parent / "review.xlsx", n=n, seed=seed))


@review.command(name="import")
def import_sheet(
    settings: SettingsFile, sheet: Annotated[Path, Parameter(name="FILE.xlsx")], /, *, out: Path | None = None
) -> None:
    """Read a sheet back: how right the reader is on the team's answers, rows for the correction and for training.

    Parameters
    ----------
    settings
        Settings file of the survey.
    sheet
        The spreadsheet that was filled in.
    out
        Folder to write to; `review` in the survey's folder by default, where the next night finds it.
    """
    from verbatim.settings import load_settings

    _print(take_review(load_settings(settings), sheet, out))


def write_review(settings: Settings, file: Path, *, n: int, seed: int) -> Iterator[str]:
    """Draw opinions from the warehouse and write the sheet; what there is to say comes line by line.

    Raises
    ------
    VerbatimError
        The file is no .xlsx, is there already, or cannot be written; there is nothing to draw from.
    WarehouseError
        There is no warehouse yet.
    """
    from verbatim.errors import VerbatimError
    from verbatim.themes import load_codebook
    from verbatim.training.review import draw_opinions, write_sheet

    if file.suffix != ".xlsx" or n < 1:
        raise VerbatimError(
            "the sheet is an .xlsx file of at least one opinion",
            where=f"--out {file} --n {n}",
            expected="a name that ends in .xlsx, a number from 1 up",
        )
    if file.exists():
        # It may be filled in.
        raise VerbatimError("the file is there already", where=str(file), next_step="name another file in --out")
    responses, opinions, _ = _of_warehouse(settings)
    drawn = draw_opinions(responses, opinions, n=n, seed=seed)
    if drawn.empty:
        raise VerbatimError(
            "the warehouse holds no opinion of an answer with a score",
            where=settings.survey.id,
            next_step="run: verbatim nightly SETTINGS",
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.stem}.unfinished.xlsx")
        write_sheet(drawn, load_codebook(settings.codebook), unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise VerbatimError(
            f"the file cannot be written: {error.strerror}", where=str(file), next_step="name another file in --out"
        ) from None
    yield f"{len(drawn):,} opinions of {drawn['response_id'].nunique():,} answers: {file}"
    if len(drawn) < n:
        yield f"({n:,} were asked for: the survey holds no more)"
    yield "It holds your respondents’ words: keep it where the answers may be kept."
    yield f"Once filled in: verbatim review import SETTINGS {file.name}"


def take_review(settings: Settings, sheet: Path, out: Path | None) -> Iterator[str]:
    """Compare a filled-in sheet with what was read, and write review.tsv and marked.tsv.

    Raises
    ------
    ContractError
        The sheet cannot be used; nothing was written.
    WarehouseError
        There is no warehouse yet.
    """
    from verbatim.errors import ContractError
    from verbatim.reading.errors import REVIEW_FILE, read_review
    from verbatim.themes import load_codebook
    from verbatim.training.review import add_review, join_review, marked_rows, read_sheet

    filled = read_sheet(sheet, load_codebook(settings.codebook))
    if filled.judgements.empty:
        raise ContractError(
            f"None of the {filled.n_rows:,} opinions of the sheet is judged.",
            where=str(sheet),
            expected="a theme and a polarity in some rows",
            next_step="fill in the columns « Thème juste » and « Polarité juste »",
        )
    responses, opinions, revisions = _of_warehouse(settings)
    joined = join_review(filled, opinions, revisions, sheet)
    file = settings.survey_folder / REVIEW_FILE if out is None else out / Path(REVIEW_FILE).name
    known = add_review(read_review(file), joined)
    lines = marked_rows(known, responses, opinions, kind=settings.survey.kind, sector=settings.survey.id)
    _write(file, known.to_csv(sep="\t", index=False, lineterminator="\n"))
    training = file.with_name(_TRAINING_FILE)
    _write(training, "".join(f"{line}\n" for line in lines))
    yield f"{len(filled.judgements):,} of the {filled.n_rows:,} opinions of {sheet.name} are judged"
    yield ""
    yield from accuracy_lines(joined)
    yield ""
    yield from share_lines(joined, opinions)
    yield ""
    judged = int(known["theme_true"].notna().sum())
    yield f"{judged:,} judged opinions in all: {file}"
    if out is None:
        yield "  from the next night on, shares and stakes are corrected with them"
    yield f"{len(lines):,} whole answers to learn from: {training}"
    yield f"  verbatim train SETTINGS --marked {training}"


def accuracy_lines(joined: pd.DataFrame) -> Iterator[str]:
    """How often theme and polarity are those of the person, with Wilson's interval, and Cohen's kappa.

    Polarity is compared where the person sees an opinion.

    Parameters
    ----------
    joined : DataFrame
        From `verbatim.training.review.join_review`.
    """
    from verbatim.measures.correction import NO_OPINION

    judged = joined[joined["theme_true"].notna()]
    opinions = judged[judged["theme_true"] != NO_OPINION]
    yield _row("On what was judged", ("opinions", "right", "95 % interval", "Cohen’s kappa"))
    yield _accuracy_row("theme", judged, "theme")
    yield _accuracy_row("polarity", opinions, "polarity")
    both = judged.assign(
        pair_read=judged["theme_read"] + " " + judged["polarity_read"],
        pair_true=judged["theme_true"] + " " + judged["polarity_true"].fillna(""),
    )
    yield _accuracy_row("both", both, "pair")
    if len(judged) < _FEW:
        yield f"With fewer than {_FEW} opinions these figures say little."


def share_lines(joined: pd.DataFrame, opinions: pd.DataFrame) -> Iterator[str]:
    """Share of all opinions read that each theme and polarity has: as read, and once the judgements are put to use.

    Prediction-powered inference over the opinions that were read; those that were missed are not among them.

    Parameters
    ----------
    joined : DataFrame
        From `verbatim.training.review.join_review`.
    opinions : DataFrame
        All of the survey.
    """
    import numpy as np

    from verbatim.measures.correction import MarkedCounts, ppi_share

    judged = joined[joined["theme_true"].notna()]
    rest = opinions[~opinions["opinion_id"].isin(judged["opinion_id"])]
    if rest.empty:
        return
    said, true = (list(zip(judged[f"theme_{s}"], judged[f"polarity_{s}"], strict=True)) for s in ("read", "true"))
    frequent = rest.groupby(["theme_id", "polarity"]).size().sort_values(ascending=False, kind="stable").head(10)
    yield _row("Share of all opinions, the ten most frequent", ("as read", "corrected", "95 % interval", ""))
    for subject, count in frequent.items():
        read, held = (np.array([pair == subject for pair in side]) for side in (said, true))
        cells = ((read & held).sum(), (~read & held).sum(), (read & ~held).sum(), (~read & ~held).sum())
        marked = MarkedCounts(*(np.array([float(cell)]) for cell in cells))
        share, low, high = (
            float(value[0]) for value in ppi_share(np.array([count / len(rest)]), np.array([float(len(rest))]), marked)
        )
        name = " ".join(map(str, subject)) if isinstance(subject, tuple) else str(subject)
        yield _row(f"  {name}", (f"{count / len(rest):.1%}", f"{share:.1%}", f"{low:.1%} to {high:.1%}", ""))


def _accuracy_row(name: str, judged: pd.DataFrame, what: str) -> str:
    import pandas as pd

    from verbatim.training.agreement import cohen_kappa
    from verbatim.training.review import wilson

    if judged.empty:
        return _row(name, ("0", "–", "–", "–"))
    read, true = (judged[f"{what}_{side}"].astype(str).tolist() for side in ("read", "true"))
    share, low, high = wilson(judged[f"{what}_read"].eq(judged[f"{what}_true"]).to_numpy(bool))
    kappa = cohen_kappa(true, read, pd.factorize(judged["response_id"])[0].tolist()).value
    shown = "–" if kappa is None else f"{kappa:.3f}"
    return _row(name, (f"{len(judged):,}", f"{share:.1%}", f"{low:.1%} to {high:.1%}", shown))


def _of_warehouse(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Responses and opinions of a survey, those read with its codebook, and the reader of each window."""
    from verbatim.themes import load_codebook
    from verbatim.warehouse import open_warehouse

    with open_warehouse(settings.warehouse.url, create=False) as warehouse:
        responses, opinions, windows = (
            warehouse.read(table, survey_id=settings.survey.id) for table in ("responses", "opinions", "windows")
        )
    own = opinions["codebook"] == load_codebook(settings.codebook).name
    return (
        responses,
        opinions[own].reset_index(drop=True),
        dict(zip(windows["window"].astype(str), windows["model_revision"].astype(str), strict=True)),
    )


def _write(file: Path, text: str) -> None:
    from verbatim.errors import VerbatimError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise VerbatimError(
            f"the review cannot be written: {error.strerror}", where=str(file), next_step="name another folder in --out"
        ) from None


def _row(name: str, cells: tuple[str, str, str, str]) -> str:
    widths = (10, 11, 18, 15)
    return (name.ljust(_WIDTH) + "".join(cell.rjust(w) for cell, w in zip(cells, widths, strict=True))).rstrip()


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
