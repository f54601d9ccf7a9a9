"""A moment of a training: what a clock on the wall shows, and what the process has worked."""

from __future__ import annotations

import time
from typing import NamedTuple


class Moment(NamedTuple):
    """Seconds."""

    wall: float
    work: float


def now() -> Moment:
    """Return this moment."""
    return Moment(time.perf_counter(), time.process_time())
