"""`verbatim train`: from marked answers to a folder that the settings can name."""

from __future__ import annotations

import pytest

from tests.standins import make_tiny_encoder
from tests.training.conftest import marked_lines


@pytest.fixture
def marked(tmp_path):
    file = tmp_path / "marked.tsv"
    file.write_text("\n".join(marked_lines(120)), encoding="utf-8")
    return file


@pytest.fixture
def own_encoder(survey):
    # As in tests/training: not every random trunk tells these few words apart.
    make_tiny_encoder(survey.parent / "tiny", seed=2)
    survey.write_text(survey.read_text() + '\n[models]\nfolder = "tiny"\n')
    return survey


def test_the_verb_says_what_it_was_worth_and_where_it_is(own_encoder, marked, command):
    code, said, _ = command("train", own_encoder, "--marked", marked)
    assert code == 0
    assert "(theme, polarity) of an answer, micro F1" in said
    (folder,) = (own_encoder.parent / ".verbatim").glob("*/models/encoder-*")
    assert f'folder = "{folder}"' in said
    assert (folder / "README.md").is_file()


def test_answers_of_the_other_kind_are_refused_and_nothing_is_written(own_encoder, tmp_path, command):
    other = tmp_path / "employees.tsv"
    other.write_text("7\tenps\tessai\trien\n", encoding="utf-8")
    code, _, errors = command("train", own_encoder, "--marked", other)
    assert code == 1
    assert "line 1: survey is enps" in errors
    assert not list((own_encoder.parent / ".verbatim").glob("*/models"))
