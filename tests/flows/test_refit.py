"""The refit flow: published opinions in, a file of proposals out; it says why where there is none."""

from __future__ import annotations

import itertools
import logging
import tomllib
from importlib import resources

import pandas as pd
import pytest

from flows.refit import refit
from tests.themes.planted import planted_opinions
from verbatim.errors import WarehouseError
from verbatim.night.computing import write_embeddings
from verbatim.night.planning import embeddings_file
from verbatim.settings import load_settings
from verbatim.tables import OPINIONS, TABLES, empty
from verbatim.warehouse import open_warehouse

from .surveys import write_settings

WINDOW = "2026-03"
COLUMNS = TABLES["windows"].columns


@pytest.fixture
def survey(tmp_path):
    return write_settings(tmp_path)


def publish(survey, opinions: pd.DataFrame, embeddings: pd.DataFrame, *, revision: str = "1") -> None:
    """Publish a window that was read by encoder "1", its embeddings made by `revision`."""
    settings = load_settings(survey)
    partition = {"survey_id": "enseigne", "window": WINDOW}
    said = {"start": 0, "end": 9, "p_positive": 0.1, "p_negative": 0.8, "p_neutral": 0.1, "polarity": "negative"}
    window = {
        column.name: {"text": "1", "integer": 0, "real": 0.0, "boolean": False}[column.type] for column in COLUMNS
    }
    frames = {
        "opinions": opinions.assign(**said, **partition, run_id="run", codebook="cx-fr")[OPINIONS.column_names],
        "windows": pd.DataFrame([window | partition | {"state": "published"}]),
    }
    frames = {name: frame.astype(empty(TABLES[name]).dtypes.to_dict()) for name, frame in frames.items()}
    with open_warehouse(settings.warehouse.url) as warehouse:
        warehouse.publish(frames, partition=partition)
    write_embeddings(embeddings.assign(revision=revision), embeddings_file(settings, WINDOW))


def said(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "verbatim.refit"]


pytestmark = pytest.mark.usefixtures("prefect")


def test_what_the_codebook_lacks_is_written_beside_the_survey(survey, caplog):
    publish(survey, *planted_opinions())
    with caplog.at_level(logging.INFO, logger="verbatim.refit"):
        file = refit(str(survey))
    assert file.parent == load_settings(survey).survey_folder / "proposals"
    assert len(tomllib.loads(file.read_text(encoding="utf-8"))["themes"]) == 5
    assert said(caplog) == [
        "refit: 184 opinions in 145 wordings; agreement without a fifth of them 1.00, 0 topics too unstable",
        "refit: proposed: 3 new themes, 2 sub-themes",
    ]


def test_the_survey_is_left_as_it_was_and_the_same_opinions_give_the_same_file(survey):
    publish(survey, *planted_opinions())
    settings = load_settings(survey)
    with open_warehouse(settings.warehouse.url) as warehouse:
        before = warehouse.read("opinions")
    first = refit(str(survey)).read_bytes()
    assert refit(str(survey)).read_bytes() == first
    with open_warehouse(settings.warehouse.url) as warehouse:
        pd.testing.assert_frame_equal(warehouse.read("opinions"), before)
    assert sorted(path.name for path in settings.survey_folder.iterdir()) == ["embeddings", "proposals", "topics"]


@pytest.mark.parametrize("rows", [slice(0, 15), slice(0, 0)], ids=["few", "none"])
def test_too_few_opinions_are_said_and_nothing_is_written(survey, caplog, rows):
    opinions, embeddings = planted_opinions()
    publish(survey, opinions[rows], embeddings[rows])
    with caplog.at_level(logging.INFO, logger="verbatim.refit"):
        assert refit(str(survey)) is None
    assert said(caplog)[-1] == "refit: no topic stands out; nothing was written"
    assert not (load_settings(survey).survey_folder / "proposals").exists()


def test_opinions_with_nothing_in_common_give_no_proposal(survey, caplog):
    opinions, embeddings = planted_opinions(copies=0)
    syllables = itertools.product("bcdfghjk", "aeiouy", "lmnpr")
    opinions["quote"] = ["".join(letters) + "bli" for letters in itertools.islice(syllables, len(opinions))]
    publish(survey, opinions, embeddings)
    with caplog.at_level(logging.INFO, logger="verbatim.refit"):
        assert refit(str(survey)) is None
    assert said(caplog)[-1] == "refit: no topic stands out; nothing was written"


def test_embeddings_that_are_gone_or_of_another_encoder_are_not_used(survey):
    publish(survey, *planted_opinions(), revision="2")
    assert refit(str(survey)) is None
    embeddings_file(load_settings(survey), WINDOW).unlink()
    assert refit(str(survey)) is None


def test_a_survey_that_was_never_published_is_an_error_that_says_so(survey):
    with pytest.raises(WarehouseError):
        refit(str(survey))


def test_a_theme_that_has_left_the_codebook_since_the_last_night_is_named_nowhere(survey):
    publish(survey, *planted_opinions())
    shipped = resources.files("verbatim.themes") / "codebooks" / "cx-fr.toml"
    head, *themes = shipped.read_text(encoding="utf-8").split("[[themes]]")
    kept = [theme for theme in themes if 'id = "confort_proprete"' not in theme]
    assert len(kept) == len(themes) - 1
    (survey.parent / "mine.toml").write_text("[[themes]]".join([head, *kept]), encoding="utf-8")
    with survey.open("a", encoding="utf-8") as settings:
        settings.write('[themes]\ncodebook = "mine.toml"\n')
    written = refit(str(survey)).read_text(encoding="utf-8")
    assert len(tomllib.loads(written)["themes"]) == 4
    assert "confort_proprete" not in written
