"""The inner loop: which detractors are due a call, who was called, and what they answered afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.columns import count_column, figure_column, repeat_rows
from verbatim.measures.estimates import effective_base, mean_interval, ratio, wilson_interval
from verbatim.measures.respondents import Respondents
from verbatim.measures.suppression import suppress
from verbatim.tables import CallbackState, NpsGroup, Polarity

DUE_HOURS = 48
"""Hours within which a detractor is to be called."""
_LARGEST_CHANGE = (-10, 10)
_UNCALLED, _LATE, _IN_TIME = range(3)
_COLUMNS = ["response_id", "population", "answered_at", "due_at", "called_at", "theme_id", "state"]


@dataclass(frozen=True, slots=True)
class CallsReport:
    """What became of the rows of a list of calls; they add up to its length."""

    used: int
    """First calls to responses."""
    repeated: int
    """Further calls about the same response."""
    unknown: int
    """No response has this id."""
    without_time: int
    """No time of the call."""
    before_answer: int
    """Called before the response was given."""
    after_as_of: int
    """Called later than the run looks."""


@dataclass(frozen=True, slots=True)
class _Again:
    """Changes of score from a detractor's answer to the same customer's next one, in each slice."""

    count: Ints
    """Detractors with a next answer, shape (S,)."""
    mean: Floats
    """Mean change, shape (S,); NaN without any."""
    low: Floats
    """Lower bound of its 95 % interval, shape (S,)."""
    high: Floats
    """Upper bound of its 95 % interval, shape (S,)."""


def first_calls(
    responses: pd.DataFrame, calls: pd.DataFrame, *, as_of: dt.datetime
) -> tuple[pd.DataFrame, CallsReport]:
    """Keep the first call about each response, and count what else the list holds.

    Parameters
    ----------
    responses : DataFrame
        Columns response_id and answered_at of `responses`. To learn of unknown ids, those of the whole survey: a list
        of calls spans many windows.
    calls : DataFrame
        Columns response_id and called_at (UTC), any order.
    as_of : datetime
        When the run looks, with a time zone.

    Returns
    -------
    calls : DataFrame
        The same columns, one row a response, by response_id.
    report : CallsReport
        Counts; no id.
    """
    answered = responses.drop_duplicates("response_id").set_index("response_id")["answered_at"]
    answered_at = answered.reindex(calls["response_id"]).set_axis(calls.index)
    reasons = {
        "unknown": ~calls["response_id"].isin(answered.index),
        "without_time": calls["called_at"].isna(),
        "before_answer": calls["called_at"] < answered_at,
        "after_as_of": calls["called_at"] > pd.Timestamp(as_of),
    }
    reason = np.select([one.fillna(False).to_numpy(bool) for one in reasons.values()], list(reasons), "used")
    usable = calls.loc[reason == "used", ["response_id", "called_at"]].sort_values(["response_id", "called_at"])
    first = usable.drop_duplicates("response_id").reset_index(drop=True)
    counts = {name: int((reason == name).sum()) for name in reasons}
    return first, CallsReport(used=len(first), repeated=len(usable) - len(first), **counts)


def plan_callbacks(
    responses: pd.DataFrame, opinions: pd.DataFrame, calls: pd.DataFrame, *, as_of: dt.datetime
) -> pd.DataFrame:
    """Tell for each detractor of a window when a call is due, about what, and whether it was made.

    Pour le lecteur : « Les clients mécontents à rappeler sous 48 heures, et le premier sujet dont ils se plaignent. »

    - `done`: called, whether in time or not; `late`: not called and the 48 hours are over at `as_of`; `due`: else.
    - The first call counts. Those that cannot be used are left out here and counted by :func:`first_calls`.

    Employees are not called: their answers are confidential. The caller sees to it that no survey of kind `enps` gets
    here; nothing in these frames tells.

    Parameters
    ----------
    responses : DataFrame
        Columns of `responses` of the window, any order.
    opinions : DataFrame
        Columns of `opinions` of the window, any order.
    calls : DataFrame
        Columns response_id and called_at (UTC); rows about other responses do not matter.
    as_of : datetime
        When the run looks, with a time zone.

    Returns
    -------
    DataFrame
        Columns of `callbacks` but survey_id, window and run_id; by response_id.
    """
    detractors = (responses["nps_group"] == str(NpsGroup.DETRACTOR)).fillna(False).to_numpy(bool)
    columns = ["response_id", "population", "answered_at"]
    frame = responses.loc[detractors, columns].sort_values("response_id", ignore_index=True)
    first, _ = first_calls(frame, calls, as_of=as_of)
    # reindex: to map by a series without rows fails.
    called_at = first.set_index("response_id")["called_at"].reindex(frame["response_id"]).set_axis(frame.index)
    frame["due_at"] = frame["answered_at"] + pd.Timedelta(hours=DUE_HOURS)
    frame["called_at"] = called_at.astype("datetime64[us, UTC]")
    frame["theme_id"] = frame["response_id"].map(_first_complaints(opinions)).astype("string")
    over = frame["due_at"] < pd.Timestamp(as_of)
    codes = np.select(
        [frame["called_at"].notna(), over], [str(CallbackState.DONE), str(CallbackState.LATE)], str(CallbackState.DUE)
    )
    frame["state"] = pd.array(codes, dtype="string")
    return frame[_COLUMNS]


def measure_inner_loop(
    respondents: Respondents, callbacks: pd.DataFrame, answers: pd.DataFrame, hidden: Bools, *, minimum: int
) -> pd.DataFrame:
    """Count, slice by slice, the detractors who were called and called in time, and what they scored the next time.

    Pour le lecteur : « La part des clients mécontents rappelés sous 48 heures. La note donnée ensuite remonte le plus
    souvent d'elle-même après une mauvaise note, et on ne rappelle pas n'importe qui : l'écart avec ceux qui n'ont pas
    été rappelés n'est pas l'effet de l'appel. »

    - `share_in_time`: in_time / detractors, with Wilson's interval. Calls that are not due yet count as not made: the
      share of an open period still rises.
    - `score_change`: score of the same customer's next answer less that of the detractor's, mean over those who were
      called and answered again; Student's interval, all answers of a customer counted as one (Kish). The next answer is
      the first one of the same population after the call (after their own answer for those who were not called).
      `change_uncalled` is the same of detractors who were not called.
    - Whoever scores low once mostly scores higher the next time, called or not (regression to the mean: Galton 1886;
      Barnett, van der Pols and Dobson, *Regression to the mean: what it is and how to deal with it*, International
      Journal of Epidemiology 34, 2005). And those who were called, who picked up and who answered again were not drawn
      by lot. Neither change, nor their difference, is the effect of the call.

    What is shown. A slice with fewer detractors than the minimum has no row, nor have slices that would give it away by
    subtraction. Either change is null, slice by slice, on the same rule for those who answered again.

    Parameters
    ----------
    respondents : Respondents
        Of one survey and period.
    callbacks : DataFrame
        Columns response_id, population, answered_at, due_at and called_at of `callbacks`; other periods' rows are left
        out.
    answers : DataFrame
        Columns response_id, customer_key, population, answered_at and score of `responses`: this period's, and all
        later ones up to the run's `as_of`. Without a customer_key nobody is known to have answered again.
    hidden : array of bool of shape (S,)
        Slices of which nothing may be shown.
    minimum : int
        Smallest number of respondents that may be shown.

    Returns
    -------
    DataFrame
        Columns of `inner_loop` from population to change_uncalled, without period.
    """
    slices, here = respondents.slices, _places(respondents, callbacks)
    counts: Ints = slices.tally(_calls(respondents, callbacks, here), 3)
    detractors = counts.sum(axis=1)
    unseen = suppress(detractors, slices, minimum=max(minimum, 1), hidden=hidden)
    rows = np.flatnonzero(~unseen)
    share = ratio(counts[:, _IN_TIME].astype(np.float64), detractors.astype(np.float64))
    low, high = wilson_interval(share, detractors.astype(np.float64))
    change = np.full(len(respondents.score), np.nan)
    change[here[here >= 0]] = _changes(callbacks, answers)[here >= 0]
    was_called = callbacks["called_at"].notna().to_numpy(bool)
    again, uncalled = (_again(respondents, change, here[(here >= 0) & side]) for side in (was_called, ~was_called))
    few, few_uncalled = (suppress(one.count, slices, minimum=minimum, hidden=unseen) for one in (again, uncalled))
    return repeat_rows(slices.names, rows).assign(
        detractors=count_column(detractors[rows], unseen[rows]),
        called=count_column((counts[:, _LATE] + counts[:, _IN_TIME])[rows], unseen[rows]),
        in_time=count_column(counts[rows, _IN_TIME], unseen[rows]),
        share_in_time=figure_column(share[rows], unseen[rows]),
        ci_low=figure_column(low[rows], unseen[rows]),
        ci_high=figure_column(high[rows], unseen[rows]),
        answered_again=count_column(again.count[rows], few[rows]),
        score_change=figure_column(again.mean[rows], few[rows]),
        change_low=figure_column(again.low[rows], few[rows]),
        change_high=figure_column(again.high[rows], few[rows]),
        change_uncalled=figure_column(uncalled.mean[rows], few_uncalled[rows]),
    )


def _first_complaints(opinions: pd.DataFrame) -> pd.Series:
    """Theme of the first negative opinion, by response."""
    complaints = opinions.loc[opinions["polarity"] == str(Polarity.NEGATIVE), ["response_id", "start", "theme_id"]]
    # Two may not start at one place; if they did, the order of the rows must not decide.
    first = complaints.sort_values(["response_id", "start", "theme_id"]).drop_duplicates("response_id")
    return first.set_index("response_id")["theme_id"]


def _places(respondents: Respondents, callbacks: pd.DataFrame) -> Ints:
    """Respondent of each callback; −1 for those of other periods."""
    return respondents.response_id.get_indexer(pd.Index(callbacks["response_id"])).astype(np.int64)


def _calls(respondents: Respondents, callbacks: pd.DataFrame, here: Ints) -> Ints:
    """How each detractor was called, shape (R,); −1 for others."""
    called = callbacks["called_at"].notna().to_numpy(bool)
    in_time = (callbacks["called_at"] <= callbacks["due_at"]).fillna(False).to_numpy(bool)
    result = np.full(len(respondents.score), -1, dtype=np.int64)
    found = here >= 0
    result[here[found]] = np.where(in_time, _IN_TIME, np.where(called, _LATE, _UNCALLED))[found]
    return result


def _changes(callbacks: pd.DataFrame, answers: pd.DataFrame) -> Floats:
    """Score of the next answer less that of the detractor's, a callback each; NaN without one."""
    scored = answers[answers["customer_key"].notna() & answers["score"].notna()].sort_values("response_id")
    own = scored.drop_duplicates("response_id").set_index("response_id")
    who = ["population", "customer_key"]
    asked = callbacks[["response_id", "population"]].assign(
        place=np.arange(len(callbacks)),
        customer_key=callbacks["response_id"].map(own["customer_key"]),
        own=callbacks["response_id"].map(own["score"]),
        since=callbacks["called_at"].fillna(callbacks["answered_at"]).astype("datetime64[us, UTC]"),
    )
    asked = asked[asked["own"].notna()].astype(dict.fromkeys(who, "object"))
    later = scored[[*who, "answered_at", "score"]].astype(dict.fromkeys(who, "object"))
    later = later.assign(since=later["answered_at"].astype("datetime64[us, UTC]"))
    both = pd.merge_asof(
        asked.sort_values(["since", "place"]),
        later.sort_values("since", kind="stable")[[*who, "since", "score"]],
        on="since",
        by=who,
        direction="forward",
        allow_exact_matches=False,
    )
    change = np.full(len(callbacks), np.nan)
    difference = both["score"].astype("Float64") - both["own"].astype("Float64")
    change[both["place"]] = difference.to_numpy(np.float64, na_value=np.nan)
    return change


def _again(respondents: Respondents, change: Floats, among: Ints) -> _Again:
    """Changes of some respondents, in each slice."""
    slices = respondents.slices
    known = among[np.isfinite(change[among])]
    category = np.full(len(change), -1, dtype=np.int64)
    category[known] = 0
    # Changes are whole numbers: their sums are exact in any order.
    count, total, squares = (
        slices.tally(category, 1, weight)[:, 0].astype(np.float64) for weight in (None, change, change**2)
    )
    clusters = slices.tally_squares(category, 1, np.ones(len(change)), respondents.customer)[:, 0]
    mean = ratio(total, count)
    variance = np.maximum(ratio(squares, count) - mean**2, 0)
    low, high = mean_interval(mean, variance, effective_base(count, clusters), _LARGEST_CHANGE)
    return _Again(count.astype(np.int64), mean, low, high)
