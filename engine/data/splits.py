"""Which rows are trained on and which are held back, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused

SPLIT = 0x5B117  # keeps the split's random numbers apart from all others of the same seed


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers, each row on one side only, both sides in ascending order."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]


def permutation(rows: int, seed: int, stream: int = 0) -> NDArray[np.int64]:
    """Answer the numbers below `rows` in a random order that only the arguments decide.

    Args:
        rows: how many.
        seed: not negative.
        stream: another one gives an order that has nothing to do with the first.

    Why: Philox' raw numbers are fixed for ever, numpy's shuffling may change with its version.
    """
    key = np.array([seed, stream], np.uint64)
    draws = np.random.Philox(key=key).random_raw(rows)
    return np.argsort(draws, kind="stable").astype(np.int64)


def split_rows(rows: int, validation: float, seed: int) -> Split:
    """Hold back a random share of the rows; none if `validation` is 0.

    Raises:
        Refused: if one side would be empty.
    """
    held = round(rows * validation)
    if rows and ((validation > 0 and held == 0) or held >= rows):
        raise Refused(_empty(rows, held, validation))
    order = permutation(rows, seed, SPLIT)
    return Split(np.sort(order[held:]), np.sort(order[:held]))


def _empty(rows: int, held: int, validation: float) -> Diagnostic:
    side = "train on" if held else "validate on"
    return Diagnostic(
        "split-empty",
        f"the split leaves no rows to {side}",
        param="validation_split",
        found=f"{validation:g} of {rows:,} rows",
        expected="at least one row on each side",
        fixes=(Fix("Use more rows, or give the validation a file of its own (--validation)."),),
    )
