"""The reader's errors on held-out answers, and on those that a team reviewed."""

from __future__ import annotations

import json

import pytest

from verbatim.errors import ContractError, ModelError
from verbatim.reading import shipped_folder
from verbatim.reading.errors import (
    COLUMNS,
    ERRORS_FILE,
    REVIEW_COLUMNS,
    REVIEW_FILE,
    held_out_rates,
    reviewed,
)
from verbatim.reading.marked import THEMES

ROW = ("cx-fr", "prix_tarif", "negative", 3, 1, 2, 94, 1, 0.08, 0.001)
OWN = """
name = "own"
language = "fr"
version = "1"
[[themes]]
id = "prix_tarif"
[[themes]]
id = "livraison"
[[themes]]
id = "borne_recharge"
[[retired]]
id = "delai_traitement"
into = ["livraison"]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ERRORS_FILE).parent.mkdir()
    (tmp_path / ERRORS_FILE).write_text("# held out\n" + "\t".join(COLUMNS) + "\n" + "\t".join(map(str, ROW)) + "\n")
    return tmp_path


def test_counts_come_with_precision_recall_and_f1(folder):
    (row,) = held_out_rates(folder, "cx-fr").to_dict("records")
    assert (row["theme_id"], row["polarity"], row["missed"]) == ("prix_tarif", "negative", 1)
    assert (row["precision"], row["recall"], row["f1"]) == pytest.approx((0.6, 0.75, 6 / 9))


def test_an_encoder_of_a_team_s_own_has_no_figures(tmp_path):
    assert held_out_rates(tmp_path, "cx-fr") is None


@pytest.mark.parametrize(("codebook", "kind"), [("cx-fr", "nps"), ("ex-fr", "enps")])
def test_the_encoder_that_ships_has_a_row_a_theme_and_polarity(codebook, kind):
    table = held_out_rates(shipped_folder(), codebook)
    assert list(dict.fromkeys(table["theme_id"])) == list(THEMES[kind])
    assert len(table) == 3 * len(THEMES[kind])
    assert table[["tp", "fn", "fp", "tn"]].sum(axis=1).nunique() == 1
    assert (table["missed"] <= table["fn"]).all()


def test_the_table_is_of_the_encoder_that_ships_and_says_what_its_card_says():
    figures = json.loads((shipped_folder() / "figures.json").read_text(encoding="utf-8"))
    head = (shipped_folder() / ERRORS_FILE).read_text(encoding="utf-8").splitlines()[0]
    assert figures["revision"] in head, "run `python -m recipe.held_out`"
    for codebook, themes in figures["themes"].items():
        for row in held_out_rates(shipped_folder(), codebook).itertuples():
            said = themes[row.theme_id]["polarity"][row.polarity]
            assert (row.tp + row.fn, row.tp + row.fp) == (said["n"], said["said"])


def test_of_a_codebook_of_one_s_own_the_themes_that_mean_the_same_have_figures(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    # What was merged into livraison is now read as livraison: nobody measured that.
    assert set(held_out_rates(shipped_folder(), str(file))["theme_id"]) == {"prix_tarif"}


@pytest.mark.parametrize(
    "content",
    ["", "a\tb\n1\t2\n", "\t".join(COLUMNS) + "\n" + "\t".join(map(str, (*ROW[:3], "many", *ROW[4:]))) + "\n"],
    ids=["empty", "other columns", "no number"],
)
def test_a_table_that_cannot_be_read_is_an_error(folder, content):
    (folder / ERRORS_FILE).write_text(content)
    with pytest.raises(ModelError, match="cannot be read"):
        held_out_rates(folder, "cx-fr")


def write_review(folder, *rows, columns=REVIEW_COLUMNS):
    file = folder / REVIEW_FILE
    file.parent.mkdir()
    file.write_text("\n".join("\t".join(row) for row in (columns, *rows)) + "\n", encoding="utf-8")


def test_only_what_was_said_of_this_reader_counts(tmp_path):
    said = ("r1", "r1#0", "prix_tarif", "negative", "NA", "")
    write_review(tmp_path, (*said, "new"), ("r2", "r2#0", "prix_tarif", "negative", "livraison", "positive", "old"))
    (row,) = reviewed(tmp_path, "new").to_dict("records")
    # A theme may be called NA; nothing is null but what is empty.
    assert (row["response_id"], row["theme_true"]) == ("r1", "NA")
    assert reviewed(tmp_path, "other") is None


def test_without_a_review_there_is_none(tmp_path):
    assert reviewed(tmp_path, "new") is None


def test_a_review_that_cannot_be_read_is_an_error(tmp_path):
    write_review(tmp_path, ("r1",), columns=("response_id",))
    with pytest.raises(ContractError, match="cannot be read"):
        reviewed(tmp_path, "new")
