"""Numbers against numbers: how far predictions are off, in the person's unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.splits.random import permutation
from engine.runs.evaluation import Residuals, number

Array = NDArray[Any]
BINS = 40
SAMPLE = 1000
_OUTER = 0.005  # share of residuals beyond the histogram on either side


def residuals(truth: Array, said: Array, column: str = "") -> Residuals:
    """Return the residuals of one column."""
    finite = np.isfinite(truth) & np.isfinite(said)
    truth, said = truth[finite].astype(np.float64), said[finite].astype(np.float64)
    if not len(truth):
        return Residuals(column=column)
    off = said - truth
    low, high = np.quantile(off, (_OUTER, 1 - _OUTER))
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(off, low, high), BINS, (low, high))
    chosen = np.sort(permutation(len(truth), 0)[:SAMPLE])
    return Residuals(
        column=column,
        mean=number(float(off.mean())),
        deviation=number(float(off.std())),
        largest=number(float(off[np.abs(off).argmax()])),
        edges=tuple(number(edge) or 0.0 for edge in edges.tolist()),
        counts=tuple(counts.tolist()),
        truth=tuple(number(value) or 0.0 for value in truth[chosen].tolist()),
        predicted=tuple(number(value) or 0.0 for value in said[chosen].tolist()),
    )
