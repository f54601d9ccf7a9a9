"""How much is tried: a little in every `./dev test`, the counts of the promises in `./dev soak`."""

from __future__ import annotations

import os
import random
import time

FULL = os.environ.get("LAYERLOOM_SOAK") == "1"
# One number gives every kill its moment and every file its fault; a failure prints it.
SEED = int(os.environ.setdefault("LAYERLOOM_SEED", str(time.time_ns() % 10**9)))


def count(fast: int, full: int) -> int:
    """Return how often to try: `fast` in the fast tier, `full` in the full one."""
    return full if FULL else fast


def chances(name: str) -> random.Random:
    """Return the random numbers of one test."""
    return random.Random(f"{SEED} {name}")
