"""The wide branch: features of a clause's own words, the same whatever stands around it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verbatim.reading import load_encoder
from verbatim.reading.wide import (
    BUCKETS,
    Wide,
    WideHeads,
    count_features,
    load_wide,
    rarity_of,
    save_wide,
    weigh,
)


def columns(clause: str) -> set[int]:
    return set(count_features([clause]).indices.tolist())


def test_words_pairs_and_characters_are_counted():
    counted = count_features(["trop cher"])
    words = int((counted.indices < BUCKETS).sum())
    # " trop " and " cher ": five pairs, four threes, three fours, two fives of characters each.
    assert (words, counted.data[counted.indices >= BUCKETS].sum()) == (3, 28)


def test_no_feature_spans_two_words_but_their_pair():
    apart, joined = columns("trop") | columns("cher"), columns("trop cher")
    assert len(joined - apart) == 1
    assert apart < joined


def test_accents_case_and_apostrophes_are_typed_in_many_ways():
    assert columns("TRÈS CHER, L’ATTENTE") == columns("tres cher l'attente")


@given(st.lists(st.text(alphabet="abcé ’,.", max_size=12), min_size=1, max_size=6))
def test_a_clause_has_the_same_features_alone_and_among_others(clauses):
    together = weigh(count_features(clauses), np.ones(2 * BUCKETS, dtype=np.float32)).toarray()
    for row, clause in enumerate(clauses):
        alone = weigh(count_features([clause]), np.ones(2 * BUCKETS, dtype=np.float32)).toarray()
        np.testing.assert_array_equal(alone[0], together[row])


def test_words_and_characters_weigh_the_same():
    weighed = weigh(count_features(["attente trop longue", "cher"]), np.ones(2 * BUCKETS, dtype=np.float32)).toarray()
    for half in (weighed[:, :BUCKETS], weighed[:, BUCKETS:]):
        np.testing.assert_allclose(np.linalg.norm(half, axis=1), 1, rtol=1e-6)


def test_rare_features_count_for_more():
    rarity = rarity_of(count_features(["trop cher", "trop long", "trop loin"]))
    (trop,), (cher,) = ((c for c in columns(word) if c < BUCKETS) for word in ("trop", "cher"))
    assert rarity[cher] > rarity[trop]


def test_what_is_written_is_read_again_to_a_byte_a_weight(tmp_path):
    rng = np.random.default_rng(3)
    weight = np.asfortranarray(rng.normal(size=(2 * BUCKETS, 2)).astype(np.float32))
    heads = WideHeads(weight, np.array([0.5, -1], dtype=np.float32))
    silence = WideHeads(weight[:, :1], np.array([-2], dtype=np.float32))
    wide = Wide(np.ones(2 * BUCKETS, dtype=np.float32), {"nps": heads, "enps": heads}, silence)
    save_wide(wide, tmp_path)
    again = load_wide(tmp_path)
    np.testing.assert_allclose(again.themes["nps"].weight, weight, atol=np.abs(weight).max() / 127)
    clauses = ["trop cher", "personne en caisse", ""]
    np.testing.assert_allclose(again.logits(clauses, "enps"), wide.logits(clauses, "enps"), atol=0.1)
    np.testing.assert_allclose(again.silence_logits(clauses), wide.silence_logits(clauses), atol=0.1)


def test_a_branch_that_was_not_taught_silence_takes_nothing_for_silent(tmp_path):
    heads = WideHeads(np.ones((2 * BUCKETS, 2), dtype=np.float32), np.zeros(2, dtype=np.float32))
    save_wide(Wide(np.ones(2 * BUCKETS, dtype=np.float32), {"nps": heads, "enps": heads}), tmp_path)
    assert load_wide(tmp_path).silence_logits(["je passais par là", ""]).tolist() == [-np.inf, -np.inf]


def test_a_folder_without_the_branch_has_none(tmp_path):
    assert load_wide(tmp_path) is None


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_words_of_an_answer_tell_that_it_says_nothing(encoder):
    silent, said = encoder.wide.silence_logits(
        ["je suis juste passé acheter du pain", "accueil très agréable, prix trop élevés"]
    )
    assert silent > said


def test_mixed_probabilities_are_probabilities(encoder):
    given_themes = np.full((2, 23), 1 / 23)
    mixed = encoder.blend(given_themes, ["trop d'attente aux caisses", "prix élevés"], "nps")
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    names = np.array(encoder.config.customer_themes)
    assert names[mixed.argmax(axis=1)].tolist() == ["joignabilite_attente", "prix_tarif"]
