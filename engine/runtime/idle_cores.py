"""The default number of CPU threads of a training run: the number of idle processors."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import torch

_MAX_THREADS = torch.get_num_threads()  # as set by torch or OMP_NUM_THREADS when it is imported
_LOAD_FILE, _QUOTA_FILE = Path("/proc/loadavg"), Path("/sys/fs/cgroup/cpu.max")
# Several samples distinguish busy threads from those that run for a moment only. They are few and
# short, since they delay the start of every training.
_SAMPLE_COUNT, _SAMPLE_SECONDS = 5, 0.001


def idle_core_count() -> int:
    """Return the number of idle processors, but at least 1.

    This is the number of processors minus the median number of other running threads, but at most
    torch's default and the CPU quota of the container (cgroup), which torch ignores.

    Why: in every training step, all threads wait for the slowest one. So a thread that shares its
        processor with another program delays all of them. In this case, an epoch took 428 ms with
        two threads, but 186 ms with one thread.
    """
    quota = _cpu_quota(_read_text(_QUOTA_FILE))
    max_threads = _MAX_THREADS
    if math.isfinite(quota):
        max_threads = max(1, min(_MAX_THREADS, math.ceil(quota)))
    if max_threads == 1:
        return 1
    samples = []
    for _ in range(_SAMPLE_COUNT):
        samples.append(_other_threads(_read_text(_LOAD_FILE)))
        time.sleep(_SAMPLE_SECONDS)
    free = (os.cpu_count() or max_threads) - sorted(samples)[_SAMPLE_COUNT // 2]
    return max(1, min(max_threads, math.ceil(free)))


def _cpu_quota(text: str) -> float:
    """Return the number of CPUs in cpu.max: 2 for "200000 100000", infinity for "max …"."""
    quota, _, period = text.partition(" ")
    try:
        return int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return math.inf


def _other_threads(text: str) -> int:
    """Return the number of other running threads from the content of /proc/loadavg.

    The fourth entry of this file, such as "3/412", has the number of running threads, including the
    current one, and the number of all threads.
    """
    try:
        return max(0, int(text.split()[3].partition("/")[0]) - 1)
    except (ValueError, IndexError):
        return 0


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):  # another operating system, or no quota
        return ""
