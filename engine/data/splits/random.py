"""Which rows are trained on and which are held back, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused

Rows = NDArray[np.int64]
SPLIT = 0x5B117  # keeps the split's random numbers apart from all others of the same seed
TRAIN, VALIDATION, TEST = 0, 1, 2


def _none() -> Rows:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Sides:
    """Row numbers, each row on one side at most, every side in ascending order.

    Args:
        train: to learn from.
        validation: to judge each epoch by.
        test: kept for one last look.
        how: how rows were held back, in words: "held back at random with seed 1".
    """

    train: Rows
    validation: Rows
    test: Rows = field(default_factory=_none)
    how: str = ""

    @classmethod
    def of(cls, side: NDArray[Any], how: str) -> Sides:
        """Return the sides, given the number of each row's side."""
        train, validation, test = (
            np.flatnonzero(side == each) for each in (TRAIN, VALIDATION, TEST)
        )
        return cls(train, validation, test, how)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many rows are held back.

    Args:
        rows: in all.
        validation, test: the shares that were asked for.
        place: where they were asked for, for findings.
    """

    rows: int
    validation: float
    test: float = 0.0
    place: str = "validation_split"

    @property
    def wanted(self) -> tuple[int, int]:
        """The numbers of rows to validate and to test on."""
        return round(self.rows * self.validation), round(self.rows * self.test)

    def check(self, train: int, validation: int, test: int) -> None:
        """Refuse sides of which one is empty that should not be.

        Raises:
            Refused: split-empty.
        """
        if not self.rows:
            return
        sides = (("validate on", validation, self.validation), ("test on", test, self.test))
        for verb, count, share in sides:
            if share > 0 and not count:
                raise Refused(_empty(self, verb, share))
        if not train:
            raise Refused(_empty(self, "train on", self.validation + self.test))


def permutation(rows: int, seed: int, stream: int = 0) -> Rows:
    """Return the numbers below `rows` in a random order that only the arguments decide.

    Args:
        rows: how many.
        seed: not negative.
        stream: another one gives an order that has nothing to do with the first.

    Why: Philox' raw numbers are fixed for ever, numpy's shuffling may change with its version.
    """
    key = np.array([seed, stream], np.uint64)
    draws = np.random.Philox(key=key).random_raw(rows)
    return np.argsort(draws, kind="stable").astype(np.int64, copy=False)


def split_rows(rows: int, validation: float, seed: int, test: float = 0.0) -> Sides:
    """Hold a random share of the rows back; none if both shares are 0.

    Raises:
        Refused: if one side would be empty.
    """
    return at_random(Shares(rows, validation, test), seed)


def at_random(shares: Shares, seed: int) -> Sides:
    """Hold rows back at random, whatever they are.

    Raises:
        Refused: if one side would be empty.
    """
    held, kept = shares.wanted
    shares.check(shares.rows - held - kept, held, kept)
    side = np.zeros(shares.rows, np.int8)
    order = permutation(shares.rows, seed, SPLIT) if held or kept else _none()
    side[order[:held]] = VALIDATION
    side[order[held : held + kept]] = TEST
    return Sides.of(side, f"held back at random with seed {seed}")


def _empty(shares: Shares, verb: str, share: float) -> Diagnostic:
    return Diagnostic(
        "split-empty",
        f"the split leaves no rows to {verb}",
        param="validation_split" if shares.place == "validation_split" else None,
        place=None if shares.place == "validation_split" else shares.place,
        found=f"{share:g} of {shares.rows:,} rows",
        expected="at least one row on each side",
        fixes=(
            Fix("Use more rows, or another share."),
            Fix(
                "Take them from another file: Split in the data panel, --validation in a terminal."
            ),
        ),
    )
