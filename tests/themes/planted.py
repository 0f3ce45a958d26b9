"""Opinions in which subjects are planted that no codebook holds."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

WIDTH = 24
TOWNS = (
    *("Agen", "Albi", "Angers", "Arles", "Auch", "Bayonne", "Blois", "Brest", "Caen", "Cahors", "Colmar", "Dax"),
    *("Dijon", "Foix", "Gap", "Laon", "Laval", "Limoges", "Lyon", "Metz", "Nancy", "Nevers", "Niort", "Pau"),
    *("Reims", "Rodez", "Sens", "Tarbes"),
)
SUBJECTS = {
    "toilettes": "les toilettes de {town} sont bouchées",
    "chariots": "les chariots de {town} couinent",
    "musique": "la musique de {town} est assourdissante",
}
KNOWN = {"confort_proprete": "magasin propre", "prix_tarif": "trop cher", "image_recommandation": "très bien"}


def planted_opinions(*, copies: int = 40, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """84 unsure opinions on three subjects, `copies` of one sentence, 90 of themes that the codebook holds.

    `toilettes` stands near `confort_proprete` among the embeddings.
    """
    random = np.random.default_rng(seed)
    axes = np.eye(WIDTH)
    centres = dict(zip((*SUBJECTS, *KNOWN, "copies"), axes, strict=False))
    centres["toilettes"] = axes[0] + 0.6 * centres["confort_proprete"]
    said = [(subject, form.format(town=town), "a_classer", 0.2) for subject, form in SUBJECTS.items() for town in TOWNS]
    said += [("copies", "la radio grésille", "autre", 0.9)] * copies
    said += [(theme, f"{quote} {number}", theme, 0.95) for theme, quote in KNOWN.items() for number in range(30)]
    said += [("image_recommandation", "correct dans l’ensemble", "image_recommandation", 0.3)]
    opinions, embeddings = [], []
    for number, (centre, quote, theme, sure) in enumerate(said):
        key = hashlib.sha256(f"{number} {quote}".encode()).hexdigest()
        opinions.append((f"r{number}", f"r{number}#0", quote, "negative", theme, sure, key))
        embeddings.append((key, 0, (centres[centre] + random.normal(scale=0.08, size=WIDTH)).astype(np.float16)))
    names = ["response_id", "opinion_id", "quote", "polarity", "theme_id", "theme_confidence", "text_hash"]
    return pd.DataFrame(opinions, columns=names), pd.DataFrame(embeddings, columns=["text_hash", "k", "embedding"])
