"""Evaluation of regressors: residuals, in the unit of the target."""

from __future__ import annotations

import numpy as np

from engine.data.splits.random_split import permutation
from engine.data.table.array import Array
from engine.runs.evaluation import Residuals, round_finite

BIN_COUNT = 40
SAMPLE_SIZE = 1000
_TAIL = 0.005  # fraction of residuals below the histogram's range, and above it


def residuals(truth: Array, predicted: Array, column: str = "") -> Residuals:
    """Return statistics, a histogram and a sample of the residuals (predicted - true).

    Residuals outside the range of the histogram count in its first or last bin. `column` is the
    index of the output column as text, or "" if there is only one.
    """
    finite = np.isfinite(truth) & np.isfinite(predicted)
    truth, predicted = truth[finite].astype(np.float64), predicted[finite].astype(np.float64)
    if not len(truth):
        return Residuals(column=column)
    errors = predicted - truth
    low, high = np.quantile(errors, (_TAIL, 1 - _TAIL))
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(errors, low, high), BIN_COUNT, (low, high))
    sample = np.sort(permutation(len(truth), 0)[:SAMPLE_SIZE])
    return Residuals(
        column=column,
        mean=round_finite(float(errors.mean())),
        deviation=round_finite(float(errors.std())),
        largest=round_finite(float(errors[np.abs(errors).argmax()])),
        edges=tuple(round_finite(edge) or 0.0 for edge in edges.tolist()),
        counts=tuple(counts.tolist()),
        truth=tuple(round_finite(value) or 0.0 for value in truth[sample].tolist()),
        predicted=tuple(round_finite(value) or 0.0 for value in predicted[sample].tolist()),
    )
