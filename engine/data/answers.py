"""Looks at every row of one target: one-hot rows, class numbers, yes and no, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.missing import labelled
from engine.data.ports import TargetPort
from engine.data.rows import any_of_row, counted, first_rows

Array = NDArray[Any]
Edit = Mapping[str, Any]
SUM_TOLERANCE = 1e-3
LARGE = 10.0
SQUARED = "mse"


def answers(
    values: Array,
    port: TargetPort,
    scaled: bool = False,
    training: bool = True,
    standardize: Edit | None = None,
    mask: Array | None = None,
) -> Iterator[Diagnostic]:
    """Yield what is wrong with a target's values, all finite.

    Args:
        values: all rows.
        port: what the Output expects.
        scaled: True if they were standardised, so that their size is settled.
        training: False for rows that are only scored, where one value is no fault.
        standardize: the edit that standardises this target, if it is known.
        mask: True where a value counts; what stands elsewhere is a sound value. None counts all.
    """
    if port.hot:
        found = list(_shares(values, port))
    elif port.form == "index":
        found = list(_class_numbers(values, port))
    else:
        found = list(_binary(values, port)) if port.form == "binary" else []
    values = labelled(values, mask)
    if not any(each.is_error for each in found) and training and _constant(values):
        found.append(_one_value(values, port))
    elif port.loss == SQUARED and not scaled and len(values):
        found += _scale(values, port, standardize)
    yield from found


def _shares(values: Array, port: TargetPort) -> Iterator[Diagnostic]:
    sums = values.sum(axis=-1)
    whole = ((values == 0) | (values == 1)).all(axis=-1)
    empty = whole & (sums == 0)
    several = whole & (sums > 1)
    fraction = ~whole & ((np.abs(sums - 1) > SUM_TOLERANCE) | (values < 0).any(axis=-1))
    yield from _if_any(empty, "one-hot-empty", "rows name no class: all their columns are 0", port)
    yield from _if_any(several, "one-hot-several", "rows name several classes", port)
    yield from _if_any(
        fraction, "not-distribution", "rows are neither one-hot nor shares that sum to 1", port
    )
    if not whole.all() and not (empty.any() or several.any() or fraction.any()):
        soft = any_of_row(~whole)
        yield Diagnostic(
            "soft-labels",
            f"rows give shares instead of one class: {counted(soft)}",
            severity="info",
            node=port.name,
            place=first_rows(soft),
            found="shares that sum to 1",
        )


_ADVICE = {
    "one-hot-empty": ("Put a 1 into the column of the right class.", "Remove these rows."),
    "one-hot-several": (
        "Keep one 1 in each row.",
        "If several may hold at once, use sigmoid and binary_crossentropy.",
    ),
    "not-distribution": (
        "Put a 1 into the column of the right class, 0 elsewhere.",
        "For soft labels, divide each row by its sum; none may be negative.",
    ),
}


def _if_any(faults: Array, code: str, what: str, port: TargetPort) -> Iterator[Diagnostic]:
    rows = any_of_row(faults)
    if rows.any():
        yield Diagnostic(
            code,
            f"{counted(rows)}: {what}",
            node=port.name,
            place=first_rows(rows),
            found=what,
            expected=f"exactly one 1 in each of {port.classes or 'the'} columns",
            fixes=tuple(map(Fix, _ADVICE[code])),
        )


def _class_numbers(values: Array, port: TargetPort) -> Iterator[Diagnostic]:
    high = port.classes if port.classes is not None else int(values.max()) + 1
    rows = any_of_row(((values < 0) | (values >= high)) & (values != port.ignored))
    if rows.any():
        low, top = int(values.min()), int(values.max())
        yield Diagnostic(
            "label-out-of-range",
            f"class numbers are out of range in {counted(rows)}",
            node=port.name,
            place=first_rows(rows),
            found=f"class numbers from {low} to {top}",
            expected=f"0 to {high - 1}",
            fixes=tuple(map(Fix, _renumber(port, low, top))),
        )


def _renumber(port: TargetPort, low: int, top: int) -> list[str]:
    """Answer the ways to bring class numbers into range."""
    if low < 0:
        return ["Leave out rows without a class; -1 and -100 are no classes."]
    units = f"Give the layer that feeds {port.name} {top + 1} units."
    return ["Subtract 1: classes count from 0.", units] if low else [units]


def _binary(values: Array, port: TargetPort) -> Iterator[Diagnostic]:
    rows = any_of_row((values < 0) | (values > 1))
    if rows.any():
        low, high = float(values.min()), float(values.max())
        yield Diagnostic(
            "binary-out-of-range",
            f"values are not between 0 and 1 in {counted(rows)}",
            node=port.name,
            place=first_rows(rows),
            found=f"values from {low:g} to {high:g}",
            expected="0 for no, 1 for yes",
            fixes=(Fix(f"Write {low:g} as 0 and {high:g} as 1."), Fix("Use mse for a number.")),
        )


def _constant(values: Array) -> bool:
    return len(values) > 1 and bool((values == values[:1]).all())


def _one_value(values: Array, port: TargetPort) -> Diagnostic:
    shown = np.array2string(values[0], threshold=8, precision=4, separator=", ")
    return Diagnostic(
        "target-constant",
        f"has one value only, in all {len(values):,} rows",
        node=port.name,
        found=shown[:60],
        expected="rows that differ",
        fixes=(
            Fix("Check how the target was made: numpy's randint(0, 1) makes only zeros."),
            Fix(f"Take the output {port.name} out."),
        ),
    )


def _scale(values: Array, port: TargetPort, standardize: Edit | None) -> Iterator[Diagnostic]:
    deviation = float(values.std(dtype=np.float64))
    if deviation > LARGE:
        yield Diagnostic(
            "target-scale",
            "its numbers are large, so its squared error will dominate the total loss",
            severity="warning",
            node=port.name,
            found=f"a deviation of {deviation:,.1f}, so losses around {deviation**2:,.0f}",
            expected="a deviation near 1",
            fixes=(
                Fix('Standardise it: "scale": "standardize" in the data mapping.', standardize),
                Fix("Give this output a smaller loss_weight."),
            ),
        )
