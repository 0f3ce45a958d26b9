"""A reader who subtracts everything from everything: what the few wrote must not follow from what is shown."""

from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings

from tests.measures.surveys import OPTIONS, measure_frames, surveys
from verbatim.tables import NpsGroup

GROUPS = list(NpsGroup)
MINIMUM = OPTIONS.min_respondents
NOWHERE = "nowhere"
"""Stands for the respondents without a channel."""


def commenters(responses: pd.DataFrame) -> pd.DataFrame:
    wrote = responses[responses["score"].notna() & responses["verbatim"].notna()]
    return wrote.assign(channel=wrote["dimensions"].str.extract(r'"channel": "(\w+)"')[0].fillna(NOWHERE))


def everyone_speaks(responses: pd.DataFrame, opinions: pd.DataFrame) -> pd.DataFrame:
    """Add the same opinion of each commenter, so that each group that may be shown has a row."""
    if opinions.empty:
        return opinions
    wrote = commenters(responses)["response_id"]
    said = opinions.iloc[[0] * len(wrote)].assign(response_id=wrote.to_numpy(), theme_id="commun", polarity="neutral")
    return pd.concat([opinions, said], ignore_index=True)


def equations(drivers: pd.DataFrame, cells: list[tuple[str, str]]) -> np.ndarray:
    """What the rows of one subject tell of the cells channel × group: one equation a shown figure."""
    told = []
    for row in drivers.itertuples():
        others = [group for group in GROUPS if group != row.nps_group]
        for groups, figure in [([row.nps_group], row.share_read), (others, row.share_elsewhere)]:
            if not pd.isna(figure):
                told.append([row.slice in ("all", channel) and group in groups for channel, group in cells])
    return np.array(told, dtype=float).reshape(len(told), len(cells))


def follows(known: np.ndarray, wanted: np.ndarray) -> bool:
    return np.linalg.matrix_rank(np.vstack([known, wanted])) == np.linalg.matrix_rank(known)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surveys())
def test_no_small_sum_of_hidden_cells_follows_from_the_drivers(survey):
    responses, opinions = survey
    drivers = measure_frames(responses, everyone_speaks(responses, opinions))["drivers"]
    truth = commenters(responses).groupby(["population", "channel", "nps_group"]).size()
    for population, rows in drivers[drivers["theme_id"] == "commun"].groupby("population"):
        # The reader is taken to know which cells are empty.
        bases = truth[population]
        known = equations(rows, list(bases.index))
        if not known.size:
            continue
        for size in (1, 2, 3):
            for chosen in combinations(range(len(bases)), size):
                if bases.iloc[list(chosen)].sum() < MINIMUM:
                    wanted = np.isin(np.arange(len(bases)), chosen).astype(float)
                    assert not follows(known, wanted)
