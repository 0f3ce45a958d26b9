"""Texts cut into windows of tokens, and windows dealt out in batches of fixed shapes.

Arithmetic on a processor depends on the shape of what it is given. Every batch here has one of a few shapes, and the
shape of a window's batch follows from its own length alone: what is said of a text cannot depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128, 160)
"""Tokens of a batch's rows; the last is the length that the encoder was trained at."""
BATCH_TOKENS = 1024
"""Tokens of a batch, padding included: larger ones leave the cache of a processor and are slower."""
OVERLAP = 48
"""Tokens that neighbouring windows of a long text share."""
_ENDS = 2  # [CLS] and [SEP]
_PAYLOAD = WIDTHS[-1] - _ENDS


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``first:last`` of a text's encoding that one row holds, and those of them that it answers for.

    Neighbouring windows overlap; each token is answered for by the one window in which it stands deepest.
    """

    text: int
    first: int
    last: int
    own_first: int
    own_last: int

    @property
    def width(self) -> int:
        """Tokens of the row it goes to, ends and padding included."""
        return fitting(self.last - self.first + _ENDS, WIDTHS)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one width; `tokens` and `mask` have the full fixed shape, `windows` fill the first rows."""

    windows: tuple[Window, ...]
    tokens: npt.NDArray[np.int64]
    mask: npt.NDArray[np.bool_]


def fitting(length: int, sizes: Sequence[int]) -> int:
    """Smallest of the sizes that holds `length`; beyond the last, a multiple of it."""
    for size in sizes:
        if length <= size:
            return size
    return -(-length // sizes[-1]) * sizes[-1]


def cut(text: int, length: int) -> list[Window]:
    """Windows of a text of `length` tokens, its own [CLS] and [SEP] not counted."""
    if length <= _PAYLOAD:
        return [Window(text, 0, length, 0, length)]
    starts = [*range(0, length - _PAYLOAD, _PAYLOAD - OVERLAP), length - _PAYLOAD]
    borders = [0, *(((left + _PAYLOAD) + right) // 2 for left, right in pairwise(starts)), length]
    owned = pairwise(borders)
    return [Window(text, start, start + _PAYLOAD, *own) for start, own in zip(starts, owned, strict=True)]


def deal(
    windows: Sequence[Window], ids: Sequence[Sequence[int]], *, padding: int, begin: int, end: int
) -> Iterator[Batch]:
    """Deal windows out in batches of fixed shapes, short ones first.

    Parameters
    ----------
    windows : sequence of Window
    ids : sequence of sequences of int
        Token ids of each text, without [CLS] and [SEP].
    padding, begin, end : int
        Ids of [PAD], [CLS] and [SEP].
    """
    waiting: dict[int, list[Window]] = {}
    for window in sorted(windows, key=lambda window: (window.width, window.last - window.first)):
        waiting.setdefault(window.width, []).append(window)
    for width, queue in waiting.items():
        rows = max(1, BATCH_TOKENS // width)
        for at in range(0, len(queue), rows):
            yield _fill(queue[at : at + rows], ids, (rows, width), padding, begin, end)


def _fill(
    windows: list[Window], ids: Sequence[Sequence[int]], shape: tuple[int, int], padding: int, begin: int, end: int
) -> Batch:
    tokens = np.full(shape, padding, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.bool_)
    # Rows without a text hold an empty one: a row that attends to nothing would be NaN.
    tokens[:, 0], tokens[len(windows) :, 1] = begin, end
    mask[:, :_ENDS] = True
    for row, window in enumerate(windows):
        size = window.last - window.first
        tokens[row, 1 : size + 1] = ids[window.text][window.first : window.last]
        tokens[row, size + 1] = end
        mask[row, : size + _ENDS] = True
    return Batch(tuple(windows), tokens, mask)
