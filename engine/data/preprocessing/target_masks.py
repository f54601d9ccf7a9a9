"""Masks of missing targets, and the placeholder values that replace them.

A mask is True where a target is present. It has the shape of the loss, one value per entry; for
targets of several numeric columns it has one more axis, with one value per column.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.ports.target_spec import TargetPort
from engine.data.preprocessing.reshape import target_shape
from engine.data.table.column_types import TEXT, Column, flags, is_number, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import MISSING
from engine.data.table.row_numbers import any_of_row, counted, first_rows

Array = NDArray[Any]


def known(column: Column, labels: tuple[str, ...] = ()) -> Array | None:
    """Return a mask of the values that are present, None if all are.

    Args:
        column: text, or numbers of any shape.
        labels: texts that are labels even if they look like a missing cell, such as NA (Namibia).
    """
    if is_text(column):
        missing_texts = pa.array(sorted(MISSING.difference(labels)), TEXT)
        is_present = ~flags(pc.is_in(column, value_set=missing_texts))
    elif is_number(column) and column.dtype.kind == "f":
        is_present = ~np.isnan(column)
    else:
        return None
    return None if is_present.all() else is_present


def filled(column: Column) -> bool:
    """Return whether any cell of a column has a value."""
    is_present = known(column)
    return is_present is None or bool(is_present.any())


def stopgap(column: Column, there: Array, form: str, usual: str) -> Column:
    """Return a column with valid placeholders for missing values, so that it can be encoded.

    Missing numbers of a regression target stay NaN, which scaling ignores.

    Args:
        column: a column with missing cells.
        there: True where a cell has a value.
        form: the form of the target.
        usual: the placeholder of a text column, a valid label.
    """
    if is_text(column):
        return pc.if_else(pa.array(there), column, usual)
    return column if form == "number" else np.where(there, column, 0)


def mask_of(port: TargetPort, there: Array) -> Array:
    """Return the mask of a target in the shape of its loss.

    Args:
        port: the spec of the target.
        there: True for each value, or each cell of labels, that is present.
    """
    if port.hot:
        return np.asarray(there.all(axis=-1)) if there.ndim > len(port.shape) else there
    there = target_shape(port, there)
    if port.form != "index" and port.shape and port.shape[-1] == 1:
        return np.asarray(there.reshape(there.shape[: len(port.shape)]))
    return there


def blank(port: TargetPort, values: Array, mask: Array) -> Array:
    """Return a target with 0, or the first class, where it is masked.

    Why: a NaN there would make the loss NaN, even when multiplied by a mask of 0.
    """
    if not port.hot:
        return np.where(mask.reshape(values.shape), values, 0).astype(values.dtype)
    first_class = np.zeros(values.shape[-1], values.dtype)
    first_class[:1] = 1
    return np.where(mask[..., None], values, first_class).astype(values.dtype)


def labelled(values: Array, mask: Array | None) -> Array:
    """Return the rows of which at least one target value is present."""
    return values if mask is None else np.asarray(values)[any_of_row(np.asarray(mask))]


def refuse_missing(port: TargetPort, column: str, there: Array, fitted: Array) -> None:
    """Raise an error for missing targets, unless the output masks them and has others to fit on.

    Args:
        port: the spec of the target.
        column: the name of the column.
        there: True for each value that is present.
        fitted: the part of `there` that encoders are fitted on; empty if none are fitted.

    Raises:
        DiagnosticError: cell-missing, with the edit that masks them.
    """
    rows = any_of_row(~there)
    has_training_values = bool(fitted.any()) or not fitted.size
    if port.missing == "mask" and has_training_values:
        return
    fixes = [Fix("Fill the cells, or remove these rows.")]
    if port.missing != "mask" and has_training_values:
        fixes.insert(0, masking(port.name))
    raise Refused(
        Diagnostic(
            "cell-missing",
            f'"{column}" has empty cells: {counted(rows)}',
            node=port.name,
            place=f"column {column}, {first_rows(rows)}",
            found="nothing",
            expected="a value in every row"
            if has_training_values
            else "a value in at least one training row",
            fixes=tuple(fixes),
        )
    )


def masking(output: str) -> Fix:
    """Return the fix that masks rows without a target."""
    edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
    return Fix("Mask them: such a row is only used for the other outputs.", edit)


def masked(output: str, mask: Array) -> Diagnostic:
    """Return the info about how many rows have a target."""
    rows = ~any_of_row(~mask) if mask.ndim > 1 else mask
    return Diagnostic(
        "target-masked",
        f"has no target in {counted(~rows)}, which are only used for other outputs",
        severity="info",
        node=output,
        place=first_rows(~rows),
        found=f"{int(rows.sum()):,} rows with a target",
    )
