"""A renamed theme: other labels everywhere, the same numbers, and no window is computed for it."""

from __future__ import annotations

import logging
from importlib.resources import files

import pandas as pd
import pytest

from flows.nightly import nightly
from verbatim import night
from verbatim.errors import ContractError
from verbatim.night.labels import publish_labels
from verbatim.night.reporting import published_tables
from verbatim.settings import load_settings
from verbatim.tables import TABLES
from verbatim.themes.codebook import load_codebook
from verbatim.warehouse import open_warehouse

from .surveys import write_settings

AS_OF = "2026-03-20"
MONTHS = ("2026-01", "2026-02", "2026-03")

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def own(survey):
    """Codebook of the survey's own, named in its settings."""
    shipped = (files("verbatim.themes") / "codebooks" / "cx-fr.toml").read_text(encoding="utf-8")
    file = survey.parent / "nos-themes.toml"
    file.write_text(shipped.replace('name = "cx-fr"', 'name = "enseigne"'), encoding="utf-8")
    write_settings(survey.parent, extra='[themes]\ncodebook = "nos-themes.toml"')
    return file


def edit(file, *pairs: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


def tables(survey) -> dict[str, pd.DataFrame]:
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        return {name: warehouse.read(name) for name in TABLES}


def labels(survey) -> dict[tuple[str, str], str]:
    themes = tables(survey)["themes"]
    keys = zip(themes["version"], themes["theme_id"], strict=True)
    return dict(zip(keys, themes["label_fr"], strict=True))


def pages(survey) -> dict[str, str]:
    return {month: night.report_file(load_settings(survey), month).read_text(encoding="utf-8") for month in MONTHS}


RENAMED = ('"Prix et tarifs"', '"Prix d’ici"')
RAISED = ('version = "1"', 'version = "2"')


@pytest.mark.parametrize(
    ("edits", "published"),
    [
        ([RENAMED, RAISED], {("1", "prix_tarif"): "Prix et tarifs", ("2", "prix_tarif"): "Prix d’ici"}),
        ([RENAMED], {("1", "prix_tarif"): "Prix d’ici"}),
    ],
    ids=["version raised", "version as it was"],
)
def test_a_rename_changes_labels_everywhere_and_numbers_nowhere(survey, own, caplog, edits, published):
    nightly(str(survey), AS_OF)
    before, seen = tables(survey), pages(survey)
    assert all("Prix et tarifs" in page for page in seen.values())
    edit(own, *edits)
    with caplog.at_level(logging.INFO, logger="verbatim.nightly"):
        summary = nightly(str(survey), AS_OF)
    assert summary.computed == ()
    assert summary.skipped == MONTHS
    after = tables(survey)
    for name in TABLES.keys() - {"themes"}:
        pd.testing.assert_frame_equal(after[name], before[name])
    assert {key: label for key, label in labels(survey).items() if key[1] == "prix_tarif"} == published
    assert [path.parent.name for path in summary.reports] == [*MONTHS, "2026-Q1", "2026-ytd"]
    for month, page in pages(survey).items():
        assert page.replace("Prix d’ici", "Prix et tarifs") == seen[month], month
    assert {row["label"] for row in night.read_headline(load_settings(survey), "2026-02").drivers} >= {"Prix d’ici"}
    assert [record.getMessage() for record in caplog.records if record.getMessage().startswith("labels")]


def test_what_the_row_of_a_theme_said_else_stays(survey, own):
    nightly(str(survey), AS_OF)
    before = tables(survey)["themes"]
    edit(own, RENAMED)
    nightly(str(survey), AS_OF)
    after = tables(survey)["themes"]
    measured = ["theme_id", "first_seen", "precision", "recall"]
    pd.testing.assert_frame_equal(after[measured], before[measured])
    assert after.set_index("theme_id").loc["prix_tarif", "first_seen"] == "2026-01"


@pytest.mark.parametrize(
    ("before", "after", "column", "value"),
    [
        ('label_en = "Prices"', 'label_en = "Our prices"', "label_en", "Our prices"),
        ('id = "prix_tarif"', 'id = "prix_tarif"\norigin = "discovered"', "origin", "discovered"),
    ],
    ids=["label_en", "origin"],
)
def test_whatever_readers_see_of_a_theme_is_published(survey, own, before, after, column, value):
    nightly(str(survey), AS_OF)
    edit(own, (before, after))
    assert publish_labels(load_settings(survey)) == 1
    assert tables(survey)["themes"].set_index("theme_id").loc["prix_tarif", column] == value


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Niveau des prix, hausses", "Prix, hausses"),
        ('id = "prix_tarif"', 'id = "prix_tarif"\nparent = "qualite_produit"'),
    ],
    ids=["definition", "parent"],
)
def test_an_edit_that_may_move_opinions_computes_the_windows(survey, own, before, after):
    nightly(str(survey), AS_OF)
    edit(own, (before, after))
    assert nightly(str(survey), AS_OF).computed == MONTHS
    found = tables(survey)
    assert found["windows"]["cause"].unique().tolist() == ["codebook"]
    assert set(found["windows"]["codebook_hash"]) == {load_codebook(own).assignment_hash}
    assert publish_labels(load_settings(survey)) == 0


