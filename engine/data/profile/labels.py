"""The distinct texts of a column: how often each occurs, the most frequent, and examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.statistics import LabelCount
from engine.data.table import column_types
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import TextArray

MAX_EXAMPLES = 5
MAX_TOP_LABELS = 24


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """The distinct texts of a column, in the order of first occurrence, and the count of each."""

    texts: TextArray
    counts: NDArray[np.int64]

    def top(self, limit: int = MAX_TOP_LABELS) -> tuple[LabelCount, ...]:
        """Return the most frequent texts with counts, in descending order; texts are truncated."""
        order = np.argsort(-self.counts, kind="stable")[:limit]
        return tuple(
            LabelCount(
                text=truncate_text(self.texts[int(index)].as_py()), count=int(self.counts[index])
            )
            for index in order
        )

    def examples(self) -> tuple[str, ...]:
        """Return the first five distinct texts, truncated."""
        return tuple(map(truncate_text, self.texts[:MAX_EXAMPLES].to_pylist()))


def value_counts(cells: TextArray) -> ValueCounts:
    """Return the distinct texts of cells and how often each occurs."""
    return ValueCounts(*column_types.value_counts(cells))
