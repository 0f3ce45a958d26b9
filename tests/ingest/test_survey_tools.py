"""Exports of survey tools are recognised by their headers and read with plain settings."""

from __future__ import annotations

import pytest

from tests.ingest.surveys import SHARED, run, settings_for

EXPORTS = SHARED / "survey-export-formats"

QUALTRICS = """StartDate,EndDate,RecordedDate,ResponseId,RecipientEmail,Q1_NPS_GROUP,Q1,Q2
"Start Date","End Date","Recorded Date","Response ID","Recipient Email","Group","Recommanderiez-vous ?","Pourquoi ?"
"{""ImportId"":""startDate"",""timeZone"":""Z""}","{""ImportId"":""endDate"",""timeZone"":""Z""}",\
"{""ImportId"":""recordedDate"",""timeZone"":""Z""}","{""ImportId"":""_recordId""}","{""ImportId"":""recipientEmail""}",\
"{""ImportId"":""QID1_NPS_GROUP""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_TEXT""}"
2024-03-31 22:30:00,2024-03-31 22:31:00,2024-03-31 22:32:00,R_1,,Promoter,9,"Rapide, aimable"
2024-03-01 09:12:44,2024-03-01 09:15:02,,R_2,,,,
"""
SURVEYMONKEY = """Respondent ID,Collector ID,Start Date,End Date,"Quelle est la probabilité de nous recommander ?",\
"Pourquoi cette note,
en quelques mots ?","Qu'avez-vous acheté ?",,
,,,,Response,Open-Ended Response,Plantes,Outils,Autre (veuillez préciser)
118000001,400001,03/01/2024 09:12:44 AM,03/01/2024 09:15:02 AM,10 - Très probable,"Bien, mais lent",Plantes,,
118000002,400001,03/02/2024 09:12:44 AM,,4,,,Outils,
"""
TYPEFORM = """#,"Recommanderiez-vous notre enseigne ?",Pourquoi ?,Start Date (UTC),Submit Date (UTC),Network ID
hefu,6,Prix trop élevés 😕,2024-03-31 22:29:00,2024-03-31 22:30:00,938f
"""
LIMESURVEY = """"ID de la réponse";"Date de soumission";"Dernière page";"Langue de départ";"Votre note";"Pourquoi"
"1";"2024-03-01 10:00:00";"3";"fr";"9";"Très bien"
"2";"2024-03-02 10:00:00";"3";"fr";"N/A";"N/A"
"""
GOOGLE_FORMS = """Horodateur,Adresse e-mail,Quelle est la probabilité que vous nous recommandiez ?,Pourquoi ?
01/03/2024 09:15:02,,9,Accueil parfait
01/03/2024 09:15:02,,9,Accueil parfait
01/03/2024 09:15:03,,3,
"""
DELIGHTED = (
    '[{"id": "5001", "person": "77", "survey_type": "nps", "score": 9, "comment": "Top", "created_at": 1709283600, '
    '"person_properties": {"magasin": "Lyon"}, "tags": []}]'
)
MARCH = ["2024-03"]


def read(folder, text, name="export.csv", encoding="utf-8", **options):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return run(settings_for(file, columns=options.pop("columns", NOTHING), **options), folder / "out")


NOTHING = dict.fromkeys(("response_id", "score", "verbatim", "answered_at"))


def test_qualtrics_with_three_header_rows(tmp_path):
    outcome = read(tmp_path, QUALTRICS, columns=NOTHING | {"score": "Q1", "verbatim": "Q2"})
    assert outcome.column("response_id") == ["R_1", "R_2"]
    assert outcome.column("score") == [9, None]
    assert outcome.column("verbatim") == ["Rapide, aimable", None]
    # The third header row says that the dates are in UTC: in Paris the first is an answer of April.
    assert outcome.column("window") == ["2024-04", "2024-03"]
    assert "survey tool recognised: Qualtrics" in outcome.ingested.notes


@pytest.mark.parametrize("names", [("Recommanderiez-vous ?", "Pourquoi ?"), ("QID1", "QID2_TEXT")])
def test_qualtrics_columns_may_be_called_by_question_or_import_id(tmp_path, names):
    outcome = read(tmp_path, QUALTRICS, columns=NOTHING | {"score": names[0], "verbatim": names[1]})
    assert outcome.column("score") == [9, None]


@pytest.mark.parametrize("rows", [1, 2])
def test_qualtrics_with_fewer_header_rows(tmp_path, rows):
    lines = QUALTRICS.splitlines(keepends=True)
    outcome = read(tmp_path, "".join(lines[:rows] + lines[3:]), columns=NOTHING | {"score": "Q1", "verbatim": "Q2"})
    assert outcome.column("score") == [9, None]
    assert outcome.reasons == []


