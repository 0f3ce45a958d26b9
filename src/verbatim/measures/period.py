"""All measure tables of one survey and period."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from verbatim.measures.account import measure_account, read_entries
from verbatim.measures.arrays import Bools
from verbatim.measures.contradictions import measure_contradictions
from verbatim.measures.contrasts import compare_slices, measure_contrasts
from verbatim.measures.correction import ReaderRates, rates_of
from verbatim.measures.distribution import measure_distribution
from verbatim.measures.drivers import compare_groups, measure_drivers
from verbatim.measures.effects import measure_effects
from verbatim.measures.families import open_families_of
from verbatim.measures.indicators import measure_indicators
from verbatim.measures.mentions import Mentions, read_mentions
from verbatim.measures.nps import hide_parts, measure_nps, scored_base
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import Respondents, read_respondents
from verbatim.measures.suppression import suppress
from verbatim.tables import (
    CONTRASTS,
    DRIVERS,
    EFFECTS,
    INDICATORS,
    NPS,
    NPS_ACCOUNT,
    SCORE_DISTRIBUTION,
    SCORE_TEXT,
    Polarity,
    Table,
    empty,
)

_PUT_ON_AT_PUBLICATION = ("window", "run_id")
_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (NPS, SCORE_DISTRIBUTION, INDICATORS, DRIVERS, CONTRASTS, EFFECTS, NPS_ACCOUNT, SCORE_TEXT)
}


def measure_period(
    responses: pd.DataFrame,
    opinions: pd.DataFrame,
    *,
    survey_id: str,
    period: str,
    provisional: bool,
    options: MeasureOptions,
    withheld: Collection[tuple[str, str, str]] = (),
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
    withheld : collection of (population, dimension, slice)
        Slices that other periods would give something away of (:mod:`verbatim.measures.overlap`).

    Returns
    -------
    dict of str to DataFrame
        Tables `nps`, `score_distribution`, `indicators`, `drivers`, `contrasts`, `effects`, `nps_account`,
        `score_text`: all columns but
        window and run_id, sorted by key. The same rows in another order give the same tables to the last bit.

    Raises
    ------
    ContractError
        Opinions were read with another codebook.
    """
    respondents = read_respondents(responses, options)
    mentions = read_mentions(_with_parents(opinions, options), respondents, codebook=options.codebook)
    minimum = options.min_respondents
    hidden = _hidden(respondents, withheld, minimum=minimum, provisional=provisional)
    # Those who wrote and those who did not are parts of the NPS: both or neither are told apart.
    parted = hide_parts(respondents, hidden, minimum=minimum)
    entries = read_entries(opinions, respondents)
    frames = {
        NPS.name: measure_nps(respondents, hidden, minimum=minimum, provisional=provisional),
        SCORE_DISTRIBUTION.name: measure_distribution(respondents, hidden, scale=options.scale),
        INDICATORS.name: measure_indicators(respondents, hidden, scales=options.indicators, minimum=minimum),
        NPS_ACCOUNT.name: measure_account(respondents, entries, parted, minimum=minimum, mix=options.mix),
        SCORE_TEXT.name: measure_contradictions(
            respondents, opinions, parted, minimum=minimum, codebook=options.codebook, scale=options.scale
        ),
        **_compare(respondents, mentions, hidden, parted, options),
    }
    return {
        name: _finish(frame.assign(survey_id=survey_id, period=period), _TABLES[name]) for name, frame in frames.items()
    }


def _hidden(
    respondents: Respondents, withheld: Collection[tuple[str, str, str]], *, minimum: int, provisional: bool
) -> Bools:
    """Slices of which nothing is shown.

    The slices of an open period change from night to night by a few answers, and yesterday's tables less today's would
    tell of these: only the whole survey is shown until the period is closed.
    """
    slices = respondents.slices
    asked = np.array([name in withheld for name in slices.names.itertuples(index=False, name=None)], dtype=bool)
    hidden = suppress(scored_base(respondents), slices, minimum=minimum, hidden=asked)
    return hidden | (slices.whole != np.arange(slices.count)) if provisional else hidden


def _compare(
    respondents: Respondents, mentions: Mentions, hidden: Bools, parted: Bools, options: MeasureOptions
) -> dict[str, pd.DataFrame]:
    """Drivers of the groups and contrasts of the slices: one family of tests."""
    slices = respondents.slices
    rates = rates_of(options.reader, mentions.subjects, own=options.reviewed)
    groups = compare_groups(respondents, mentions, hidden, options=options, rates=rates)
    outside = compare_slices(respondents, mentions, parted, minimum=options.min_respondents)
    is_whole = slices.whole == np.arange(slices.count)
    gates = np.where(is_whole, groups.gates(slices.count), outside.gates(slices.count))
    families = open_families_of(gates, slices)
    return {
        DRIVERS.name: measure_drivers(groups, families, options=options),
        CONTRASTS.name: measure_contrasts(
            outside, families, respondents, mentions, codebook=options.codebook, rates=rates
        ),
        EFFECTS.name: measure_effects(
            respondents,
            # A verdict without a reason restates the score: beside it the reasons would weigh nothing.
            mentions.without(options.bare_themes),
            parted,
            minimum=options.min_respondents,
            codebook=options.codebook,
            margin=options.effect_margin,
            unranked=options.unranked_themes,
            reliable=None if rates is None else _reliable_themes(rates, mentions),
        ),
    }


def _reliable_themes(rates: ReaderRates, mentions: Mentions) -> pd.Series:
    """True for the themes whose praise and complaints the reader finds well enough."""
    judged = mentions.subjects[mentions.subjects["polarity"].astype(str) != str(Polarity.NEUTRAL)]
    return pd.Series(~rates.is_indicative[judged.index]).groupby(judged["theme_id"].to_numpy(object)).all()


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
