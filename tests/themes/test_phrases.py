"""Lemmas and noun phrases, by the pipeline that ships."""

from __future__ import annotations

import subprocess
import sys

import pytest

from verbatim.errors import ModelError
from verbatim.themes.phrases import content_lemmas, load_pipeline, noun_phrases


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beaucoup trop d'attente en caisse", "attente en caisse"),
        ("delais de livraison trop longs", "delais de livraison"),
        ("les prix des plantes sont élevés", "prix des plantes"),
        ("carte de fidelite jamais proposée", "carte de fidelite"),
        ("la qualité des produits a baissé", "qualité des produits"),
        ("LE CHOIX DE PLANTES EST GRAND", "choix de plantes"),
        ("un personnel agréable", "personnel agréable"),
        ("service apres vente injoignable", "service apres vente injoignable"),
        ("prise de rendez-vous compliquée", "prise de rendez-vous compliquée"),
    ],
)
def test_a_noun_and_what_describes_it_are_a_phrase(pipeline, text, expected):
    assert expected in noun_phrases([text], pipeline)[0]


def test_a_noun_alone_and_a_determiner_are_none(pipeline):
    assert noun_phrases(["le parking", "trop cher", ""], pipeline) == [[], [], []]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("les caisses sont fermées", "la caisse est fermee"),
        ("livraisons tardives", "livraison tardive"),
        ("des conseillers compétents", "un conseiller competent"),
        ("ils m'ont remboursée", "je veux être remboursé"),
    ],
    ids=["number and accents", "adjective", "determiner", "verb"],
)
def test_forms_of_a_word_count_together(pipeline, one, other):
    roots = [{root for _, root in words} for words in content_lemmas([one, other], pipeline)]
    assert roots[0] & roots[1]


def test_stop_words_and_tags_are_no_content(pipeline):
    (words,) = content_lemmas(["Il est vraiment très bien avec [PERSONNE] !"], pipeline)
    assert not {"est", "très", "il", "personne", "avec"} & {word for word, _ in words}


def test_texts_keep_their_place(pipeline):
    texts = ["accueil parfait", "prix trop élevés", "accueil parfait"]
    assert content_lemmas(texts, pipeline)[0] == content_lemmas(texts, pipeline)[2]
    assert content_lemmas(texts[1:2], pipeline)[0] == content_lemmas(texts, pipeline)[1]


def test_a_missing_pipeline_is_told_with_two_ways_out():
    with pytest.raises(ModelError, match="fr_absent_md") as error:
        load_pipeline("fr_absent_md")
    assert error.value.where == "models.spacy"
    assert "folder" in error.value.next_step
    assert 'models.profile = "embedded"' in error.value.next_step


def test_a_pipeline_without_a_parser_is_refused(tmp_path):
    import spacy

    spacy.blank("fr").to_disk(tmp_path)
    with pytest.raises(ModelError, match="no parser"):
        load_pipeline(str(tmp_path))


def test_a_night_never_imports_spacy():
    script = "import sys, verbatim.night, verbatim.reading, verbatim.themes; print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
