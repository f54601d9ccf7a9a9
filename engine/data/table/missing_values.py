"""Detects the missing values of a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from engine.data.table.array import Array
from engine.data.table.column_types import (
    Column,
    blank_words,
    is_date,
    is_list,
    is_number,
    is_text,
)
from engine.data.table.number_parser import POINT_PATTERN, missing_cell_mask

if TYPE_CHECKING:
    from engine.recipe.csv_dialect import Dialect

_NUMBER = re.compile(POINT_PATTERN)


def present_mask(column: Column, labels: tuple[str, ...] = ()) -> Array | None:
    """Return a mask that is True where a value is present, None if all values are present.

    Args:
        column: a column; values are missing only in columns of text, floats or dates.
        labels: texts that are labels, even if they look like a missing cell, such as NA (Namibia).
    """
    if is_text(column):
        is_present = ~missing_cell_mask(column, labels)
    elif is_number(column) and column.dtype.kind == "f":
        is_present = ~np.isnan(column)
    elif is_date(column):
        is_present = ~np.isnat(column)
    else:
        return None
    return None if is_present.all() else is_present


def blank_missing(columns: Mapping[str, Column], dialect: Dialect | None) -> dict[str, Column]:
    """Return the columns without the values that the dialect's words for missing values name."""
    words = dialect.missing if dialect else ()
    return {name: _without(column, words) for name, column in columns.items()}


def _without(column: Column, words: tuple[str, ...]) -> Column:
    if not words or is_list(column) or is_date(column):
        return column
    if is_text(column):
        return blank_words(column, words)
    is_missing = np.isin(column, [float(word) for word in words if _NUMBER.match(word)])
    return np.where(is_missing, np.nan, column) if is_missing.any() else column
