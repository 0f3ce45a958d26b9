"""Responses in, opinions out; what was read once is not read again."""

import hashlib
import logging

import numpy as np
import pandas as pd
import pytest

from tests.standins import make_tiny_encoder
from verbatim.reading import cache as reading_cache
from verbatim.reading import load_encoder, read_responses
from verbatim.tables import OPINIONS, conform

VERBATIMS = [
    "Accueil très agréable mais prix trop élevés",
    "RAS",
    None,
    "   ",
    "la livraison a pris trois semaines",
    "Accueil très agréable mais prix trop élevés",
    "Choix immense, caisses lentes, parking gratuit",
]


@pytest.fixture
def responses():
    return pd.DataFrame(
        {"response_id": list("gfedcba"), "verbatim": pd.array(VERBATIMS, "string"), "score": [9, 8, 7, 6, 5, 4, 3]}
    )


def read(responses, encoder, folder=None, codebook="cx-fr"):
    return read_responses(responses, encoder, codebook=codebook, cache_folder=folder)


def assert_same(left, right):
    pd.testing.assert_frame_equal(left.opinions, right.opinions, check_exact=True)
    pd.testing.assert_frame_equal(left.embeddings.drop(columns="embedding"), right.embeddings.drop(columns="embedding"))
    for one, other in zip(left.embeddings["embedding"], right.embeddings["embedding"], strict=True):
        assert one.dtype == other.dtype == np.float16
        assert one.tobytes() == other.tobytes()


def test_opinions_follow_their_contract(responses, tiny):
    result = read(responses, tiny)
    opinions = result.opinions
    placed = opinions.assign(survey_id="essai", window="2026-03", run_id="r")
    pd.testing.assert_frame_equal(conform(placed, OPINIONS)[opinions.columns], opinions)
    assert (result.n_read, result.n_cached) == (4, 0)
    assert set(opinions["response_id"]) == {"g", "c", "b", "a"}
    ranks = opinions.groupby("response_id").cumcount().astype("string")
    assert opinions["opinion_id"].tolist() == (opinions["response_id"] + "#" + ranks).tolist()
    texts = dict(zip(responses["response_id"], responses["verbatim"], strict=True))
    for row in opinions.itertuples():
        assert row.quote == texts[row.response_id][row.start : row.end]
        assert row.text_hash == hashlib.sha256(texts[row.response_id].encode()).hexdigest()


def test_embeddings_stand_once_a_text(responses, tiny):
    result = read(responses, tiny)
    of_texts = result.opinions.groupby("text_hash")["response_id"].agg(lambda ids: len(ids) // ids.nunique())
    assert result.embeddings.columns.tolist() == ["text_hash", "k", "revision", "embedding"]
    assert result.embeddings.groupby("text_hash").size().tolist() == of_texts.tolist()
    assert set(result.embeddings["revision"]) == {tiny.revision}


def test_the_order_of_responses_changes_nothing(responses, tiny, tmp_path):
    straight = read(responses, tiny)
    assert_same(read(responses.iloc[::-1], tiny), straight)
    assert_same(read(responses.sample(frac=1, random_state=3), tiny, tmp_path), straight)


def test_a_survey_without_words_gives_empty_frames_of_the_right_types(responses, tiny, tmp_path):
    for folder in (None, tmp_path, tmp_path):
        silent = read(responses[1:4], tiny, folder)
        assert silent.opinions.empty
        assert silent.embeddings.empty
        assert silent.opinions.dtypes.to_dict() == read(responses, tiny).opinions.dtypes.to_dict()
    assert (silent.n_read, silent.n_cached) == (0, 1)


def test_what_was_read_is_not_read_again(responses, tiny, tmp_path, monkeypatch):
    first = read(responses, tiny, tmp_path)
    more = pd.concat([responses, pd.DataFrame({"response_id": ["h"], "verbatim": ["site illisible"]})])
    second = read(more, tiny, tmp_path)
    assert (second.n_read, second.n_cached) == (1, 4)
    monkeypatch.setattr(tiny, "_run", None)
    third = read(responses, tiny, tmp_path)
    assert (third.n_read, third.n_cached) == (0, 4)
    assert_same(third, first)
    monkeypatch.undo()
    assert_same(second, read(more, tiny))


def test_the_cache_holds_no_words(responses, tiny, tmp_path):
    read(responses, tiny, tmp_path)
    (part,) = tmp_path.rglob("*.parquet")
    frame = pd.read_parquet(part)
    assert "quote" not in frame.columns
    assert not frame["text_hash"].isin(responses["verbatim"]).any()


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b"x" * len(b)])
def test_a_broken_part_is_thrown_away_and_read_again(responses, tiny, tmp_path, caplog, damage):
    first = read(responses, tiny, tmp_path)
    (part,) = tmp_path.rglob("*.parquet")
    part.write_bytes(damage(part.read_bytes()))
    with caplog.at_level(logging.WARNING):
        again = read(responses, tiny, tmp_path)
    assert (again.n_read, again.n_cached) == (4, 0)
    assert_same(again, first)
    assert part.name in caplog.text
    assert not part.exists()
    assert read(responses, tiny, tmp_path).n_cached == 4


