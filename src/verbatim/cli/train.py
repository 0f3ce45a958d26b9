"""`verbatim train`: a team's marked answers in, a folder for models.folder out, and what that was worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from verbatim.cli.progress import logged
from verbatim.settings import Settings


def train_encoder(settings: Settings, marked: Path, out: Path | None) -> Iterator[str]:
    """Continue the survey's encoder; what there is to say comes line by line.

    Parameters
    ----------
    settings : Settings
        The survey: its kind, and the encoder that is continued.
    marked : Path
        File of marked answers.
    out : Path or None
        Folder of versions; None: `models/` in the survey's folder.

    Raises
    ------
    ContractError
        The marked answers cannot be used.
    ModelError
        There is no encoder to continue, or continuing it makes it no better.
    """
    from verbatim.training import read_answers, train_on
    from verbatim.training.card import FIGURES

    answers = read_answers(marked, kind=settings.survey.kind)
    with logged() as tell:
        trained = train_on(
            answers,
            parent=settings.models.folder,
            out=out or settings.survey_folder / "models",
            today=dt.datetime.now(tz=dt.UTC).date(),
            tell=tell,
        )
    width = max(map(len, FIGURES.values()))
    yield f"{'on answers kept apart':<{width}}  before  after"
    for key, label in FIGURES.items():
        yield f"{label:<{width}}   {trained.validated.before[key]:.3f}  {trained.validated.after[key]:.3f}"
    yield f"{'already there' if trained.was_there else 'written'}: {trained.folder}"
    yield "to read with it, write into the settings:"
    yield "  [models]"
    yield f'  folder = "{trained.folder}"'
