"""How many processor threads a training gets, for the machine as it is."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import torch

_MOST = torch.get_num_threads()  # what torch, or OMP_NUM_THREADS, chose at the start
_LOAD, _QUOTA = Path("/proc/loadavg"), Path("/sys/fs/cgroup/cpu.max")
# Looks, and seconds between two: enough to tell who works from who just woke up, and no more, since
# every start waits for them.
_LOOKS, _APART = 5, 0.001


def fitting_threads() -> int:
    """Return as many threads as there are processors that nobody uses, one at least.

    Why: all threads of a step wait for the slowest, so one that shares its processor with a busy
        neighbour holds up the rest: two threads were slower than one by 428 to 186 ms an epoch.
        A container's share counts too; torch does not know of it.
    """
    share = _share(_text(_QUOTA))
    most = max(1, min(_MOST, math.ceil(share))) if math.isfinite(share) else _MOST
    if most == 1:
        return 1
    looks = []
    for _ in range(_LOOKS):
        looks.append(_others(_text(_LOAD)))
        time.sleep(_APART)
    free = (os.cpu_count() or most) - sorted(looks)[_LOOKS // 2]
    return max(1, min(most, math.ceil(free)))


def _share(quota: str) -> float:
    """Return of how many processors a container may use all time; "max 100000" is all."""
    given, _, period = quota.partition(" ")
    try:
        return int(given) / int(period)
    except (ValueError, ZeroDivisionError):
        return math.inf


def _others(load: str) -> int:
    """Return how many threads of others run: the fourth number, "3/412", counts this one too."""
    try:
        return max(0, int(load.split()[3].partition("/")[0]) - 1)
    except (ValueError, IndexError):
        return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):  # another system, or no limit
        return ""
