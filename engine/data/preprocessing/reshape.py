"""Reshapes and casts arrays to the shape and dtype of their port."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.tensor_spec import Dim
from engine.data.ports.target_spec import PortSpec, StepSpec, TargetSpec
from engine.data.table.array import Array
from engine.data.table.row_numbers import affected_rows, any_per_row

MAX_EXACT_INTEGER = 2**24  # float32 represents every integer up to this exactly
_AS_FLOATS = "Use a float32 Input and a Dense for continuous values, or round the numbers."
QUANTITY_ADVICE = (
    "Predict quantities with one unit and mse, or number the classes 0, 1, 2 and so on."
)


def match_shape(array: Array, shape: Sequence[Dim]) -> Array | None:
    """Return `array` with the row shape `shape`; a last axis of size 1 may be added or removed.

    The result is None if the rows of the array do not fit.
    """
    row = array.shape[1:]
    if _matches(row, shape):
        return array
    if _matches((*row, 1), shape):
        return array[..., None]
    if row and row[-1] == 1 and _matches(row[:-1], shape):
        return array[..., 0]
    return None


def _matches(row: Sequence[int], shape: Sequence[Dim]) -> bool:
    pairs = zip(row, shape, strict=False)
    return len(row) == len(shape) and all(n == dim or not isinstance(dim, int) for n, dim in pairs)


def format_shape(shape: Sequence[Dim]) -> str:
    """Return the shape of an array as text, given the shape of a row: "(rows, 64)" for (64,).

    Dynamic axes are shown by their names.
    """
    return "(" + ", ".join(["rows", *map(str, shape)]) + ")"


def reshape_port(port: str, array: Array, spec: PortSpec) -> Array:
    """Return `array` with rows of the shape of an Input or target. `port` is the port's name.

    Raises:
        DiagnosticError: if the rows do not fit, even if a last axis of size 1 is added or removed.
            The first fix is to change the shape of the Input; for targets, see `reshape_target`.
    """
    if isinstance(spec, TargetSpec):
        return reshape_target(spec, array)
    reshaped = match_shape(array, spec.shape)
    if reshaped is not None:
        return reshaped
    row_shape = [*(spec.steps if isinstance(spec, StepSpec) else ()), *array.shape[1:]]
    edit = {"do": "set_params", "node": port, "params": {"shape": row_shape}}
    fix = Fix(f"Set the shape of {port} to {row_shape}.", edit)
    raise shape_error(port, array, spec.shape, fix)


def reshape_target(port: TargetSpec, array: Array) -> Array:
    """Return a target array in the shape that its loss expects.

    Raises:
        DiagnosticError: if the array does not fit. If it holds class ids where the loss expects
            one-hot rows, or vice versa, the fix is to use the matching loss.
    """
    reshaped = match_shape(array, port.shape)
    if reshaped is not None:
        return reshaped
    if port.is_one_hot and match_shape(array, port.shape[:-1]) is not None:
        raise _wrong_form(port, array, "class indices", "sparse_categorical_crossentropy")
    one_hot_shape = (*port.shape, port.classes or 0)
    if port.form == "index" and port.classes and match_shape(array, one_hot_shape) is not None:
        raise _wrong_form(port, array, "one-hot rows", "categorical_crossentropy")
    width = array.shape[-1] if array.ndim > 1 else 1
    is_width = match_shape(array, (*port.shape[:-1], width)) is not None
    fixes = [port.units_fix(width)] if is_width else []
    raise shape_error(port.name, array, port.shape, *fixes)


def to_integers(array: Array, name: str, advice: str = _AS_FLOATS) -> tuple[Array, bool]:
    """Return `array` as int64, and whether its values were floats.

    Errors refer to the port `name`. The error about fractions has a fix with the text `advice`.

    Raises:
        DiagnosticError: if a value is not an integer.
    """
    if array.dtype.kind in "iu":
        return array.astype(np.int64, copy=False), False
    is_non_finite = any_per_row(~np.isfinite(array))
    if is_non_finite.any():
        missing, infinite = bool(np.isnan(array).any()), bool(np.isinf(array).any())
        rows = affected_rows(is_non_finite)
        raise DiagnosticError(non_finite_error(name, rows, missing, infinite))
    is_fraction = any_per_row((array != np.floor(array)) | (np.abs(array) >= 2.0**63))
    if is_fraction.any():
        values = array[is_fraction]
        value = values.flat[int(np.argmax(values != np.floor(values)))]
        rows = affected_rows(is_fraction)
        raise diagnostic_error(
            "ids-not-whole",
            f"values are not integers in {rows.count_text}",
            advice,
            node=name,
            rows=rows,
            found=f"{value:g}",
            expected="integers from 0",
        )
    return array.astype(np.int64), True


def to_ids(array: Array, name: str) -> tuple[Array, list[Diagnostic]]:
    """Return ids as int32 (int64 if too large), and a note for port `name` if they were floats."""
    if array.dtype == np.int32 and array.flags.c_contiguous and array.flags.writeable:
        return array, []
    numbers, were_floats = to_integers(array, name)
    notes = []
    if were_floats:
        message = "floats with integer values were read as ids"
        fields = {"node": name, "found": "floats", "expected": "int32"}
        notes.append(Diagnostic.info("ids-were-floats", message, **fields))
    fits_int32 = not numbers.size or (numbers.min() >= -(2**31) and numbers.max() < 2**31)
    return numbers.astype(np.int32) if fits_int32 else numbers, notes


def to_floats(array: Array, name: str, dtype: str) -> tuple[Array, list[Diagnostic]]:
    """Return values as floats of a dtype, and a warning if large integers lose precision."""
    notes = []
    if array.dtype.kind in "iu" and dtype == "float32":
        rows = affected_rows(any_per_row(np.abs(array) > MAX_EXACT_INTEGER))
        if rows.count:
            warning = Diagnostic.warning(
                "precision-lost",
                f"integers lose digits as float32: {rows.count_text}",
                "Use them as ids (int32), or subtract a constant first.",
                node=name,
                rows=rows,
                found="numbers beyond 16,777,216",
                expected="numbers that float32 holds exactly",
            )
            notes.append(warning)
    with np.errstate(over="ignore", invalid="ignore"):  # the data check reports non-finite values
        return np.ascontiguousarray(array, np.dtype(dtype)), notes


def shape_error(port: str, array: Array, shape: Sequence[Dim], *fixes: Fix) -> DiagnosticError:
    """Return the error for an array whose rows don't have the shape of the port.

    The last fix is a line of numpy, if one gives the array that shape.
    """
    change = _numpy_expression(port, array.shape, shape)
    size = " * ".join(map(str, shape)) or "1"
    noun = "value" if size == "1" else "values"
    line = f"Change the array with numpy: {port} = {change}"
    otherwise = f"Give {port} rows of {size} {noun}; these have {prod(array.shape[1:]):,}."
    return diagnostic_error(
        "array-shape",
        "the data has another shape",
        *fixes,
        line if change else otherwise,
        node=port,
        found=format_shape(array.shape[1:]),
        expected=format_shape(shape),
    )


def _numpy_expression(name: str, found: Sequence[int], expected: Sequence[Dim]) -> str:
    """Return the numpy expression that gives the array `name` rows of a shape, "" if none does.

    Args:
        found: the shape of the array, in which the axis of the rows may be missing.
        expected: the shape of a row; at most one dynamic axis is computed.
    """
    if _matches(found, expected):
        return f"{name}[numpy.newaxis]"
    channels_last = (*found[2:], *found[1:2])
    if len(channels_last) > 1 and _matches(channels_last, expected):
        return f"numpy.moveaxis({name}, 1, -1)"
    size = prod(dim for dim in expected if isinstance(dim, int))
    dynamic = [dim for dim in expected if not isinstance(dim, int)]
    length, rest = divmod(prod(found[1:]), size)
    if rest or (not dynamic and length != 1) or len(dynamic) > 1:
        return ""
    shape = (dim if isinstance(dim, int) else length for dim in expected)
    return f"{name}.reshape({', '.join([f'len({name})', *map(str, shape)])})"


def _wrong_form(port: TargetSpec, array: Array, given: str, loss: str) -> DiagnosticError:
    edit = {"do": "set_params", "node": port.name, "params": {"loss": loss}}
    return diagnostic_error(
        "target-form",
        f"the data holds {given}, which {port.loss or 'the loss'} does not take",
        Fix(f"Use {loss}.", edit),
        node=port.name,
        param="loss",
        found=f"{given}, {format_shape(array.shape[1:])}",
        expected=format_shape(port.shape),
    )


def non_finite_error(
    name: str, rows: AffectedRows, missing: bool = True, infinite: bool = True
) -> Diagnostic:
    """Return the error for missing or infinite values of the port `name`.

    `missing` and `infinite` tell if NaN and infinity occur.
    """
    kinds = [word for word, occurs in (("missing", missing), ("infinite", infinite)) if occurs]
    values = [word for word, occurs in (("NaN", missing), ("infinity", infinite)) if occurs]
    return Diagnostic.error(
        "not-finite",
        f"values are {' or '.join(kinds)} in {rows.count_text}",
        "Fill the values, or remove these rows from the data.",
        node=name,
        rows=rows,
        found=" or ".join(values),
        expected="finite numbers only",
    )