def test_a_night_without_an_edit_publishes_no_theme_and_draws_no_page(survey, own):
    nightly(str(survey), AS_OF)
    before = tables(survey)
    assert publish_labels(load_settings(survey)) == 0
    assert nightly(str(survey), AS_OF).reports == ()
    for name, table in tables(survey).items():
        pd.testing.assert_frame_equal(table, before[name])


def test_before_anything_is_published_there_are_no_labels_to_publish(survey, own):
    assert publish_labels(load_settings(survey)) == 0
    assert tables(survey)["themes"].empty


def test_pages_that_were_not_drawn_after_a_rename_are_due_the_next_night(survey, own):
    nightly(str(survey), AS_OF)
    edit(own, RENAMED, RAISED)
    # Killed before the report.
    publish_labels(load_settings(survey))
    assert len(nightly(str(survey), AS_OF).reports) == 5
    assert all("Prix d’ici" in page for page in pages(survey).values())


def test_an_earlier_version_that_is_in_force_again_names_the_themes(survey, own):
    nightly(str(survey), AS_OF)
    edit(own, RENAMED, RAISED)
    nightly(str(survey), AS_OF)
    edit(own, RENAMED[::-1], RAISED[::-1])
    nightly(str(survey), AS_OF)
    assert all("Prix et tarifs" in page and "Prix d’ici" not in page for page in pages(survey).values())
    settings = load_settings(survey)
    with open_warehouse(settings.warehouse.url) as warehouse:
        assert set(published_tables(warehouse, settings)["themes"]["version"]) == {"1"}


def test_another_codebooks_themes_and_all_windows_stay(survey, own):
    nightly(str(survey), AS_OF)
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        themes = warehouse.read("themes")
        warehouse.publish_themes(themes.assign(codebook="autre"))
        before = {name: warehouse.read(name) for name in TABLES}
        warehouse.publish_themes(themes.assign(label_fr="x"))
        after = {name: warehouse.read(name) for name in TABLES}
    for name in TABLES.keys() - {"themes"}:
        pd.testing.assert_frame_equal(after[name], before[name])
    labels = after["themes"].groupby("codebook")["label_fr"].unique().map(set).to_dict()
    assert labels == {"autre": set(themes["label_fr"]), "enseigne": {"x"}}


def test_themes_that_break_their_contract_are_not_published(survey, own):
    nightly(str(survey), AS_OF)
    with open_warehouse(load_settings(survey).warehouse.url) as warehouse:
        before = warehouse.read("themes")
        with pytest.raises(ContractError, match="origin"):
            warehouse.publish_themes(before.assign(origin="inconnue"))
        pd.testing.assert_frame_equal(warehouse.read("themes"), before)
