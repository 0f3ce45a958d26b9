import doctest

import pytest

from verbatim.reports import charts, format_count, format_points, format_share, name_period, quotes, typography
from verbatim.reports.quotes import LONGEST_QUOTE, tidy_quote
from verbatim.reports.typography import abbreviate_period, shorten, typeset

N, B, M = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize("module", [typography, quotes, charts])
def test_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("points", "fr", "en"),
    [
        (53.61, "+53,6", "+53.6"),
        (-3.25, f"{M}3,2", f"{M}3.2"),
        (0.0, "0,0", "0.0"),
        (-0.04, "0,0", "0.0"),
        (100.0, "+100,0", "+100.0"),
    ],
)
def test_points_carry_their_sign(points, fr, en):
    assert (format_points(points, "fr"), format_points(points, "en")) == (fr, en)


@pytest.mark.parametrize(
    ("share", "fr", "en"),
    [
        (0.0, f"0{N}%", "0%"),
        (0.002, f"<{N}1{N}%", "<1%"),
        (0.314, f"31{N}%", "31%"),
        (0.998, f">{N}99{N}%", ">99%"),
        (1.0, f"100{N}%", "100%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(share, fr, en):
    assert (format_share(share, "fr"), format_share(share, "en")) == (fr, en)


def test_thousands():
    assert format_count(1234567, "fr") == f"1{N}234{N}567"
    assert format_count(999, "fr") == "999"


@pytest.mark.parametrize(
    ("label", "fr", "en", "short"),
    [
        ("2026-03", "mars 2026", "March 2026", "mars"),
        ("2026-Q1", "1er trimestre 2026", "Q1 2026", "T1 26"),
        ("2026-Q2", "2e trimestre 2026", "Q2 2026", "T2"),
        ("2026-W09", "semaine 9 de 2026", "week 9 of 2026", "S9"),
        ("2026-W10", "semaine 10 de 2026", "week 10 of 2026", "S10"),
        ("2026-03-14", "14 mars 2026", "14 March 2026", "14/03"),
        ("2026-03-01", "1er mars 2026", "1 March 2026", "01/03"),
        ("2026-01", "janvier 2026", "January 2026", "janv. 26"),
    ],
)
def test_periods_are_named(label, fr, en, short):
    assert (name_period(label, "fr"), name_period(label, "en"), abbreviate_period(label, "fr")) == (fr, en, short)


def test_a_label_that_is_no_period_is_refused():
    with pytest.raises(ValueError, match="not a period label"):
        name_period("2026", "fr")


def test_french_spaces():
    assert typeset("« L'avis » : 3 % ; oui !") == f"«{N}L’avis{N}»{B}: 3{N}%{N}; oui{N}!"
    assert typeset("It's: 3%", "en") == "It's: 3%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("court", "court"),
        ("trop cher, vraiment", "trop cher…"),
        ("x" * 30, "x" * 12 + "…"),
    ],
)
def test_a_long_text_is_cut_at_a_word(text, expected):
    assert shorten(text, 12) == expected


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("a\u202eb\u2069c\u2066d", "abcd"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("ligne\r\n\nligne", "ligne ligne"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("famille 👩\u200d👧", "famille 👩\u200d👧"),
    ],
    ids=["directions", "controls", "lines", "piled accents", "joined emoji"],
)
def test_a_quote_cannot_break_the_page(quote, shown):
    assert tidy_quote(quote) == shown


def test_a_quote_is_shortened():
    assert len(tidy_quote("mot " * 2000)) <= LONGEST_QUOTE + 1
