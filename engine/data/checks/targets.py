"""Checks the values of one target: one-hot rows, class ids, binary values, numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.encoders.streaming_statistics import StreamingMoments
from engine.data.ports.target_spec import TargetSpec
from engine.data.table.array import Array
from engine.data.table.chunks import masked_row_blocks, min_max, row_blocks, rows_matching
from engine.data.table.row_numbers import affected_rows, any_per_row

SUM_TOLERANCE = 1e-3
LARGE_DEVIATION = 10.0
MEAN_SQUARED_ERROR = "mse"


def check_target(
    values: Array,
    port: TargetSpec,
    standardize: Fix | None = None,
    training: bool = True,
    mask: Array | None = None,
) -> Iterator[Diagnostic]:
    """Yield the diagnostics of a target whose values are all finite.

    Args:
        values: the target values, one row per row of the table.
        port: the spec of the target.
        standardize: the fix that standardizes this target; None if the values were scaled, so that
            their scale needs no check.
        training: False for rows that are only scored. They may all have the same value.
        mask: True where the target is present. Missing targets are replaced by valid placeholders.
            None if every target is present.
    """
    if port.is_one_hot:
        found = list(_check_one_hot(values, port))
    elif port.form == "index":
        found = list(_check_class_ids(values, port))
    else:
        found = list(_check_binary(values, port)) if port.form == "binary" else []
    same = None
    if training and not any(diagnostic.is_error for diagnostic in found):
        same = constant_value(values, mask)
    if same is not None:
        found.append(_constant_target(*same, port))
    elif port.loss == MEAN_SQUARED_ERROR and standardize:
        found += _check_scale(values, mask, port, standardize)
    yield from found


# The kinds of a one-hot row: valid, no class, several classes, invalid probabilities, soft labels.
ONE, EMPTY, SEVERAL, FRACTION, SOFT = range(5)


def _one_hot_kinds(values: Array) -> Array:
    """Return the kind of each row of a one-hot target.

    If a row holds only 0 and 1, its kind is the number of 1s: EMPTY, ONE or SEVERAL. Otherwise, it
    is SOFT if the row holds probabilities with the sum 1, else FRACTION.
    """
    sums = values.sum(axis=-1)
    is_hard = ((values == 0) | (values == 1)).all(axis=-1)
    kinds = np.where(is_hard & (sums == 0), EMPTY, ONE).astype(np.int8)
    kinds[is_hard & (sums > 1)] = SEVERAL
    if not is_hard.all():
        is_invalid = (np.abs(sums - 1) > SUM_TOLERANCE) | (values < 0).any(axis=-1)
        kinds[~is_hard] = np.where(is_invalid, FRACTION, SOFT)[~is_hard]
    return kinds


# From diagnostic codes to the kind of invalid rows, what is wrong with them, and the fixes.
_ONE_HOT_ERRORS = {
    "one-hot-empty": (
        EMPTY,
        "rows are all 0, so they have no class",
        ("Put a 1 into the column of the correct class.", "Remove these rows."),
    ),
    "one-hot-several": (
        SEVERAL,
        "rows have several classes",
        (
            "Keep one 1 in each row.",
            "If a row can have several classes, use sigmoid and binary_crossentropy.",
        ),
    ),
    "not-distribution": (
        FRACTION,
        "rows are neither one-hot nor probabilities that sum to 1",
        (
            "Put a 1 into the column of the correct class, 0 elsewhere.",
            "For soft labels, divide each row by its sum; none may be negative.",
        ),
    ),
}


def _check_one_hot(values: Array, port: TargetSpec) -> Iterator[Diagnostic]:
    kinds = np.concatenate(
        [_one_hot_kinds(part) for _, part in row_blocks(values)] or [_one_hot_kinds(values)]
    )
    for code, (kind, problem, fixes) in _ONE_HOT_ERRORS.items():
        rows = affected_rows(any_per_row(kinds == kind))
        if rows.count:
            yield Diagnostic.error(
                code,
                f"{problem}: {rows.count_text}",
                *fixes,
                node=port.name,
                rows=rows,
                found=problem,
                expected=f"exactly one 1 in each of {port.classes or 'the'} columns",
            )
    is_soft = kinds == SOFT
    if is_soft.any() and (is_soft | (kinds == ONE)).all():
        rows = affected_rows(any_per_row(is_soft))
        yield Diagnostic.info(
            "soft-labels",
            f"rows hold probabilities instead of one class: {rows.count_text}",
            node=port.name,
            rows=rows,
            found="probabilities that sum to 1",
        )


def _check_class_ids(values: Array, port: TargetSpec) -> Iterator[Diagnostic]:
    if not values.size:
        return
    lowest, highest = map(int, min_max(values))
    class_count = port.classes if port.classes is not None else highest + 1
    if lowest >= 0 and highest < class_count:
        return

    def outside(part: Array) -> Array:
        return np.asarray(((part < 0) | (part >= class_count)) & (part != port.ignored_class))

    rows = affected_rows(rows_matching(values, outside))
    if rows.count:
        yield Diagnostic.error(
            "label-out-of-range",
            f"class indices are out of range in {rows.count_text}",
            *_class_id_fixes(port, lowest, highest),
            node=port.name,
            rows=rows,
            found=f"class indices from {lowest} to {highest}",
            expected=f"0 to {class_count - 1}",
        )


def _class_id_fixes(port: TargetSpec, lowest: int, highest: int) -> list[str]:
    """Return fix texts for a column of class ids from `lowest` to `highest`, some out of range."""
    if lowest < 0:
        return ["Remove rows without a class: -1 and -100 are not class indices."]
    units = f"Give the layer before {port.name} {highest + 1} units."
    return ["Subtract 1: class indices start at 0.", units] if lowest else [units]


def _check_binary(values: Array, port: TargetSpec) -> Iterator[Diagnostic]:
    rows = affected_rows(rows_matching(values, lambda part: (part < 0) | (part > 1)))
    if rows.count:
        low, high = map(float, min_max(values))
        yield Diagnostic.error(
            "binary-out-of-range",
            f"values are not between 0 and 1 in {rows.count_text}",
            f"Write {low:g} as 0 and {high:g} as 1.",
            "Use mse for a number.",
            node=port.name,
            rows=rows,
            found=f"values from {low:g} to {high:g}",
            expected="0 for no, 1 for yes",
        )


def constant_value(values: Array, mask: Array | None) -> tuple[Array, int] | None:
    """Return the target value that all unmasked rows have, and the number of unmasked rows.

    The result is None if the values differ, or if there are fewer than two unmasked rows.
    """
    first, count = None, 0
    for part in masked_row_blocks(values, mask):
        first = np.array(part[0]) if first is None else first
        if not (part == first).all():
            return None
        count += len(part)
    return None if first is None or count < 2 else (first, count)


def format_value(value: Array) -> str:
    """Return a short text that shows the target value of one row."""
    return np.array2string(value, threshold=8, precision=4, separator=", ")[:60]


def _constant_target(value: Array, count: int, port: TargetSpec) -> Diagnostic:
    shown = format_value(value)
    if port.form == "index" and value.ndim == 0 and int(value) < len(port.labels):
        shown = port.labels[int(value)]
    return Diagnostic.error(
        "target-constant",
        f"has the same value in all {count:,} rows",
        f"Use data in which {port.name} differs, or map another column to it.",
        f'Remove the output "{port.name}".',
        node=port.name,
        found=shown,
        expected="rows that differ",
    )


def _check_scale(
    values: Array, mask: Array | None, port: TargetSpec, standardize: Fix
) -> Iterator[Diagnostic]:
    """Yield a warning, with `standardize` as fix, if a target's standard deviation is too large."""
    moments = StreamingMoments(1)
    for part in masked_row_blocks(values, mask):
        moments.add(part.reshape(-1, 1))
    moments.finish()
    deviation = float(moments.standard_deviation()[0])  # 1 for a constant target
    if deviation > LARGE_DEVIATION:
        yield Diagnostic.warning(
            "target-scale",
            "its numbers are large, so its squared error will dominate the total loss",
            standardize,
            "Give this output a smaller loss_weight.",
            node=port.name,
            found=f"a standard deviation of {deviation:,.1f}, so losses around {deviation**2:,.0f}",
            expected="a standard deviation near 1",
        )
