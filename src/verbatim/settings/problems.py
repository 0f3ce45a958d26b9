"""What is wrong with settings, in words: keys and known names, never values."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from verbatim.settings.model import ENVIRONMENT_PREFIX, Dimension, Indicator, Settings

# Variables that are no settings: the key of the customers' hashes, and what tests need.
OTHER_VARIABLES = frozenset({"VERBATIM_SECRET", "VERBATIM_TEST_POSTGRES", "VERBATIM_TEST_CHROMIUM"})

# Sections whose keys are the survey's own names, and what stands under each of them.
_NAMED_BY_USER: Mapping[str, type[BaseModel]] = {"dimensions": Dimension, "indicators": Indicator}


def describe(entry: Any) -> str:
    """One validation problem in words, without the value."""
    location = [str(part) for part in entry["loc"] if part != "function-before[_column_only()]"]
    key = ".".join(location) or "settings"
    if entry["type"] == "extra_forbidden":
        return f"unknown key {key}{_suggestion(location[-1], _known_keys(location[:-1]))}"
    if entry["type"] == "missing":
        return f"missing key {key}"
    return f"{key}: {entry['msg'].removeprefix('Value error, ')}"


def _suggestion(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f" (known here: {', '.join(known)}{meant})"


def _known_keys(location: list[str]) -> list[str]:
    """Keys that may stand at a place of the settings; empty where any name may."""
    model: type[BaseModel] | None = Settings
    for parent, part in zip(["", *location], location, strict=False):
        if parent in _NAMED_BY_USER:
            model = _NAMED_BY_USER[parent]
            continue
        field = model.model_fields.get(part) if model else None
        annotation: object = field.annotation if field else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return sorted(model.model_fields) if model else []


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Name each ``VERBATIM_*`` variable that sets nothing: pydantic-settings would ignore it silently."""
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in OTHER_VARIABLES:
            continue
        parts = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        for depth, part in enumerate(parts):
            known = _known_keys(parts[:depth])
            if known and part not in known:
                yield f"unknown environment variable {variable}{_suggestion(part, known)}"
                break
