"""Personal values are replaced by their tag; prices, dates and codes are left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.privacy.identifiers import draw
from verbatim.privacy import Tag, redact, redact_many

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("écrivez à jean.dupont@exemple.fr.", "écrivez à [EMAIL]."),
        ("l'adresse d'zoe@exemple.fr", "l'adresse d'[EMAIL]"),
        ("zoe @ exemple.fr", "[EMAIL]"),
        ("jean point dupont arobase exemple point fr", "[EMAIL]"),
        ("jean (at) exemple.fr merci", "[EMAIL] merci"),
        ("0612345678", "[TELEPHONE]"),
        ("au 06 12 34 56 78, merci", "au [TELEPHONE], merci"),
        ("06.12.34.56.78 ou 01-23-45-67-89", "[TELEPHONE] ou [TELEPHONE]"),
        ("+33 6 12 34 56 78 / +33(0)612345678 / 0033612345678", "[TELEPHONE] / [TELEPHONE] / [TELEPHONE]"),
        ("+32 475 12 34 56", "[TELEPHONE]"),
        ("(0)6 12 34 56 78 ou (06)12345678", "[TELEPHONE] ou [TELEPHONE]"),
        ("le 12/03/2026. 04.69.75.75.27", "le 12/03/2026. [TELEPHONE]"),
        ("vu en 03/2026. 04.69.75.75.27", "vu en 03/2026. [TELEPHONE]"),
        ("(+33) 6 12 34 56 78", "([TELEPHONE]"),
        ("mon zéro six douze trente-quatre cinquante-six soixante-dix-huit", "mon [TELEPHONE]"),
        ("FR76 3000 6000 0112 3456 7890 189 merci", "[IBAN] merci"),
        ("fr7630006000011234567890189", "[IBAN]"),
        ("BE68 5390 0754 7034", "[IBAN]"),
        ("4970 1012 3456 7890 : non ; 4111 1111 1111 1111 : oui", "4970 1012 3456 7890 : non ; [CARTE] : oui"),
        ("2 85 05 78 006 084 41", "[NIR]"),
        ("1 80 12 2A 123 456 02", "[NIR]"),
    ],
)
def test_structured_values(text, redacted):
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("M. Dupont m'a aidé", "[PERSONNE] m'a aidé"),
        ("M.Dupont et Mme.Martin", "[PERSONNE] et [PERSONNE]"),
        ("M. et Mme Dupont", "M. et [PERSONNE]"),
        ("monsieur Jean de la Tour, merci", "[PERSONNE], merci"),
        ("Mme Dupont du service client", "[PERSONNE] du service client"),
        ("MADAME DUPONT EST SUPER", "[PERSONNE] EST SUPER"),
        ("Mme LE GOFF", "[PERSONNE]"),
        ("Mlle Zoé", "[PERSONNE]"),
        ("Me Durand, avocat", "[PERSONNE], avocat"),
        ("le Dr Weil et le docteur Nguyen", "le [PERSONNE] et le [PERSONNE]"),
        ("mme dupont, mr le goff", "[PERSONNE], [PERSONNE]"),
        ("merci à M. dupont", "merci à [PERSONNE]"),
        ("votre conseiller, m. abadie, se déplace", "votre conseiller, [PERSONNE], se déplace"),
        ("madame martin m'a aidé", "[PERSONNE] m'a aidé"),
        ("le dr martin", "le [PERSONNE]"),
        ("Mme martin-leroy", "[PERSONNE]"),
        ("Mme d'Ormesson", "[PERSONNE]"),
        ("Mr T. Dupont, M. A. Martin", "[PERSONNE], [PERSONNE]"),
        ("Mme la directrice Martin est là", "[PERSONNE] est là"),
    ],
)
def test_titles_with_a_name(text, redacted):
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "12,50 € au lieu de 1 234,50 €",
        "commande 202611260012, facture n° 2026-0000123456",
        "le 31/12/2026 à 23h59, du 01.02.2026 au 03.02.2026",
        "35000 Rennes, CS 40123",
        "EAN 3017620422003, réf : 780102",
        "24/7, 7j/7, 06 mois, 10 ans, 2 à 3 fois, 1 2 3 4 5 6 7 8 9 10",
        "de 0 à 10 je mets 0 0 0 0",
        "Madame la directrice, M. le directeur, Monsieur le maire",
        "Bonjour Madame, Monsieur, bonjour madame merci",
        "un monsieur chauve, la madame derrière moi, madame présente au guichet",
        "M. Meuble, Mr Bricolage, Monsieur Cuisine, Dr Martens, Madame Figaro, M6",
        "Un rouleau de 10 M. Dommage, 3 m. seulement, 2 m Nord, il m a dit, cela m arrange",
        "peu dr promotions, Me faire attendre 2 h",
        "un professeur de hautbois, maître du jeu",
        "zéro accueil, zéro deux fois de suite",
        "@botanic sur Instagram, 50 % @ la caisse",
        "",
    ],
)
def test_what_is_nobodys_is_left_alone(text):
    assert redact(text).text == text
    assert redact(text).spans == ()


def test_spans_say_where_the_values_stood():
    text = "Mme Dupont : 06 12 34 56 78, zoe@exemple.fr"
    redacted = redact(text)
    assert [(span.tag, text[span.start : span.end]) for span in redacted.spans] == [
        (Tag.PERSONNE, "Mme Dupont"),
        (Tag.TELEPHONE, "06 12 34 56 78"),
        (Tag.EMAIL, "zoe@exemple.fr"),
    ]
    assert [item.text for item in redact_many([text, "rien"])] == ["[PERSONNE] : [TELEPHONE], [EMAIL]", "rien"]


def test_the_tags_are_the_closed_list_of_the_design():
    names = "EMAIL TELEPHONE IBAN CARTE NIR SIRET PLAQUE ADRESSE NAISSANCE CONTRAT IP COMPTE URL PERSONNE"
    assert [tag.token for tag in Tag] == [f"[{name}]" for name in names.split()]


@pytest.mark.parametrize("block", range(5))
def test_five_hundred_injected_values_leave_nothing(block):
    for seed in range(100 * block, 100 * block + 100):
        kind, value, text = draw(seed)
        redacted = redact(text)
        assert [span.tag.value for span in redacted.spans] == [kind], seed
        assert text.replace(value, f"[{kind}]") == redacted.text, seed


@given(st.text(max_size=60), st.integers(0, 10_000))
def test_redacting_again_changes_nothing(noise, seed):
    for text in (noise, f"{noise} {draw(seed)[2]} {draw(seed + 1)[2]}", draw(seed)[2] + noise):
        once = redact(text)
        assert redact(once.text).text == once.text
        assert redact(once.text).spans == ()


@given(st.text(alphabet="0123456789 .-+()/FRfr@", max_size=200))
def test_figures_of_any_kind_end(text):
    redacted = redact(text)
    assert all(0 <= span.start < span.end <= len(text) for span in redacted.spans)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["a", "0 ", "M. ", "@", "a.", "06 12 ", "zéro six ", "FR76 ", "Mme de ", "1-"])
def test_long_answers_take_no_longer_than_their_length(piece):
    assert redact(piece * (20_000 // len(piece))) is not None


def test_real_sounding_answers_without_identifiers_raise_few_false_alarms():
    rows = SHARED / "verbatims-fr" / "rows"
    if not rows.is_dir():
        pytest.skip("shared/data/verbatims-fr is absent")
    texts = [
        re.sub(r"\{[-+=]\w+\|([^}]*)\}", r"\1", line.split("\t")[3]).replace("\\n", "\n")
        for file in sorted(rows.glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.count("\t") == 3
    ]
    # Most of these are right: the writers invented some eighty persons behind a title.
    redacted = sum(bool(item.spans) for item in redact_many(texts))
    assert redacted / len(texts) < 0.005
