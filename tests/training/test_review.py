"""The sheet of a review: what is drawn, what it looks like, what comes back."""

from __future__ import annotations

import re

import openpyxl
import pandas as pd
import pytest

from tests.warehouse.frames import rows
from verbatim.errors import ContractError
from verbatim.reading.errors import REVIEW_COLUMNS
from verbatim.reading.marked import parse_row
from verbatim.tables import TABLES
from verbatim.themes import load_codebook
from verbatim.training.review import (
    GUIDE_SHEET,
    add_review,
    draw_opinions,
    fingerprints,
    marked_rows,
    read_sheet,
    theme_labels,
    write_sheet,
)

BOOK = load_codebook("cx-fr")


def frames(texts, *spans, **fields):
    """Responses r0, r1, … and opinions (answer, start, end)."""
    answers = [{"response_id": f"r{n}", "verbatim": text, "score": 7} | fields for n, text in enumerate(texts)]
    opinions = [
        {
            "response_id": f"r{n}",
            "opinion_id": f"r{n}#{rank}",
            "start": start,
            "end": end,
            "quote": texts[n][start:end],
            "text_hash": texts[n],
        }
        for rank, (n, start, end) in enumerate(spans)
    ]
    return rows(TABLES["responses"], *answers), rows(TABLES["opinions"], *opinions)


def judged(*said):
    """Review rows: opinion, true theme, true polarity."""
    return pd.DataFrame(
        [(o.split("#")[0], o, "prix_tarif", "negative", theme, polarity, "m") for o, theme, polarity in said],
        columns=list(REVIEW_COLUMNS),
        dtype="string",
    )


def test_answers_are_drawn_whole_until_there_are_enough():
    texts = [f"aa bb {number}" for number in range(30)]
    responses, opinions = frames(texts, *((n, start, start + 2) for n in range(30) for start in (3, 0)))
    drawn = draw_opinions(responses, opinions, n=7, seed=1)
    assert len(drawn) == 8
    assert drawn["number"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert drawn["start"].tolist() == [0, 3] * 4
    shuffled = draw_opinions(
        responses.sample(frac=1, random_state=1), opinions.sample(frac=1, random_state=2), n=7, seed=1
    )
    assert shuffled["opinion_id"].tolist() == drawn["opinion_id"].tolist()
    assert draw_opinions(responses, opinions, n=7, seed=2)["opinion_id"].tolist() != drawn["opinion_id"].tolist()
    assert len(draw_opinions(responses, opinions, n=1000, seed=1)) == 60


def test_every_answer_is_as_likely_to_be_drawn():
    texts = [f"aa {number}" for number in range(20)]
    responses, opinions = frames(texts, *((n, 0, 2) for n in range(20)))
    firsts = [draw_opinions(responses, opinions, n=1, seed=seed)["response_id"].iloc[0] for seed in range(400)]
    assert pd.Series(firsts).value_counts().between(6, 40).all()
    assert len(set(firsts)) == 20


def test_answers_without_a_score_are_not_drawn():
    assert draw_opinions(*frames(["aa"], (0, 0, 2), score=None), n=5, seed=1).empty


@pytest.fixture
def sheet(tmp_path):
    file = tmp_path / "review.xlsx"
    texts = ["=1+1 et\x0b @la suite", "+33 trop cher\nvraiment", "-5 points", "x" * 40_000]
    responses, opinions = frames(texts, (0, 0, 4), (1, 4, 13), (2, 0, 9), (3, 39_000, 39_900))
    write_sheet(draw_opinions(responses, opinions, n=10, seed=1), BOOK, file)
    return file


def test_no_cell_is_a_formula(sheet):
    book = openpyxl.load_workbook(sheet)
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    quotes = {str(cell.value): cell for row in book["Avis"].iter_rows(min_row=2) for cell in row[4:5]}
    assert quotes["=1+1"].quotePrefix
    assert {"trop cher", "-5 points"} < set(quotes)
    # XML knows no vertical tab.
    assert any("\ufffd" in str(row[3].value) for row in book["Avis"].iter_rows(min_row=2))


def test_the_opinion_stands_in_bold_in_its_answer(sheet):
    book = openpyxl.load_workbook(sheet, rich_text=True)
    shown = {str(row[4].value): row[3].value for row in book["Avis"].iter_rows(min_row=2)}
    before, bold, after = shown["trop cher"]
    assert (str(before), bold.text, str(after)) == ("+33 ", "trop cher", "\nvraiment")
    assert bold.font.b
    assert len(str(shown["x" * 900])) < 32_767


def test_the_judge_sees_no_reading(sheet):
    said = " ".join(str(c.value) for row in openpyxl.load_workbook(sheet)["Avis"].iter_rows(min_row=2) for c in row)
    assert "prix_tarif" not in said
    assert "positive" not in said


def test_the_sheet_guides_the_hand(sheet):
    book = openpyxl.load_workbook(sheet)
    assert book.sheetnames == [GUIDE_SHEET, "Avis", "Thèmes"]
    page = book["Avis"]
    assert page.freeze_panes == "C2"
    assert (page.column_dimensions["A"].hidden, page.protection.sheet) == (True, True)
    assert [page.cell(2, column).protection.locked for column in range(1, 9)] == [True] * 5 + [False] * 3
    offered = {str(one.sqref): one.formula1 for one in page.data_validations.dataValidation}
    assert offered == {"F2:F5": "'Thèmes'!$B$2:$B$25", "G2:G5": '"Positif,Négatif,Neutre"'}
    labels = [row[1].value for row in book["Thèmes"].iter_rows(min_row=2)]
    assert labels == [*theme_labels(BOOK).values(), "Pas un avis"]
    assert all(row[2].value for row in book["Thèmes"].iter_rows(min_row=2))


def test_two_themes_of_one_label_can_be_told_apart():
    theme = BOOK.themes[0]
    twice = type(BOOK)(**{**vars(BOOK), "themes": (theme, type(theme)(**{**vars(theme), "id": "other"}))})
    assert theme_labels(twice)["other"] == f"{theme.label_fr} (other)"


def fill(file, *said):
    book = openpyxl.load_workbook(file, rich_text=True)
    for row, (theme, polarity) in zip(book["Avis"].iter_rows(min_row=2), said, strict=False):
        row[5].value, row[6].value = theme, polarity
    book.save(file)


def test_labels_ids_and_blanks_are_understood(sheet):
    fill(sheet, ("  prix et TARIFS ", "négatif"), ("livraison", "Neutre (souhait, constat)"), ("Pas un avis", None))
    filled = read_sheet(sheet, BOOK)
    assert filled.n_rows == 4
    said = filled.judgements[["theme_true", "polarity_true", "row"]].astype(object)
    assert said.where(said.notna(), None).to_numpy().tolist() == [
        ["prix_tarif", "negative", 2],
        ["livraison", "neutral", 3],
        ["no_opinion", None, 4],
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("philomene", "Positif"), "the theme is none of the list"),
        (("livraison", "philomene"), "the polarity is none of the list"),
        ((None, "Positif"), "the theme is missing"),
        (("livraison", None), "the polarity is missing"),
        (("Pas un avis", "Positif"), "have no polarity"),
    ],
    ids=["theme", "polarity", "no theme", "no polarity", "no opinion, yet a polarity"],
)
def test_a_row_that_cannot_be_used_is_told_by_its_number(sheet, said, told):
    fill(sheet, ("livraison", "Positif"), said)
    with pytest.raises(ContractError, match=re.escape(told)) as error:
        read_sheet(sheet, BOOK)
    assert "row 3: " in str(error.value)
    assert "philomene" not in str(error.value)


