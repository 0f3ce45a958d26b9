"""How the cost of the measures grows: `python benchmarks/measures.py`.

Each size runs in a process of its own. "MB more": by how much measuring raised the peak that making the input had left.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from verbatim.measures import MeasureOptions, measure_period
from verbatim.tables import OPINIONS, RESPONSES, empty

SIZES = (10_000, 100_000, 1_000_000)
THEMES = [f"theme_{number:02}" for number in range(24)]
OPTIONS = MeasureOptions(
    dimensions=("channel", "step", "region", "segment"),
    indicators={"satisfaction": (1, 5)},
    scale=(0, 10),
    min_respondents=10,
    codebook="cx-fr",
)


def make_survey(n_responses: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw responses, 45 % with text, and 1.6 opinions a text."""
    rng = np.random.default_rng(seed)
    number = np.arange(n_responses)
    score = rng.integers(0, 11, n_responses)
    group = np.where(score >= 9, "promoter", np.where(score >= 7, "passive", "detractor"))
    slices = [
        json.dumps({"channel": f"c{c}", "region": f"r{r}", "segment": f"s{s}", "step": f"e{e}"})
        for c, r, s, e in rng.integers(0, [4, 13, 3, 6], (2_000, 4))
    ]
    responses = empty(RESPONSES).reindex(number).astype(empty(RESPONSES).dtypes.to_dict())
    responses = responses.assign(
        survey_id="bench",
        flags="",
        response_id=pd.Series(number).astype("string"),
        population="all",
        score=score,
        nps_group=group,
        verbatim=np.where(rng.random(n_responses) < 0.45, "…", None),
        dimensions=np.array(slices)[rng.integers(0, len(slices), n_responses)],
        indicators=np.array([json.dumps({"satisfaction": a}) for a in range(1, 6)])[rng.integers(0, 5, n_responses)],
    )
    wrote = responses.loc[responses["verbatim"].notna(), "response_id"].to_numpy()
    spoke = rng.choice(wrote, int(1.6 * len(wrote)))
    opinions = (
        empty(OPINIONS)
        .reindex(np.arange(len(spoke)))
        .assign(
            response_id=spoke,
            codebook="cx-fr",
            theme_id=np.array(THEMES)[rng.integers(0, len(THEMES), len(spoke))],
            polarity=np.array(["positive", "negative", "neutral"])[rng.integers(0, 3, len(spoke))],
        )
    )
    return responses, opinions


def measure(n_responses: int) -> None:
    """Measure one size and print a row."""
    responses, opinions = make_survey(n_responses)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    tables = measure_period(
        responses, opinions, survey_id="bench", period="2026-03", provisional=False, options=OPTIONS
    )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{n_responses:>12,} {len(opinions):>12,} {len(tables['drivers']):>9,} {seconds:>9.2f} "
        f"{1e6 * seconds / n_responses:>13.2f} {(peak - before) / 1e3:>10.0f}"
    )


def main() -> None:
    """Print a table, one size a row."""
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    print(f"{'responses':>12} {'opinions':>12} {'drivers':>9} {'seconds':>9} {'µs/response':>13} {'MB more':>10}")
    for size in SIZES:
        subprocess.run([sys.executable, __file__, str(size)], check=True)  # noqa: S603 - itself


if __name__ == "__main__":
    main()
