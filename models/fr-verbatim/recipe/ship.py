"""Write the trained pipeline as the folder that ships, without the corpus' strings and the settings of training."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.strings import StringStore

KEPT = ("README.md", "figures.json", "recipe")
"""What stands in the folder beside the pipeline."""
_META = {
    "name": "verbatim",
    "version": "1.0.0",
    "description": "French as customers type it: tags, morphology, lemmas, dependencies.",
    "author": "verbatim",
    "license": "CC BY-SA 4.0",
    "sources": [
        {"name": "UD French Sequoia", "license": "LGPL-LR"},
        {"name": "UD French GSD (development split)", "license": "CC BY-SA 4.0"},
        {"name": "UD French Rhapsodie", "license": "CC BY-SA 4.0"},
        {"name": "UD French ParisStories", "license": "CC BY-SA 4.0"},
    ],
}


def main() -> None:
    """Load, strip, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    nlp = spacy.load(arguments.trained)
    needed = sorted(needed_strings(nlp))
    for path in arguments.folder.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _shorten(nlp)
    nlp.meta.update(_META)
    nlp.meta["performance"] = {}
    nlp.to_disk(arguments.folder)
    StringStore(needed).to_disk(arguments.folder / "vocab" / "strings.json")
    _forget_training(arguments.folder / "config.cfg")
    size = sum(path.stat().st_size for path in arguments.folder.rglob("*") if not set(path.parts) & set(KEPT))
    print(f"{arguments.folder}: {size / 1e6:.2f} MB, {len(needed)} strings")


def needed_strings(nlp: Language) -> set[str]:
    """Strings that the components look up: their labels, and what the lemmatizer's trees put in."""
    strings: set[str] = set()
    for name in nlp.pipe_names:
        for label in getattr(nlp.get_pipe(name), "labels", ()):
            strings.add(str(label))
            # A morphological label is looked up feature by feature too.
            strings.update(part for feature in str(label).split("|") for part in (feature, *feature.split("=")))
    trees: list[dict[str, Any]] = srsly.msgpack_loads(nlp.get_pipe("trainable_lemmatizer").trees.to_bytes())["trees"]
    hashes = {tree[key] for tree in trees for key in ("orig", "subst") if key in tree}
    return strings | {nlp.vocab.strings[key] for key in hashes if key}


def _shorten(nlp: Language) -> None:
    """Say "a letter" once where the tokenizer's list of compounds says it 482 times, 3,000 characters each."""
    letter = r"[^\W\d_]"
    pattern = nlp.tokenizer.token_match.__self__.pattern
    for hyphens, start in (("", "a-z"), ("", "A-Za-z"), ("-–—‐‑", "a-z")):
        instead = f"(?:[{hyphens}]|{letter})" if hyphens else letter
        pattern = re.sub(rf"\[{hyphens}{start}\\u[^\]]{{1000,}}\]", lambda _, to=instead: to, pattern)
    nlp.tokenizer.token_match = re.compile(pattern).match


def _forget_training(file: Path) -> None:
    """Leave the paths, the corpora and the augmenter of the training out of the configuration."""
    config = spacy.util.load_config(file)
    for section in ("paths", "corpora", "training", "pretraining", "initialize"):
        config.pop(section, None)
    config.to_disk(file)


if __name__ == "__main__":
    main()
