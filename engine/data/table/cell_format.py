"""Formats table cells for display."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.core.formatting.numbers import format_value
from engine.data.table.column_types import Column, is_list, is_text

MAX_CELL_LENGTH = 60  # the maximum number of characters that are shown of a text or a list
_ITEMS_SHOWN = 8  # the maximum number of items that are shown of an array in a cell


def format_cells(column: Column) -> Iterator[str]:
    """Yield the text that `format_cell` returns for each cell of a column."""
    values: Any = column
    cells = values.to_pylist() if is_text(column) or is_list(column) else values
    return (format_cell(cell) for cell in cells)


def format_cell(cell: Any, max_length: int = MAX_CELL_LENGTH) -> str:
    """Return a NumPy or Python value as text, "" if the value is missing.

    Texts and lists of more than `max_length` characters are truncated.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return truncate_text(cell, max_length)
    if isinstance(cell, list):
        return truncate_text(", ".join(map(str, cell[:max_length])), max_length)
    value = np.asarray(cell)
    if value.size != 1:
        return _format_array(value)
    if value.dtype.kind == "M":
        return _format_datetime(value.reshape(-1)[0])
    return _format_number(value.reshape(-1)[0].item())


def _format_array(value: np.ndarray[Any, Any]) -> str:
    items = value.reshape(-1)[:_ITEMS_SHOWN].tolist()
    shown = ", ".join(format_value(item, grouped=False) for item in items)
    sizes = " × ".join(map(str, value.shape))
    return f"{shown}, … ({sizes})" if value.size > _ITEMS_SHOWN else shown


def _format_datetime(value: np.datetime64) -> str:
    """Return a date as text, such as "2024-02-01 18:30:00"; a time of midnight is left out."""
    if np.isnat(value):
        return ""
    day, _, clock = str(value).partition("T")
    if "." in clock:
        clock = clock.rstrip("0").rstrip(".")
    return f"{day} {clock}" if clock.strip("0:") else day


def _format_number(value: Any) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def truncate_text(text: str, max_length: int = MAX_CELL_LENGTH) -> str:
    """Return a text on one line, truncated to `max_length` characters."""
    line = " ".join(text[: 4 * max_length].split())
    return line if len(line) <= max_length else line[: max_length - 3] + "..."
