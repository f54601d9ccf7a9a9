"""Counts of repetitions: small ones in `./dev test`, full ones in `./dev soak`."""

from __future__ import annotations

import os
import random
import time

FULL = os.environ.get("LAYERLOOM_SOAK") == "1"
# The random seed of all kills and faults; it is printed if a test fails.
SEED = int(os.environ.setdefault("LAYERLOOM_SEED", str(time.time_ns() % 10**9)))


def count(fast: int, full: int) -> int:
    """Return the number of repetitions: `fast` in the fast tier, `full` in the full one."""
    return full if FULL else fast


def chances(name: str) -> random.Random:
    """Return the random number generator of a test."""
    return random.Random(f"{SEED} {name}")
