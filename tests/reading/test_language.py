"""Answers in another language: which are found, which French ones are not taken for them, and what is flagged."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.warehouse.frames import rows
from verbatim.reading.language import other_language, split_by_language
from verbatim.reading.marked import read_rows
from verbatim.tables import QUARANTINE, RESPONSES, conform, empty
from verbatim.warehouse.fingerprints import source_hash
from verbatim.warehouse.merging import INDEX, merge_responses

ROOT = Path(__file__).parents[2]
SURVEY = ROOT.parent / "shared" / "data" / "nps-jardinerie" / "nps.csv"

ENGLISH = """
The staff were very friendly and helpful
Delivery took far too long and nobody answered the phone
Great prices but the queue at the till is endless
I love this shop, always something new to find
My order arrived broken and I am still waiting for a refund
The website keeps crashing when I try to pay
Very disappointed with the quality of the garden chairs
Easy parking and clean toilets
Nobody could tell me where the paint was
Excellent service, thank you so much
Too expensive compared to other stores
Customer service is rude and useless
Quick and simple, no problem at all
I would recommend it to my friends
The advice I got about my roses was spot on
They never call back when they say they will
Wide choice of plants and nice people
The app is confusing and slow
I was charged twice for the same item
Opening hours are not convenient for people who work
Everything went well from start to finish
Poor communication about the delay
The young man at the counter went out of his way to help us
Out of stock again, third time this month
Overall happy, although the packaging was damaged
I have been a customer for ten years and never had a problem
It would be nice to have more vegetarian options
They cancelled my booking without telling me
not happy with the installation, had to redo it myself
Friendly people but the cafe was too noisy
"""

GERMAN = """
Sehr freundliches Personal und gute Beratung
Die Lieferung hat viel zu lange gedauert
Preise sind zu hoch, aber die Auswahl ist gut
Leider war der Artikel nicht auf Lager
Ich komme immer wieder gerne hierher
Der Kundendienst ist nie zu erreichen
Alles bestens, vielen Dank
Man wartet ewig an der Kasse
Die Ware war beschädigt und ich bekomme mein Geld nicht zurück
Gutes Preis-Leistungs-Verhältnis
Die Webseite ist sehr unübersichtlich
Schnelle Abwicklung ohne Probleme
Der Verkäufer hat uns super geholfen
Schlechte Qualität, nach zwei Wochen kaputt
Parkplätze fehlen am Wochenende
Ich würde den Laden jederzeit weiterempfehlen
Niemand hat auf meine E-Mail geantwortet
Schöne Pflanzen und faire Preise
Die Rechnung stimmte nicht
Es gibt kaum noch Beratung im Geschäft
Freundlich, kompetent und schnell
Zu wenig Personal am Samstag
Die App stürzt ständig ab
Wir waren sehr zufrieden mit dem Aufenthalt
Öffnungszeiten könnten länger sein
Mein Paket ist nie angekommen
Der Umtausch hat problemlos geklappt
Unhöfliche Bedienung an der Information
Große Auswahl, saubere Räume, nette Leute
Werde beim nächsten Mal woanders kaufen
"""

SPANISH = """
El personal es muy amable y atento
La entrega tardó demasiado y nadie contestaba
Buenos precios pero mucha cola en la caja
No había existencias de lo que buscaba
Siempre encuentro todo lo que necesito
El servicio de atención al cliente es pésimo
Todo perfecto, muchas gracias
Demasiado caro para lo que ofrecen
El producto llegó roto y no me devuelven el dinero
Buena relación calidad precio
La página web es lenta y complicada
Muy rápido y sin problemas
El vendedor nos ayudó muchísimo
Mala calidad, se rompió a los dos días
Es difícil aparcar los fines de semana
Lo recomendaría a mis amigos
Nadie respondió a mi correo
Plantas bonitas y gente simpática
Me cobraron dos veces la misma compra
Falta asesoramiento en la tienda
Rápidos, amables y profesionales
Hay poco personal los sábados
La aplicación no funciona bien
Estamos muy contentos con la estancia
Los horarios deberían ser más amplios
El cambio fue fácil y sin preguntas
Trato muy desagradable en recepción
Gran variedad y locales limpios
La próxima vez compraré en otro sitio
Volveremos seguro el verano que viene
"""


def is_other(text: str, language: str = "fr") -> bool:
    return bool(other_language([text], language=language)[0])


@pytest.mark.parametrize(
    "sentences",
    [pytest.param(ENGLISH, id="English"), pytest.param(GERMAN, id="German"), pytest.param(SPANISH, id="Spanish")],
)
def test_sentences_of_another_language_are_found(sentences):
    found = other_language(sentences.split("\n")[1:-1], language="fr")
    assert len(found) == 30
    assert found.sum() >= 29


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Personale molto gentile e disponibile", id="Italian"),
        pytest.param("Pessoal muito simpático e atencioso", id="Portuguese"),
        pytest.param("Niemand neemt de telefoon op", id="Dutch"),
        pytest.param("الخدمة ممتازة والموظفون لطفاء جدا", id="Arabic"),
        pytest.param("Очень вежливый персонал и хорошие цены", id="Russian"),
        pytest.param("服务非常好，工作人员很友善，价格也很合理，下次还会再来", id="Chinese"),
        pytest.param("Personel çok nazik ve yardımsever", id="Turkish"),
        pytest.param("NOBODY EVER ANSWERS THE PHONE", id="capitals"),
        pytest.param("I asked for [PERSONNE] and [PERSONNE] hung up on me", id="names taken out"),
    ],
)
def test_so_are_answers_of(text):
    assert is_other(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Top service, thank you", id="under 20 letters"),
        pytest.param("Very good [PERSONNE] [PERSONNE] [PERSONNE]", id="tags are no letters"),
        pytest.param("jeTROUVE VOS PRIX TROP ELEVES", id="capitals among small letters"),
        pytest.param("Le click and collect, le drive, le store locator : bug bug bug", id="English loans"),
        pytest.param("Leroy Merlin Castorama Brico Depot", id="brands"),
        pytest.param("jsui tro kontan du servic la vendeuz tro simpa", id="written as spoken"),
        pytest.param("salle d attente agreable, cafe offert", id="no accents"),
        pytest.param("Good service. Mais le personnel est trop souvent absent en caisse", id="French in part"),
        pytest.param("", id="nothing"),
        pytest.param("1234567890 1234567890 !!!", id="digits"),
    ],
)
def test_an_answer_that_may_be_french_is_read(text):
    assert not is_other(text)


def test_the_surveys_own_language_is_the_one_that_is_read():
    french, german = "Personne ne répond au téléphone", "Der Kundendienst ist nie zu erreichen"
    assert [is_other(text, "de") for text in (french, german)] == [True, False]
    assert [is_other(text, "fr-CH") for text in (french, german)] == [False, True]


def test_a_language_outside_the_likely_ones_may_be_the_surveys():
    assert not is_other("El personal és molt amable i atent amb tothom", "ca")


def test_nothing_is_told_apart_from_a_language_that_the_model_does_not_know():
    assert not is_other("Nobody ever answers the phone", "xx")


def test_repeated_texts_get_their_answer_in_their_places_and_no_text_gives_none():
    found = other_language(["Nobody answers the phone", "Trop cher", "Nobody answers the phone"], language="fr")
    assert found.tolist() == [True, False, True]
    assert other_language([], language="fr").shape == (0,)


def test_fewer_than_three_french_answers_in_ten_thousand_are_taken_for_another_language():
    answers = [answer.text for answer in read_rows(sorted((ROOT / "data" / "verbatims-fr").glob("*/*.tsv")))]
    found = other_language(answers, language="fr")
    assert len(found) > 30_000
    assert found.mean() < 0.0003


def test_of_a_real_survey_the_one_english_answer_is_found_and_no_other():
    if not SURVEY.is_file():
        pytest.skip("shared/data/nps-jardinerie is absent")
    survey = pd.read_csv(SURVEY, encoding="cp1252", encoding_errors="replace")
    written = survey.loc[survey["explication"].notna(), "explication"].astype(str)
    found = written[other_language(written.tolist(), language="fr")]
    assert [text[:17] for text in found] == ["Far too expensive"]


def responses(*answers: tuple[str | None, str]) -> pd.DataFrame:
    """Responses with these verbatims and flags."""
    given = [
        {"response_id": f"r{number}", "verbatim": text, "flags": flags} for number, (text, flags) in enumerate(answers)
    ]
    return conform(rows(RESPONSES, *given), RESPONSES)


@pytest.mark.parametrize(
    ("text", "flags", "expected"),
    [
        pytest.param("Nobody answers the phone", "", "other_language", id="flagged"),
        pytest.param(
            "Nobody answers the phone", "duplicate_resolved,repaired", "duplicate_resolved,other_language,repaired",
            id="among other flags",
        ),
        pytest.param("Nobody answers the phone", "other_language", "other_language", id="flagged before"),
        pytest.param("Personne ne répond au téléphone", "", "", id="French"),
        pytest.param("Personne ne répond au téléphone", "other_language,repaired", "repaired", id="no more"),
        pytest.param(None, "repaired", "repaired", id="nothing written"),
    ],
)  # fmt: skip
def test_a_response_gets_the_flag_and_is_set_apart(text, flags, expected):
    flagged, readable = split_by_language(responses((text, flags), ("Trop cher", "")), language="fr")
    assert flagged["flags"].tolist() == [expected, ""]
    assert readable["response_id"].tolist() == (["r1"] if "other_language" in expected else ["r0", "r1"])


def test_nothing_but_the_flags_changes():
    given = responses(("Nobody answers the phone", ""), ("Trop cher", "repaired"), (None, ""))
    shuffled = given.iloc[[2, 0, 1]]
    flagged, _ = split_by_language(shuffled, language="fr")
    pd.testing.assert_frame_equal(flagged.drop(columns="flags"), shuffled.drop(columns="flags"))
    assert flagged["flags"].dtype == given["flags"].dtype
    assert np.array_equal(flagged["flags"], ["", "other_language", "repaired"])


def test_an_empty_window_stays_empty():
    flagged, readable = split_by_language(empty(RESPONSES), language="fr")
    pd.testing.assert_frame_equal(flagged, empty(RESPONSES))
    assert readable.empty


def test_a_published_flag_makes_no_changed_window_the_next_night():
    incoming = responses(("Nobody answers the phone", ""), ("Trop cher", ""))
    published, _ = split_by_language(incoming, language="fr")
    assert published["flags"].tolist() != incoming["flags"].tolist()
    before = source_hash(incoming, empty(QUARANTINE), n_duplicates=0)
    for tonight in (incoming, incoming[:0]):
        merged = merge_responses(
            published[list(INDEX)], tonight[list(INDEX)], kind="month", zone=ZoneInfo("Europe/Paris")
        )
        assert source_hash(merged.index, empty(QUARANTINE), n_duplicates=0) == before
