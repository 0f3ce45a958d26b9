"""The recipe's modules, importable, and the encoder that ships."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from verbatim.reading import Encoder, load_encoder

MODEL = Path(__file__).parents[2] / "models" / "opinion-encoder"
if str(MODEL) not in sys.path:
    sys.path.append(str(MODEL))


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return MODEL


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder(MODEL)


@pytest.fixture(scope="session")
def figures() -> dict:
    return json.loads((MODEL / "figures.json").read_text(encoding="utf-8"))
