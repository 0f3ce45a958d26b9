"""Labels of the slices: values of a dimension, numbers put into classes."""

from __future__ import annotations

from bisect import bisect_right

from verbatim.ingest.numbers import read_number
from verbatim.settings import Dimension


def slice_label(value: str, dimension: Dimension) -> str | None:
    """Slice that a value belongs to; None where a class is asked for and the value is no number.

    Examples
    --------
    >>> visits = Dimension(column="visits", bins=(1, 2, 5, 10))
    >>> [slice_label(value, visits) for value in ("0", "1", "3,5", "12", "souvent")]
    ['<1', '1', '2-4', '10+', None]
    """
    if not dimension.bins:
        return " ".join(value.split())
    number = read_number(value)
    return None if number is None else _class_label(number, dimension.bins)


def _class_label(number: float, bins: tuple[float, ...]) -> str:
    place = bisect_right(bins, number) - 1
    if place < 0:
        return f"<{bins[0]:g}"
    low = bins[place]
    if place == len(bins) - 1:
        return f"{low:g}+"
    behind = bins[place + 1]
    if not (float(low).is_integer() and float(behind).is_integer()):
        return f"{low:g}-<{behind:g}"
    return f"{low:g}" if behind == low + 1 else f"{low:g}-{behind - 1:g}"
