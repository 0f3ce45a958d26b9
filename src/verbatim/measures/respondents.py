"""Respondents as arrays: score, group, weight, who wrote, and the slices that each belongs to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints
from verbatim.measures.options import MeasureOptions
from verbatim.measures.slices import Slices, slice_respondents
from verbatim.tables import OTHER_LANGUAGE, NpsGroup

GROUPS = tuple(NpsGroup)
"""Groups in the order of the codes: promoter 0, passive 1, detractor 2."""
PROMOTER, PASSIVE, DETRACTOR = range(len(GROUPS))


@dataclass(frozen=True, slots=True)
class Respondents:
    """The R responses of a survey and period, in ascending order of weight.

    Sums of floats depend on their order. Rows of equal weight are interchangeable in a sum of weights, so ascending
    weights make every sum the same to the last bit, however the input was shuffled.
    """

    response_id: pd.Index
    """Identifiers, length R."""
    score: Ints
    """Score, shape (R,); −1 without one (a score may well be 0)."""
    group: Ints
    """Position in :data:`GROUPS`, shape (R,); −1 without a score."""
    weight: Floats
    """Survey weight, shape (R,); 1 where the survey has none."""
    wrote: Bools
    """True: has a score and a verbatim, shape (R,). These are the commenters."""
    other_language: Bools
    """True: the verbatim is in a language that is not read, shape (R,)."""
    customer: Ints
    """Number of the customer who answered, shape (R,), from 0 up; one of its own where customers are not known."""
    answers: Mapping[str, Floats]
    """Indicator → answers of shape (R,); NaN without one."""
    slices: Slices
    """Slices that they fall into."""

    @property
    def writing_group(self) -> Ints:
        """Group of those who wrote, shape (R,); −1 for others."""
        return np.where(self.wrote, self.group, -1)

    def tally(self, category: Ints, n_categories: int, weight: Floats | None = None) -> Any:
        """Count, or sum the weights of, the respondents of each category in each slice.

        Parameters
        ----------
        category : array of shape (R,)
            From 0 up; −1 is left out.
        n_categories : int
            Number of categories.
        weight : array of shape (R,), optional
            What to sum; by default respondents are counted.

        Returns
        -------
        array of shape (S, n_categories)
            Integers without a weight.
        """
        return self.slices.tally(category, n_categories, weight)

    @property
    def answered_once(self) -> bool:
        """Nobody is known to have answered twice."""
        return len(self.customer) <= int(self.customer.max(initial=-1)) + 1

    def tally_squares(self, category: Ints, n_categories: int) -> Any:
        """Sum the squared weights of the customers of each category in each slice, shape (S, n_categories)."""
        if self.answered_once:
            return self.tally(category, n_categories, self.weight**2)
        return self.slices.tally_squares(category, n_categories, self.weight, self.customer)


def read_respondents(responses: pd.DataFrame, options: MeasureOptions) -> Respondents:
    """Turn responses into arrays.

    Parameters
    ----------
    responses : DataFrame
        Columns of `responses`, one survey and period, any order.
    options : MeasureOptions
        Dimensions and indicators to look for.
    """
    weight: Floats = responses["weight"].astype("Float64").fillna(1).to_numpy(np.float64).astype(np.float64)
    order = np.argsort(weight, kind="stable")
    responses, weight = responses.iloc[order], weight[order]
    group = pd.Categorical(responses["nps_group"], categories=list(GROUPS)).codes.astype(np.int64)
    score = responses["score"].astype("Int64").fillna(-1).to_numpy(np.int64)
    # A group without a score, or the reverse, is no scored respondent.
    scored = (group >= 0) & responses["score"].notna().to_numpy(bool)
    return Respondents(
        response_id=pd.Index(responses["response_id"]),
        score=np.where(scored, score, -1),
        group=np.where(scored, group, -1),
        weight=weight,
        wrote=scored & responses["verbatim"].notna().to_numpy(bool),
        other_language=_flagged(responses["flags"], OTHER_LANGUAGE),
        customer=number_customers(responses["customer_key"], responses["response_id"]),
        answers=_read_answers(responses["indicators"], options.indicators),
        slices=slice_respondents(responses["population"], responses["dimensions"], options.dimensions),
    )


def _flagged(flags: pd.Series, flag: str) -> Bools:
    codes, distinct = pd.factorize(flags)
    return np.array([flag in str(text).split(",") for text in distinct] or [False], dtype=bool)[codes]


def number_customers(keys: pd.Series, response_ids: pd.Series) -> Ints:
    """Number customers by the order of their keys, then those that are not known by the order of their responses.

    Parameters
    ----------
    keys : Series of string, length R
        Keyed hash of each customer; null where not known.
    response_ids : Series of string, length R
        Unique.

    Returns
    -------
    array of shape (R,)
    """
    known = keys.notna().to_numpy(bool)
    number = np.zeros(len(keys), dtype=np.int64)
    codes, distinct = pd.factorize(keys[known], sort=True)
    number[known] = codes
    number[~known] = len(distinct) + np.argsort(np.argsort(response_ids[~known].to_numpy(object).astype(str)))
    return number


def _read_answers(texts: pd.Series, scales: Mapping[str, tuple[int, int]]) -> dict[str, Floats]:
    # Few distinct texts: each is parsed once (docs/decisions/0001).
    codes, distinct = pd.factorize(texts)
    objects = [json.loads(text) for text in distinct]
    return {name: _answers_of(objects, name, scale)[codes] for name, scale in scales.items()}


def _answers_of(objects: list[dict[str, Any]], name: str, scale: tuple[int, int]) -> Floats:
    answers = np.array([np.nan if (answer := found.get(name)) is None else answer for found in objects], dtype=float)
    return np.where((answers >= scale[0]) & (answers <= scale[1]), answers, np.nan)
