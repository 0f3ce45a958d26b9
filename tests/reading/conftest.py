"""The encoder that ships, and a tiny random one, opened once."""

from __future__ import annotations

import pytest

from tests.standins import make_tiny_encoder
from verbatim.reading import Encoder, load_encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    return make_tiny_encoder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny(tiny_folder) -> Encoder:
    return load_encoder(tiny_folder)
