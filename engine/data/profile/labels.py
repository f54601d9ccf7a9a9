"""Texts counted: which occur, how often, and the first of them as examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.statistics import LabelCount
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import TextArray
from engine.data.table.lazy_arrow import pa

EXAMPLES = 5
TOP = 24


@dataclass(frozen=True, slots=True)
class Counted:
    """The different texts of some cells.

    Args:
        texts: each once, in the order of their first cells.
        counts: how many cells hold each.
    """

    texts: TextArray
    counts: NDArray[np.int64]

    def top(self, most: int = TOP) -> tuple[LabelCount, ...]:
        """Return those that occur most, ties in the order of their first cells."""
        order = np.argsort(-self.counts, kind="stable")[:most]
        return tuple(
            LabelCount(text=truncate_text(self.texts[int(at)].as_py()), count=int(self.counts[at]))
            for at in order
        )

    def examples(self) -> tuple[str, ...]:
        """Return the first different texts."""
        return tuple(map(truncate_text, self.texts[:EXAMPLES].to_pylist()))


def counted(cells: TextArray) -> Counted:
    """Return the different texts of some cells."""
    encoded: Any = cells.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(encoded.dictionary_size)).astype(np.int64)
    return Counted(encoded.dictionary_size, counts)


def without(cells: TextArray, absent: NDArray[np.bool_]) -> TextArray:
    """Return the cells that are not absent."""
    return cells.filter(pa.array(~absent)) if absent.any() else cells
