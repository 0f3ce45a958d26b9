"""How far bfloat16 reads like single precision: the same answers, read both ways.

``PYTHONPATH=src:models/opinion-encoder python -m recipe.precision`` writes evaluation/precision.json; slow on a
processor without bfloat16 of its own.
"""

from __future__ import annotations

import json
from random import Random

from recipe.measure import CODEBOOKS, rounded
from recipe.splits import ROOT, load_splits
from verbatim.reading import Encoder, load_encoder
from verbatim.reading.marked import Kind

RECORD = ROOT / "models" / "opinion-encoder" / "evaluation" / "precision.json"
_ANSWERS = 800


def main() -> None:
    """Read, compare, record."""
    splits = load_splits()
    single, half = load_encoder(), load_encoder(precision="bf16")
    drawn = Random(3).sample([*splits.test, *splits.real], _ANSWERS)  # noqa: S311 - a fixed draw
    record: dict[str, object] = {"revision": single.revision, "answers": len(drawn)}
    texts: dict[Kind, list[str]] = {kind: [a.text for a in drawn if a.kind == kind] for kind in CODEBOOKS}
    record |= agreement(single, half, texts)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


def agreement(one: Encoder, other: Encoder, texts: dict[Kind, list[str]]) -> dict[str, object]:
    """Share of opinions with the same span, and of those with the same polarity and with the same theme."""
    kept = both = polarity = theme = 0
    for kind, own in texts.items():
        first, second = (
            {
                (row.text, row.start, row.end): (row.polarity, row.theme_id)
                for row in encoder.read(own, codebook=CODEBOOKS[kind]).opinions.itertuples()
            }
            for encoder in (one, other)
        )
        shared = first.keys() & second.keys()
        kept += len(first.keys() | second.keys())
        both += len(shared)
        polarity += sum(first[span][0] == second[span][0] for span in shared)
        theme += sum(first[span][1] == second[span][1] for span in shared)
    return rounded({"opinions": kept, "span": both / kept, "polarity": polarity / both, "theme": theme / both})


if __name__ == "__main__":
    main()
