"""Parents: a theme keeps its respondents when a part of it gets a name."""

from __future__ import annotations

import pandas as pd

from verbatim.themes.codebook import Codebook, Theme
from verbatim.themes.parents import with_parents

PRICE = Theme("prix_tarif", "Prix", "Prices", "Prix.", "Prices.")
PLANTS = Theme("plantes_cheres", "Plantes chères", "Dear plants", "Prix.", "Prices.", ("cher",), parent="prix_tarif")
OPINIONS = pd.DataFrame(
    {
        "opinion_id": ["a#0", "a#1", "b#0"],
        "theme_id": pd.array(["plantes_cheres", "accueil_relation", "prix_tarif"], "string"),
    }
)


def test_an_opinion_on_a_part_counts_for_the_whole_too():
    said = with_parents(OPINIONS, Codebook("mien", "1", "fr", (PRICE, PLANTS)))
    assert said["theme_id"].value_counts().to_dict() == {"prix_tarif": 2, "plantes_cheres": 1, "accueil_relation": 1}
    assert said["opinion_id"].tolist() == ["a#0", "a#1", "b#0", "a#0"]
    assert said.dtypes.equals(OPINIONS.dtypes)


def test_without_sub_themes_nothing_changes():
    assert with_parents(OPINIONS, Codebook("mien", "1", "fr", (PRICE,))) is OPINIONS
