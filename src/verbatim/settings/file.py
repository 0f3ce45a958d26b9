"""Settings read from a TOML file, overridden from the environment, with every problem named at once."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from verbatim.errors import SettingsError
from verbatim.settings.model import ModelSettings, Settings, WarehouseSettings
from verbatim.settings.problems import describe, unknown_variables


def load_settings(file: Path) -> Settings:
    """Read, override from the environment, check, and resolve paths.

    Parameters
    ----------
    file : Path
        A TOML file.

    Raises
    ------
    SettingsError
        The file cannot be read, or keys or values are wrong; all problems are named at once.
    """
    written = _read_toml(file)
    problems = list(unknown_variables(os.environ))
    try:
        settings = Settings(**written)
    except ValidationError as error:
        problems += [describe(entry) for entry in error.errors(include_url=False, include_input=False)]
    if problems:
        raise SettingsError(
            "the settings cannot be used:\n" + "\n".join(f"    - {problem}" for problem in problems),
            where=str(file),
            next_step="correct these keys; docs/settings.md lists them all",
        ) from None
    return _resolved(settings, file.resolve().parent)


def _read_toml(file: Path) -> dict[str, Any]:
    expected = "a TOML file that describes a survey, such as data/sample/survey.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError("there is no such settings file", where=str(file), expected=expected) from None
    except (IsADirectoryError, PermissionError, UnicodeDecodeError):
        raise SettingsError("the settings file cannot be read", where=str(file), expected=expected) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the settings file is not valid TOML: {error}", where=str(file)) from None


def _resolved(settings: Settings, folder: Path) -> Settings:
    """Make every local path absolute, counted from the folder of the settings file."""

    def local(path: Path) -> Path:
        return path if path.is_absolute() else (folder / path).resolve()

    source = settings.source
    if source.path is not None and "://" not in source.path and not Path(source.path).is_absolute():
        # Not resolve(): a glob is no path yet.
        source = source.model_copy(update={"path": os.path.normpath(folder / source.path)})
    if source.url is not None:
        source = source.model_copy(update={"url": SecretStr(_local_url(source.url, folder))})
    survey = settings.survey
    if survey.employees is not None:
        survey = survey.model_copy(update={"employees": local(survey.employees)})
    themes = settings.themes
    if themes.codebook is not None and themes.codebook.endswith(".toml"):
        themes = themes.model_copy(update={"codebook": str(local(Path(themes.codebook)))})
    callbacks = settings.callbacks
    if callbacks.path is not None and "://" not in callbacks.path:
        callbacks = callbacks.model_copy(update={"path": str(local(Path(callbacks.path)))})
    return settings.model_copy(
        update={
            "survey": survey,
            "callbacks": callbacks,
            "source": source,
            "models": _resolved_models(settings.models, folder),
            "themes": themes,
            "warehouse": WarehouseSettings(url=SecretStr(_local_url(settings.warehouse.url, folder))),
            "reports": settings.reports.model_copy(update={"folder": local(settings.reports.folder)}),
            "work_folder": local(settings.work_folder),
        }
    )


def _resolved_models(models: ModelSettings, folder: Path) -> ModelSettings:
    """Folders absolute; what is no folder beside the settings file is a hub id, and left as it is."""

    def named(model: str) -> str:
        beside = (folder / model).resolve()
        return str(beside) if beside.is_dir() or model.startswith((".", "/")) else model

    changed: dict[str, Any] = {}
    if models.folder is not None:
        changed["folder"] = (folder / models.folder).resolve()
    for part in ("sentiment", "embedding"):
        if (said := getattr(models, part)) is not None:
            changed[part] = said.model_copy(update={"model": named(said.model)})
    if models.spacy is not None:
        changed["spacy"] = named(models.spacy)
    return models.model_copy(update=changed)


def _local_url(url: SecretStr, folder: Path) -> str:
    text = url.get_secret_value()
    scheme, _, path = text.partition(":///")
    if scheme != "duckdb" or Path(path).is_absolute():
        return text
    return f"duckdb:///{(folder / path).resolve()}"
