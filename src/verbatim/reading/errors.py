"""How often the reader is right: on held-out answers, counted beside its weights, and on those a team reviewed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from verbatim.errors import ContractError, ModelError
from verbatim.reading.labels import SHIPPED, labels_of
from verbatim.reading.marked import Kind

ERRORS_FILE = "evaluation/errors.tsv"
"""Written by models/opinion-encoder/recipe/held_out.py; a folder that a team trained has none."""
COUNTS = ("tp", "fn", "fp", "tn")
REVIEW_FILE = "review/review.tsv"
"""Written by `verbatim review import` into the survey's folder."""
REVIEW_COLUMNS = (
    "response_id",
    "opinion_id",
    "theme_read",
    "polarity_read",
    "theme_true",
    "polarity_true",
    "model_revision",
)
COLUMNS = ("codebook", "theme_id", "polarity", *COUNTS, "missed", "recall_spread", "false_spread")


def held_out_rates(folder: Path, codebook: str) -> pd.DataFrame | None:
    """Counts and figures of the reader on answers that it was never trained on.

    An answer either holds an opinion of a theme and a polarity or does not, and the reader says so or does not: an
    answer counts once, as a respondent does in the measures.

    Parameters
    ----------
    folder : Path
        Of the encoder: `verbatim.reading.shipped_folder()` or `models.folder` of the settings.
    codebook : str
        ``cx-fr``, ``ex-fr`` or a TOML file. Of a team's own codebook the themes that the encoder gives under their
        own id have figures; those that others were merged into, and its own, have none.

    Returns
    -------
    DataFrame or None
        A row a theme × polarity: theme_id, polarity; answers tp (held and said), fn (held, not said), fp (said, not
        held), tn (neither); missed (those of fn where no opinion was found at all on the words); recall_spread and
        false_spread (how far recall and false alarms of another sector may differ from these: variance as a part of
        rate × (1 − rate)); precision, recall, f1 (in [0, 1], NaN where nothing divides). None where the folder has no
        such file.

    Raises
    ------
    CodebookError
        The codebook cannot be read.
    ModelError
        The file is there and is not what the recipe writes.
    """
    file = folder / ERRORS_FILE
    if not file.is_file():
        return None
    labels = labels_of(codebook)
    table = _read(file)
    table = table[table["codebook"] == _shipped_name(labels.kind)]
    heads = list(labels.given.values())
    kept = [theme for theme, to in labels.given.items() if theme == to and heads.count(to) == 1]
    found = table[table["theme_id"].isin(kept)].drop(columns="codebook").reset_index(drop=True)
    return _with_figures(found)


def reviewed(folder: Path, model_revision: str) -> pd.DataFrame | None:
    """What a team said of opinions that this very reader had read.

    Parameters
    ----------
    folder : Path
        The survey's folder: `Settings.survey_folder`.
    model_revision : str
        Of the reader in force; what was said of another one does not count.

    Returns
    -------
    DataFrame or None
        :data:`REVIEW_COLUMNS`, text or null, for `verbatim.measures.correction.review_counts`; None where there is no
        such review.

    Raises
    ------
    ContractError
        The file is there and is not what `verbatim review import` writes.
    """
    table = read_review(folder / REVIEW_FILE)
    own = table[table["model_revision"] == model_revision].reset_index(drop=True)
    return None if own.empty else own


def read_review(file: Path) -> pd.DataFrame:
    """Rows of a review file in :data:`REVIEW_COLUMNS`; none where there is no file.

    Raises
    ------
    ContractError
        The file is not what `verbatim review import` writes.
    """
    if not file.is_file():
        return pd.DataFrame(columns=list(REVIEW_COLUMNS), dtype="string")
    try:
        table = pd.read_csv(file, sep="\t", dtype="string", keep_default_na=False, na_values=[""])
        usable = tuple(table.columns) == REVIEW_COLUMNS
    except (ValueError, OSError):
        usable = False
    if not usable:
        raise ContractError(
            "The review cannot be read.",
            where=str(file),
            expected=f"tab-separated columns {', '.join(REVIEW_COLUMNS)}",
            next_step="take the file away and import the sheets again: verbatim review import",
        )
    return table


def _shipped_name(kind: Kind) -> str:
    return next(name for name, of in SHIPPED.items() if of == kind)


def _read(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, sep="\t", comment="#")
        integers = table[[*COUNTS, "missed"]].astype("int64")
        usable = tuple(table.columns) == COLUMNS and bool((integers >= 0).all(axis=None))
    except (ValueError, KeyError, OSError):
        usable = False
    if not usable:
        raise ModelError(
            "The table of the encoder's errors cannot be read.",
            where=str(file),
            expected=f"columns {', '.join(COLUMNS)}, counts from 0 up",
            next_step="install verbatim again, or take the file away: shares are then shown as read",
        )
    return table


def _with_figures(table: pd.DataFrame) -> pd.DataFrame:
    right = table["tp"].to_numpy(float)
    said, true = right + table["fp"].to_numpy(float), right + table["fn"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        return table.assign(precision=right / said, recall=right / true, f1=2 * right / (said + true))
