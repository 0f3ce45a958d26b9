"""All measure tables of one survey and period."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from verbatim.measures.account import measure_account, read_entries
from verbatim.measures.distribution import measure_distribution
from verbatim.measures.drivers import measure_drivers
from verbatim.measures.indicators import measure_indicators
from verbatim.measures.mentions import read_mentions
from verbatim.measures.nps import hide_parts, measure_nps, scored_base
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import read_respondents
from verbatim.measures.suppression import suppress
from verbatim.tables import DRIVERS, INDICATORS, NPS, NPS_ACCOUNT, SCORE_DISTRIBUTION, Table, empty

_PUT_ON_AT_PUBLICATION = ("window", "run_id")
_TABLES: Mapping[str, Table] = {
    table.name: table for table in (NPS, SCORE_DISTRIBUTION, INDICATORS, DRIVERS, NPS_ACCOUNT)
}


def measure_period(
    responses: pd.DataFrame,
    opinions: pd.DataFrame,
    *,
    survey_id: str,
    period: str,
    provisional: bool,
    options: MeasureOptions,
) -> dict[str, pd.DataFrame]:
    """Measure a period: NPS, score distribution, indicators and drivers of the whole survey and of each slice.

    Pour le lecteur : « Les chiffres de la période, pour l'ensemble des clients et pour chaque segment. »

    Parameters
    ----------
    responses : DataFrame
        Columns of `responses`; one survey and period, any order, response_id unique.
    opinions : DataFrame
        Columns of `opinions`; those of the responses.
    survey_id, period : str
        First keys of every row.
    provisional : bool
        True: the period is still open.
    options : MeasureOptions
        What to slice by, what to show.

    Returns
    -------
    dict of str to DataFrame
        Tables `nps`, `score_distribution`, `indicators`, `drivers`, `nps_account`: all columns but window and run_id,
        sorted by key. The same rows in another order give the same tables to the last bit.

    Raises
    ------
    ContractError
        Opinions were read with another codebook.
    """
    respondents = read_respondents(responses, options)
    mentions = read_mentions(_with_parents(opinions, options), respondents, codebook=options.codebook)
    minimum = options.min_respondents
    hidden = suppress(scored_base(respondents), respondents.slices, minimum=minimum)
    # Those who wrote and those who did not are parts of the NPS: both or neither are told apart.
    parted = hide_parts(respondents, hidden, minimum=minimum)
    frames = {
        NPS_ACCOUNT.name: measure_account(respondents, read_entries(opinions, respondents), parted, minimum=minimum),
        NPS.name: measure_nps(respondents, hidden, minimum=minimum, provisional=provisional),
        SCORE_DISTRIBUTION.name: measure_distribution(respondents, hidden, scale=options.scale),
        INDICATORS.name: measure_indicators(respondents, hidden, scales=options.indicators, minimum=minimum),
        DRIVERS.name: measure_drivers(respondents, mentions, hidden, options=options),
    }
    return {
        name: _finish(frame.assign(survey_id=survey_id, period=period), _TABLES[name]) for name, frame in frames.items()
    }


def _with_parents(opinions: pd.DataFrame, options: MeasureOptions) -> pd.DataFrame:
    """Opinions, and those of sub-themes once more under their parent: who speaks of a part speaks of the whole.

    A theme's share does not fall on the day that a part of it gets a name. In the account each opinion counts once.
    """
    parts = opinions[opinions["theme_id"].isin(options.parents)]
    if parts.empty:
        return opinions
    wholes = parts["theme_id"].map(options.parents).astype(opinions["theme_id"].dtype)
    return pd.concat([opinions, parts.assign(theme_id=wholes)], ignore_index=True)


def _finish(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Bring a frame to its table's columns, types and canonical order."""
    columns = [name for name in table.column_names if name not in _PUT_ON_AT_PUBLICATION]
    typed = frame[columns].astype(empty(table).dtypes[columns].to_dict())
    return typed.sort_values(list(table.key), ignore_index=True)
