"""`verbatim check`: what a source looks like before its first night."""

from __future__ import annotations

from tests.flows.surveys import HEADER, answers, write_source

WORDS = "le carrelage des Trifouillard"


def files(folder) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_it_says_which_column_holds_what_and_writes_nothing(survey, command):
    before = files(survey.parent)
    code, out, _ = command("check", survey)
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "source nps.csv (5 columns, utf-8)" in lines
    assert "verbatim ← explication" in lines
    assert "dimensions.channel ← canal" in lines
    assert "first 54 rows: 54 responses, 54 with a score, 36 with text" in lines
    assert lines[-1] == f"{survey}: good"
    assert files(survey.parent) == before


def test_columns_that_nothing_uses_are_named(survey, command):
    write_source(survey.parent, [f"{row.strip()};x\n" for row in answers()], header=f"{HEADER.strip()};magasin\n")
    assert "not used: magasin" in command("check", survey)[1]


def test_rows_that_would_be_refused_are_counted_without_their_words(survey, command):
    write_source(survey.parent, [*answers(), f"a;dix;{WORDS};2026-01-05;web\n", f"b;3;{WORDS};32/13/2026;web\n"])
    code, out, errors = command("check", survey)
    assert code == 0
    assert "to quarantine: score_unreadable 1, date_unreadable 1" in out
    assert "Trifouillard" not in out + errors


def test_a_missing_column_is_an_error(survey, command):
    write_source(survey.parent, answers(), header=HEADER.replace("explication", "explications"))
    code, out, errors = command("check", survey)
    assert code == 1
    assert "good" not in out
    assert "did you mean 'explications'" in errors


def test_a_header_without_rows_is_told(survey, command):
    write_source(survey.parent, [])
    code, out, _ = command("check", survey)
    assert code == 0
    assert "no rows" in out


def test_wrong_settings_have_their_own_exit_code(survey, command):
    survey.write_text(survey.read_text().replace("[columns]", "[colums]"))
    code, _, errors = command("check", survey)
    assert code == 2
    assert "did you mean columns" in errors


def test_debug_shows_the_trace(survey, command):
    (survey.parent / "nps.csv").unlink()
    try:
        command("check", survey, "--debug")
    except Exception as error:
        assert "no such file" in str(error)
    else:
        raise AssertionError("the error was kept")
