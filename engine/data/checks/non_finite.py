"""Checks for non-finite values: empty cells, NaN and infinity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import join_first
from engine.data.checks.fixes import fill_fix
from engine.data.dataset.dataset import Dataset
from engine.data.preprocessing.reshape import non_finite_error
from engine.data.preprocessing.target_masks import mask_fix
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks, rows_matching
from engine.data.table.row_numbers import affected_rows
from engine.recipe.data_mapping import PORT_SIDES, DataMapping, PortSide

_NAMED = 3  # the maximum number of columns that a message names


def non_finite_diagnostics(dataset: Dataset, mapping: DataMapping | None) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each port that receives non-finite values.

    `mapping` names the columns of each port, for messages and fixes; None if there are no columns.
    """
    for side in PORT_SIDES:
        for name, array in (dataset.inputs if side == "inputs" else dataset.targets).items():
            if array.dtype.kind == "f":
                row_mask = rows_matching(array, lambda part: ~np.isfinite(part))
                if row_mask.any():
                    yield _non_finite(side, name, array, row_mask, mapping)


def _non_finite(
    side: PortSide, name: str, array: Array, row_mask: Array, mapping: DataMapping | None
) -> Diagnostic:
    missing = bool(rows_matching(array, np.isnan).any())
    infinite = bool(rows_matching(array, np.isinf).any())
    rows = affected_rows(row_mask)
    diagnostic = non_finite_error(name, rows, missing, infinite)
    fixes = diagnostic.fixes
    if side == "targets" and missing:
        fixes = (mask_fix(name), *fixes)
    elif side == "inputs" and mapping and not infinite:
        fixes = (fill_fix(mapping, name), *fixes)
    diagnostic = replace(diagnostic, fixes=fixes)
    names = mapping.source(side, name).column_names if mapping else ()
    width = array.shape[1] if array.ndim == 2 else 1
    if infinite or not names or array.ndim > 2 or (len(names) == 1 and width > 1):
        return diagnostic  # not single table cells, so don't speak of empty cells
    has_nan = _columns_with_nan(array, width) if width == len(names) else ()
    empty = [name for name, is_empty in zip(names, has_nan, strict=False) if is_empty]
    return _empty_cells(diagnostic, empty, rows.count_text)


def _columns_with_nan(array: Array, width: int) -> Array:
    """Return, for each of the `width` columns of an array, whether the column contains a NaN."""
    has_nan = np.zeros(width, bool)
    for _, part in row_blocks(array):
        has_nan |= np.isnan(part.reshape(len(part), width)).any(axis=0)
    return has_nan


def _empty_cells(diagnostic: Diagnostic, names: Sequence[str], count: str) -> Diagnostic:
    """Return a copy of a diagnostic of missing values, with a new message about empty cells.

    `names` are the columns with empty cells, () if not known. `count` is the text of a row count.
    """
    message, place = f"cells are empty in {count}", diagnostic.place
    if names:
        shown = join_first((f'"{name}"' for name in names), _NAMED)
        verb = "has" if len(names) == 1 else "have"
        message = f"{shown} {verb} empty cells: {count}"
    if len(names) == 1:
        place = f"column {names[0]}, {place}"
    return replace(diagnostic, message=message, place=place, found="nothing")
