"""Marked answers lose their marks and keep their offsets."""

import pytest

from verbatim.errors import ContractError
from verbatim.reading.marked import parse_marks, parse_row


def test_marks_come_off_and_offsets_stand_in_the_bare_text():
    text, opinions = parse_marks("{+prix_tarif|pas cher}\\nmais {-livraison|colis perdu}.")
    assert text == "pas cher\nmais colis perdu."
    assert [(text[o.start : o.end], o.polarity, o.theme) for o in opinions] == [
        ("pas cher", "positive", "prix_tarif"),
        ("colis perdu", "negative", "livraison"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("9\tnps\tbanque", "3 fields"),
        ("9\tcsat\tbanque\tbien", "Unknown survey"),
        ("11\tnps\tbanque\tbien", "score"),
        ("9\tnps\tbanque\t{+management|chef}", "Unknown themes: management"),
        ("9\tnps\tbanque\t{+prix_tarif|pas {cher}}", "malformed"),
    ],
)
def test_a_broken_row_is_named_by_its_fault(line, message):
    with pytest.raises(ContractError, match=message):
        parse_row(line)
