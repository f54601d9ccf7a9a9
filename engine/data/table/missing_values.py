"""Detects the missing values of a column."""

from __future__ import annotations

import numpy as np

from engine.data.table.array import Array
from engine.data.table.column_types import Column, is_any_of, is_number, is_text
from engine.data.table.number_parser import MISSING_WORDS


def present_mask(column: Column, labels: tuple[str, ...] = ()) -> Array | None:
    """Return a mask that is True where a value is present, None if all values are present.

    Args:
        column: a column; values are missing only in columns of text or floats.
        labels: texts that are labels, even if they look like a missing cell, such as NA (Namibia).
    """
    if is_text(column):
        is_present = ~is_any_of(column, MISSING_WORDS.difference(labels))
    elif is_number(column) and column.dtype.kind == "f":
        is_present = ~np.isnan(column)
    else:
        return None
    return None if is_present.all() else is_present


def has_values(column: Column) -> bool:
    """Return whether any value of a column is present."""
    is_present = present_mask(column)
    return is_present is None or bool(is_present.any())
