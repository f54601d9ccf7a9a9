"""Masks of missing targets, and the placeholder values that replace them.

A mask is True where a target is present. It has the shape of the loss, one value per entry; for
targets of several numeric columns it has one more axis, with one value per column.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.reshape import reshape_target
from engine.data.table.column_types import Column, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.row_numbers import any_per_row, format_row_count, format_row_numbers

Array = NDArray[Any]


def fill_placeholders(column: Column, is_present: Array, form: str, placeholder: str) -> Column:
    """Return a column with valid placeholders for missing values, so that it can be encoded.

    Missing numbers of a regression target stay NaN, which scaling ignores.

    Args:
        is_present: True where a cell has a value.
        placeholder: the placeholder of a text column, a valid label.
    """
    if is_text(column):
        return pc.if_else(pa.array(is_present), column, placeholder)
    return column if form == "number" else np.where(is_present, column, 0)


def loss_mask(port: TargetSpec, mask: Array) -> Array:
    """Return the mask of values, or of cells of labels, in the shape of the target's loss."""
    if port.is_one_hot:
        return np.asarray(mask.all(axis=-1)) if mask.ndim > len(port.shape) else mask
    mask = reshape_target(port, mask)
    if port.form != "index" and port.shape and port.shape[-1] == 1:
        return np.asarray(mask.reshape(mask.shape[: len(port.shape)]))
    return mask


def zero_masked(port: TargetSpec, values: Array, mask: Array) -> Array:
    """Return a target with 0, or the first class, where it is masked.

    Why: a NaN there would make the loss NaN, even when multiplied by a mask of 0.
    """
    if not port.is_one_hot:
        return np.where(mask.reshape(values.shape), values, 0).astype(values.dtype)
    first_class = np.zeros(values.shape[-1], values.dtype)
    first_class[:1] = 1
    return np.where(mask[..., None], values, first_class).astype(values.dtype)


def rows_with_target(values: Array, mask: Array | None) -> Array:
    """Return the rows of which at least one target value is present."""
    return values if mask is None else np.asarray(values)[any_per_row(np.asarray(mask))]


def check_missing_targets(
    port: TargetSpec, column: str, is_present: Array, in_training: Array
) -> None:
    """Raise an error for missing targets, unless the output masks them and has others to fit on.

    Args:
        is_present: True for each value that is present.
        in_training: the part of `is_present` that encoders are fitted on; empty without fitting.

    Raises:
        DiagnosticError: cell-missing, with the edit that masks them.
    """
    rows = any_per_row(~is_present)
    can_fit = bool(in_training.any()) or not in_training.size
    if port.missing == "mask" and can_fit:
        return
    fixes = [Fix("Fill the cells, or remove these rows.")]
    if can_fit:
        fixes.insert(0, mask_fix(port.name))
    raise DiagnosticError(
        Diagnostic(
            "cell-missing",
            f'"{column}" has empty cells: {format_row_count(rows)}',
            node=port.name,
            place=f"column {column}, {format_row_numbers(rows)}",
            found="nothing",
            expected=f"a value in {'every row' if can_fit else 'at least one training row'}",
            fixes=tuple(fixes),
        )
    )


def mask_fix(output: str) -> Fix:
    """Return the fix that masks rows without a target."""
    edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
    return Fix("Mask them: such a row is only used for the other outputs.", edit)


def masked_rows_info(output: str, mask: Array) -> Diagnostic:
    """Return the info about how many rows have a target."""
    rows = ~any_per_row(~mask) if mask.ndim > 1 else mask
    return Diagnostic(
        "target-masked",
        f"has no target in {format_row_count(~rows)}, which are only used for other outputs",
        severity="info",
        node=output,
        place=format_row_numbers(~rows),
        found=f"{int(rows.sum()):,} rows with a target",
    )
