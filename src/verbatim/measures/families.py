"""The report's one family of tests: the whole survey's drivers, and slices that are opened only when they differ.

With forty themes some difference is "significant" by chance in most reports. Here all verdicts of a report share one
budget of false discoveries: half of it is the whole survey's, half is for its slices together. Inside the whole survey,
and inside each slice that differs from the rest of the survey as a whole, tests are adjusted for their number. Where no
theme has any effect, at most one report in twenty confirms anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verbatim.measures.arrays import Floats, Ints
from verbatim.measures.significance import adjust_opened, open_families
from verbatim.measures.slices import Slices

FALSE_DISCOVERY_RATE = 0.05
"""A difference is confirmed below this q-value."""


@dataclass(frozen=True, slots=True)
class Families:
    """One family a slice."""

    q_value: Floats
    """Adjusted p-value of each as a whole, shape (S,); NaN where it was not tested."""
    weight: Floats
    """Part of the budget of each, shape (S,)."""
    population: Ints
    """Population of each, shape (S,): each has a report of its own."""

    def adjust(self, p_values: Floats, row: Ints) -> Floats:
        """Adjust tests inside their slices.

        Parameters
        ----------
        p_values : array of shape (k,)
            In [0, 1]; NaN where no test was made.
        row : array of shape (k,)
            Slice of each.
        """
        result = np.full(len(p_values), np.nan)
        for population in np.unique(self.population):
            own = self.population[row] == population
            q_value = np.where(self.population == population, self.q_value, np.nan)
            result[own] = adjust_opened(p_values[own], row[own], q_value, self.weight, level=FALSE_DISCOVERY_RATE)
        return result


def open_families_of(p_values: Floats, slices: Slices) -> Families:
    """Find which slices differ as a whole.

    Parameters
    ----------
    p_values : array of shape (S,)
        Of the whole survey: nothing differs between its groups. Of a slice: it says the same as the rest of the survey.
    slices : Slices
        The slices.
    """
    is_whole = slices.whole == np.arange(slices.count)
    q_value, weight = np.full(slices.count, np.nan), np.ones(slices.count)
    for whole in np.unique(slices.whole):
        own = slices.whole == whole
        tested = own & ~np.isnan(p_values)
        others = tested & ~is_whole
        # Half of the budget each.
        weight[own & is_whole] = max(int(others.sum()), 1)
        q_value[own] = open_families(p_values[own], weight[own])
    return Families(q_value, weight, slices.whole)
