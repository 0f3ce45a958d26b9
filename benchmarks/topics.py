"""Topics beside what a user would pick instead, on the same opinions: `python benchmarks/topics.py`.

BERTopic with its defaults (on TF-IDF + SVD, since no hub is at hand; and on the encoder's embeddings), NMF and LDA of
scikit-learn, and `verbatim.themes.discover`. All that count words count the same: without stop words, by their roots.
Each maker runs on the whole corpus before it is timed: UMAP compiles other code above 4,096 points than below.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.decomposition import NMF, LatentDirichletAllocation, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import adjusted_mutual_info_score

from verbatim.ingest import ingest
from verbatim.reading import load_encoder, read_responses
from verbatim.reading.marked import read_rows
from verbatim.settings import load_settings
from verbatim.tables import UNCLASSIFIED
from verbatim.themes import discover, load_codebook
from verbatim.themes.phrases import load_pipeline
from verbatim.themes.words import content_words, root

ROOT = Path(__file__).parents[1]
JARDINERIE = ROOT / "tests" / "surveys" / "jardinerie.toml"
FAMILY = ("hotellerie", "hotellerie2")
SEEDS = range(5)
TOP, K = 10, 22
RUNS_TIMED = 3
OUT = -1  # label of an opinion that no topic holds
UNHELD = frozenset({UNCLASSIFIED, "autre"})  # themes that name nothing
BARE = "image_recommandation"  # verdicts without a reason: nothing is spoken of

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Opinions in a canonical order, with their embeddings, the reader's themes and, where there are any, the marks."""

    name: str
    opinions: pd.DataFrame
    embeddings: pd.DataFrame
    marks: npt.NDArray[np.object_]

    @property
    def texts(self) -> list[str]:
        """Words of the opinions."""
        return self.opinions["quote"].tolist()

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """Their embeddings, in their order."""
        return np.stack(self.embeddings["embedding"].tolist()).astype(np.float32)

    def taken(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> Corpus:
        """Some of the opinions, or all in another order."""
        pick = [frame.iloc[rows].reset_index(drop=True) for frame in (self.opinions, self.embeddings)]
        return Corpus(self.name, *pick, self.marks[rows])


Maker = Callable[[Corpus, int | None], Labels]
"""What gives each opinion a topic; without a seed it draws as it likes, and UMAP may use all cores."""


def bertopic(corpus: Corpus, seed: int | None, vectors: npt.NDArray[np.float32] | None = None) -> Labels:
    """BERTopic with its defaults; UMAP's seed is the only one it has."""
    from bertopic import BERTopic
    from umap import UMAP

    if vectors is None:
        counted = TfidfVectorizer(analyzer=_words).fit_transform(corpus.texts)
        vectors = TruncatedSVD(100, random_state=seed).fit_transform(counted)
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed)
    said, _ = BERTopic(language="french", embedding_model=None, umap_model=umap).fit_transform(corpus.texts, vectors)
    return np.array(said)


def bertopic_encoder(corpus: Corpus, seed: int | None) -> Labels:
    """The same on the encoder's embeddings."""
    return bertopic(corpus, seed, corpus.vectors)


def nmf(corpus: Corpus, seed: int | None) -> Labels:
    """Non-negative matrix factorisation of TF-IDF, the strongest topic of each opinion."""
    counted = TfidfVectorizer(analyzer=_words, min_df=2).fit_transform(corpus.texts)
    said = NMF(K, random_state=seed, max_iter=400).fit_transform(counted)
    return np.where(said.max(axis=1) > 0, said.argmax(axis=1), OUT)


def lda(corpus: Corpus, seed: int | None) -> Labels:
    """Latent Dirichlet allocation, the likeliest topic of each opinion."""
    counted = CountVectorizer(analyzer=_words, min_df=2).fit_transform(corpus.texts)
    said = LatentDirichletAllocation(K, random_state=seed).fit_transform(counted)
    return np.where(np.asarray(counted.sum(axis=1)).ravel() > 0, said.argmax(axis=1), OUT)


def verbatim(corpus: Corpus, seed: int | None) -> Labels:
    """Topics of `discover`, proposed or not; an opinion without one has its theme. No seed moves them."""
    first = seed or 0
    found = discover(
        corpus.opinions,
        corpus.embeddings,
        codebook=load_codebook("cx-fr"),
        pipeline=load_pipeline(),
        seeds=range(first, first + 5),
    )
    topic_of = {
        (text, k): topic
        for text, k, topic in found.topics.assignments[["text_hash", "k", "topic_id"]].itertuples(index=False)
    }
    keys = zip(corpus.embeddings["text_hash"], corpus.embeddings["k"], strict=True)
    names = [
        topic_of.get(key, f"theme {theme}" if theme not in UNHELD else None)
        for key, theme in zip(keys, corpus.opinions["theme_id"], strict=True)
    ]
    return _numbered(names)


