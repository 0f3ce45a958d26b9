"""A night with profile `camembert`: the models that the settings name judge and place the opinions."""

from __future__ import annotations

import pytest

from flows.nightly import nightly
from tests.reading.transformers import make_tiny_transformer
from verbatim.errors import ModelError
from verbatim.settings import load_settings
from verbatim.warehouse import open_warehouse

from .surveys import answers, write_settings, write_source

pytestmark = pytest.mark.usefixtures("prefect")
AS_OF = "2026-04-20"
MODELS = """[models]
profile = "camembert"
[models.sentiment]
model = "stars"
[models.embedding]
model = "sentences"
"""


@pytest.fixture
def survey(tmp_path):
    write_source(tmp_path, answers())
    make_tiny_transformer(tmp_path / "stars", "camembert", labels=["1 star", "5 stars"])
    make_tiny_transformer(tmp_path / "sentences", "xlm-roberta")
    return write_settings(tmp_path, extra=MODELS)


def test_what_is_published_is_what_the_plugged_models_say(survey):
    assert nightly(str(survey), AS_OF).computed == ("2026-01", "2026-02", "2026-03")
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        opinions = warehouse.read("opinions")
        windows = warehouse.read("windows")
    assert len(opinions) == 36
    # Two labels, none of them neutral.
    assert (opinions["p_neutral"] == 0).all()
    assert opinions[["p_positive", "p_negative"]].sum(axis=1).tolist() == pytest.approx([1] * len(opinions))
    assert windows["model_revision"].nunique() == 1
    assert nightly(str(survey), AS_OF).computed == ()


def test_a_model_that_is_missing_stops_the_night_before_anything_is_published(survey):
    survey.write_text(survey.read_text().replace('"stars"', '"./gone"'))
    with pytest.raises(ModelError, match=r"no config\.json") as error:
        nightly(str(survey), AS_OF)
    assert "read offline" in error.value.next_step
    assert not (survey.parent / "verbatim.duckdb").exists() or not _published(survey)


def _published(survey) -> int:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        return len(warehouse.read("windows"))
