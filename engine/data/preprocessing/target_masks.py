"""Masks of missing targets, and the placeholder values that replace them.

A mask is True where a target is present. It has one value for each number, class id or one-hot
vector of the target. So if a target has several numbers per row, the mask has as many values.
"""

from __future__ import annotations

import numpy as np

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.reshape import reshape_target
from engine.data.table.array import Array
from engine.data.table.column_types import Column, is_text
from engine.data.table.row_numbers import affected_rows, any_per_row, cells_error


def fill_placeholders(column: Column, is_present: Array, form: str, placeholder: str) -> Column:
    """Return a target column that can be encoded: missing values are replaced by placeholders.

    Missing numbers of a regression target stay NaN, because fitting a scale ignores NaN.

    Args:
        is_present: True where a cell has a value.
        form: the form of the target, such as "number" or "index".
        placeholder: the placeholder for missing text, a valid label.
    """
    if is_text(column):
        import pyarrow.compute as pc

        return pc.if_else(is_present, column, placeholder)
    return column if form == "number" else np.where(is_present, column, 0)


def loss_mask(port: TargetSpec, mask: Array) -> Array:
    """Reshape a target mask for the loss: one value per number, class id or one-hot vector."""
    if port.is_one_hot:
        return np.asarray(mask.all(axis=-1)) if mask.ndim > len(port.shape) else mask
    mask = reshape_target(port, mask)
    if port.form != "index" and port.shape and port.shape[-1] == 1:
        return np.asarray(mask.reshape(mask.shape[: len(port.shape)]))
    return mask


def zero_masked(port: TargetSpec, values: Array, mask: Array) -> Array:
    """Return `values` with 0 where `mask` is False; a one-hot target has the first class there.

    Why: a NaN for a missing target would make the loss NaN even if masked, as NaN times 0 is NaN.
    """
    if not port.is_one_hot:
        return np.where(mask.reshape(values.shape), values, 0).astype(values.dtype)
    first_class = np.zeros(values.shape[-1], values.dtype)
    first_class[:1] = 1
    return np.where(mask[..., None], values, first_class).astype(values.dtype)


def check_missing_targets(
    port: TargetSpec, column: str, is_present: Array, in_training: Array
) -> None:
    """Raise an error for missing targets that may not be masked.

    Masking requires that the output allows it, and that at least one training row has a target.

    Args:
        is_present: True for each value that is present.
        in_training: the part of `is_present` for training rows; empty if no encoder is fitted.

    Raises:
        DiagnosticError: with the code cell-missing and, if possible, a fix that allows masking.
    """
    can_fit = bool(in_training.any()) or not in_training.size
    if port.missing == "mask" and can_fit:
        return
    fixes = [Fix("Fill the cells, or remove these rows.")]
    if can_fit:
        fixes.insert(0, mask_fix(port.name))
    raise cells_error(
        "cell-missing",
        column,
        "has empty cells",
        affected_rows(any_per_row(~is_present)),
        *fixes,
        node=port.name,
        expected=f"a value in {'every row' if can_fit else 'at least one training row'}",
    )


def mask_fix(output: str) -> Fix:
    """Return the fix that sets `missing` of an output to "mask", which permits empty targets."""
    edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
    return Fix("Mask them: such a row is only used for the other outputs.", edit)


def masked_rows_info(output: str, mask: Array) -> Diagnostic:
    """Return the info that states how many rows have a target, and how many don't."""
    rows = affected_rows(any_per_row(~mask))
    return Diagnostic.info(
        "target-masked",
        f"rows without a target do not train this output: {rows.count_text}",
        node=output,
        rows=rows,
        found=f"{rows.total - rows.count:,} rows with a target",
    )
