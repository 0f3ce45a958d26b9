"""A subject that no theme holds turns up: it is raised, proposed, adopted, and recognised in the next night."""

from __future__ import annotations

import csv
import itertools
import json
import os
import random
import subprocess
import sys
import tomllib

import pandas as pd
import pytest

from verbatim.reading.marked import read_rows

from .conftest import ROOT

ROWS = ROOT / "data" / "verbatims-fr" / "rows"
MONTHS = [f"2026-{month:02d}" for month in range(1, 9)]
FROM = 5  # place of the first month in which it is spoken of
AS_OF = "2026-10-02"
OPENINGS = ("", "franchement ", "encore une fois ", "hélas ", "samedi ", "comme toujours ")
CLAUSES = (
    "la borne de recharge était en panne",
    "les bornes de recharge sont toujours occupées",
    "pas assez de bornes pour recharger la voiture électrique",
    "impossible de recharger ma voiture électrique",
    "la recharge électrique est hors service",
    "les bornes électriques ne marchent pas",
    "aucune borne de recharge libre",
    "la recharge de la voiture coûte trop cher",
    "le câble de la borne de recharge est arraché",
)
ENDINGS = ("", " hier", " au magasin", " à chaque visite")
# As a person would write them into the codebook: other words than the customers'.
EXAMPLES = (
    "bornes de recharge en panne",
    "pas une borne électrique libre",
    "on ne peut pas recharger sa voiture",
    "recharge trop chère",
    "contente des nouvelles bornes de recharge",
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def write_survey(folder) -> None:
    """160 answers a month of a retail family that the encoder never saw; 50 planted ones a month from the sixth on."""
    rng = random.Random(7)  # noqa: S311 - seeded draw, no secret
    files = [ROWS / f"{name}.tsv" for name in ("bricolage", "jardinerie", "magasin", "magasin2")]
    answers = [answer for answer in read_rows(files) if answer.opinions and "recharg" not in answer.text]
    planted = ["".join(parts) for parts in itertools.product(OPENINGS, CLAUSES, ENDINGS)]
    rng.shuffle(answers)
    rng.shuffle(planted)
    with (folder / "nps.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("id", "nps", "explication", "date"))
        for place, month in enumerate(MONTHS):
            own = answers[160 * place : 160 * (place + 1)]
            for number, answer in enumerate(own):
                writer.writerow((f"{month}-{number}", answer.score, answer.text, f"{month}-{number % 27 + 1:02d}"))
            turned_up = planted[50 * (place - FROM) : 50 * (place - FROM + 1)] if place >= FROM else ()
            for number, text in enumerate(turned_up):
                writer.writerow((f"{month}-p{number}", number % 9, text, f"{month}-{number % 27 + 1:02d}"))
    (folder / "survey.toml").write_text(
        '[survey]\nid = "enseigne"\n[source]\npath = "nps.csv"\n[columns]\nresponse_id = "id"\nscore = "nps"\n'
        'verbatim = "explication"\nanswered_at = "date"\n',
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subject")
    write_survey(folder)
    return folder


@pytest.fixture(scope="module")
def night(run_night, folder):
    night = run_night(folder / "survey.toml", folder, "--as-of", AS_OF)
    assert night.returncode == 0, night.errors
    return night


@pytest.fixture(scope="module")
def verb(night, tmp_path_factory):
    home = tmp_path_factory.mktemp("prefect-of-verbs")

    def verb(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("VERBATIM_", "PREFECT_"))}
        environment |= {
            "PREFECT_HOME": str(home),
            "VERBATIM_WORK_FOLDER": str(night.folder / "work"),
            "VERBATIM_WAREHOUSE__URL": f"duckdb:///{night.folder / 'verbatim.duckdb'}",
        }
        command = [sys.executable, "-m", "verbatim", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return verb


@pytest.fixture(scope="module")
def adopted(night, verb, folder, run_night) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Code of the proposal; opinions before it was accepted, and after the next night."""
    before = night.table("opinions")
    settings = str(folder / "survey.toml")
    proposed = verb("codebook", "propose", settings)
    assert proposed.returncode == 0, proposed.stderr
    (file,) = (night.folder / "work" / "enseigne" / "proposals").glob("*.toml")
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["themes"]
    # The most spoken of its wordings; no theme holds it.
    entry = next(one for one in entries if "borne" in one["label_fr"].lower() and "parent" not in one)
    accepted = verb(
        *("codebook", "accept", settings, entry["id"], "--label-fr", "Bornes de recharge"),
        *("--label-en", "Charging points", "--definition-en", "Charging of electric cars."),
        *("--definition-fr", "Recharge des voitures électriques : bornes libres, en panne, prix."),
    )
    assert accepted.returncode == 0, accepted.stderr
    codebook = folder / "codebook-enseigne.toml"
    text = codebook.read_text(encoding="utf-8")
    # A person writes the examples anew: customers' words stay out of a file that is shared.
    for old, example in zip(entry["examples"], EXAMPLES, strict=True):
        text = text.replace(json.dumps(old, ensure_ascii=False), json.dumps(example, ensure_ascii=False))
    codebook.write_text(text, encoding="utf-8")
    with (folder / "survey.toml").open("a", encoding="utf-8") as file:
        file.write('[themes]\ncodebook = "codebook-enseigne.toml"\n')
    after = run_night(folder / "survey.toml", folder, "--as-of", AS_OF)
    assert after.returncode == 0, after.errors
    return entry["id"], before, after.table("opinions")


def test_it_is_watched_in_its_first_window_and_raised_in_the_second(night):
    alerts = night.table("alerts").query("kind == 'new'").set_index("period")
    assert alerts.loc[[MONTHS[FROM], MONTHS[FROM + 1]], "state"].tolist() == ["watched", "raised"]
    assert all("orne" in label or "echarge" in label for label in alerts["label_fr"])
    assert all("recharge" in quote or "borne" in quote for quote in json.loads(alerts["quotes"].iloc[0]))
    # Nothing is raised before.
    assert alerts.index.min() == MONTHS[FROM]


def test_the_adopted_theme_is_recognised_in_the_next_night_without_training(adopted):
    code, before, after = adopted
    planted = after["response_id"].str.contains("-p")
    recognised = (after["theme_id"] == code) & planted
    assert before["theme_id"].eq(code).sum() == 0
    assert recognised.sum() / planted.sum() > 0.8
    assert ((after["theme_id"] == code) & ~planted).sum() <= 0.05 * recognised.sum()


def test_opinions_on_other_subjects_keep_their_themes(adopted):
    _, before, after = adopted
    others = before[~before["response_id"].str.contains("-p")].merge(after, on="opinion_id", suffixes=("", "_after"))
    assert (others["theme_id"] == others["theme_id_after"]).mean() > 0.99
    assert (others["polarity"] == others["polarity_after"]).all()
