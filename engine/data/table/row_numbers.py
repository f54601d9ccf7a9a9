"""Names the rows at fault: how many, and the first five."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SHOWN = 5
_NAMED = re.compile(r"rows? ([0-9, ]+?)(?:, \.\.\.)? \(counting from 0\)")


def any_of_row(faults: Array) -> Array:
    """Answer, for values that may have further axes, which rows hold a fault."""
    return np.asarray(faults.reshape(len(faults), -1).any(axis=1)) if faults.ndim > 1 else faults


def counted(rows: Array) -> str:
    """Return "3 of 1,000 rows", for a boolean per row."""
    return f"{int(rows.sum()):,} of {len(rows):,} rows"


def first_rows(rows: Array) -> str:
    """Return "rows 17, 204, 9981 (counting from 0)", for a boolean per row."""
    numbers = np.flatnonzero(rows)
    shown = ", ".join(map(str, numbers[:SHOWN]))
    more = ", ..." if len(numbers) > SHOWN else ""
    return f"row{'s' if len(numbers) > 1 else ''} {shown}{more} (counting from 0)"


def named_rows(place: str) -> list[int]:
    """Return the rows that `first_rows` has put into a place."""
    named = _NAMED.search(place)
    return [int(row) for row in named[1].split(", ")] if named else []
