"""Heads over a frozen trunk."""

from __future__ import annotations

import pytest
import torch

from verbatim.reading import load_encoder
from verbatim.training.heads import between, continue_heads, heads_of, judge, prepare, with_heads
from verbatim.training.scoring import cross_entropy, labels, softmax


@pytest.fixture(scope="module")
def encoder(parent):
    return load_encoder(parent)


@pytest.fixture(scope="module")
def lessons(encoder, answers):
    return prepare(encoder, answers)


@pytest.fixture(scope="module")
def heads(encoder, lessons):
    return continue_heads(encoder.model, lessons[:120], kind="nps", seed=3, epochs=30)


def test_a_lesson_holds_what_was_marked(encoder, answers, lessons):
    assert len(lessons) == len(answers)
    for answer, lesson in zip(answers, lessons, strict=True):
        assert len(lesson.spans) == len(answer.opinions)
        assert lesson.states.shape == (len(lesson.tags), encoder.config.hidden_size)
        # One B an opinion, at its first token.
        assert (lesson.tags == 1).sum() == len(answer.opinions)
        assert (lesson.tags[lesson.spans[:, 0]] == 1).all()


def test_what_was_learned_holds_on_answers_not_seen(encoder, answers, lessons, heads):
    polarity, themes = labels(answers[120:])
    before = judge(encoder.model, lessons[120:], kind="nps")
    after = judge(with_heads(encoder.model, heads), lessons[120:], kind="nps")
    assert (before.themes.argmax(1) == themes).mean() < 0.5
    assert (after.themes.argmax(1) == themes).mean() > 0.9
    assert (after.polarity.argmax(1) == polarity).mean() > 0.9
    assert cross_entropy(softmax(after.tags), after.true_tags) < cross_entropy(softmax(before.tags), before.true_tags)


def test_the_model_itself_and_the_other_surveys_themes_stay_as_they_are(encoder, parent, heads):
    fresh = load_encoder(parent).model.state_dict()
    assert all(torch.equal(weight, fresh[name]) for name, weight in encoder.model.state_dict().items())
    start = heads_of(encoder.model)
    changed = {name.split(".")[0] for name, weight in heads.items() if not torch.equal(weight, start[name])}
    assert changed == {"tagger", "join", "polarity", "customer_themes"}


def test_the_same_lessons_and_seed_give_the_same_heads(encoder, lessons):
    one, other = (continue_heads(encoder.model, lessons[:40], kind="nps", seed=9, epochs=2) for _ in range(2))
    assert all(torch.equal(weight, other[name]) for name, weight in one.items())


def test_training_leaves_the_callers_random_numbers_alone(encoder, lessons):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    continue_heads(encoder.model, lessons[:40], kind="nps", seed=9, epochs=1)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_heads_between_two_others(encoder, heads, share):
    start = heads_of(encoder.model)
    middle = between(start, heads, share)
    expected = (1 - share) * start["polarity.bias"] + share * heads["polarity.bias"]
    assert torch.allclose(middle["polarity.bias"], expected)
