"""Outputs that can't learn: no row that they are trained on counts, or all of them say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.targets import same_value, shown_value
from engine.data.preprocessing.target_masks import labelled
from engine.recipe.split import RandomSplit, Split, set_split, shares_of

Arrays = Mapping[str, NDArray[Any]]


def idle(weights: Arrays, masks: Arrays) -> Iterator[Diagnostic]:
    """Warn of outputs whose rows all have a weight of 0; their loss would be 0 all along.

    Args:
        weights: of the training rows, by output.
        masks: which targets of these rows are there, by output that may lack some.
    """
    for output, each in weights.items():
        counts = labelled(each, masks.get(output))
        if len(counts) and not np.any(counts):
            yield Diagnostic(
                "weight-unfit",
                "learns nothing, since no row that it is trained on counts",
                severity="warning",
                node=output,
                found=f"a weight of 0 in all {len(counts):,} training rows",
                expected="a weight above 0 in some row",
                fixes=(Fix("Give some rows a weight, or train without weights of rows."),),
            )


def one_sided(targets: Arrays, masks: Arrays, split: Split | None) -> Iterator[Diagnostic]:
    """Report targets of which only rows held back hold a second value.

    Args:
        targets: of the training rows, by output, each known to differ within the whole table.
        masks: as for `idle`.
        split: how rows were divided.
    """
    for output, values in targets.items():
        same = same_value(values, masks.get(output))
        if same is not None:
            value, count = same
            yield Diagnostic(
                "target-constant",
                f"has one value only in all {count:,} training rows; others are held back",
                node=output,
                found=shown_value(value),
                expected="training rows that differ",
                fixes=(
                    set_split("Hold rows back at random.", RandomSplit(**shares_of(split))),
                    Fix("Divide the rows in another way: stratified, or with another seed."),
                ),
            )
