"""How the cost of the ingest grows: `python benchmarks/ingest.py`.

Each size runs in a process of its own, on a csv generated beforehand: cp1252, 45 % with text, one personal value in a
hundred rows. "MB more": by how much ingesting raised the peak that importing the libraries had left.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (10_000, 100_000, 300_000)
TEXTS = (
    "Très bon accueil, personnel compétent et à l'écoute, mais la caisse est trop lente le samedi.",
    "RAS",
    "Les prix ont beaucoup augmenté depuis l'année dernière et les promotions sont mal indiquées en rayon.",
    "Le choix est bien, dommage que le magasin soit fermé entre midi et deux.",
    "Livraison en retard de trois semaines, colis abîmé, et personne ne répond au téléphone !",
)
PERSONAL = ("Merci à Mme Dupont du rayon jardin.", "Rappelez-moi au 06 12 34 56 78.", "jean.dupont@exemple.fr")


def make_survey(file: Path, n_rows: int, seed: int = 7) -> None:
    """Write a survey as a French spreadsheet tool exports it."""
    chance = random.Random(seed)  # noqa: S311
    with file.open("w", encoding="cp1252") as stream:
        stream.write("id;note;pourquoi;date;client;canal;région;csat\n")
        for number in range(n_rows):
            text = f"{chance.choice(TEXTS)} ({number})" if chance.random() < 0.45 else ""
            if number % 100 == 0:
                text = chance.choice(PERSONAL)
            date = f"{chance.randrange(1, 29):02}/{chance.randrange(1, 13):02}/2026 {chance.randrange(24):02}:15"
            cells = (f"R{number:08}", chance.randrange(11), text, date, chance.randrange(n_rows))
            slices = (f"canal {chance.randrange(4)}", f"région {chance.randrange(13)}", chance.randrange(1, 6))
            stream.write(";".join(map(str, (*cells, *slices))) + "\n")


def measure(n_rows: int) -> dict[str, float]:
    """Ingest a generated survey of `n_rows` and take its time and its memory."""
    import pandera.pandas  # noqa: F401 - its import is not what is measured
    import pyarrow.parquet  # noqa: F401

    from verbatim.ingest import ingest
    from verbatim.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_survey(folder / "nps.csv", n_rows)
        settings = Settings(
            survey={"id": "bench"},
            source={"path": str(folder / "nps.csv")},
            columns={
                "response_id": "id",
                "score": "note",
                "verbatim": "pourquoi",
                "answered_at": "date",
                "customer_id": "client",
                "dimensions": {"channel": "canal", "region": "région"},
                "indicators": {"satisfaction": {"column": "csat", "scale": [1, 5]}},
            },
        )
        before, start = _peak_mb(), time.perf_counter()
        ingested = ingest(settings, folder / "out", secret="bench")  # noqa: S106
        seconds = time.perf_counter() - start
    if ingested.n_responses != n_rows:
        raise RuntimeError(f"{ingested.n_responses} responses of {n_rows} rows")
    return {"rows": n_rows, "seconds": seconds, "peak": _peak_mb(), "more": _peak_mb() - before}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print one line a size."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    print(f"{'rows':>9} {'seconds':>8} {'rows/s':>8} {'peak MB':>8} {'MB more':>8}")
    for size in SIZES:
        command = [sys.executable, __file__, str(size)]
        out = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
        rate = size / out["seconds"]
        print(f"{size:>9,} {out['seconds']:>8.1f} {rate:>8,.0f} {out['peak']:>8.0f} {out['more']:>8.0f}")


if __name__ == "__main__":
    main()
