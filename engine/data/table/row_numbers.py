"""Formats rows in diagnostics: how many rows are affected, and the numbers of the first five."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ROWS_SHOWN = 5
_ROW_NUMBERS = re.compile(r"rows? ([0-9, ]+?)(?:, \.\.\.)? \(counting from 0\)")


def any_per_row(mask: Array) -> Array:
    """Return, for each row, whether any value of the mask is True."""
    return np.asarray(mask.reshape(len(mask), -1).any(axis=1)) if mask.ndim > 1 else mask


def format_row_count(rows: Array) -> str:
    """Return text such as "3 of 1,000 rows" for a mask of rows."""
    return f"{int(rows.sum()):,} of {len(rows):,} rows"


def format_row_numbers(rows: Array) -> str:
    """Return text such as "rows 17, 204, 9981 (counting from 0)" for a mask of rows."""
    numbers = np.flatnonzero(rows)
    shown = ", ".join(map(str, numbers[:ROWS_SHOWN]))
    more = ", ..." if len(numbers) > ROWS_SHOWN else ""
    return f"row{'s' if len(numbers) > 1 else ''} {shown}{more} (counting from 0)"


def parse_row_numbers(place: str) -> list[int]:
    """Return the row numbers in a text that `format_row_numbers` returned, [] for other texts."""
    match = _ROW_NUMBERS.search(place)
    return [int(row) for row in match[1].split(", ")] if match else []
