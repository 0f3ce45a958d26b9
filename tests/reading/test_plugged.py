"""Other models plugged into the encoder: the real layouts, with random weights, and no network."""

from __future__ import annotations

import json

import numpy as np
import pytest

from verbatim.errors import ModelError
from verbatim.reading.heads import POLARITIES
from verbatim.reading.plugged import PluggedReader, load_embedder, load_judge
from verbatim.reading.transformer import open_transformer

from .transformers import KINDS, make_tiny_transformer

STARS = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
TEXTS = [
    "Accueil parfait mais trop cher",
    "personnel souriant, attente longue",
    "prix très bien",
    "RAS",
    "attente " * 200,
]
CLAUSES = ["accueil parfait", "trop cher", "attente longue", "la", "prix " * 300]


@pytest.fixture(scope="module", params=KINDS)
def judge(request, tmp_path_factory):
    folder = make_tiny_transformer(tmp_path_factory.mktemp("judge") / request.param, request.param, labels=STARS)
    return load_judge(str(folder), {}, precision="fp32")


@pytest.fixture(scope="module", params=KINDS)
def embedder(request, tmp_path_factory):
    folder = make_tiny_transformer(tmp_path_factory.mktemp("embedder") / request.param, request.param)
    return load_embedder(str(folder), "mean", precision="fp32")


def test_probabilities_of_polarities_add_up_whatever_the_length(judge):
    shares = judge.polarity(CLAUSES)
    assert shares.shape == (len(CLAUSES), 3)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert len(np.unique(shares.round(6), axis=0)) == len(CLAUSES)
    assert judge.polarity([]).shape == (0, 3)


def test_stars_are_added_up(judge):
    logits = judge.transformer.run(["trop cher"], lambda said, _: said.logits, 5)[0].astype(float)
    stars = np.exp(logits) / np.exp(logits).sum()
    expected = [stars[3] + stars[4], stars[0] + stars[1], stars[2]]
    assert judge.polarity(["trop cher"])[0] == pytest.approx(expected, abs=1e-6)


def test_what_is_said_of_a_clause_depends_on_no_other(judge, embedder):
    many = [*CLAUSES, *(f"prix {'très ' * count}bien" for count in range(60))]
    for work in (judge.polarity, embedder.embed):
        together = work(many)
        assert np.array_equal(work(many[::-1]), together[::-1])
        assert np.array_equal(work(many[1:2]), together[1:2])


def test_embeddings_have_length_one_and_pooling_counts(embedder):
    vectors = embedder.embed(CLAUSES)
    assert vectors.shape == (len(CLAUSES), 32)
    assert np.linalg.norm(vectors.astype(float), axis=1) == pytest.approx(1, abs=1e-2)
    first = type(embedder)(embedder.transformer, "cls")
    assert not np.array_equal(first.embed(CLAUSES), vectors)


def test_the_mean_leaves_padding_out(embedder):
    import torch

    tokens = embedder.transformer.tokenizer("accueil parfait", return_tensors="pt")
    with torch.inference_mode():
        states = embedder.transformer.model(**tokens).last_hidden_state[0].numpy()
    expected = states.mean(axis=0) / np.linalg.norm(states.mean(axis=0))
    assert embedder.embed(["accueil parfait"])[0] == pytest.approx(expected, abs=2e-3)


def test_a_plugged_reader_reads_like_the_encoder(tiny, judge, embedder):
    plain = tiny.read(TEXTS, codebook="cx-fr")
    plugged = PluggedReader(tiny, judge=judge, embedder=embedder).read(TEXTS, codebook="cx-fr")
    same = ["text", "k", "start", "end", "quote", "theme_id", "theme_confidence"]
    assert plugged.opinions[same].equals(plain.opinions[same])
    assert plugged.opinions.dtypes.equals(plain.opinions.dtypes)
    shares = plugged.opinions[[f"p_{name}" for name in POLARITIES]].to_numpy()
    assert plugged.opinions["polarity"].tolist() == [POLARITIES[place] for place in shares.argmax(axis=1)]
    assert plugged.embeddings.shape == (len(plain.opinions), 32)
    assert plugged.embeddings.dtype == np.float16


def test_without_opinions_nothing_is_judged(tiny, judge, embedder):
    reading = PluggedReader(tiny, judge=judge, embedder=embedder).read(["RAS", "..."], codebook="cx-fr")
    assert reading.opinions.empty
    assert reading.embeddings.shape == (0, 32)


def test_the_revision_is_that_of_what_decides(tiny, tmp_path):
    def revision(folder, labels=None) -> str:
        return PluggedReader(tiny, judge=load_judge(str(folder), labels or {}, precision="fp32")).revision

    one = make_tiny_transformer(tmp_path / "one", "camembert", labels=STARS)
    same = make_tiny_transformer(tmp_path / "same", "camembert", labels=STARS)
    other = make_tiny_transformer(tmp_path / "other", "camembert", labels=STARS, seed=2)
    assert revision(one) == revision(same)
    assert len({tiny.revision, revision(one), revision(other)}) == 3
    strict = {label: "positive" if label == "5 stars" else "negative" for label in STARS}
    assert revision(one, strict) != revision(one)


@pytest.mark.parametrize(
    ("name", "told"),
    [("{folder}/nothing", "no config.json"), ("{folder}/pickled", "cannot be opened"), ("nobody/nothing", "opened")],
    ids=["no folder", "pickle only", "a hub id that nobody has"],
)
def test_a_missing_model_is_told_with_two_ways_out(tmp_path, monkeypatch, name, told):
    import torch

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pickled = make_tiny_transformer(tmp_path / "pickled", "camembert", labels=STARS)
    weights = pickled / "model.safetensors"
    weights.unlink()
    torch.save({}, pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match=told) as error:
        load_judge(name.format(folder=tmp_path), {}, precision="fp32")
    assert error.value.where == "models.sentiment.model"
    assert "read offline" in error.value.next_step
    assert 'models.profile = "embedded"' in error.value.next_step


def test_a_models_own_code_is_never_run(tmp_path):
    folder = make_tiny_transformer(tmp_path / "remote", "camembert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "unheard-of", "auto_map": {"AutoModel": "evil.Model", "AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_transformer(str(folder), "AutoModel", where="models.embedding.model", precision="fp32")
    assert not (tmp_path / "ran").exists()
