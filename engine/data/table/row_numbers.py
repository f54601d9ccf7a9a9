"""Masks of rows, and the affected rows of a diagnostic made from a mask."""

from __future__ import annotations

import numpy as np

from engine.core.affected_rows import ROWS_SHOWN, AffectedRows
from engine.data.table.array import Array


def any_per_row(mask: Array) -> Array:
    """Return, for each row, whether any value of the mask is True."""
    return np.asarray(mask.reshape(len(mask), -1).any(axis=1)) if mask.ndim > 1 else mask


def affected_rows(mask: Array, max_length: int = 0) -> AffectedRows:
    """Return the rows for which a mask is True; `max_length` is the length of the longest one."""
    numbers = np.flatnonzero(mask)
    shown = tuple(map(int, numbers[:ROWS_SHOWN]))
    return AffectedRows(shown, len(numbers), len(mask), max_length)
