"""Topics are kept from run to run: whole, or not at all; an opinion keeps the topic that it was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from verbatim.themes.topics import CENTRES, Topic, Topics, load_topics, no_topics, place, reach_of, save_topics

MADE_FROM = {"revision": "1"}
TOPICS = Topics(
    (
        Topic("caisse_attente", "Attente en caisse", "joignabilite_attente", ("caisse", "attente"), 0.91, 0.6),
        Topic("bornes", "Bornes de recharge", None, ("borne",), 0.8, 0.6),
    ),
    np.eye(3, dtype=np.float32)[:2],
    pd.DataFrame({"text_hash": ["a", "b"], "k": [0, 1], "topic_id": ["caisse_attente", "bornes"]}),
)


def test_what_was_saved_is_read_back(tmp_path):
    save_topics(TOPICS, tmp_path, made_from=MADE_FROM)
    read = load_topics(tmp_path, made_from=MADE_FROM)
    assert read.topics == TOPICS.topics
    assert read.centres.tolist() == TOPICS.centres.tolist()
    pd.testing.assert_frame_equal(read.assignments, TOPICS.assignments, check_dtype=False)


def test_topics_of_another_encoder_are_not_taken_up(tmp_path):
    save_topics(TOPICS, tmp_path, made_from=MADE_FROM)
    assert load_topics(tmp_path, made_from={"revision": "2"}) is None


@pytest.mark.parametrize("name", ["topics.parquet", "assignments.parquet", CENTRES])
def test_a_file_that_is_gone_or_cut_short_leaves_nothing(tmp_path, name):
    save_topics(TOPICS, tmp_path, made_from=MADE_FROM)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    assert load_topics(tmp_path, made_from=MADE_FROM) is None
    (tmp_path / name).unlink()
    assert load_topics(tmp_path, made_from=MADE_FROM) is None


def test_files_of_two_runs_are_not_mixed(tmp_path):
    save_topics(TOPICS, tmp_path, made_from=MADE_FROM)
    centres = (tmp_path / CENTRES).read_bytes()
    one = Topics(TOPICS.topics[:1], TOPICS.centres[:1], TOPICS.assignments[:1])
    save_topics(one, tmp_path, made_from=MADE_FROM)
    (tmp_path / CENTRES).write_bytes(centres)
    assert load_topics(tmp_path, made_from=MADE_FROM) is None


def test_an_opinion_keeps_its_topic_and_a_new_one_gets_the_nearest_within_reach():
    said = pd.DataFrame({"text_hash": ["a", "b", "c", "d"], "k": [0, 0, 0, 0]})
    # The first stands by the second topic now; the text of the second held another opinion.
    vectors = np.array([[0, 1, 0], [1, 0.1, 0], [0.1, 1, 0.2], [0, 0.2, 1]], np.float32)
    assert place(TOPICS, said, vectors).tolist() == [0, 0, 1, -1]
    assert place(no_topics(), said, vectors).tolist() == [-1, -1, -1, -1]


def test_the_reach_leaves_the_farthest_out():
    assert reach_of(np.linspace(0, 1, 101)) == pytest.approx(0.05)
