"""Brings a column into the shape and dtype of its port, or says why it can't be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.tensor_spec import Dim
from engine.data.ports.target_spec import TargetPort
from engine.data.table.row_numbers import any_of_row, counted, first_rows

Array = NDArray[Any]
EXACT = 2**24  # float32 holds every whole number up to here
_AS_MEASURES = "Feed measurements to an Input of float32 and a Dense, or round the numbers."
AS_AMOUNTS = "Predict amounts with one unit and mse, or number the classes 0, 1, 2 and so on."


def fit(array: Array, shape: Sequence[Dim]) -> Array | None:
    """Return the rows in this shape, a last axis of size 1 added or taken off, or None."""
    row = array.shape[1:]
    if _matches(row, shape):
        return array
    if _matches((*row, 1), shape):
        return array[..., None]
    if row and row[-1] == 1 and _matches(row[:-1], shape):
        return array[..., 0]
    return None


def _matches(row: Sequence[int], shape: Sequence[Dim]) -> bool:
    if len(row) != len(shape):
        return False
    return all(
        size == dim or not isinstance(dim, int) for size, dim in zip(row, shape, strict=True)
    )


def shape_text(shape: Sequence[Dim]) -> str:
    """Return "(rows, 64)", with the name of a free axis in its place."""
    return "(" + ", ".join(["rows", *map(str, shape)]) + ")"


def input_shape(port: str, array: Array, shape: Sequence[Dim]) -> Array:
    """Return an input's rows in the shape of its Input.

    Raises:
        Refused: with the shape that would fit.
    """
    fitting = fit(array, shape)
    if fitting is not None:
        return fitting
    own = list(array.shape[1:])
    edit = {"do": "set_params", "node": port, "params": {"shape": own}}
    fixes = (Fix(f"Set the shape of {port} to {own}.", edit), Fix("Reshape the array."))
    raise Refused(misshapen(port, array, shape, fixes))


def target_shape(port: TargetPort, array: Array) -> Array:
    """Return a target's rows in the shape that its loss compares.

    Raises:
        Refused: with another loss as the fix, where class numbers and one-hot rows are mixed up.
    """
    fitting = fit(array, port.shape)
    if fitting is not None:
        return fitting
    if port.hot and fit(array, port.shape[:-1]) is not None:
        raise Refused(_other_form(port, array, "class numbers", "sparse_categorical_crossentropy"))
    if (
        port.form == "index"
        and port.classes
        and fit(array, (*port.shape, port.classes)) is not None
    ):
        raise Refused(_other_form(port, array, "one-hot rows", "categorical_crossentropy"))
    width = array.shape[-1] if array.ndim > 1 else 1
    fixes = (port.units(width), Fix("Reshape the array."))
    raise Refused(misshapen(port.name, array, port.shape, fixes))


def whole(array: Array, name: str, advice: str = _AS_MEASURES) -> tuple[Array, bool]:
    """Return the values as int64, and whether they were real numbers.

    Args:
        array: the values.
        name: of the port.
        advice: what to do with values that are not whole.

    Raises:
        Refused: if they are not whole.
    """
    if array.dtype.kind in "iu":
        return array.astype(np.int64, copy=False), False
    unsound = any_of_row(~np.isfinite(array))
    if unsound.any():
        missing, infinite = bool(np.isnan(array).any()), bool(np.isinf(array).any())
        raise Refused(not_finite(name, unsound, missing, infinite))
    broken = any_of_row((array != np.floor(array)) | (np.abs(array) >= 2.0**63))
    if broken.any():
        value = array[broken].flat[int(np.argmax(array[broken] != np.floor(array[broken])))]
        raise Refused(_not_whole(name, broken, float(value), advice))
    return array.astype(np.int64), True


def ids(array: Array, name: str) -> tuple[Array, list[Diagnostic]]:
    """Return ids as int32, or int64 where they are too large for that; as they lie if they can."""
    if array.dtype == np.int32 and array.flags.c_contiguous and array.flags.writeable:
        return array, []
    numbers, were_real = whole(array, name)
    notes = [_were_real(name)] if were_real else []
    small = not numbers.size or (numbers.min() >= -(2**31) and numbers.max() < 2**31)
    return numbers.astype(np.int32) if small else numbers, notes


def reals(array: Array, name: str, dtype: str) -> tuple[Array, list[Diagnostic]]:
    """Return values in the run's precision, with a warning where whole numbers lose digits."""
    notes = []
    if array.dtype.kind in "iu" and dtype == "float32":
        large = any_of_row(np.abs(array) > EXACT)
        if large.any():
            notes.append(_imprecise(name, large))
    with np.errstate(over="ignore", invalid="ignore"):  # the audit finds what is not finite
        return np.ascontiguousarray(array, np.dtype(dtype)), notes


def misshapen(port: str, array: Array, shape: Sequence[Dim], fixes: tuple[Fix, ...]) -> Diagnostic:
    """Return the finding for an array of another shape than its port's."""
    return Diagnostic(
        "array-shape",
        "the data has another shape",
        node=port,
        found=shape_text(array.shape[1:]),
        expected=shape_text(shape),
        fixes=fixes,
    )


def _other_form(port: TargetPort, array: Array, given: str, loss: str) -> Diagnostic:
    edit = {"do": "set_params", "node": port.name, "params": {"loss": loss}}
    return Diagnostic(
        "target-form",
        f"the data holds {given}, which {port.loss or 'the loss'} does not take",
        node=port.name,
        param="loss",
        found=f"{given}, {shape_text(array.shape[1:])}",
        expected=shape_text(port.shape),
        fixes=(Fix(f"Use {loss}.", edit),),
    )


def _not_whole(name: str, rows: Array, value: float, advice: str) -> Diagnostic:
    return Diagnostic(
        "ids-not-whole",
        f"needs whole numbers: {counted(rows)} hold others",
        node=name,
        place=first_rows(rows),
        found=f"{value:g}",
        expected="whole numbers from 0",
        fixes=(Fix(advice),),
    )


def _were_real(name: str) -> Diagnostic:
    return Diagnostic(
        "ids-were-floats",
        "real numbers that are all whole were read as ids",
        severity="info",
        node=name,
        found="real numbers",
        expected="int32",
    )


def _imprecise(name: str, rows: Array) -> Diagnostic:
    return Diagnostic(
        "precision-lost",
        f"whole numbers lose digits as float32: {counted(rows)}",
        severity="warning",
        node=name,
        place=first_rows(rows),
        found="numbers beyond 16,777,216",
        expected="numbers that float32 holds exactly",
        fixes=(Fix("Feed them as ids (int32), or subtract a constant first."),),
    )


def not_finite(name: str, rows: Array, missing: bool = True, infinite: bool = True) -> Diagnostic:
    """Return the finding for rows with values that are no numbers.

    Args:
        name: of the port.
        rows: True for each of them.
        missing: whether some value is NaN.
        infinite: whether some value is infinite.
    """
    kinds = [word for word, there in (("missing", missing), ("infinite", infinite)) if there]
    signs = [word for word, there in (("NaN", missing), ("infinity", infinite)) if there]
    return Diagnostic(
        "not-finite",
        f"values are {' or '.join(kinds)} in {counted(rows)}",
        node=name,
        place=first_rows(rows),
        found=" or ".join(signs),
        expected="a number in every place",
        fixes=(Fix("Fill the values, or remove these rows from the data."),),
    )
