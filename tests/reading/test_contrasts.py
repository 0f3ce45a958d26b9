"""The encoder that ships keeps praise and blame of one answer apart."""

import pytest


@pytest.mark.parametrize(
    ("text", "praise", "blame"),
    [
        ("Accueil très agréable mais prix trop élevés", "Accueil", "prix"),
        ("Bon choix, par contre l'attente en caisse est insupportable", "choix", "attente"),
        ("Tout est bien sauf le parking", "Tout", "parking"),
        ("Dommage que les vendeurs ne connaissent rien, le magasin est très beau", "beau", "vendeurs"),
        ("Les produits sont de qualité, en revanche le site plante sans arrêt", "produits", "site"),
        ("Prix corrects cependant livraison en retard", "Prix", "livraison"),
        ("Je suis satisfait hormis le service après-vente qui ne répond jamais", "satisfait", "service"),
        ("Personnel souriant\nCaisses toujours fermées", "souriant", "fermées"),
        ("- conseillers compétents\n- délais trop longs\n- tarifs raisonnables", "conseillers", "délais"),
        ("trop cher mais bonne qualité", "qualité", "cher"),
        ("Livraison rapide mais colis abîmé", "rapide", "abîmé"),
        ("Super magasin, dommage pour le manque de vendeurs", "magasin", "vendeurs"),
        ("le conseiller etait tres gentil mais incompetent", "gentil", "incompetent"),
        ("Beaucoup de choix mais mal rangé", "choix", "rangé"),
        ("Rien à redire sur l'accueil, mais les délais de remboursement sont honteux", "accueil", "délais"),
        ("J'adore l'appli pourtant elle bugue souvent", "adore", "bugue"),
        ("Les vendeurs sont désagréables, heureusement les plantes sont belles", "plantes", "vendeurs"),
        ("pas cher mais de mauvaise qualité", "cher", "mauvaise"),
        ("À part les prix, tout est parfait", "parfait", "prix"),
        ("Malgré des prix élevés les plantes sont magnifiques", "plantes", "prix"),
    ],
)
def test_praise_and_blame_stand_in_spans_of_their_own(encoder, text, praise, blame):
    opinions = encoder.read([text], codebook="cx-fr").opinions
    said = dict(zip(opinions["quote"], opinions["polarity"], strict=True))
    assert [polarity for quote, polarity in said.items() if praise in quote] == ["positive"]
    assert [polarity for quote, polarity in said.items() if blame in quote] == ["negative"]


@pytest.mark.parametrize("text", ["bien", "parfait", "nul", "Rien à redire", "RAS tout est parfait"])
def test_a_bare_verdict_is_an_opinion(encoder, text):
    opinions = encoder.read([text], codebook="cx-fr").opinions
    assert len(opinions) >= 1
    assert set(opinions["polarity"]) == {"negative" if text == "nul" else "positive"}
