"""Slices: the whole survey of each population, and each value of each dimension."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Floats, Ints
from verbatim.tables import ALL


@dataclass(frozen=True, slots=True)
class Slices:
    """The S slices that hold a response, and who is in them."""

    names: pd.DataFrame
    """Columns population, dimension, slice; S rows."""
    partition: Ints
    """Number of each slice's population × dimension, shape (S,): slices of one partition share nobody."""
    whole: Ints
    """Row of the whole survey of each slice's population, shape (S,)."""
    members: tuple[Ints, ...]
    """One array of shape (R,) a dimension, the whole survey first: each respondent's slice, −1 without a value."""

    @property
    def count(self) -> int:
        """S, the number of slices."""
        return len(self.names)

    def tally(
        self, category: Ints, n_categories: int, weight: Floats | None = None, respondent: Ints | None = None
    ) -> Any:
        """Count, or sum the weights of, the rows of each category in each slice.

        Parameters
        ----------
        category : array of shape (M,)
            From 0 up; −1 is left out.
        n_categories : int
            Number of categories.
        weight : array of shape (M,), optional
            What to sum; by default rows are counted.
        respondent : array of shape (M,), optional
            Respondent of each row; by default the rows are the respondents.

        Returns
        -------
        array of shape (S, n_categories)
            Integers without a weight.
        """
        size = self.count * n_categories
        total = np.zeros(size, dtype=np.int64 if weight is None else np.float64)
        for member in self.members:
            row = member if respondent is None else member[respondent]
            counted = (row >= 0) & (category >= 0)
            cell = row[counted] * n_categories + category[counted]
            total += np.bincount(cell, None if weight is None else weight[counted], minlength=size)
        return total.reshape(self.count, n_categories)

    def tally_squares(
        self, category: Ints, n_categories: int, weight: Floats, customer: Ints, respondent: Ints | None = None
    ) -> Any:
        """Sum the squares of what each customer weighs in a category, in each slice.

        All answers of a customer count as one: Kish's effective base then holds for clusters too, taking answers of
        the same customer to be equal (the cautious end).

        Parameters
        ----------
        category, weight, customer : arrays of shape (M,)
            Category from 0 up (−1 is left out), weight and customer (from 0 up) of each row.
        n_categories : int
            Number of categories.
        respondent : array of shape (M,), optional
            Respondent of each row; by default the rows are the respondents.

        Returns
        -------
        array of shape (S, n_categories)
        """
        n_customers = int(customer.max(initial=-1)) + 1
        total = np.zeros(self.count * n_categories)
        for member in self.members:
            row = member if respondent is None else member[respondent]
            counted = (row >= 0) & (category >= 0)
            cell = row[counted] * n_categories + category[counted]
            pairs, place = np.unique(cell * n_customers + customer[counted], return_inverse=True)
            sums = np.bincount(place, weight[counted], minlength=len(pairs))
            total += np.bincount(pairs // max(n_customers, 1), sums**2, minlength=len(total))
        return total.reshape(self.count, n_categories)


CROSS = " × "
"""Stands between the names, and between the values, of two dimensions that are crossed."""


def slice_respondents(population: pd.Series, texts: pd.Series, dimensions: Sequence[str | tuple[str, str]]) -> Slices:
    """Find the slices of respondents.

    Parameters
    ----------
    population : Series of string, length R
        Population of each.
    texts : Series of string, length R
        JSON objects, dimension → slice. Few are distinct: each is parsed once (docs/decisions/0001).
    dimensions : sequence of str or pair of str
        Dimensions to slice by; two are crossed.
    """
    populations, population_names = pd.factorize(population, sort=True)
    text_codes, distinct = pd.factorize(texts)
    objects = [json.loads(text) for text in distinct]
    names, members, offset = [], [], 0
    for dimension in (ALL, *dimensions):
        labels = [_label_of(found, dimension) for found in objects]
        values, value_names = pd.factorize(pd.Series(labels, dtype="object"), sort=True)
        member, found_names = _cross(populations, population_names, values[text_codes], value_names)
        members.append(np.where(member >= 0, member + offset, -1))
        names.append(found_names.assign(dimension=dimension if isinstance(dimension, str) else CROSS.join(dimension)))
        offset += len(found_names)
    table = pd.concat(names, ignore_index=True)[["population", "dimension", "slice"]]
    # The whole surveys come first, one a population, in the order of the populations.
    whole = pd.Index(population_names).get_indexer(table["population"]).astype(np.int64)
    partition = table.groupby(["population", "dimension"], sort=False).ngroup().to_numpy().astype(np.int64)
    return Slices(table, partition, whole, tuple(members))


def _label_of(found: dict[str, object], dimension: str | tuple[str, str]) -> str | None:
    """Slice of a dimension, or of two that are crossed; None without a value of either."""
    if dimension == ALL:
        return ALL
    if isinstance(dimension, str):
        return _label(found.get(dimension))
    both = [_label(found.get(name)) for name in dimension]
    return None if None in both else CROSS.join(str(one) for one in both)


def _label(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _cross(
    populations: Ints, population_names: pd.Index, values: Ints, value_names: pd.Index
) -> tuple[Ints, pd.DataFrame]:
    """Number the combinations of population and value that occur, in the order of their names."""
    width = len(value_names)
    code = np.where(values >= 0, populations * width + values, -1)
    occurring = np.flatnonzero(np.bincount(code[code >= 0], minlength=len(population_names) * width))
    number = np.full(len(population_names) * width + 1, -1, dtype=np.int64)
    number[occurring] = np.arange(len(occurring))
    found, value = np.divmod(occurring, max(width, 1))
    names = {"population": np.asarray(population_names)[found], "slice": np.asarray(value_names)[value]}
    # Code −1 reads the last place, which stays −1.
    return number[code], pd.DataFrame(names, dtype="object")