def themes(corpus: Corpus, _: int | None) -> Labels:
    """The reader's themes alone: what a night assigns."""
    return _numbered([None if one in UNHELD else one for one in corpus.opinions["theme_id"]])


MAKERS: dict[str, Maker] = {
    "BERTopic, TF-IDF + SVD": bertopic,
    "BERTopic, our embeddings": bertopic_encoder,
    "NMF": nmf,
    "LDA": lda,
    "verbatim: topics": verbatim,
    "verbatim: themes": themes,
}


def measure(maker: Maker, corpus: Corpus) -> dict[str, float]:
    """Figures of one maker; shares and AMI at most 1, seconds of wall time, without a seed and with."""
    seconds, seeded = (_seconds(maker, corpus, seed) for seed in (None, SEEDS[0]))
    runs = [maker(corpus, seed) for seed in SEEDS]
    first = runs[0]
    shuffled = []
    for seed in range(2):
        order = np.random.default_rng(seed).permutation(len(first))
        again = np.empty_like(first)
        again[order] = maker(corpus.taken(order), 0)
        shuffled.append(adjusted_mutual_info_score(first, again))
    marked = np.array([mark is not None for mark in corpus.marks])
    held = marked & (first != OUT)
    words = _top_words(corpus.texts, first)
    return {
        "topics": len(set(first.tolist()) - {OUT}),
        "unassigned": float((first == OUT).mean()),
        "ami_marks": adjusted_mutual_info_score(corpus.marks[marked].astype(str), first[marked]),
        "ami_marks_assigned": adjusted_mutual_info_score(corpus.marks[held].astype(str), first[held]),
        "seeds": float(np.mean([adjusted_mutual_info_score(a, b) for a, b in itertools.combinations(runs, 2)])),
        "shuffles": float(np.min(shuffled)),
        "npmi": coherence(words, [set(_words(text)) for text in corpus.texts]),
        "diversity": diversity(words),
        "seconds": seconds,
        "seconds_seeded": seeded,
    }


def coherence(topics: Sequence[Sequence[str]], documents: Sequence[set[str]]) -> float:
    """Mean NPMI of the pairs of top words of each topic over the documents themselves, in [-1, 1] (Bouma 2009).

    Examples
    --------
    >>> round(coherence([["a", "b"]], [{"a", "b"}, {"a", "b"}, {"c"}, {"d"}]), 3)
    1.0
    >>> coherence([["a", "c"]], [{"a", "b"}, {"a", "b"}, {"c"}, {"d"}])
    -1.0
    """
    count = len(documents)
    single = Counter(word for words in documents for word in words)
    wanted = {tuple(sorted(pair)) for words in topics for pair in itertools.combinations(words, 2)}
    both: Counter[tuple[str, ...]] = Counter()
    known = {word for pair in wanted for word in pair}
    for words in documents:
        both.update(pair for pair in itertools.combinations(sorted(words & known), 2) if pair in wanted)
    means = []
    for words in topics:
        pairs = [tuple(sorted(pair)) for pair in itertools.combinations(words, 2)]
        if pairs:
            means.append(np.mean([_npmi(both[pair], single[pair[0]], single[pair[1]], count) for pair in pairs]))
    return float(np.mean(means)) if means else 0.0


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Share of different words among the top words of all topics, in [0, 1] (Dieng et al. 2020).

    Examples
    --------
    >>> diversity([["a", "b"], ["b", "c"]])
    0.75
    """
    words = [word for topic in topics for word in topic]
    return len(set(words)) / len(words) if words else 0.0


def jardinerie() -> Corpus | None:
    """Opinions that the encoder reads in a real survey; marks of the 220 answers that were marked by hand."""
    settings = load_settings(JARDINERIE)
    if not Path(str(settings.source.path)).exists():
        return None
    import sys

    sys.path.insert(0, str(ROOT / "models" / "opinion-encoder"))
    from recipe.real_answers import SURVEY, load_answers

    with tempfile.TemporaryDirectory() as folder:
        responses = pd.read_parquet(ingest(settings, Path(folder), secret=None).responses)
    read = read_responses(responses, load_encoder(), codebook="cx-fr", cache_folder=None)
    opinions = read.opinions
    opinions = opinions.assign(k=opinions["opinion_id"].str.extract(r"#(\d+)$", expand=False).astype("int64"))
    joined = opinions.astype({"text_hash": object}).merge(
        read.embeddings.astype({"text_hash": object}), on=["text_hash", "k"], validate="many_to_one"
    )
    joined = joined.sort_values("opinion_id", ignore_index=True)
    marked = {answer.text: answer.opinions for answer in load_answers(SURVEY)}
    texts = responses.set_index("response_id")["verbatim"]
    marks = [
        _mark(marked.get(texts[response], ()), start, end)
        for response, start, end in zip(joined["response_id"], joined["start"], joined["end"], strict=True)
    ]
    # By the mark where there is one: what the encoder takes for a verdict is not left out of its own test.
    kept = [(mark or theme) != BARE for mark, theme in zip(marks, joined["theme_id"], strict=True)]
    marks = [mark for mark, keep in zip(marks, kept, strict=True) if keep]
    return _corpus("nps-jardinerie", joined[kept].reset_index(drop=True), marks)


def family() -> Corpus:
    """Marked clauses of a sector family that was never trained on."""
    from verbatim.training.spans import score_marked

    encoder = load_encoder()
    files = [ROOT / "data" / "verbatims-fr" / "rows" / f"{name}.tsv" for name in FAMILY]
    answers = [answer for answer in read_rows(files) if answer.opinions]
    scores = score_marked(encoder, answers, kind="nps")
    told = [
        (f"r{number}", f"r{number}#{k}", answer.text[one.start : one.end], one.polarity, one.theme)
        for number, answer in enumerate(answers)
        for k, one in enumerate(answer.opinions)
    ]
    frame = pd.DataFrame(told, columns=["response_id", "opinion_id", "quote", "polarity", "mark"])
    names = np.array(encoder.config.customer_themes, dtype=object)
    sure = scores.themes.max(axis=1)
    said = np.where(sure >= encoder.config.theme_threshold, names[scores.themes.argmax(axis=1)], UNCLASSIFIED)
    frame = frame.assign(theme_id=said, theme_confidence=sure, text_hash=frame["response_id"])
    frame["k"] = frame["opinion_id"].str.extract(r"#(\d+)$", expand=False).astype("int64")
    frame["embedding"] = list(encoder.embed(frame["quote"].tolist()))
    frame = frame[frame["mark"] != BARE].sort_values("opinion_id", ignore_index=True)
    return _corpus(" + ".join(FAMILY), frame, frame["mark"].tolist())


def main() -> None:
    """Run, print, and write the figures where `--out` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(MAKERS), help="makers to run")
    parser.add_argument("--out", type=Path, help="JSON file of the figures")
    arguments = parser.parse_args()
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for corpus in (family(), jardinerie()):
        if corpus is None:
            print("../shared/data/nps-jardinerie is not here: left out")
            continue
        n_marked = sum(mark is not None for mark in corpus.marks)
        print(f"\n{corpus.name}: {len(corpus.texts):,} opinions, {n_marked:,} of them marked")
        started = time.monotonic()
        load_encoder().embed(corpus.texts)
        print(f"embedding them, which no maker's seconds hold: {time.monotonic() - started:.1f} s")
        figures[corpus.name] = {}
        for name in arguments.only:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                figures[corpus.name][name] = measure(MAKERS[name], corpus)
            print(f"{name:<26}", _line(figures[corpus.name][name]), flush=True)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _seconds(maker: Maker, corpus: Corpus, seed: int | None) -> float:
    """Wall time of the fastest of three runs, after one that compiles."""
    maker(corpus, seed)
    told = []
    for _ in range(RUNS_TIMED):
        started = time.monotonic()
        maker(corpus, seed)
        told.append(time.monotonic() - started)
    return min(told)


