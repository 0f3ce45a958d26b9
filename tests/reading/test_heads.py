"""What the labels of a head mean."""

from __future__ import annotations

import pytest

from verbatim.errors import ModelError
from verbatim.reading.heads import polarity_of_labels

STARS = {place: f"{place + 1} star{'s' * (place > 0)}" for place in range(5)}


@pytest.mark.parametrize(
    ("labels", "given", "meant"),
    [
        (STARS, {}, "--=++"),
        ({0: "1 étoile", 1: "5 étoiles"}, {}, "-+"),
        ({0: "1", 1: "2", 2: "3", 3: "4", 4: "5"}, {}, "--=++"),
        ({0: "NEG", 1: "NEU", 2: "POS"}, {}, "-=+"),
        ({0: "Positif", 1: "Négatif", 2: "Neutre"}, {}, "+-="),
        ({0: "negative", 1: "positive"}, {}, "-+"),
        (
            {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"},
            {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"},
            "-=+",
        ),
        (STARS, {label: "negative" if label < "4" else "positive" for label in STARS.values()}, "---++"),
    ],
    ids=["stars", "two stars in French", "bare stars", "short names", "French", "two classes", "named", "overruled"],
)
def test_labels_count_for_a_polarity(labels, given, meant):
    counts = polarity_of_labels(labels, given, where="models.sentiment")
    assert "".join("+-="[place] for place in counts.argmax(axis=1)) == meant
    assert (counts.sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("labels", "given", "told"),
    [
        ({0: "LABEL_0", 1: "LABEL_1"}, {}, "say no polarity: 'LABEL_0', 'LABEL_1'"),
        ({0: "positive", 1: "positive"}, {}, "say no polarity"),
        ({0: "LABEL_0", 1: "LABEL_1"}, {"LABEL_0": "negative"}, "not those of the head"),
        ({0: "NEG", 1: "POS"}, {"NEG": "negative", "PSO": "positive"}, "not those of the head"),
    ],
    ids=["no names", "one polarity", "one not named", "a name too many"],
)
def test_labels_that_say_nothing_are_shown_with_the_setting_to_write(labels, given, told):
    with pytest.raises(ModelError, match=told) as error:
        polarity_of_labels(labels, given, where="models.sentiment")
    assert "LABEL_0" in str(error.value) or "NEG" in str(error.value) or "positive" in str(error.value)