def test_surveymonkey_with_two_header_rows(tmp_path):
    outcome = read(
        tmp_path,
        SURVEYMONKEY,
        columns=NOTHING | {"dimensions": {"plants": "Qu'avez-vous acheté ? - Plantes"}},
    )
    assert outcome.column("response_id") == ["118000001", "118000002"]
    assert outcome.column("score") == [10, 4]
    assert outcome.column("verbatim") == ["Bien, mais lent", None]
    assert outcome.column("dimensions") == ['{"plants":"Plantes"}', "{}"]
    assert [str(moment.date()) for moment in outcome.responses["answered_at"]] == ["2024-03-01", "2024-03-02"]


@pytest.mark.parametrize("second", [",,,,,,\n", ""], ids=["an empty second row", "no second row"])
def test_condensed_surveymonkey(tmp_path, second):
    lines = SURVEYMONKEY.splitlines(keepends=True)
    header = "".join(lines[:2]).replace(",,\n", "\n")
    rows = [line.replace(",,\n", "\n").replace(",Outils,\n", "Outils\n") for line in lines[3:]]
    outcome = read(tmp_path, header + second + "".join(rows))
    assert outcome.column("score") == [10, 4]
    assert outcome.reasons == []


def test_typeform(tmp_path):
    outcome = read(tmp_path, TYPEFORM)
    assert outcome.column("response_id") == ["hefu"]
    assert outcome.column("score") == [6]
    assert outcome.column("verbatim") == ["Prix trop élevés 😕"]
    assert outcome.column("window") == ["2024-04"]


def test_limesurvey_in_french(tmp_path):
    columns = NOTHING | {"score": "Votre note", "verbatim": "Pourquoi"}
    outcome = read(tmp_path, LIMESURVEY, encoding="utf-8-sig", columns=columns)
    assert outcome.column("response_id") == ["1", "2"]
    assert outcome.column("score") == [9, None]
    assert outcome.column("verbatim") == ["Très bien", None]


def test_google_forms_gives_no_identifier_and_equal_answers_stay_apart(tmp_path):
    outcome = read(tmp_path, GOOGLE_FORMS)
    assert sorted(outcome.column("score")) == [3, 9, 9]
    assert outcome.responses["response_id"].is_unique
    assert outcome.ingested.n_duplicates == 0
    assert any("gives no identifier" in note for note in outcome.ingested.notes)


def test_google_forms_exports_that_overlap_give_each_answer_once(tmp_path):
    lines = GOOGLE_FORMS.splitlines(keepends=True)
    (tmp_path / "forms-1.csv").write_text("".join(lines[:3]))
    (tmp_path / "forms-2.csv").write_text("".join([lines[0], lines[3], lines[2], lines[1]]))
    outcome = run(settings_for(tmp_path / "forms-*.csv", columns=NOTHING), tmp_path / "out")
    assert (outcome.ingested.rows_in, outcome.ingested.n_responses, outcome.ingested.n_duplicates) == (5, 3, 2)


def test_delighted(tmp_path):
    columns = NOTHING | {"dimensions": {"shop": "person_properties.magasin"}}
    outcome = read(tmp_path, DELIGHTED, name="delighted.json", columns=columns)
    assert outcome.column("response_id") == ["5001"]
    assert (outcome.column("score"), outcome.column("verbatim")) == ([9], ["Top"])
    assert outcome.column("dimensions") == ['{"shop":"Lyon"}']


@pytest.fixture
def exports():
    if not EXPORTS.is_dir():
        pytest.skip("shared/data/survey-export-formats is absent")
    return EXPORTS


@pytest.mark.parametrize(
    ("tool", "columns", "scores"),
    [
        ("qualtrics", {"score": "Q1", "verbatim": "Q2"}, None),
        ("surveymonkey", {}, [9]),
        ("typeform", {}, [6]),
    ],
)
def test_the_documented_exports(exports, tmp_path, tool, columns, scores):
    outcome = run(settings_for(exports / f"{tool}_sample.csv", columns=NOTHING | columns), tmp_path / "out")
    assert outcome.reasons == []
    assert outcome.ingested.n_responses == outcome.ingested.rows_in > 0
    assert all(score in range(11) for score in outcome.column("score"))
    assert scores is None or outcome.column("score") == scores
    assert outcome.responses["verbatim"].notna().any()
    assert set(outcome.column("window")) == set(MARCH)


def test_a_real_limesurvey_export(exports, tmp_path):
    columns = NOTHING | {"score": "Quel est votre âge?", "dimensions": {"country": "Vous habitez dans quel pays?"}}
    settings = settings_for(
        exports / "limesurvey_fr_real_export.csv",
        columns=columns,
        survey={"scale": [0, 130]},
        source={"answered_at": "2019-05-31"},
    )
    outcome = run(settings, tmp_path / "out")
    assert (outcome.ingested.rows_in, outcome.ingested.n_responses, outcome.ingested.n_quarantined) == (348, 348, 0)
    assert "survey tool recognised: LimeSurvey" in outcome.ingested.notes
