"""Checks for outputs that can't learn: all training rows have weight 0, or the same target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.targets import constant_value, format_value
from engine.data.table.row_numbers import any_per_row
from engine.recipe.data_mapping import DataMapping
from engine.recipe.split import RandomSplit, set_split_fix, split_fractions

Arrays = Mapping[str, NDArray[Any]]


def zero_weight_outputs(weights: Arrays, masks: Arrays) -> Iterator[Diagnostic]:
    """Yield a warning for each output whose training rows all have sample weight 0.

    `weights` and `masks` are keyed by output. A mask is True where a target is present; outputs
    without missing targets have no mask.
    """
    for output, row_weights in weights.items():
        mask, used_weights = masks.get(output), np.asarray(row_weights)
        if mask is not None:
            used_weights = used_weights[any_per_row(np.asarray(mask))]
        if len(used_weights) and not np.any(used_weights):
            yield Diagnostic.warning(
                "weight-unfit",
                "is not trained: all training rows have sample weight 0",
                "Give some rows a weight above 0, or train without sample weights.",
                node=output,
                found=f"sample weight 0 in all {len(used_weights):,} training rows",
                expected="a sample weight above 0 in some row",
            )


def constant_training_targets(
    targets: Arrays, masks: Arrays, mapping: DataMapping
) -> Iterator[Diagnostic]:
    """Yield an error for each target that has the same value in all training rows.

    `targets` holds the target values of the training rows, by output. `masks` holds, by output,
    which of these values are present; the others are ignored. The fixes change the split, except
    that of windows, which is always by time.
    """
    fixes: tuple[Fix | str, ...] = ("Hold out fewer rows, or use more rows.",)
    if mapping.windows is None:
        random_split = RandomSplit(**split_fractions(mapping.split))
        fixes = (
            set_split_fix("Split at random.", random_split),
            "Split the rows another way: stratified, or with another seed.",
        )
    for output, values in targets.items():
        constant = constant_value(values, masks.get(output))
        if constant is not None:
            value, count = constant
            yield Diagnostic.error(
                "target-constant",
                f"has the same value in all {count:,} training rows; other values are held out",
                *fixes,
                node=output,
                found=format_value(value),
                expected="training rows that differ",
            )
