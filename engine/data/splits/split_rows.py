"""The rows and the requested sizes of the subsets of a split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError

RowIndices = NDArray[np.int64]
TRAIN, VALIDATION, TEST, NO_SUBSET = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class SplitRows:
    """The row numbers of a split: disjoint subsets, each in ascending order.

    The description is a text such as "held back at random with seed 1".
    """

    train: RowIndices
    validation: RowIndices
    test: RowIndices = field(default_factory=lambda: np.empty(0, np.int64))
    description: str = ""

    @classmethod
    def from_codes(cls, subset_codes: NDArray[Any], description: str) -> SplitRows:
        """Return the split of rows whose subset codes are TRAIN, VALIDATION or TEST.

        Rows with another code are in no subset.
        """
        train, validation, test = (
            np.flatnonzero(subset_codes == code) for code in (TRAIN, VALIDATION, TEST)
        )
        return cls(train, validation, test, description)

    def codes(self, row_count: int) -> NDArray[np.uint8]:
        """Return the subset code of each of `row_count` rows; 3 for rows in no subset."""
        codes = np.full(row_count, 3, np.uint8)
        for code, rows in enumerate((self.train, self.validation, self.test)):
            codes[rows] = code
        return codes


EMPTY_SPLIT = SplitRows.from_codes(np.empty(0, np.int8), "")  # of a table that is not split


@dataclass(frozen=True, slots=True)
class SplitSizes:
    """The requested sizes of the held-out subsets.

    Args:
        rows: the number of rows of the table.
        validation, test: the requested fractions.
        place: the name of the setting that defines the fractions, for diagnostics.
    """

    rows: int
    validation: float
    test: float = 0.0
    place: str = "validation_split"

    @property
    def row_counts(self) -> tuple[int, int]:
        """The requested numbers of validation rows and of test rows."""
        return round(self.rows * self.validation), round(self.rows * self.test)

    def check(self, train: int, validation: int, test: int) -> None:
        """Check that no requested subset is empty. The arguments are the actual row counts.

        Raises:
            DiagnosticError: with the code split-empty.
        """
        if not self.rows:
            return
        subsets = (("validate on", validation, self.validation), ("test on", test, self.test))
        for verb, count, fraction in subsets:
            if fraction > 0 and not count:
                raise DiagnosticError(_empty_subset(self, verb, fraction))
        if not train:
            raise DiagnosticError(_empty_subset(self, "train on", self.validation + self.test))


def _empty_subset(sizes: SplitSizes, verb: str, fraction: float) -> Diagnostic:
    is_recipe = sizes.place == "validation_split"
    change = "smaller" if verb == "train on" else "larger"
    setting = "validation_split" if is_recipe else "fraction"
    return Diagnostic.error(
        "split-empty",
        f"the split leaves no rows to {verb}",
        f"Use more rows or a {change} {setting}.",
        "Use a separate file: Split in the data panel, --validation on the command line.",
        param="validation_split" if is_recipe else None,
        place=None if is_recipe else sizes.place,
        found=f"{fraction:g} of {sizes.rows:,} rows",
        expected="at least one row in each split",
    )
