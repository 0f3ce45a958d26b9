"""A continued encoder: written once, opened like any other, and only where it is better."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from verbatim.errors import ModelError
from verbatim.reading import load_encoder
from verbatim.training import train_on
from verbatim.training.validation import FOLDS, fold_of

TODAY = dt.date(2026, 11, 27)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def trained(answers, parent, out):
    return train_on(answers, parent=parent, out=out, today=TODAY)


def test_the_folder_opens_and_reads_better_than_its_parent(trained, parent, answers):
    encoder = load_encoder(trained.folder)
    assert encoder.revision != load_encoder(parent).revision
    assert trained.validated.after["pairs_f1"] > trained.validated.before["pairs_f1"]
    read = encoder.read([answer.text for answer in answers], codebook="cx-fr").opinions
    assert {"prix_tarif", "accueil_relation", "joignabilite_attente"} <= set(read["theme_id"])


def test_the_card_and_the_figures_say_the_same_and_quote_nobody(trained, answers):
    card = (trained.folder / "README.md").read_text(encoding="utf-8")
    figures = json.loads((trained.folder / "figures.json").read_text(encoding="utf-8"))
    assert figures["date"] == "2026-11-27"
    assert figures["after"] == trained.validated.after
    for key in ("polarity_accuracy", "theme_accuracy", "themes_f1", "pairs_f1"):
        assert f"| {figures['before'][key]:.3f} | {figures['after'][key]:.3f} |" in card
    assert "150 marked answers" in card
    words = {answer.text for answer in answers} | {"souriant", "interminable"}
    assert not [word for word in words if word in card]


def test_the_same_answers_in_another_order_are_the_same_version(trained, answers, parent, out):
    again = train_on(answers[::-1], parent=parent, out=out, today=TODAY)
    assert again.was_there
    assert again.folder == trained.folder
    assert again.validated == trained.validated
    assert [path.name for path in out.iterdir()] == [trained.folder.name]


def test_another_answer_more_is_another_version(trained, answers, parent, out, tmp_path):
    other = train_on(answers[:-1], parent=parent, out=tmp_path, today=TODAY)
    assert other.folder.name != trained.folder.name


def test_answers_that_teach_nothing_leave_no_folder(answers, parent, tmp_path, monkeypatch):
    monkeypatch.setattr("verbatim.training.heads.RATE", 0.0)
    with pytest.raises(ModelError, match="no better") as error:
        train_on(answers, parent=parent, out=tmp_path / "models", today=TODAY)
    assert "keep the encoder" in error.value.next_step
    assert not (tmp_path / "models").exists()


def test_a_text_has_one_fold_and_the_folds_are_even():
    counts = [0] * FOLDS
    for number in range(5000):
        counts[fold_of(f"réponse {number}")] += 1
    assert min(counts) > 900
    assert fold_of("trop cher") == fold_of("trop cher")
