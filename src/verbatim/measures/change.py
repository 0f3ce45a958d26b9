"""What changed between two closed periods, from their rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from verbatim.measures.account import read_entries
from verbatim.measures.arrays import Ints
from verbatim.measures.bridge import ClosedPeriod, measure_bridge
from verbatim.measures.mentions import read_mentions
from verbatim.measures.nps import hide_parts, scored_base
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import Respondents, number_customers, read_respondents
from verbatim.measures.suppression import suppress
from verbatim.tables import NPS_BRIDGE, empty


def measure_change(
    before: tuple[pd.DataFrame, pd.DataFrame],
    after: tuple[pd.DataFrame, pd.DataFrame],
    *,
    survey_id: str,
    periods: tuple[str, str],
    same_method: bool,
    options: MeasureOptions,
) -> pd.DataFrame:
    """Measure the bridge from one closed period to a later one.

    Parameters
    ----------
    before, after : pair of DataFrame
        Responses and opinions of the earlier and of the later period.
    survey_id : str
        First key of every row.
    periods : pair of str
        Labels of both.
    same_method : bool
        True: both were read with one codebook, one model and one method.
    options : MeasureOptions
        What to slice by, what to show, which mix to allow for.

    Returns
    -------
    DataFrame
        Columns of `nps_bridge` but window and run_id, sorted by key.
    """
    keys = pd.concat([responses[["response_id", "customer_key"]] for responses, _ in (before, after)])
    customer = pd.Series(number_customers(keys["customer_key"], keys["response_id"]), index=keys["response_id"])
    read = [_closed(*one, customer, options) for one in (before, after)]
    frame = measure_bridge(
        read[0],
        read[1],
        dimension=options.mix,
        minimum=options.min_respondents,
        same_method=same_method,
        paired=True,
    ).assign(survey_id=survey_id, period=periods[1], period_before=periods[0])
    columns = [name for name in NPS_BRIDGE.column_names if name not in ("window", "run_id")]
    typed = frame[columns].astype(empty(NPS_BRIDGE).dtypes[columns].to_dict())
    return typed.sort_values(list(NPS_BRIDGE.key), ignore_index=True)


def _closed(
    responses: pd.DataFrame, opinions: pd.DataFrame, customer: pd.Series, options: MeasureOptions
) -> ClosedPeriod:
    respondents = read_respondents(responses, options)
    common: Ints = customer.loc[respondents.response_id].to_numpy(np.int64)
    respondents = replace(respondents, customer=common)
    return ClosedPeriod(
        respondents,
        read_entries(opinions, respondents),
        read_mentions(opinions, respondents, codebook=options.codebook),
        _hidden(respondents, options),
    )


def _hidden(respondents: Respondents, options: MeasureOptions) -> np.ndarray:
    minimum = options.min_respondents
    hidden = suppress(scored_base(respondents), respondents.slices, minimum=minimum)
    return hide_parts(respondents, hidden, minimum=minimum)
