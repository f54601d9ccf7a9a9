"""Numbers that are none: empty cells, and values that are NaN or infinite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.data.checks.fixes import filling
from engine.data.dataset.dataset import Dataset
from engine.data.preprocessing.reshape import not_finite
from engine.data.preprocessing.target_masks import masking
from engine.data.table.chunks import parts, rows_where
from engine.data.table.row_numbers import counted
from engine.recipe.data_mapping import SIDES, DataMapping, Side

Array = NDArray[Any]
_NAMED = 3  # columns that are named


def unsound(dataset: Dataset, mapping: DataMapping | None) -> Iterator[Diagnostic]:
    """Report the rows in which a port gets no number.

    Args:
        dataset: all rows.
        mapping: where columns go, so that they can be named and filled; None for bare arrays.
    """
    for side in SIDES:
        for name, array in (dataset.inputs if side == "inputs" else dataset.targets).items():
            rows = rows_where(array, _unsound) if array.dtype.kind == "f" else np.zeros(0, bool)
            if rows.any():
                yield _found(side, name, array, rows, mapping)


def _unsound(part: Array) -> Array:
    return ~np.isfinite(part)


def _found(
    side: Side, name: str, array: Array, rows: Array, mapping: DataMapping | None
) -> Diagnostic:
    missing, infinite = (bool(rows_where(array, test).any()) for test in (np.isnan, np.isinf))
    found = not_finite(name, rows, missing, infinite)
    fixes = found.fixes
    if side == "targets" and missing:
        fixes = (masking(name), *fixes)
    elif side == "inputs" and mapping and not infinite:
        fixes = (filling(mapping, name), *fixes)
    found = replace(found, fixes=fixes)
    names = mapping.source(side, name).names if mapping else ()
    width = array.shape[1] if array.ndim == 2 else 1
    if infinite or not names or array.ndim > 2 or (len(names) == 1 and width > 1):
        return found  # numbers of an array are no cells
    holes = _holes(array, width) if width == len(names) else ()
    return _empty(found, [name for name, hole in zip(names, holes, strict=False) if hole], rows)


def _holes(array: Array, width: int) -> Array:
    """Return for each place of a row whether any row has none there."""
    found = np.zeros(width, bool)
    for _, part in parts(array):
        found |= np.isnan(part.reshape(len(part), width)).any(axis=0)
    return found


def _empty(found: Diagnostic, names: Sequence[str], rows: Array) -> Diagnostic:
    """Name the columns whose cells are empty, if they are known, in the words of a table."""
    if not names:
        return replace(found, message=f"cells are empty in {counted(rows)}", found="nothing")
    shown = ", ".join(f'"{name}"' for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    verb = "has" if len(names) == 1 else "have"
    return replace(
        found,
        message=f"{shown}{more} {verb} empty cells: {counted(rows)}",
        place=f"column {names[0]}, {found.place}" if len(names) == 1 else found.place,
        found="nothing",
    )