def _corpus(name: str, joined: pd.DataFrame, marks: Sequence[str | None]) -> Corpus:
    vectors = joined[["text_hash", "k", "embedding"]]
    return Corpus(name, joined.drop(columns=["embedding", "k"]), vectors, np.array(marks, dtype=object))


def _mark(marked: Sequence, start: int, end: int) -> str | None:
    """Theme of the mark that covers most of a span; None where no mark touches it."""
    shared = [(min(end, one.end) - max(start, one.start), one.theme) for one in marked]
    best = max(shared, default=(0, None))
    return best[1] if best[0] > 0 else None


def _numbered(names: Sequence[str | None]) -> Labels:
    order = {name: number for number, name in enumerate(sorted({name for name in names if name is not None}))}
    return np.array([OUT if name is None else order[name] for name in names])


def _words(text: str) -> list[str]:
    return [root(word) for word in content_words(text, "fr")]


def _top_words(texts: Sequence[str], labels: Labels) -> list[list[str]]:
    """Words of each topic by class-TF-IDF, for every maker alike: clusters are compared, not how they are described."""
    counts: dict[int, Counter[str]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label != OUT:
            counts.setdefault(label, Counter()).update(_words(text))
    total = sum(counts.values(), Counter())
    mean = sum(total.values()) / max(1, len(counts))
    strongest = []
    for own in counts.values():
        weight = {word: count / sum(own.values()) * np.log(1 + mean / total[word]) for word, count in own.items()}
        strongest.append(sorted(weight, key=lambda word: (-weight[word], word))[:TOP])
    return strongest


def _npmi(both: int, one: int, other: int, count: int) -> float:
    if both == 0:
        return -1.0
    if both == count:
        return 1.0
    return float(np.log(both * count / (one * other)) / -np.log(both / count))


def _line(figures: dict[str, float]) -> str:
    return "  ".join(
        f"{name} {value:.0f}" if name == "topics" else f"{name} {value:.3f}" for name, value in figures.items()
    )


if __name__ == "__main__":
    main()
