"""A team's marked answers: what is wrong is told by line, and never in a customer's words."""

from __future__ import annotations

import pytest

from verbatim.errors import ContractError
from verbatim.training import read_answers

from .conftest import marked_lines


@pytest.fixture
def file(tmp_path):
    return tmp_path / "marked.tsv"


def test_answers_come_in_the_order_of_the_file_each_text_once(file):
    lines = marked_lines(120)
    file.write_text("\n".join([*lines, "", lines[3], ""]), encoding="utf-8-sig")
    answers = read_answers(file, kind="nps")
    assert len(answers) == 120
    assert answers[0].sector == "essai"
    assert all(answer.opinions for answer in answers)


def test_all_faults_are_told_at_once_by_line_and_without_words(file):
    bad = ["7\tnps\tessai\t{-prix_tarif|philomene", "12\tnps\tessai\tphilomene", "7\tnps", "7\tenps\tessai\tphilomene"]
    file.write_text("\n".join([*marked_lines(120), *bad]), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        read_answers(file, kind="nps")
    said = str(error.value)
    assert "4 lines of the marked answers cannot be used" in said
    assert "line 121: A mark is malformed" in said
    assert "line 122: The score is not a whole number" in said
    assert "line 123: A row has 2 fields" in said
    assert "line 124: survey is enps, the settings describe nps" in said
    assert "GUIDE.md" in said
    assert "philomene" not in said


def test_of_many_faults_the_first_are_told_and_the_rest_counted(file):
    file.write_text("bad\n" * 40, encoding="utf-8")
    with pytest.raises(ContractError, match="40 lines") as error:
        read_answers(file, kind="nps")
    assert "… and 32 more" in str(error.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("\n".join(marked_lines(99)).encode(), "holds 99 different answers"),
        ("\n".join(f"7\tnps\tessai\trien {number}" for number in range(200)).encode(), "0 marked opinions"),
        ("7\tnps\tessai\tdéçu".encode("cp1252"), "no UTF-8"),
        (None, "cannot be read"),
    ],
    ids=["too few", "nothing marked", "another charset", "no file"],
)
def test_a_file_that_cannot_be_learned_from_is_refused(file, content, told):
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ContractError, match=told) as error:
        read_answers(file, kind="nps")
    assert error.value.where == str(file)
    assert error.value.expected
