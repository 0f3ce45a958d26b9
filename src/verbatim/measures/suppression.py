"""Which cells are too small to show, and which others would give them away.

A figure is shown where its base, the respondents that it describes, is large enough. How many of a shown base are
promoters, passives or detractors, or wrote something, is a figure of that base: n, promoters, passives, detractors
and n_commenters stand or fall together. What a group *wrote* has the group's commenters as its base.

Suppression is a function of the bases alone: no random choice, no memory of earlier runs.
"""

from __future__ import annotations

import numpy as np

from verbatim.measures.arrays import Bools, Ints
from verbatim.measures.slices import Slices


def suppress(base: Ints, slices: Slices, *, minimum: int, hidden: Bools | None = None) -> Bools:
    """Find the slices whose figure may not be shown.

    Pour le lecteur : « Trop peu de réponses pour montrer ce chiffre sans risquer de reconnaître quelqu'un. »

    Parameters
    ----------
    base : array of shape (S,)
        Respondents of each slice whom the figure describes.
    slices : Slices
        Slices and their partitions.
    minimum : int
        Smallest base that may be shown.
    hidden : array of shape (S,), optional
        Slices that are suppressed already, for another figure.

    Returns
    -------
    array of bool of shape (S,)
        True: suppress. Contains `hidden`.
    """
    primary = base < minimum if hidden is None else hidden | (base < minimum)
    return hide_derivable(primary, base[:, None], slices, minimum=minimum)


def suppress_part(part: Ints, base: Ints, slices: Slices, *, minimum: int, hidden: Bools) -> Bools:
    """Find the slices where a part's figure may not be shown beside the whole slice's figure.

    The rest of the slice is a cell too: its figure is the slice's less the part's. So both must be large enough, in
    the slice and in what remains of a partition.

    Parameters
    ----------
    part, base : array of shape (S,)
        Respondents of the part (say, those who wrote) and of the slice.
    slices : Slices
        Slices and their partitions.
    minimum : int
        Smallest base that may be shown.
    hidden : array of shape (S,)
        Slices that are suppressed already.

    Returns
    -------
    array of bool of shape (S,)
        True: suppress. Contains `hidden`.
    """
    rest = base - part
    primary = hidden | (part < minimum) | ((rest > 0) & (rest < minimum))
    return hide_derivable(primary, np.stack([part, rest], axis=1), slices, minimum=minimum)


def hide_derivable(hidden: Bools, bases: Ints, slices: Slices, *, minimum: int) -> Bools:
    """Suppress further slices until no small hidden cell follows by subtraction within a partition.

    The whole survey less the shown slices of a dimension leaves the hidden slices and the respondents without a value
    of that dimension. This remainder can be computed by any reader, so it is treated as a cell: while its base is
    above 0 and under the minimum, the smallest shown slice (ties: first by name) is suppressed as well. Secondary
    suppression: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.

    Parameters
    ----------
    hidden : array of shape (S,)
        Slices suppressed for their own base.
    bases : array of shape (S, k)
        The k bases that are hidden and shown together.
    slices : Slices
        Slices and their partitions.
    minimum : int
        Smallest base that may be shown.

    Returns
    -------
    array of bool of shape (S,)
        Contains `hidden`.
    """
    result = hidden.copy()
    size = bases.sum(axis=1)
    for rows in _partitions(slices.partition):
        remainder = bases[slices.whole[rows[0]]] - bases[rows][~result[rows]].sum(axis=0)
        for row in rows[np.argsort(size[rows], kind="stable")]:
            if not ((remainder > 0) & (remainder < minimum)).any():
                break
            if not result[row]:
                result[row] = True
                remainder = remainder + bases[row]
    return result


def _partitions(partition: Ints) -> list[Ints]:
    order = np.argsort(partition, kind="stable")
    ends = np.flatnonzero(np.diff(partition[order])) + 1
    return [rows for rows in np.split(order, ends) if len(rows)]
