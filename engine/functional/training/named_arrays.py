"""Arrays as people hand them in, one, a list or a dict, brought to the names of ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.functional.per_output import require_known, wrong_count

Array = NDArray[Any]
Arrays = dict[str, Array]


def by_name(values: Any, names: Sequence[str], noun: str, where: str) -> Arrays:
    """Return the arrays by name; an entry that is None is left out.

    Args:
        values: an array, a list of arrays in the order of `names`, or a dict.
        names: of the ports.
        noun: "input" or "output".
        where: the argument's name, for findings.

    Raises:
        Refused: an unknown name, or a list of another length.
    """
    if values is None:
        return {}
    if isinstance(values, Mapping):
        require_known(names, values, where, noun)
        given = dict(values)
    elif in_order(values, names):
        if len(values) != len(names):
            raise Refused(wrong_count(names, len(values), where))
        given = dict(zip(names, values, strict=True))
    elif len(names) == 1:
        given = {names[0]: values}
    else:
        raise Refused(_one_for_many(names, noun, where, type(values).__name__))
    return {name: array(value, name) for name, value in given.items() if value is not None}


def in_order(values: Any, names: Sequence[str]) -> bool:
    """Return whether values are a list of arrays, and not one array written as a list."""
    if not isinstance(values, list | tuple):
        return False
    return len(names) > 1 or (
        len(values) > 0 and all(getattr(each, "shape", ()) for each in values)
    )


def array(value: Any, name: str) -> Array:
    """Return anything that holds numbers or texts as an array, rows first.

    Raises:
        Refused: it holds neither, or its rows differ in length.
    """
    if callable(getattr(value, "detach", None)):  # a torch tensor that may have gradients
        value = value.detach().cpu()
    try:
        answer = np.asarray(value)
    except ValueError as error:
        raise Refused(_ragged(name, str(error))) from error
    if answer.ndim == 0:
        raise Refused(_no_array(name, type(value).__name__))
    return answer


def require(arrays: Arrays, names: Sequence[str], noun: str, where: str) -> Arrays:
    """Return the arrays of `names`, in their order, and refuse if one is missing."""
    missing = [name for name in names if name not in arrays]
    if missing:
        raise Refused(*(_missing(name, arrays, noun, where) for name in missing))
    return {name: arrays[name] for name in names}


def _missing(name: str, arrays: Arrays, noun: str, where: str) -> Diagnostic:
    return Diagnostic(
        "column-missing",
        f"the {noun} {name} gets no data",
        node=name,
        place=where,
        found=", ".join(arrays) or "nothing",
        expected=f"an array for {name}",
        fixes=(Fix(f"Add it to {where}: {{{name!r}: ...}}."),),
    )


def _one_for_many(names: Sequence[str], noun: str, where: str, found: str) -> Diagnostic:
    return Diagnostic(
        "column-missing",
        f"{where} is one array, and the model has {len(names)} {noun}s",
        place=where,
        found=f"one {found}",
        expected=f"an array for each of {', '.join(names)}",
        fixes=(Fix(f"Give them by name: {{{names[0]!r}: ..., {names[1]!r}: ...}}."),),
    )


def _no_array(name: str, found: str) -> Diagnostic:
    return Diagnostic(
        "array-dtype",
        f'"{name}" is no array',
        node=name,
        found=f"one {found}",
        expected="an array with a row for each example",
        fixes=(Fix("Give all rows at once; fit makes the batches. A single row is row[None]."),),
    )


def _ragged(name: str, found: str) -> Diagnostic:
    return Diagnostic(
        "array-dtype",
        f'"{name}" is no array of numbers or texts',
        node=name,
        found=found.split("\n", 1)[0][:80],
        expected="an array with a row for each example",
        fixes=(Fix("Give all rows one length, such as by padding them with 0."),),
    )
