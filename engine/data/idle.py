"""Outputs that can't learn, since no row that they are trained on counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.missing import labelled

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
