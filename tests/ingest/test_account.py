"""The account of every row, duplicates, and the same content whatever the order of the rows."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.surveys import HEADER, ingest_text, run, settings_for
from verbatim.errors import SourceError
from verbatim.ingest.landing import QUARANTINE_LANDED, RESPONSES_LANDED
from verbatim.tables import conform


def test_the_newest_copy_of_a_response_stays(tmp_path):
    rows = ["a;3;ancien;2026-03-01", "b;9;seul;2026-03-01", "a;8;nouveau;2026-03-05", "a;5;milieu;2026-03-03"]
    outcome = ingest_text(tmp_path, HEADER + "\n".join(rows))
    assert outcome.column("verbatim") == ["nouveau", "seul"]
    assert outcome.column("flags") == ["duplicate_resolved", ""]
    assert (outcome.ingested.rows_in, outcome.ingested.n_duplicates) == (4, 2)
    assert outcome.ingested.duplicates_by_window == {"2026-03": 2}
    assert "2 older copies of a response were dropped" in outcome.ingested.notes


def test_copies_of_the_same_instant_are_told_apart_by_their_content_not_their_place(tmp_path):
    rows = ["a;3;un;2026-03-01", "a;4;deux;2026-03-01"]
    kept = [
        ingest_text(tmp_path, HEADER + "\n".join(order)).column("verbatim") for order in (rows, list(reversed(rows)))
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 1


def test_duplicates_count_in_the_window_of_the_response_that_stays(tmp_path):
    text = f"{HEADER}a;3;;2026-02-01\na;4;;2026-03-01\nb;4;;2026-02-01\n"
    outcome = ingest_text(tmp_path, text)
    assert outcome.column("window") == ["2026-03", "2026-02"]
    assert outcome.ingested.duplicates_by_window == {"2026-03": 1}


def test_the_same_person_across_channels_is_flagged(tmp_path):
    text = (
        "id;note;pourquoi;date;canal;client\n"
        "a;9;;2026-03-01;web;Jean@Exemple.fr\nb;2;;2026-03-02;magasin;jean@exemple.fr \nc;5;;2026-03-02;web;77\n"
        "d;5;;2026-03-02;web;\ne;5;;2026-03-02;web;\n"
    )
    columns = {"customer_id": "client", "dimensions": {"channel": "canal"}}
    outcome = ingest_text(tmp_path, text, columns=columns)
    assert outcome.column("flags") == ["same_customer", "same_customer", "", "", ""]
    keys = outcome.column("customer_key")
    assert keys[0] == keys[1] != keys[2]
    assert keys[3:] == [None, None]
    assert ingest_text(tmp_path, text, columns=columns, secret="autre").column("customer_key")[0] != keys[0]


def test_without_a_secret_no_customer_key_is_stored_and_a_note_says_so(tmp_path):
    text = "id;note;pourquoi;date;client\na;9;;2026-03-01;77\nb;2;;2026-03-02;77\n"
    for secret in (None, ""):
        outcome = ingest_text(tmp_path, text, columns={"customer_id": "client"}, secret=secret)
        assert outcome.column("customer_key") == [None, None]
        assert outcome.column("flags") == ["", ""]
        assert any("VERBATIM_SECRET is not set" in note for note in outcome.ingested.notes)
    assert not any("SECRET" in note for note in ingest_text(tmp_path, text, secret=None).ingested.notes)


def test_batches_are_told_and_change_nothing(tmp_path):
    rows = "".join(f"r{n % 37:02};{n % 11};texte {n};2026-03-{1 + n % 28:02}\n" for n in range(100))
    (tmp_path / "nps.csv").write_text(HEADER + rows)
    whole = run(settings_for(tmp_path / "nps.csv"), tmp_path / "whole")
    pieces = run(settings_for(tmp_path / "nps.csv", source={"batch_rows": 7}), tmp_path / "pieces")
    pd.testing.assert_frame_equal(whole.responses, pieces.responses)

    from verbatim.ingest import ingest

    told: list[int] = []
    ingest(
        settings_for(tmp_path / "nps.csv", source={"batch_rows": 30}),
        tmp_path / "told",
        secret=None,
        on_batch=told.append,
    )
    assert told == [30, 30, 30, 10]


def test_what_is_written_fits_the_contracts(tmp_path):
    outcome = ingest_text(tmp_path, f"{HEADER}a;9;bien;2026-03-01\nb;dix;;2026-03-01\nc;;;2026-03-01\n")
    for frame, table in ((outcome.responses, RESPONSES_LANDED), (outcome.quarantine, QUARANTINE_LANDED)):
        assert list(frame.columns) == table.column_names
        assert len(conform(frame, table)) == len(frame) > 0
    schema = pq.read_schema(outcome.ingested.responses)
    assert str(schema.field("answered_at").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("score").type) == "int64"


CELLS = st.tuples(
    st.sampled_from(["a", "b", "c", "d", "e", ""]),
    st.sampled_from(["0", "9", "10", "dix", "12", ""]),
    st.sampled_from(["", "bien", "Mme Dupont", "qualitÃ©", "NA"]),
    st.sampled_from(["2026-03-01", "28/02/2026 23:59", "2026-03-01T00:00:00Z", "32/13/2026", ""]),
    st.sampled_from(["", "77", "78"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CELLS, max_size=25), data=st.data())
def test_shuffled_rows_give_the_same_tables_and_every_row_is_accounted_for(tmp_path, rows, data):
    def read(order, folder):
        lines = [";".join(row) for row in order]
        text = "id;note;pourquoi;date;client\n" + "\n".join(lines)
        return ingest_text(folder, text, columns={"customer_id": "client"}, source={"batch_rows": 4})

    outcome = read(rows, tmp_path)
    written = outcome.ingested.responses.read_bytes()
    shuffled = read(data.draw(st.permutations(rows)), tmp_path)
    assert shuffled.ingested.responses.read_bytes() == written
    assert sorted(shuffled.quarantine["reason"]) == sorted(outcome.quarantine["reason"])
    counts = outcome.ingested
    assert counts.rows_in == counts.n_responses + counts.n_quarantined + counts.n_duplicates
    assert counts.rows_in == sum(any(row) for row in rows)
    assert counts.n_duplicates == sum(counts.duplicates_by_window.values())
    assert (len(outcome.responses), len(outcome.quarantine)) == (counts.n_responses, counts.n_quarantined)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tail=st.one_of(st.binary(max_size=200), st.text(alphabet=';"\n\r\\,a9é\t\x00', max_size=120).map(str.encode)),
    name=st.sampled_from(["nps.csv", "nps.tsv", "nps.jsonl", "nps.json"]),
)
def test_whatever_the_bytes_every_row_is_accounted_for_or_the_source_is_refused(tmp_path, tail, name):
    file = tmp_path / name
    head = '{"id": 1, "note": 9, "pourquoi": "a", "date": "2026-03-01"}\n' if "json" in name else HEADER
    file.write_bytes(head.replace(";", "\t" if name.endswith("tsv") else ";").encode() + tail)
    try:
        counts = run(settings_for(file), tmp_path / "out").ingested
    except SourceError:
        return
    assert counts.rows_in == counts.n_responses + counts.n_quarantined + counts.n_duplicates
