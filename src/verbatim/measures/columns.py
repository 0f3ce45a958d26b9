"""Nullable columns out of plain arrays: suppressed figures become null."""

from __future__ import annotations

import numpy as np
import pandas as pd

from verbatim.measures.arrays import Bools, Floats, Ints


def count_column(values: Ints, hidden: Bools) -> pd.Series:
    """Make a column of counts.

    Parameters
    ----------
    values : array of shape (k,)
        Counts.
    hidden : array of shape (k,)
        True: null.
    """
    return pd.Series(pd.array(values, dtype="Int64")).mask(hidden)


def figure_column(values: Floats, hidden: Bools) -> pd.Series:
    """Make a column of figures; NaN becomes null.

    Parameters
    ----------
    values : array of shape (k,)
        Figures.
    hidden : array of shape (k,)
        True: null.
    """
    # pd.array turns NaN into null.
    return pd.Series(pd.array(values, dtype="Float64")).mask(hidden)


def repeat_rows(frame: pd.DataFrame, rows: Ints) -> pd.DataFrame:
    """Take rows of a frame, some several times, under a fresh index.

    Parameters
    ----------
    frame : DataFrame
        Any.
    rows : array of shape (k,)
        Positions.
    """
    return frame.iloc[np.asarray(rows)].reset_index(drop=True)
