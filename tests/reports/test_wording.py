import re
from string import Formatter

import pytest

from verbatim.reports.wording import Wording, read_texts

FRENCH, ENGLISH = read_texts("fr"), read_texts("en")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys():
    assert set(FRENCH) == set(ENGLISH)


@pytest.mark.parametrize("key", FRENCH)
def test_both_languages_use_the_same_values(key):
    # A language may do without the name of the survey's kind, which both are given anyway.
    own = {"nps", "le_nps", "Le_nps", "du_nps", "de_nps", "people"}
    assert _fields(FRENCH[key]) - own == _fields(ENGLISH[key]) - own


@pytest.mark.parametrize("key", FRENCH)
def test_french_is_typeset(key):
    assert not re.search(r"[^\u202f ][;!?](?!\w)| [;!?%:»]|« |'", FRENCH[key])


@pytest.mark.parametrize(
    ("language", "number", "expected"),
    [
        ("fr", 0, "0 répondant"),
        ("fr", 1, "1 répondant"),
        ("fr", 2, "2 répondants"),
        ("en", 0, "0 respondents"),
        ("en", 1, "1 respondent"),
    ],
)
def test_numbers_agree(language, number, expected):
    assert Wording(language).say_number("respondents", number) == expected


@pytest.mark.parametrize(
    ("language", "points", "expected"),
    [
        ("fr", 0.01, "moins de 0,1 point"),
        ("fr", 1.94, "1,9 point"),
        ("fr", 1.96, "2,0 points"),
        ("en", 1.0, "1.0 point"),
        ("en", 1.9, "1.9 points"),
    ],
)
def test_points_agree(language, points, expected):
    assert Wording(language).stake(points) == expected


def test_the_kind_of_survey_names_the_measure():
    assert Wording("fr", "enps").say("trend.heading") == "L’eNPS période par période"


def test_a_dimension_without_a_name_is_called_as_in_the_settings():
    words = Wording("fr")
    assert (words.name("dimension", "channel"), words.name("dimension", "type_de_client")) == (
        "Canal",
        "Type de client",
    )


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("fr", "channel × journey_step", "Canal × Étape du parcours"),
        ("en", "channel × type_de_client", "Channel × Type de client"),
        ("fr", "mode", "Mode de collecte"),
        ("fr", "delay", "Délai depuis le passage"),
    ],
)
def test_crossed_dimensions_are_called_by_both_names(language, code, name):
    assert Wording(language).name("dimension", code) == name
