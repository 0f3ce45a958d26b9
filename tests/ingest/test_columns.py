"""Dimensions, indicators, weights and the other columns that the settings may name."""

from __future__ import annotations

import json

import pytest

from tests.ingest.surveys import ingest_text
from verbatim.errors import SourceError
from verbatim.ingest.slices import slice_label
from verbatim.settings import Dimension


@pytest.mark.parametrize(
    ("value", "bins", "label"),
    [
        ("0", (1, 2, 5, 10), "<1"),
        ("1", (1, 2, 5, 10), "1"),
        ("2", (1, 2, 5, 10), "2-4"),
        ("4,9", (1, 2, 5, 10), "2-4"),
        ("5.0", (1, 2, 5, 10), "5-9"),
        ("10", (1, 2, 5, 10), "10+"),
        ("1 234", (1, 2, 5, 10), "10+"),
        ("souvent", (1, 2, 5, 10), None),
        ("0,7", (0, 0.5, 1), "0.5-<1"),
        ("-3", (0, 100), "<0"),
        ("Île-de-France ", (), "Île-de-France"),
    ],
)
def test_slices(value, bins, label):
    assert slice_label(value, Dimension(column="x", bins=bins)) == label


def read(folder, header, *rows, **options):
    return ingest_text(folder, "\n".join([f"id;note;date;{header}", *rows]) + "\n", columns=options)


def test_dimensions_are_mended_and_empty_ones_absent(tmp_path):
    outcome = read(
        tmp_path,
        "région;visites",
        "a;9;2026-03-01; RhÃ´ne  Alpes ;3",
        "b;9;2026-03-01;;beaucoup",
        dimensions={"region": "région", "visits": {"column": "visites", "bins": [1, 2, 5]}},
        verbatim=None,
    )
    assert outcome.column("dimensions") == ['{"region":"Rhône Alpes","visits":"2-4"}', "{}"]


def test_personal_values_in_slices_units_and_brands_are_redacted_and_counted(tmp_path):
    outcome = read(
        tmp_path,
        "conseiller;magasin;enseigne",
        "a;9;2026-03-01;Mme Dupont;06 12 34 56 78;M. Meuble",
        dimensions={"adviser": "conseiller"},
        unit="magasin",
        brand="enseigne",
        verbatim=None,
    )
    assert outcome.column("dimensions") == ['{"adviser":"[PERSONNE]"}']
    assert (outcome.column("unit"), outcome.column("population")) == (["[TELEPHONE]"], ["M. Meuble"])
    assert json.loads(outcome.column("redactions")[0]) == {"PERSONNE": 1, "TELEPHONE": 1}


def test_indicators_keep_what_lies_on_their_scale(tmp_path):
    cells = ["4", "4,5", "5 - Très satisfait", "9", "oui", ""]
    outcome = read(
        tmp_path,
        "csat",
        *(f"{place};9;2026-03-01;{cell}" for place, cell in enumerate(cells)),
        indicators={"satisfaction": {"column": "csat", "scale": [1, 5]}},
        verbatim=None,
    )
    answers = [json.loads(cell).get("satisfaction") for cell in outcome.column("indicators")]
    assert answers == [4, 4.5, 5, None, None, None]


def test_weights_values_brands_and_units(tmp_path):
    outcome = read(
        tmp_path,
        "poids;valeur;enseigne;magasin",
        "a;9;2026-03-01;1,25;1 234,50 €;Nord;Lille",
        "b;9;2026-03-01;;inconnue;;",
        "c;9;2026-03-01;0;;Nord;Lille",
        "d;9;2026-03-01;lourd;;Nord;Lille",
        weight="poids",
        value="valeur",
        brand="enseigne",
        unit="magasin",
        verbatim=None,
    )
    assert outcome.column("weight") == [1.25, None]
    assert outcome.column("value") == [1234.5, None]
    assert outcome.column("population") == ["Nord", "all"]
    assert outcome.column("unit") == ["Lille", None]
    assert outcome.reasons == [(3, "weight_unusable"), (4, "weight_unusable")]


@pytest.mark.parametrize("role", ["customer_id", "weight", "invited", "brand", "unit", "value"])
def test_a_named_column_must_exist(tmp_path, role):
    with pytest.raises(SourceError, match=f"no column 'absente' .columns.{role}"):
        read(tmp_path, "x", "a;9;2026-03-01;y", verbatim=None, **{role: "absente"})


def test_the_date_of_the_settings_stands_for_all(tmp_path):
    text = "id;note\na;9\nb;dix\n"
    columns = {"verbatim": None, "answered_at": None}
    outcome = ingest_text(tmp_path, text, columns=columns, source={"answered_at": "2014-10-01"})
    assert outcome.column("window") == ["2014-10"]
    assert list(outcome.quarantine["window"]) == ["2014-10"]


def test_a_response_id_that_is_a_personal_value_is_hashed(tmp_path):
    text = "id;note;date\njean@exemple.fr;9;2026-03-01\n"
    ids = [
        ingest_text(tmp_path, text, columns={"verbatim": None}, secret=secret).column("response_id")[0]
        for secret in ("sel", "sel", "autre", None)
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(len(identifier) == 32 and "@" not in identifier for identifier in ids)
