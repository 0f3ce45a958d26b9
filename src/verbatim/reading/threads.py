"""How many processors the encoder may keep busy."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@cache
def one_thread_a_batch() -> None:
    """Let torch work on one processor a batch, once: the encoder keeps several batches going instead."""
    import torch

    torch.set_num_threads(1)


def usable_processors(quota: Path = _QUOTA) -> int:
    """Processors this process may use, at least 1: a container may have far fewer than its machine.

    ``OMP_NUM_THREADS`` bounds them too.

    Parameters
    ----------
    quota : Path
        The control group's ``cpu.max``: microseconds granted (or ``max``) in a period of microseconds.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        allowed = min(allowed, int(wanted))
    try:
        granted, period = quota.read_text(encoding="ascii").split()
        return max(1, min(allowed, math.ceil(int(granted) / int(period))))
    # No control group, or "max": no quota.
    except (OSError, ValueError):
        return allowed
