"""Deal the converted treebanks out to training, development and tests."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from typing_noise import typed_example

TESTS = {
    "Sequoia": "fr_sequoia-ud-test",
    "GSD": "fr_gsd-ud-test",
    "Rhapsodie": "fr_rhapsodie-ud-test",
    "ParisStories": "fr_parisstories-ud-test",
}
"""Treebank → its own test split; nothing of it is trained on."""
_TRAIN = ("fr_sequoia-ud-train", "fr_rhapsodie-ud-train", "fr_parisstories-ud-train")
# GSD's training split is not at hand, and the others are small: of these splits every `_KEPT`th document is kept for
# development, the others are trained on. Sequoia's development split is development.
_SHARED = ("fr_gsd-ud-dev", "fr_rhapsodie-ud-dev", "fr_parisstories-ud-dev")
_DEV = "fr_sequoia-ud-dev"
_KEPT = 8


def main() -> None:
    """Read, deal out, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("converted", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    nlp = spacy.blank("fr")

    def read(name: str) -> list[Doc]:
        documents = list(DocBin().from_disk(arguments.converted / f"{name}.spacy").get_docs(nlp.vocab))
        for document in documents:
            mend(document)
        return documents

    arguments.out.mkdir(parents=True, exist_ok=True)
    train = [document for name in _TRAIN for document in read(name)]
    dev = read(_DEV)
    for name in _SHARED:
        for place, document in enumerate(read(name)):
            (train if place % _KEPT else dev).append(document)
    write(train, arguments.out / "train.spacy")
    rng = random.Random(arguments.seed)  # noqa: S311 - seeded noise, no secret
    # Half of development is typed: the best checkpoint is one that bears both.
    write([*dev, *typed(nlp, dev, rng)], arguments.out / "dev.spacy")
    for treebank, name in TESTS.items():
        documents = read(name)
        write(documents, arguments.out / f"test-{treebank}.spacy")
        write(typed(nlp, documents, rng), arguments.out / f"test-{treebank}-typed.spacy")
    print(f"{len(train)} documents to train on, {len(dev)} for development")


def mend(document: Doc) -> None:
    """Give a contracted article ("du": "de le") the lemma of its preposition, and UD's unknown lemma none."""
    for token in document:
        if " " in token.lemma_ and "_" in token.tag_:
            token.lemma_ = token.lemma_.split()[0]
        if token.lemma_ == "_":
            token.lemma_ = token.text.lower()


def typed(nlp: spacy.Language, documents: Iterable[Doc], rng: random.Random) -> list[Doc]:
    """A typed copy of each document, gold labels and all."""
    pairs = (Example(nlp.make_doc(document.text), document) for document in documents)
    return [typed_example(nlp, pair, rng).reference for pair in pairs]


def write(documents: Iterable[Doc], file: Path) -> None:
    """Write documents in spaCy's own format."""
    DocBin(docs=documents, store_user_data=False).to_disk(file)


if __name__ == "__main__":
    main()
