"""The folder in which a night works, one night a survey at a time, and Parquet files that are whole or not there."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from verbatim.errors import SettingsError, TransientError
from verbatim.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


@contextlib.contextmanager
def night_folder(settings: Settings) -> Iterator[Path]:
    """Lend the survey's working folder, empty, and empty it afterwards.

    Raises
    ------
    TransientError
        Another run of the survey is at work.
    SettingsError
        The folder cannot be made.
    """
    survey = settings.survey_folder
    try:
        survey.mkdir(parents=True, exist_ok=True)
        lock = (survey / "night.lock").open("w")
    except OSError:
        raise SettingsError(
            "the working folder cannot be written",
            where=f"work_folder ({survey})",
            expected="a folder that this user may write to",
            next_step="set work_folder, or VERBATIM_WORK_FOLDER",
        ) from None
    with lock:
        try:
            # Held by the process: a killed run leaves none behind.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TransientError(
                "another run of this survey is at work", where=str(survey), next_step="wait for it to end"
            ) from None
        folder = survey / "night"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """Write a frame under another name and rename it when it is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    frame.to_parquet(unfinished, index=False, compression="zstd")
    unfinished.replace(file)
