"""The three tiers of the tests: `./dev test`, `./dev test --all` and `./dev soak`.

`./dev` sets LAYERLOOM_TIER to "quick", "all" or "soak". A test that repeats something takes the
number of repetitions from `cases`. A test that protects little for its seconds is marked `slow`:
`./dev test` deselects it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

TIERS = ("quick", "all", "soak")
TIER = os.environ.get("LAYERLOOM_TIER", "quick")
if TIER not in TIERS:
    raise pytest.UsageError(f"LAYERLOOM_TIER is {TIER!r}; it must be one of {', '.join(TIERS)}")
SOAK = TIER == "soak"


def cases(quick: int, full: int, soak: int | None = None) -> int:
    """Return the number of cases, examples or repetitions in the tier that runs now.

    Args:
        quick: number of `./dev test`, and of pytest without `./dev`.
        full: number of `./dev test --all`.
        soak: number of `./dev soak`; None takes `full`.
    """
    counts = (quick, full, full if soak is None else soak)
    return dict(zip(TIERS, counts, strict=True))[TIER]


def some(values: Iterable[Any], place: int) -> list[Any]:
    """Return one of the values in `./dev test`, by the place of a test beside others, else all.

    So each value is tried by some of the tests, where values and tests know nothing of each other.
    """
    listed = list(values)
    return [listed[place % len(listed)]] if TIER == "quick" else listed


def grid(values: Iterable[Any], quick: int) -> list[Any]:
    """Return the values of a parameter for pytest; all but `quick` of them are marked slow.

    The values that are not slow are the first, the last, and evenly spread ones between them.
    """
    listed = list(values)
    kept = {round(place * (len(listed) - 1) / max(quick - 1, 1)) for place in range(quick)}
    return [
        value
        if place in kept
        else pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.slow
        )
        for place, value in enumerate(listed)
    ]


@contextmanager
def noted(*case: object) -> Iterator[None]:
    """Name the case of a loop in the failure of a test that has many cases."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:  # the latter is no Exception
        error.add_note(f"case: {', '.join(map(str, case))}")
        raise
