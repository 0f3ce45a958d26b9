"""Periods that overlap: what a thin month hides must not follow from the quarter, the rolling months or the year.

Spans of one slice are sums of the same months. A reader may subtract any of them from any other: what they know is the
row space of the shown periods. A span's slice is shown only where it adds nothing on few respondents to that.
Suppression in linked tables: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verbatim.measures.arrays import Bools, Floats, Ints

_ZERO = 1e-9


def hide_overlapping(base: Ints, periods: Bools, shown: Bools, *, minimum: int) -> Bools:
    """Find which spans of one slice may not be shown.

    Spans are taken in their order, and each is weighed against those before it: what is shown once stays shown when
    later months come.

    Parameters
    ----------
    base : array of shape (A,)
        Respondents of the slice in each atom: the smallest pieces of time that periods are made of.
    periods : array of bool of shape (P + K, A)
        Atoms of the P periods of the survey itself, then of its K spans, by their end.
    shown : array of bool of shape (P,)
        Periods of the survey itself whose slice is shown.
    minimum : int
        Smallest base that may be shown.

    Returns
    -------
    array of bool of shape (K,)
        True: hide.
    """
    n_periods = len(shown)
    known: list[Floats] = []
    for row in periods[:n_periods][shown]:
        _learn(known, row, base)
    hidden = np.zeros(len(periods) - n_periods, dtype=bool)
    for place, row in enumerate(periods[n_periods:]):
        if base[row].sum() < minimum or _tells(known, row, base, minimum=minimum):
            hidden[place] = True
        else:
            _learn(known, row, base)
    return hidden


def _learn(known: list[Floats], row: Bools, base: Ints) -> None:
    """Add a shown period to what is known, kept in reduced row echelon form; empty atoms hide nobody."""
    reduced = _reduce(known, np.where(base > 0, row, False).astype(np.float64))
    if not np.abs(reduced).max(initial=0) > _ZERO:
        return
    pivot = int(np.argmax(np.abs(reduced) > _ZERO))
    reduced = reduced / reduced[pivot]
    known[:] = [one - one[pivot] * reduced for one in known]
    known.append(reduced)


def _reduce(known: Sequence[Floats], vector: Floats) -> Floats:
    for one in known:
        vector = vector - vector[int(np.argmax(np.abs(one) > _ZERO))] * one
    return vector


def _tells(known: Sequence[Floats], row: Bools, base: Ints, *, minimum: int) -> bool:
    """Whether a period beside those that are known tells of fewer than the minimum."""
    would = list(known)
    _learn(would, row, base)
    return any(_is_few(one, base, minimum=minimum) for one in would)


def _is_few(combination: Floats, base: Ints, *, minimum: int) -> bool:
    """Whether a combination of periods is a plain sum of atoms that hold few."""
    part = np.abs(combination) > _ZERO
    plain = bool(np.allclose(combination[part], 1.0))
    return plain and 0 < int(base[part].sum()) < minimum
