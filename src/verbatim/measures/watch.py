"""The weeks of a survey, from its rows: what moves, looking from the end of a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from verbatim.measures.columns import repeat_rows
from verbatim.measures.mentions import read_mentions
from verbatim.measures.movements import NPS_GROUP, find_movements
from verbatim.measures.options import MeasureOptions
from verbatim.measures.respondents import GROUPS, Respondents, read_respondents
from verbatim.measures.slices import Slices
from verbatim.tables import ALERTS, Polarity, empty

LONGEST = 104
"""Weeks that are looked back on at most."""


def last_week_end(day: dt.date) -> dt.date:
    """Sunday on which the last complete week up to a day ends."""
    return day - dt.timedelta(days=(day.weekday() + 1) % 7)


def watch_weeks(
    responses: pd.DataFrame,
    opinions: pd.DataFrame,
    *,
    survey_id: str,
    period: str,
    until: dt.date,
    zone: ZoneInfo,
    rate: float,
    options: MeasureOptions,
) -> pd.DataFrame:
    """Alerts on themes that rise, fall or step, as they stand at the end of the last complete week.

    Wishes and facts are not watched: they are few, and too often misread.

    Parameters
    ----------
    responses, opinions : DataFrame
        Rows of the survey up to that day; older ones than two years are not looked at.
    survey_id, period : str
        First keys of every row.
    until : date
        Day to look from, in the survey's time zone.
    zone : ZoneInfo
        Time zone in which days begin.
    rate : float
        False alerts a year that are borne.
    options : MeasureOptions
        What to slice by, what to show.

    Returns
    -------
    DataFrame
        Columns of `alerts` but window and run_id.
    """
    columns = [name for name in ALERTS.column_names if name not in ("window", "run_id")]
    scored = responses[responses["score"].notna() & responses["verbatim"].notna()]
    if scored.empty:
        return empty(ALERTS)[columns]
    respondents = _by_group(read_respondents(scored, options))
    judged = opinions[opinions["polarity"].astype(str) != str(Polarity.NEUTRAL)]
    mentions = read_mentions(judged, respondents, codebook=options.codebook)
    day = scored.set_index("response_id")["answered_at"].loc[respondents.response_id].dt.tz_convert(zone)
    behind = pd.Timestamp(last_week_end(until), tz=zone) + pd.DateOffset(days=1)
    # Calendar days, not seconds: a day may have 23 hours.
    age = (behind.tz_localize(None).normalize() - day.dt.tz_localize(None).dt.normalize()).dt.days.to_numpy() - 1
    back = np.floor_divide(age, 7)
    known = (back >= 0) & (back < LONGEST)
    # Only complete weeks: the first may have begun before the survey did.
    n_weeks = int(back[known].max(initial=-1))
    week = np.where(known & (back < n_weeks), n_weeks - 1 - back, -1).astype(np.int64)
    found = find_movements(
        respondents,
        mentions.without(options.unranked_themes),
        week,
        n_weeks,
        minimum=options.min_respondents,
        rate=rate,
    ).assign(survey_id=survey_id, period=period, codebook=options.codebook)
    typed: pd.DataFrame = found[columns].astype(empty(ALERTS).dtypes[columns].to_dict())
    return typed


def _by_group(respondents: Respondents) -> Respondents:
    """Respondents whose group is one more dimension: what detractors complain of moves before the whole does."""
    slices = respondents.slices
    whole = slices.members[0]
    code = whole * len(GROUPS) + respondents.group
    occurring, number = np.unique(code, return_inverse=True)
    row, group = np.divmod(occurring, len(GROUPS))
    names = repeat_rows(slices.names, row).assign(
        dimension=NPS_GROUP, slice=np.array([str(one) for one in GROUPS], dtype=object)[group]
    )
    more = Slices(
        pd.concat([slices.names, names], ignore_index=True),
        np.concatenate([slices.partition, slices.partition.max(initial=0) + 1 + row]),
        np.concatenate([slices.whole, row]),
        (*slices.members, slices.count + number.astype(np.int64)),
    )
    return replace(respondents, slices=more)