def test_a_row_that_was_copied_is_told(sheet):
    book = openpyxl.load_workbook(sheet, rich_text=True)
    page = book["Avis"]
    page["A3"].value = page["A2"].value
    book.save(sheet)
    with pytest.raises(ContractError, match="row 3: the same opinion as row 2"):
        read_sheet(sheet, BOOK)


@pytest.mark.parametrize("content", [b"PK no workbook", None], ids=["no workbook", "another workbook"])
def test_another_file_is_refused(tmp_path, content):
    file = tmp_path / "other.xlsx"
    if content is None:
        openpyxl.Workbook().save(file)
    else:
        file.write_bytes(content)
    with pytest.raises(ContractError, match="no sheet of a review"):
        read_sheet(file, BOOK)


def test_a_fingerprint_changes_with_text_and_place():
    _, opinions = frames(["aa bb", "aa cc"], (0, 0, 2), (0, 3, 5), (1, 0, 2))
    assert len(set(fingerprints(opinions))) == 3


def test_whole_answers_become_rows_to_learn_from():
    texts = ["trop cher,\nmais aimable", "bof { et cher", "cher et lent", "ok rien", "borne en panne"]
    responses, opinions = frames(
        texts, (0, 0, 9), (0, 16, 23), (1, 9, 13), (2, 0, 4), (2, 8, 12), (3, 0, 2), (4, 0, 14)
    )
    review = judged(
        ("r0#0", "prix_tarif", "negative"),
        ("r0#1", "accueil_relation", "positive"),
        ("r1#2", "prix_tarif", "negative"),
        ("r2#3", "prix_tarif", "negative"),
        ("r2#4", None, None),
        ("r3#5", "no_opinion", None),
        ("r4#6", "borne_recharge", "negative"),
    )
    lines = marked_rows(review, responses, opinions, kind="nps", sector="enseigne")
    assert lines == [
        "7\tnps\tenseigne\t{-prix_tarif|trop cher},\\nmais {+accueil_relation|aimable}",
        "7\tnps\tenseigne\tok rien",
    ]
    assert parse_row(lines[0]).text == texts[0]


def test_a_later_judgement_replaces_an_earlier_one_and_a_blank_replaces_none():
    first = judged(
        ("r0#0", "prix_tarif", "negative"), ("r0#1", "livraison", "positive"), ("r1#2", "livraison", "neutral")
    )
    second = judged(("r0#0", "choix_stock", "negative"), ("r0#1", None, None))
    assert add_review(first, second)["theme_true"].tolist() == ["choix_stock", "livraison", "livraison"]


def test_what_another_reader_read_of_the_same_answer_is_dropped():
    first = judged(
        ("r0#0", "prix_tarif", "negative"), ("r0#1", "livraison", "positive"), ("r1#2", "livraison", "neutral")
    )
    second = judged(("r0#0", "choix_stock", "negative")).assign(model_revision="new").astype("string")
    assert add_review(first, second)["opinion_id"].tolist() == ["r0#0", "r1#2"]
