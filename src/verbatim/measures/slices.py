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


def slice_respondents(population: pd.Series, texts: pd.Series, dimensions: Sequence[str]) -> Slices:
    """Find the slices of respondents.

    Parameters
    ----------
    population : Series of string, length R
        Population of each.
    texts : Series of string, length R
        JSON objects, dimension → slice. Few are distinct: each is parsed once (docs/decisions/0001).
    dimensions : sequence of str
        Dimensions to slice by.
    """
    populations, population_names = pd.factorize(population, sort=True)
    text_codes, distinct = pd.factorize(texts)
    objects = [json.loads(text) for text in distinct]
    names, members, offset = [], [], 0
    for dimension in (ALL, *dimensions):
        labels = [ALL if dimension == ALL else _label(found.get(dimension)) for found in objects]
        values, value_names = pd.factorize(pd.Series(labels, dtype="object"), sort=True)
        member, found_names = _cross(populations, population_names, values[text_codes], value_names)
        members.append(np.where(member >= 0, member + offset, -1))
        names.append(found_names.assign(dimension=dimension))
        offset += len(found_names)
    table = pd.concat(names, ignore_index=True)[["population", "dimension", "slice"]]
    # The whole surveys come first, one a population, in the order of the populations.
    whole = pd.Index(population_names).get_indexer(table["population"]).astype(np.int64)
    partition = table.groupby(["population", "dimension"], sort=False).ngroup().to_numpy().astype(np.int64)
    return Slices(table, partition, whole, tuple(members))


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
