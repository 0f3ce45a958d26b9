"""Measure the shipped pipeline and write its card: README.md for people, figures.json for programs."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import spacy
from corpus import TESTS
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Example

SCORES = {
    "token_acc": "tokens",
    "pos_acc": "parts of speech",
    "morph_acc": "morphology",
    "lemma_acc": "lemmas",
    "dep_uas": "heads",
    "dep_las": "heads and labels",
    "sents_f": "sentences, F1",
}
"""Scores by spaCy's own names, and how a reader calls them; all in [0, 1]."""
PUBLISHED = {
    "token_acc": 0.9980,
    "pos_acc": 0.9623,
    "morph_acc": 0.9519,
    "lemma_acc": 0.9076,
    "dep_uas": 0.8804,
    "dep_las": 0.8362,
    "sents_f": 0.8902,
}
"""fr_core_news_sm 3.8.0 on UD French Sequoia: explosion/spacy-models 2d19b0d, meta/fr_core_news_sm-3.8.0.json."""
ATTRIBUTION = (
    ("Sequoia", "LGPL-LR", "f5b0496", "M. Candito, D. Seddah, G. Perrier, B. Guillaume"),
    ("GSD", "CC BY-SA 4.0", "830e278", "B. Guillaume, M.-C. de Marneffe, G. Perrier, R. McDonald and others"),
    ("Rhapsodie", "CC BY-SA 4.0", "e638b81", "A. Lacheret, S. Kahane, P. Pietrandrea, K. Gerdes and others"),
    ("ParisStories", "CC BY-SA 4.0", "c549ab6", "S. Kahane, B. Caron, E. Strickland, K. Gerdes and others"),
)


def main() -> None:
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--date", default=dt.datetime.now(tz=dt.UTC).date().isoformat())
    arguments = parser.parse_args()
    nlp = spacy.load(arguments.folder)
    tests = {
        f"{treebank}{kind}": scores(nlp, arguments.work / "corpus" / f"test-{treebank}{kind}.spacy")
        for treebank in TESTS
        for kind in ("", "-typed")
    }
    figures = {
        "date": arguments.date,
        "spacy": spacy.__version__,
        "size_mb": round(size_of(arguments.folder) / 1e6, 2),
        "words_a_second": speed(nlp, arguments.work / "corpus" / "test-ParisStories-typed.spacy"),
        "training": training_of(arguments.work / "trained" / "model-best"),
        "tests": tests,
        "fr_core_news_sm": PUBLISHED,
    }
    (arguments.folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (arguments.folder / "README.md").write_text(render(figures), encoding="utf-8")


def scores(nlp: Language, file: Path) -> dict[str, float]:
    """Scores on the documents of a file, tokenised anew."""
    documents = list(DocBin().from_disk(file).get_docs(nlp.vocab))
    found = nlp.evaluate([Example(nlp.make_doc(document.text), document) for document in documents])
    return {name: round(found[name], 4) for name in SCORES} | {"words": sum(map(len, documents))}


def speed(nlp: Language, file: Path) -> int:
    """Words a second through the whole pipeline, the best of three."""
    texts = [document.text for document in DocBin().from_disk(file).get_docs(nlp.vocab)]
    words = sum(len(nlp.make_doc(text)) for text in texts)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        for _ in nlp.pipe(texts, batch_size=256):
            pass
        taken.append(time.perf_counter() - started)
    return round(words / min(taken))


def size_of(folder: Path) -> int:
    """Bytes of what `spacy.load` opens."""
    aside = {"README.md", "figures.json", "recipe"}
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not set(p.parts) & aside)


def training_of(trained: Path) -> dict[str, Any]:
    """What bounded the training, and the scores of its best checkpoint on the development set."""
    config = spacy.util.load_config(trained / "config.cfg").interpolate()
    performance = json.loads((trained / "meta.json").read_text(encoding="utf-8"))["performance"]
    return {
        "epochs": config["training"]["max_epochs"],
        "seed": config["training"]["seed"],
        "dev": {name: round(performance[name], 4) for name in SCORES if name in performance},
    }


def render(figures: dict[str, Any]) -> str:
    """Text of the card, in Markdown."""
    header = "| test | words | " + " | ".join(SCORES.values()) + " |\n" + "| --- " * (len(SCORES) + 2) + "|"
    rows = [
        f"| {name.replace('-typed', ', typed')} | {row['words']:,} | "
        + " | ".join(f"{row[score]:.3f}" for score in SCORES)
        + " |"
        for name, row in figures["tests"].items()
    ]
    published = (
        "| *fr_core_news_sm 3.8.0, as published* | | " + " | ".join(f"{PUBLISHED[s]:.3f}" for s in SCORES) + " |"
    )
    sources = "\n".join(f"| UD French {name} | {by} | {licence} | {at} |" for name, licence, at, by in ATTRIBUTION)
    training = figures["training"]
    return f"""# fr-verbatim

A spaCy pipeline for French as customers type it: tagger, morphologizer, lemmatizer, parser over one small
convolutional network. `spacy.load("models/fr-verbatim")` opens it, without a download. It gives topics their lemmas and
noun phrases (`verbatim.themes.phrases`); opinions are found by the [opinion encoder](../opinion-encoder/README.md).

| | |
| --- | --- |
| size | {figures["size_mb"]:.1f} MB; no word vectors |
| speed | {figures["words_a_second"]:,} words a second on one thread of the machine that wrote this card |
| trained | {figures["date"]}, spaCy {figures["spacy"]}, {training["epochs"]} epochs, half an hour on one thread |
| recipe | `python -m spacy project run all models/fr-verbatim/recipe` (spaCy's project files, seeded) |

## Figures
Each treebank's own test split, nothing of it trained on; "typed": the same with accents dropped, lower case or capitals
throughout, apostrophes curled or given up for a space, typos (seeded, `recipe/typing_noise.py`). Tokens are spaCy's
own, not the treebank's. Heads and labels: attachment scores.

{header}
{published}
{chr(10).join(rows)}

The published figures are of UD French Sequoia v2.8: compare them with the first row; releases differ in part. Parts of
speech, heads and lemmas stand above them; sentence borders stand behind, and so does morphology: the four treebanks do
not mark the same features of the same words, and one model learns them all. fr_core_news_sm is 15 MB, has a
named-entity recogniser, and its lemmas come from tables.

## Data
| treebank | by | licence | commit |
| --- | --- | --- | --- |
{sources}

Training splits of Sequoia, Rhapsodie and ParisStories; of GSD (whose training split was not at hand), Rhapsodie and
ParisStories the development splits too, but for every eighth document. The treebanks are not in this repository. The
pipeline is offered under CC BY-SA 4.0; whoever passes it on names the treebanks above.

## Limits
- No named entities: there is no data for them whose licence allows it. Persons are redacted by `verbatim.privacy`.
- Words run together ("jai", "cest") stay one token; their tag and lemma are guesses.
- Capitals without accents are the hardest: rare nouns are taken for names.
- It says nothing of sentiment, and is not made for legal, literary or old French.
- Not to be used to tell who wrote a text.
"""


if __name__ == "__main__":
    main()
