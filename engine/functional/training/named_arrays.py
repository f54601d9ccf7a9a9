"""Conversion of the user's arrays (one array, a list or a dict) to a dict by port name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.data.table.array import Array
from engine.data.table.column_types import Column
from engine.functional.frames import frame_columns
from engine.functional.per_output import require_known_names, wrong_length

Arrays = dict[str, Column]


def arrays_by_name(values: Any, names: Sequence[str], noun: str, argument: str) -> Arrays:
    """Return the arrays by port name, without entries that are None.

    Args:
        values: an array, a list of arrays in the order of `names`, a dict, or a data frame with
            columns of these names.
        names: the names of the ports.
        noun, argument: "input" or "output", and the argument's name, for messages.

    Raises:
        DiagnosticError: an unknown name, or a list of the wrong length.
    """
    if values is None:
        return {}
    if columns := frame_columns(values, names):
        return columns
    if isinstance(values, Mapping):
        require_known_names(names, values, argument, noun)
        given = dict(values)
    elif is_list_of_arrays(values, names):
        if len(values) != len(names):
            raise DiagnosticError(wrong_length(names, len(values), argument))
        given = dict(zip(names, values, strict=True))
    elif len(names) == 1:
        given = {names[0]: values}
    else:
        raise diagnostic_error(
            "column-missing",
            f"{argument} is one array, but the model has {len(names)} {noun}s",
            f"Pass a dict by name: {{{names[0]!r}: ..., {names[1]!r}: ...}}.",
            place=argument,
            found=f"one {type(values).__name__}",
            expected=f"an array for each of {', '.join(names)}",
        )
    return {name: to_array(value, name) for name, value in given.items() if value is not None}


def is_list_of_arrays(values: Any, names: Sequence[str]) -> bool:
    """Return whether `values` is a list of arrays, rather than one array written as a list.

    With several port `names`, any list or tuple counts. With one name, all items must be arrays.
    """
    if not isinstance(values, list | tuple):
        return False
    holds_arrays = len(values) > 0 and all(getattr(value, "shape", ()) for value in values)
    return holds_arrays or len(names) > 1


def to_array(value: Any, name: str) -> Array:
    """Return a value (list, tensor, series …) as an array with a row axis.

    Raises:
        DiagnosticError: the value is a scalar, or its rows differ in length.
    """
    if callable(getattr(value, "detach", None)):  # a torch tensor that may have gradients
        value = value.detach().cpu()
    try:
        result = np.asarray(value)
    except ValueError as error:
        raise diagnostic_error(
            "array-dtype",
            f'"{name}" is not an array of numbers or strings',
            "Make all rows equally long, for example by padding them with 0.",
            node=name,
            found=str(error).split("\n", 1)[0][:80],
            expected="an array with a row for each example",
        ) from error
    if result.ndim == 0:
        raise diagnostic_error(
            "array-dtype",
            f'"{name}" is not an array',
            "Pass all rows at once; fit makes the batches. Pass a single row as row[None].",
            node=name,
            found=f"one {type(value).__name__}",
            expected="an array with a row for each example",
        )
    return result


def require_arrays(arrays: Arrays, names: Sequence[str], noun: str, argument: str) -> Arrays:
    """Return the arrays of `names`, in the order of `names`.

    Raises:
        DiagnosticError: with a diagnostic for each missing array. It names what lacks data (`noun`,
            such as "input"), and where to pass the data (`argument`, such as "x").
    """
    missing = [name for name in names if name not in arrays]
    if missing:
        raise DiagnosticError(*(_missing(name, arrays, noun, argument) for name in missing))
    return {name: arrays[name] for name in names}


def _missing(name: str, arrays: Arrays, noun: str, argument: str) -> Diagnostic:
    return Diagnostic.error(
        "column-missing",
        f"the {noun} {name} gets no data",
        f"Add it to {argument}: {{{name!r}: ...}}.",
        node=name,
        place=argument,
        found=", ".join(arrays) or "nothing",
        expected=f"an array for {name}",
    )
