"""Masks of rows, and errors about the rows for which a mask is True."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.core.affected_rows import ROWS_SHOWN, AffectedRows
from engine.core.diagnostic import DiagnosticError, Fix, diagnostic_error
from engine.data.table.array import Array


def any_per_row(mask: Array) -> Array:
    """Return, for each row, whether any value of the mask is True."""
    return np.asarray(mask.any(axis=tuple(range(1, mask.ndim))))


def affected_rows(mask: Array, max_length: int = 0) -> AffectedRows:
    """Return the rows for which a mask is True; `max_length` is the length of the longest one."""
    numbers = np.flatnonzero(mask)
    shown = tuple(map(int, numbers[:ROWS_SHOWN]))
    return AffectedRows(shown, len(numbers), len(mask), max_length)


def cells_error(
    code: str,
    name: str,
    problem: str,
    rows: AffectedRows,
    *fixes: Fix | str,
    cell: str | None = None,
    **fields: Any,
) -> DiagnosticError:
    """Return the error for cells of the column `name` in some rows.

    Args:
        problem: the rest of the message, such as "has empty cells".
        cell: the text of the first of these cells; None if it is empty.
        fields: other fields of the `Diagnostic`.
    """
    found = "nothing" if cell is None else f"{cell!r} {rows.first_text}"
    fields = {"place": f"column {name}", "rows": rows, "found": found, **fields}
    return diagnostic_error(code, f'"{name}" {problem}: {rows.count_text}', *fixes, **fields)
