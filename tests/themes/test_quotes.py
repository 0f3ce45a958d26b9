"""Quotes: sure, readable, central, of the right people; nobody's words where few speak."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatim.tables import QUOTES, conform
from verbatim.themes import choose_quotes

CX = {"survey_id": "enseigne", "population": "all", "period": "2026-03", "codebook": "cx-fr"}


def response(number, text, *, group="detractor", channel="Magasin"):
    return {
        "response_id": f"r{number}",
        "population": "all",
        "nps_group": group,
        "dimensions": json.dumps({"channel": channel}),
        "verbatim": text,
    }


def opinion(number, quote, text, vector, *, k=0, theme="prix_tarif", polarity="negative", sure=0.9):
    start = text.index(quote)
    chances = {f"p_{name}": 0.05 for name in ("positive", "negative", "neutral")} | {f"p_{polarity}": 0.9}
    row = {"response_id": f"r{number}", "opinion_id": f"r{number}#{k}", "start": start, "end": start + len(quote)}
    said = {"quote": quote, "theme_id": theme, "polarity": polarity, "theme_confidence": sure, "text_hash": f"h{text}"}
    return row | chances | said | {"vector": vector, "k": k}


def driver(respondents, *, polarity="negative", dimension="all", slice_="all", rank=1, suppressed=False):
    place = {"dimension": dimension, "slice": slice_, "nps_group": "detractor", "theme_id": "prix_tarif"}
    return CX | place | {
        "polarity": polarity, "respondents": respondents, "rank": rank, "suppressed": suppressed
    }  # fmt: skip


def choose(drivers, opinions, responses, **options):
    frame = pd.DataFrame(opinions)
    vectors = frame.drop_duplicates(["text_hash", "k"])
    embeddings = pd.DataFrame(
        {
            "text_hash": vectors["text_hash"],
            "k": vectors["k"],
            "embedding": [np.asarray(v, np.float16) / np.linalg.norm(v) for v in vectors["vector"]],
        }
    )
    table = pd.DataFrame(drivers).astype({"respondents": "Int64", "rank": "Int64", "suppressed": "boolean"})
    return choose_quotes(table, frame.drop(columns=["vector", "k"]), pd.DataFrame(responses), embeddings, **options)


TEXTS = [
    "Les prix sont beaucoup trop élevés.",
    "C'est devenu vraiment très cher.",
    "Trop cher par rapport aux autres enseignes.",
    "La carte coûte un bras, cher aussi.",
]
VECTORS = [(1, 0.1, 0), (1, 0, 0.6), (1, -0.1, -0.2), (0, 1, 0)]


@pytest.fixture
def survey():
    responses = [response(number, text) for number, text in enumerate(TEXTS)]
    opinions = [opinion(n, text.rstrip("."), text, VECTORS[n]) for n, text in enumerate(TEXTS)]
    return responses, opinions


def test_quotes_stand_near_what_most_say_and_say_it_in_different_words(survey):
    responses, opinions = survey
    quotes = choose([driver(4)], opinions, responses)
    assert quotes["role"].tolist() == ["typical", "typical"]
    assert quotes["position"].tolist() == [0, 1]
    assert "La carte coûte un bras, cher aussi" not in set(quotes["quote"])
    assert quotes["quote"].is_unique
    conform(quotes.assign(window="2026-03", run_id="run"), QUOTES)


def test_what_the_reader_was_not_sure_of_is_not_quoted(survey):
    responses, opinions = survey
    opinions[0]["theme_confidence"] = 0.3
    opinions[2]["p_negative"], opinions[2]["p_positive"] = 0.5, 0.45
    quotes = choose([driver(4)], opinions, responses, per_driver=4)
    assert len(quotes) == 2
    assert not {TEXTS[0].rstrip("."), TEXTS[2].rstrip(".")} & set(quotes["quote"])


@pytest.mark.parametrize(
    "shown", [driver(2), driver(4, suppressed=True), driver(4, rank=None)], ids=["few", "suppressed", "unranked"]
)
def test_no_words_stand_where_few_speak_or_nothing_is_shown(survey, shown):
    responses, opinions = survey
    assert choose([shown], opinions, responses).empty


def test_a_slice_quotes_its_own_people_only(survey):
    responses, opinions = survey
    responses[1] = response(1, TEXTS[1], channel="Site web")
    responses[2] = response(2, TEXTS[2], group="promoter")
    quotes = choose([driver(3, dimension="channel", slice_="Magasin")], opinions, responses, per_driver=4)
    assert set(quotes["quote"]) == {TEXTS[0].rstrip("."), TEXTS[3].rstrip(".")}


def test_one_person_is_quoted_once_for_a_driver():
    text = "C'est bien trop cher ici. Les tarifs flambent chaque mois."
    responses = [response(0, text), *(response(n, f"cher {n}") for n in (1, 2))]
    opinions = [
        opinion(0, "C'est bien trop cher ici", text, (1, 0)),
        opinion(0, "Les tarifs flambent chaque mois", text, (0.2, 1), k=1),
    ]
    assert len(choose([driver(3)], opinions, responses)) == 1


def test_a_counter_example_comes_last_where_enough_say_the_opposite(survey):
    responses, opinions = survey
    praise = "Des prix tout à fait corrects."
    responses += [response(n, praise) for n in (10, 11, 12)]
    opinions += [opinion(n, praise.rstrip("."), praise, (0, 0, 1), polarity="positive") for n in (10, 11, 12)]
    drivers = [driver(4), driver(3, polarity="positive", rank=2)]
    negative = choose(drivers, opinions, responses).query("polarity == 'negative'")
    assert negative["role"].tolist() == ["typical", "typical", "counter_example"]
    assert negative["quote"].iloc[-1] == praise.rstrip(".")
    drivers[1]["respondents"] = 2
    assert "counter_example" not in set(choose(drivers, opinions, responses)["role"])


def test_a_sentence_is_quoted_whole_where_nothing_else_is_said_in_it():
    alone, mixed = "Je trouve que c'est trop cher pour ce que c'est ! Voilà.", "Bon accueil mais trop cher hélas."
    responses = [response(0, alone), response(1, mixed), response(2, "cher")]
    opinions = [
        opinion(0, "trop cher", alone, (1, 0)),
        opinion(1, "Bon accueil", mixed, (0, 1), theme="accueil_relation", polarity="positive"),
        opinion(1, "trop cher hélas", mixed, (1, 0.5), k=1),
    ]
    quotes = choose([driver(3)], opinions, responses, per_driver=3)["quote"].tolist()
    assert quotes == ["Je trouve que c'est trop cher pour ce que c'est", "trop cher hélas"]


def test_what_redaction_left_empty_is_no_quote():
    text = "[PERSONNE] [TELEPHONE]"
    responses = [response(n, text) for n in range(3)]
    assert choose([driver(3)], [opinion(n, text, text, (1, 0)) for n in range(3)], responses).empty


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(random):
    responses = [response(n, text) for n, text in enumerate(TEXTS)]
    opinions = [opinion(n, text.rstrip("."), text, VECTORS[n]) for n, text in enumerate(TEXTS)]
    expected = choose([driver(4), driver(4, dimension="channel", slice_="Magasin")], opinions, responses)
    random.shuffle(responses)
    random.shuffle(opinions)
    shuffled = choose([driver(4, dimension="channel", slice_="Magasin"), driver(4)], opinions, responses)
    pd.testing.assert_frame_equal(shuffled, expected)
