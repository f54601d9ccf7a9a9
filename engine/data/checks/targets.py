"""Looks at every row of one target: one-hot rows, class numbers, yes and no, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.encoders.streaming_statistics import Moments
from engine.data.ports.target_spec.target_spec import TargetPort
from engine.data.table.chunks import counted_parts, extremes, parts, rows_where
from engine.data.table.row_numbers import any_of_row, counted, first_rows

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
    same = (
        same_value(values, mask) if training and not any(each.is_error for each in found) else None
    )
    if same is not None:
        found.append(_one_value(*same, port))
    elif port.loss == SQUARED and not scaled:
        found += _scale(values, mask, port, standardize)
    yield from found


def _shares(values: Array, port: TargetPort) -> Iterator[Diagnostic]:
    kinds = np.concatenate([_kinds(part) for _, part in parts(values)] or [_kinds(values)])
    whole = kinds < FRACTION
    empty, several, fraction = kinds == EMPTY, kinds == SEVERAL, kinds == FRACTION
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


ONE, EMPTY, SEVERAL, FRACTION, SOFT = range(5)


def _kinds(values: Array) -> Array:
    """Return of each entry what its columns are: one 1, none, several, or shares, sound or not."""
    sums = values.sum(axis=-1)
    whole = ((values == 0) | (values == 1)).all(axis=-1)
    kinds = np.where(whole & (sums == 0), EMPTY, ONE).astype(np.int8)
    kinds[whole & (sums > 1)] = SEVERAL
    if not whole.all():
        unsound = (np.abs(sums - 1) > SUM_TOLERANCE) | (values < 0).any(axis=-1)
        kinds[~whole] = np.where(unsound, FRACTION, SOFT)[~whole]
    return kinds


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
    if not values.size:
        return
    low, top = map(int, extremes(values))
    high = port.classes if port.classes is not None else top + 1
    if low >= 0 and top < high:
        return

    def outside(part: Array) -> Array:
        return np.asarray(((part < 0) | (part >= high)) & (part != port.ignored))

    rows = rows_where(values, outside)
    if rows.any():
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
    """Return the ways to bring class numbers into range."""
    if low < 0:
        return ["Leave out rows without a class; -1 and -100 are no classes."]
    units = f"Give the layer that feeds {port.name} {top + 1} units."
    return ["Subtract 1: classes count from 0.", units] if low else [units]


def _binary(values: Array, port: TargetPort) -> Iterator[Diagnostic]:
    rows = rows_where(values, lambda part: (part < 0) | (part > 1))
    if rows.any():
        low, high = map(float, extremes(values))
        yield Diagnostic(
            "binary-out-of-range",
            f"values are not between 0 and 1 in {counted(rows)}",
            node=port.name,
            place=first_rows(rows),
            found=f"values from {low:g} to {high:g}",
            expected="0 for no, 1 for yes",
            fixes=(Fix(f"Write {low:g} as 0 and {high:g} as 1."), Fix("Use mse for a number.")),
        )


def same_value(values: Array, mask: Array | None) -> tuple[Array, int] | None:
    """Return the value that all of several rows have and how many they are, None if they differ."""
    first, count = None, 0
    for part in counted_parts(values, mask):
        first = np.array(part[0]) if first is None else first
        if not (part == first).all():
            return None
        count += len(part)
    return None if first is None or count < 2 else (first, count)


def shown_value(value: Array) -> str:
    """Return a row of a target in few words."""
    return np.array2string(value, threshold=8, precision=4, separator=", ")[:60]


def _one_value(value: Array, count: int, port: TargetPort) -> Diagnostic:
    return Diagnostic(
        "target-constant",
        f"has one value only, in all {count:,} rows",
        node=port.name,
        found=shown_value(value),
        expected="rows that differ",
        fixes=(
            Fix("Check how the target was made: numpy's randint(0, 1) makes only zeros."),
            Fix(f"Take the output {port.name} out."),
        ),
    )


def _scale(
    values: Array, mask: Array | None, port: TargetPort, standardize: Edit | None
) -> Iterator[Diagnostic]:
    moments = Moments(1)
    for part in counted_parts(values, mask):
        moments.add(part.reshape(-1, 1))
    moments.close()
    deviation = float(moments.deviation()[0]) if moments.low[0] < moments.high[0] else 0.0
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
