"""Targets without a value: which they are, and what stands in their place so that nothing breaks.

A mask is True where a value counts. It has the shape of what a loss answers, which is one value an
entry; where a target has several columns of numbers it has one more axis, a value for each cell.
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
    """Return True for each value that is there, or None if all are.

    Args:
        column: text, or numbers of any shape.
        labels: texts that are meant, even if they look like a missing cell: NA for Namibia.
    """
    if is_text(column):
        absent = pa.array(sorted(MISSING.difference(labels)), TEXT)
        there = ~flags(pc.is_in(column, value_set=absent))
    elif is_number(column) and column.dtype.kind == "f":
        there = ~np.isnan(column)
    else:
        return None
    return None if there.all() else there


def filled(column: Column) -> bool:
    """Return whether any cell of a column is there."""
    there = known(column)
    return there is None or bool(there.any())


def stopgap(column: Column, there: Array, form: str, usual: str) -> Column:
    """Return a column that can be read whole: a value that is missing is one that would be sound.

    Numbers stay NaN, which scales leave out; the others are blanked once they are read.

    Args:
        column: of which some cells are there.
        there: which are.
        form: of the target.
        usual: a text that is a label.
    """
    if is_text(column):
        return pc.if_else(pa.array(there), column, usual)
    return column if form == "number" else np.where(there, column, 0)


def mask_of(port: TargetPort, there: Array) -> Array:
    """Return which entries of a target count.

    Args:
        port: of the target.
        there: True for each value, or for each text that named a class.
    """
    if port.hot:
        return np.asarray(there.all(axis=-1)) if there.ndim > len(port.shape) else there
    there = target_shape(port, there)
    if port.form != "index" and port.shape and port.shape[-1] == 1:
        return np.asarray(there.reshape(there.shape[: len(port.shape)]))
    return there


def blank(port: TargetPort, values: Array, mask: Array) -> Array:
    """Return a target with 0, or the first class, where it does not count.

    Why: a NaN there would make the loss NaN whatever it is multiplied by.
    """
    if not port.hot:
        return np.where(mask.reshape(values.shape), values, 0).astype(values.dtype)
    first = np.zeros(values.shape[-1], values.dtype)
    first[:1] = 1
    return np.where(mask[..., None], values, first).astype(values.dtype)


def labelled(values: Array, mask: Array | None) -> Array:
    """Return the rows of a target of which some part counts."""
    return values if mask is None else np.asarray(values)[any_of_row(np.asarray(mask))]


def refuse_missing(port: TargetPort, column: str, there: Array, fitted: Array) -> None:
    """Refuse values that are not there, unless the output masks them and can learn from others.

    Args:
        port: of the target.
        column: its name.
        there: True for each value.
        fitted: True for each value that something has to be learned from; empty if nothing has.

    Raises:
        Refused: cell-missing, with the edit that masks them.
    """
    rows = any_of_row(~there)
    some = bool(fitted.any()) or not fitted.size
    if port.missing == "mask" and some:
        return
    fixes = [Fix("Fill the cells, or remove these rows.")]
    if port.missing != "mask" and some:
        fixes.insert(0, masking(port.name))
    raise Refused(
        Diagnostic(
            "cell-missing",
            f'"{column}" has empty cells: {counted(rows)}',
            node=port.name,
            place=f"column {column}, {first_rows(rows)}",
            found="nothing",
            expected="a value in every row" if some else "a value in some row to train on",
            fixes=tuple(fixes),
        )
    )


def masking(output: str) -> Fix:
    """Return the fix that lets rows without a target count for nothing."""
    edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
    return Fix("Mask them: such a row trains and scores the other outputs only.", edit)


def masked(output: str, mask: Array) -> Diagnostic:
    """Return the note that says how many rows have a target."""
    rows = ~any_of_row(~mask) if mask.ndim > 1 else mask
    return Diagnostic(
        "target-masked",
        f"has no target in {counted(~rows)}, which count for other outputs only",
        severity="info",
        node=output,
        place=first_rows(~rows),
        found=f"{int(rows.sum()):,} rows with a target",
    )
