"""A moment of a training: wall time and CPU time."""

from __future__ import annotations

import time
from typing import NamedTuple


class Moment(NamedTuple):
    """Wall time and CPU time of the process, in seconds."""

    wall: float
    work: float


def now() -> Moment:
    """Return the current moment."""
    return Moment(time.perf_counter(), time.process_time())
