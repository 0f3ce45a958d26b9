"""verbatims-fr: every row can be read, and no score is ever taken on a family that was trained on."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from verbatim.errors import ContractError
from verbatim.reading.marked import SIGNS, THEMES, MarkedAnswer, parse_row, read_rows

DATA = Path(__file__).parents[2] / "data" / "verbatims-fr"
FILES = sorted((DATA / "rows").glob("*.tsv"))
WRITTEN = sorted((DATA / "written").glob("*.tsv"))
SPLITS = tomllib.loads((DATA / "splits.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers() -> dict[str, list[MarkedAnswer]]:
    return {file.stem: list(read_rows([file])) for file in (*FILES, *WRITTEN)}


@pytest.fixture(scope="module")
def splits(monkeypatch_module):
    monkeypatch_module.syspath_prepend(str(DATA.parents[1] / "models" / "opinion-encoder"))
    from recipe.splits import load_splits

    return load_splits()


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def family(sector: str) -> str:
    return sector.rstrip("0123456789")


def test_every_row_parses_and_names_a_sector_of_its_own_file(answers):
    assert sum(map(len, answers.values())) > 23_000
    named = {sector: {row.sector for row in rows} for sector, rows in answers.items()}
    # Two files hold a second, small sector.
    assert named.pop("candidats") == {"candidats", "logement_etudiant"}
    assert named.pop("tpe") == {"tpe", "coworking"}
    assert all(sectors == {sector} for sector, sectors in named.items())


def test_every_mark_has_a_legal_tag_and_covers_something(answers):
    for rows in answers.values():
        for row in rows:
            for opinion in row.opinions:
                assert opinion.polarity in SIGNS.values()
                assert opinion.theme in THEMES[row.kind]
                assert row.text[opinion.start : opinion.end].strip()


def test_marks_stand_in_order_and_do_not_overlap(answers):
    for rows in answers.values():
        for row in rows:
            ends = [0, *(opinion.end for opinion in row.opinions)]
            assert all(opinion.start >= end for opinion, end in zip(row.opinions, ends, strict=False))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("8\tnps\tbanque", "fields"),
        ("11\tnps\tbanque\tbien", "score"),
        ("8\tclient\tbanque\tbien", "survey"),
        ("8\tnps\tbanque\t{+management|bien}", "themes"),
        ("8\tnps\tbanque\t{+prix_tarif|bien", "malformed"),
    ],
    ids=["a field short", "score 11", "unknown survey", "employees' theme on a customer", "open brace"],
)
def test_a_broken_row_is_refused(row, fault):
    with pytest.raises(ContractError, match=fault):
        parse_row(row)


def test_every_theme_is_marked_in_training(splits):
    marked = {(answer.kind, opinion.theme) for answer in splits.train for opinion in answer.opinions}
    assert marked == {(kind, theme) for kind, themes in THEMES.items() for theme in themes}


def test_the_splits_name_files_that_exist_each_once():
    named = Counter(sector for sectors in SPLITS.values() for sector in sectors)
    assert set(named) <= {file.stem for file in (*FILES, *WRITTEN)}
    assert set(named.values()) == {1}


def test_no_customers_sector_family_stands_in_two_splits():
    held = {sector for sectors in SPLITS.values() for sector in sectors}
    dealt = {**SPLITS, "train": [file.stem for file in (*FILES, *WRITTEN) if file.stem not in held]}
    families = {name: {family(sector) for sector in sectors} for name, sectors in dealt.items()}
    # Employees have one family only, written by three hands: splits.toml says so.
    shared = [one & other for one, other in combinations(families.values(), 2)]
    assert set().union(*shared) == {"salaries"}


def test_no_exact_text_stands_on_both_sides(splits):
    from recipe.splits import bare

    trained = {bare(answer.text) for answer in splits.train}
    held = {bare(answer.text) for answer in (*splits.dev, *splits.dev_employees, *splits.test, *splits.real)}
    assert not trained & held


def test_the_families_of_the_sample_and_of_the_real_survey_are_never_trained_on(splits):
    sources = (DATA.parent / "sample" / "sources.py").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^SECTORS\b[^=]*= \(([^)]*)\)", sources, flags=re.MULTILINE)
    sample = set(re.findall(r'"(\w+)"', listed))
    assert sample
    assert not {answer.sector for answer in splits.train} & (sample | set(SPLITS["real"]))


def test_the_readme_counts_what_is_there(answers, splits):
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    held = {sector for sectors in SPLITS.values() for sector in sectors}
    trainable = sum(len(rows) for sector, rows in answers.items() if sector not in held)
    assert f"{sum(map(len, answers.values())):,} answers" in readme
    assert f"in {len(FILES) + len(WRITTEN)} files" in readme
    assert f"{sum(len(answers[file.stem]) for file in WRITTEN):,} answers, written" in readme
    assert f"({trainable - len(splits.train)} of {trainable:,} rows" in readme


def test_written_answers_are_different_from_one_another_and_no_family_is_kept_apart(answers, splits):
    from recipe.splits import bare

    texts = [bare(row.text) for file in WRITTEN for row in answers[file.stem] if row.opinions]
    # A commonplace such as "rien à redire" may be said in two sectors; whole answers may not.
    long = [text for text in texts if len(text) > 40]
    assert len(set(long)) == len(long)
    held = {sector for sectors in SPLITS.values() for sector in sectors}
    assert {row.sector for row in splits.written} == {file.stem for file in WRITTEN} - held
    assert set(splits.written) <= set(splits.train)
    assert not {family(sector) for sector in {file.stem for file in WRITTEN} - held} & {family(name) for name in held}


def test_no_row_holds_a_phone_number_or_an_address_for_mail(answers):
    contact = re.compile(r"\b0[1-9](?:[ .-]?\d{2}){4}\b|[\w.]+@[\w.]+\.\w{2,}")
    assert [row.sector for rows in answers.values() for row in rows if contact.search(row.text)] == []
