"""The sample survey is what its data dictionary says, and reads as a real export does."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from verbatim.ingest import ingest
from verbatim.settings import load_settings

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
SETTINGS = SAMPLE / "survey.toml"
PLANTED = tomllib.loads((SAMPLE / "planted.toml").read_text(encoding="utf-8"))
MONTHS = [f"2025-{month}" for month in (10, 11, 12)] + [f"2026-{month:02}" for month in range(1, 10)]
MARKS = ROOT / "data" / "verbatims-fr"


@pytest.fixture(scope="module")
def exported() -> str:
    return (SAMPLE / "reponses.csv").read_bytes().decode("cp1252")


@pytest.fixture(scope="module")
def rows(exported) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported, newline=""), delimiter=";"))


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    return ingest(load_settings(SETTINGS), tmp_path_factory.mktemp("sample"), secret="a secret of the tests")


@pytest.fixture(scope="module")
def responses(ingested) -> pd.DataFrame:
    return pd.read_parquet(ingested.responses)


def _values() -> list[str]:
    return [value for kind, values in PLANTED["personal_data"].items() if kind != "texts" for value in values]


def test_it_is_written_as_a_french_spreadsheet_writes_it(exported):
    with pytest.raises(UnicodeDecodeError):
        (SAMPLE / "reponses.csv").read_bytes().decode("utf-8")
    assert exported.splitlines()[0] == (
        "référence;date de réponse;note;commentaire;canal;étape du parcours;région;segment client;"
        "satisfaction;effort;numéro client;montant panier"
    )
    assert exported.count("\r\n") >= PLANTED["counts"]["rows"]
    assert re.search(r";\d+,\d\d\r\n", exported)


def test_making_it_anew_changes_no_byte(tmp_path):
    before = {name: (SAMPLE / name).read_bytes() for name in ("reponses.csv", "planted.toml")}
    program = "import sys, pathlib, generate; generate.FOLDER = pathlib.Path(sys.argv[1]); generate.main()"
    # Another seed of the hashes: no order of a set may show.
    environment = {"PYTHONHASHSEED": "12345", "PYTHONPATH": str(SAMPLE), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=True, capture_output=True)
    for name, content in before.items():
        assert (tmp_path / name).read_bytes() == content, name


def test_it_has_the_shape_of_a_real_survey(rows):
    scored = [int(row["note"]) for row in rows if row["note"].isdigit() and int(row["note"]) <= 10]
    assert len(rows) >= 8000
    assert 0.43 <= sum(row["commentaire"] != "" for row in rows) / len(rows) <= 0.47
    assert 0.13 <= sum(score <= 6 for score in scored) / len(scored) <= 0.17
    assert set(scored) == set(range(11))
    assert sum(row["note"] == "" for row in rows) > 10


def test_ratings_stay_on_their_scales(rows):
    assert {row["satisfaction"] for row in rows} == {"", "1", "2", "3", "4", "5"}
    assert {row["effort"] for row in rows} == {"", "1", "2", "3", "4", "5", "6", "7"}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("canal", {"Magasin", "Site web", "Livraison à domicile", "Téléphone"}),
        ("segment client", {"Particulier", "Adhérent", "Professionnel"}),
        ("région", {"Île-de-France", "Auvergne-Rhône-Alpes", "Nouvelle-Aquitaine", "Hauts-de-France", "Bretagne"}),
    ],
    ids=["channel", "segment", "region"],
)
def test_every_value_of_a_dimension_has_hundreds_of_responses(rows, column, values):
    counted = Counter(row[column] for row in rows)
    assert set(counted) == values
    assert min(counted.values()) > 500


def test_answers_sound_like_many_customers(rows):
    texts = [row["commentaire"] for row in rows if row["commentaire"]]
    assert len(set(texts)) / len(texts) > 0.75
    assert sum(text.lower() == "ras" for text in texts) >= 10
    assert sum("\n" in text for text in texts) > 100
    assert sum(text.isupper() and len(text) > 10 for text in texts) > 50


@pytest.mark.parametrize(
    ("told_of", "never_at"),
    [
        (r"\b(colis|livraison|livreur|transporteur)", {"Conseil en rayon", "Passage en caisse"}),
        (r"\bcaiss", {"Livraison", "Commande en ligne", "Commande par téléphone"}),
        (r"\b(parking|allées?|rayons?)\b", {"Livraison", "Commande en ligne", "Commande par téléphone"}),
    ],
    ids=["a parcel in the shop", "a till at home", "a shelf at home"],
)
def test_what_is_told_can_have_happened_at_that_step(rows, told_of, never_at):
    steps = Counter(row["étape du parcours"] for row in rows if re.search(told_of, row["commentaire"].lower()))
    assert steps.total() > 100
    assert not never_at & set(steps)


def test_few_promoters_only_complain(rows):
    complaints = re.compile(
        r"\b(nuls?|lamentable|d.sagr.able|mauvais|trop cher|incomp.tent|pas aimable|inadmissible|arnaque)\b", re.I
    )
    told = [int(row["note"]) for row in rows if row["note"].isdigit() and complaints.search(row["commentaire"])]
    assert len(told) > 50
    assert sum(score >= 9 for score in told) / len(told) < 0.05


def test_every_month_has_detractors_enough_for_drivers(responses):
    writing = responses[(responses["nps_group"] == "detractor") & responses["verbatim"].notna()]
    counted = writing["window"].value_counts()
    assert sorted(counted.index) == MONTHS
    assert counted.min() >= 60


def test_every_row_is_accounted_for(ingested):
    counts = PLANTED["counts"]
    assert ingested.rows_in == counts["rows"]
    assert (ingested.n_responses, ingested.n_quarantined, ingested.n_duplicates) == (
        counts["responses"],
        counts["quarantined"],
        counts["duplicates"],
    )
    assert Counter(pd.read_parquet(ingested.quarantine)["reason"]) == {
        "no_response_id": 1,
        "score_out_of_scale": 1,
        "score_unreadable": 1,
        "date_unreadable": 1,
    }


def test_no_survey_tool_is_taken_for_its_author(ingested):
    assert not [note for note in ingested.notes if "survey tool" in note]


def test_what_was_planted_is_in_step_with_the_rows(responses):
    counts = PLANTED["counts"]
    groups = responses["nps_group"].value_counts()
    assert {f"{group}s": groups[group] for group in groups.index} == {
        name: counts[name] for name in ("promoters", "passives", "detractors")
    }
    assert responses["score"].notna().sum() == counts["scored"]
    assert responses["verbatim"].notna().sum() == counts["with_text"]
    base = responses[(responses["nps_group"] == "detractor") & responses["verbatim"].notna()]
    assert len(base) == counts["detractors_with_text"]
    for trend in PLANTED["trends"].values():
        for quarter, months in (("first_quarter", MONTHS[:3]), ("last_quarter", MONTHS[-3:])):
            assert trend[quarter]["base"] == base["window"].isin(months).sum()


def test_the_trends_and_the_difference_are_large():
    rising, falling = PLANTED["trends"]["rising"], PLANTED["trends"]["falling"]
    assert rising["last_quarter"]["share"] - rising["first_quarter"]["share"] > 0.08
    assert falling["first_quarter"]["share"] - falling["last_quarter"]["share"] > 0.08
    difference = PLANTED["difference"]
    assert difference["in_slice"]["share"] - difference["elsewhere"]["share"] > 0.08


def test_the_newest_copy_of_a_response_stays(responses):
    resolved = responses[["duplicate_resolved" in flags for flags in responses["flags"]]]
    assert len(resolved) == PLANTED["counts"]["duplicates"]
    assert not (resolved["verbatim"] == "RAS").any()


def test_dates_are_those_of_paris(rows, responses):
    first = min(rows[:50], key=lambda row: row["référence"])
    (there,) = responses.loc[responses["response_id"] == first["référence"], "answered_at"]
    local = there.tz_convert("Europe/Paris")
    assert f"{local:%d/%m/%Y %H:%M}" == first["date de réponse"]


def test_decimal_commas_are_read(rows, responses):
    values = {row["référence"]: row["montant panier"] for row in rows if row["montant panier"]}
    read = responses.dropna(subset=["value"]).set_index("response_id")["value"]
    assert len(read) > 10_000
    assert all(f"{value:.2f}".replace(".", ",") == values[name] for name, value in read.items())


def test_dimensions_and_indicators_are_complete(responses):
    assert all(
        set(json.loads(cell)) == {"channel", "journey_step", "region", "segment"} for cell in responses["dimensions"]
    )
    indicators = [json.loads(cell) for cell in responses["indicators"]]
    assert 0.9 < sum("satisfaction" in given for given in indicators) / len(indicators) < 1
    assert 0.7 < sum("effort" in given for given in indicators) / len(indicators) < 0.9


def test_invented_personal_data_is_in_the_export(exported):
    assert set(PLANTED["personal_data"]) == {"texts", "card", "email", "iban", "nir", "person", "phone"}
    assert len(_values()) == PLANTED["personal_data"]["texts"] >= 30
    assert all(value in exported for value in _values())


@pytest.mark.parametrize("kind", ["card", "email", "iban", "nir", "person", "phone"])
def test_invented_personal_data_is_gone_from_what_is_written(ingested, kind):
    written = "\n".join(
        str(cell)
        for file in (ingested.responses, ingested.quarantine)
        for cell in pd.read_parquet(file).to_numpy().ravel()
    )
    left = [number for number, value in enumerate(PLANTED["personal_data"][kind]) if value in written]
    assert left == [], f"{len(left)} of kind {kind}"


def test_every_planted_text_shows_what_was_taken_out(responses):
    redacted = sum(cell != "{}" for cell in responses["redactions"])
    assert redacted >= PLANTED["personal_data"]["texts"]


def test_its_sectors_are_kept_out_of_training_and_scoring():
    sys.path.insert(0, str(SAMPLE))
    try:
        from sources import SECTORS
    finally:
        sys.path.remove(str(SAMPLE))
    splits = tomllib.loads((MARKS / "splits.toml").read_text(encoding="utf-8"))
    assert set(SECTORS) <= set(splits["real"])
    assert not set(SECTORS) & (set(splits["dev"]) | set(splits["test"]))


def test_the_settings_write_in_one_folder_of_the_repository():
    settings = load_settings(SETTINGS)
    folder = ROOT / ".verbatim" / "sample"
    assert settings.work_folder == folder
    assert settings.warehouse.url.get_secret_value().endswith(f"{folder}/verbatim.duckdb")
    assert settings.reports.folder == folder / "reports"


def test_the_data_dictionary_names_every_column_and_the_planted_figures(exported):
    dictionary = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for column in exported.splitlines()[0].split(";"):
        assert f"`{column}`" in dictionary, column
    shares = [trend[q]["share"] for trend in PLANTED["trends"].values() for q in ("first_quarter", "last_quarter")]
    shares += [PLANTED["difference"][where]["share"] for where in ("in_slice", "elsewhere")]
    for share in shares:
        assert f"{100 * share:.1f} %" in dictionary
