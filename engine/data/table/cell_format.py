"""Cells of a table as a person reads them: in the window, in a form, and beside what ports get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.core.formatting.sizes import brief
from engine.data.profile.labels import SHORT, shortened
from engine.data.table.column_types import Column, is_list, is_text

_SHOWN = 8  # numbers of a cell that holds many


def cell_texts(column: Column, most: int = SHORT) -> Iterator[str]:
    """Yield the cells of a column as text, "" for one that is missing.

    Args:
        column: of a table.
        most: characters of a text or a list; what is longer is cut off.
    """
    values: Any = column
    cells = values.to_pylist() if is_text(column) or is_list(column) else values
    return (cell_text(cell, most) for cell in cells)


def cell_text(cell: Any, most: int = SHORT) -> str:
    """Return one cell as text, "" if it is missing.

    Args:
        cell: a value of numpy or of plain Python.
        most: characters of a text or a list.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return shortened(cell, most)
    if isinstance(cell, list):
        return shortened(", ".join(map(str, cell[:most])), most)
    value = np.asarray(cell)
    if value.size != 1:
        return _array(value)
    if value.dtype.kind == "M":
        return _moment(value.reshape(-1)[0])
    return _number(value.reshape(-1)[0].item())


def _array(value: np.ndarray[Any, Any]) -> str:
    shown = ", ".join(map(brief, value.reshape(-1)[:_SHOWN].tolist()))
    sizes = " × ".join(map(str, value.shape))
    return f"{shown}, … ({sizes})" if value.size > _SHOWN else shown


def _moment(value: np.datetime64) -> str:
    """Return a date, and the time where there is one: "2024-02-01 18:30:00"."""
    if np.isnat(value):
        return ""
    day, _, clock = str(value).partition("T")
    if "." in clock:
        clock = clock.rstrip("0").rstrip(".")
    return f"{day} {clock}" if clock.strip("0:") else day


def _number(value: Any) -> str:
    if value != value:  # noqa: PLR0124 - NaN differs from itself
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