def test_a_part_of_another_shape_is_thrown_away(responses, tiny, tmp_path):
    read(responses, tiny, tmp_path)
    (part,) = tmp_path.rglob("*.parquet")
    pd.DataFrame({"text_hash": ["0"]}).to_parquet(part)
    assert read(responses, tiny, tmp_path).n_read == 4


def test_an_unfinished_part_counts_for_nothing(responses, tiny, tmp_path):
    read(responses, tiny, tmp_path)
    (part,) = tmp_path.rglob("*.parquet")
    part.rename(part.with_name(part.name + ".unfinished"))
    assert read(responses, tiny, tmp_path).n_read == 4


def test_another_encoder_or_codebook_reads_for_itself(responses, tiny, tmp_path):
    other = load_encoder(make_tiny_encoder(tmp_path / "other", seed=2))
    folder = tmp_path / "cache"
    assert read(responses, tiny, folder).n_read == 4
    assert read(responses, other, folder).n_read == 4
    assert read(responses, tiny, folder, codebook="ex-fr").n_read == 4
    # Two readers are kept, so the first one has to start again.
    assert read(responses, other, folder).n_cached == 4
    assert read(responses, tiny, folder).n_read == 4


def test_many_small_nights_leave_few_files_and_lose_nothing(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(reading_cache, "MAX_PARTS", 3)
    nights = [
        pd.DataFrame({"response_id": [str(n)], "verbatim": [f"il manque {'une vis ' * n} et un écrou"]})
        for n in range(9)
    ]
    for night in nights:
        read(night, tiny, tmp_path)
    assert len(list(tmp_path.rglob("*.parquet"))) <= 4
    everything = pd.concat(nights)
    again = read(everything, tiny, tmp_path)
    assert again.n_cached == 9
    assert_same(again, read(everything, tiny))


def test_the_cache_is_bounded(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(reading_cache, "MAX_PARTS", 1)
    monkeypatch.setattr(reading_cache, "MAX_ROWS", 5)
    for n in range(6):
        night = pd.DataFrame({"response_id": ["a"], "verbatim": [f"il manque {'une vis ' * n} et un écrou"]})
        read(night, tiny, tmp_path)
    rows = sum(len(pd.read_parquet(part)) for part in tmp_path.rglob("*.parquet"))
    assert rows < 12
    assert read(night, tiny, tmp_path).n_cached == 1


def test_a_cache_that_cannot_be_written_costs_time_only(responses, tiny, tmp_path, caplog):
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with caplog.at_level(logging.WARNING):
        result = read(responses, tiny, blocked)
    assert_same(result, read(responses, tiny))
    assert "cannot be written" in caplog.text
