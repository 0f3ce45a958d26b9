"""Encodings are recognised, damaged cells mended, and right text is left alone."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.surveys import HEADER, SHARED, ingest_text, run, settings_for
from verbatim.ingest.lost_letters import restore_letters
from verbatim.ingest.repair import repair

SENTENCE = "Élèves déçus : œuvre « à revoir » – 12 € l’entrée, ça coûte où ? Noël…"


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf_16_le"),
        ("utf-16-be", "utf_16_be"),
    ],
)
@pytest.mark.parametrize("column", ["pourquoi", "à quoi tient cette note ?"])
def test_encodings_are_recognised(tmp_path, encoding, note, column):
    text = f"{HEADER.replace('pourquoi', column)}a;9;{SENTENCE};2026-03-01\n"
    outcome = ingest_text(tmp_path, text, encoding=encoding, columns={"verbatim": column})
    assert outcome.column("verbatim") == [SENTENCE]
    assert f"encoding: {note}" in outcome.ingested.notes
    assert outcome.column("flags") == [""]


def test_utf_16_without_a_mark_is_recognised_in_plain_ascii_too(tmp_path):
    assert ingest_text(tmp_path, f"{HEADER}a;9;ok;2026-03-01\n", encoding="utf-16-le").column("verbatim") == ["ok"]


@pytest.mark.parametrize("declared", ["latin-1", "iso-8859-1", "cp1252", "ascii"])
def test_a_declared_latin_1_is_the_cp1252_that_exporters_mean(tmp_path, declared):
    outcome = ingest_text(
        tmp_path, f"{HEADER}a;9;{SENTENCE};2026-03-01\n", encoding="cp1252", source={"encoding": declared}
    )
    assert outcome.column("verbatim") == [SENTENCE]


def test_utf_8_declared_as_cp1252_is_mended_header_and_slices_included(tmp_path):
    outcome = ingest_text(
        tmp_path,
        "id;note;pourquoi;date;région\na;9;Très bon café;2026-03-01;Rhône\n",
        encoding="utf-8-sig",
        source={"encoding": "cp1252"},
        columns={"dimensions": {"region": "région"}},
    )
    assert outcome.column("verbatim") == ["Très bon café"]
    assert json.loads(outcome.column("dimensions")[0]) == {"region": "Rhône"}
    assert outcome.column("flags") == ["repaired"]


def test_one_column_may_mix_code_pages(tmp_path):
    file = tmp_path / "nps.csv"
    cells = ["qualité".encode("cp1252"), "qualité".encode("cp850"), "qualité".encode()]
    file.write_bytes(HEADER.encode() + b"".join(b"%d;9;%s;2026-03-01\n" % row for row in enumerate(cells)))
    assert run(settings_for(file), tmp_path / "out").column("verbatim") == ["qualité"] * 3


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("qualitÃ© trÃ¨s dÃ©cevante", "qualité très décevante"),
        ("qualitÃƒÂ©", "qualité"),
        ("câ€™est lâ€™accueil", "c’est l’accueil"),
        ("10 â‚¬ de trop", "10 € de trop"),
        ("le caf&eacute; &amp; l&#39;accueil", "le café & l'accueil"),
        ("caf&amp;eacute;", "café"),
        ("j'aime <3 le caf&eacute;", "j'aime <3 le café"),
        ("qualit\x82 tr\x8as d\x82cevante", "qualité très décevante"),
        ("qualit‚ d‚cevante", "qualité décevante"),
        ("tr\ufffds bon rapport qualit\ufffd prix, \ufffd refaire", "très bon rapport qualité prix, à refaire"),
        ("l\ufffdaccueil, c\ufffdest g\ufffdnial", "l'accueil, c'est génial"),
        ("TR\ufffdS D\ufffd\ufffdU", "TRÈS DÉÇU"),
        ("super \ufffd\ufffd!", "super !"),
        ("ï¿½quipe compï¿½tente", "équipe compétente"),
        ("l?accueil, qu?il, au c?ur", "l'accueil, qu'il, au cœur"),
        ("jesuis déçu, jen'ai rien", "je suis déçu, je n'ai rien"),
        ("mon j'rdin, j'mais", "mon jardin, jamais"),
    ],
)
def test_damage_is_mended(damaged, right):
    assert repair(damaged) == (right, True)
    assert repair(right) == (right, False)


@pytest.mark.parametrize(
    "right",
    [
        "« Très bien » – rien à dire… “parfait” ‘bravo’ ‚so‘ „gut“",
        "· prix · choix · accueil",
        "- prix – choix — accueil",
        "Ça va ? Oui ! 50 % de remise, 12,50 €, 3 €/kg, n° 4, 20°C",
        "A&B, R&D ; C&A",
        "Saint-Bonnet-de-Joux, M. Jeannot, la jetée, jeune, Jedi",
        "MÂCHE, ÎLE, NOËL, ŒUVRE, L’HAŸ-LES-ROSES",
        "1/2 ½ ² ™ ® ©, ¿qué?, 5 × 3",
        "👍🏽 top 😀",
        "pourquoi ? et ? alors",
    ],
)
def test_right_text_is_left_alone(right):
    assert repair(right) == (right, False)


def test_blanks_line_ends_and_controls_are_normalised_without_being_a_repair():
    assert repair("  deux\r\nlignes\u0007 ") == ("deux\nlignes", False)
    assert repair(unicodedata.normalize("NFD", "été")) == ("été", False)


VOCABULARY = (
    "à accueil aïeul août âge bœuf ça c'est cœur chère client côté coût d'été déçu déjà élève être forêt français goût "
    "hôtel île jamais je j'ai jardin j'adore l'équipe là maïs même naïf Noël où Œuvre parfait plaît produit qu'il reçu "
    "règlement sûr très vendeuse voilà ÉTÉ ÇA TRÈS NA 12,50 € 10 % n° 5 aujourd'hui peut-être jusqu'à M. Mme"
)
JOINTS = "_|_|_|,_|._|_:_|_;_|_!_|_?_|…_|_–_|_—_|_«_|_»_|_(|)_|\n|’|-"


@given(
    st.lists(
        st.tuples(st.sampled_from(VOCABULARY.split()), st.sampled_from(JOINTS.replace("_", " ").split("|"))),
        min_size=1,
        max_size=30,
    )
)
def test_no_right_french_text_is_damaged(pieces):
    text = "".join(word + joint for word, joint in pieces).strip()
    assert repair(text) == (text, False)


@given(st.text(max_size=80))
def test_a_repaired_text_is_clean_and_stays_as_it_is(text):
    mended, _ = repair(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffd]", mended)
    assert mended == mended.strip()
    assert mended == unicodedata.normalize("NFC", mended)


@given(st.text(alphabet="abeéè '\ufffd", max_size=30))
def test_no_lost_letter_stays(text):
    assert "\ufffd" not in restore_letters(text)


def test_real_sounding_answers_are_left_alone():
    rows = SHARED / "verbatims-fr" / "rows"
    if not rows.is_dir():
        pytest.skip("shared/data/verbatims-fr is absent")
    texts = [
        re.sub(r"\{[-+=]\w+\|([^}]*)\}", r"\1", line.split("\t")[3]).replace("\\n", "\n")
        for file in sorted(rows.glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.count("\t") == 3
    ]
    changed = sum(repair(text)[1] for text in texts)
    # What is changed was typed so: "jesuis", "j'lis".
    assert changed / len(texts) < 0.001
