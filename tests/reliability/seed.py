"""The random seed of all kills and faults; it is printed if a test fails."""

from __future__ import annotations

import os
import random
import time

SEED = int(os.environ.setdefault("LAYERLOOM_SEED", str(time.time_ns() % 10**9)))


def chances(name: str) -> random.Random:
    """Return the random number generator of a test."""
    return random.Random(f"{SEED} {name}")
