"""Calibration of a classifier: whether 80 % of predictions with 80 % confidence are right."""

from __future__ import annotations

import numpy as np

from engine.data.table.array import Array
from engine.runs import evaluation
from engine.runs.evaluation import round_finite

BIN_COUNT = 10


def calibration(confidence: Array, right: Array) -> evaluation.Calibration:
    """Return the reliability diagram and the expected calibration error.

    Predictions are grouped by confidence into bins of equal width. The error is the mean of
    |mean confidence - accuracy| over the bins, weighted by the number of predictions in each bin.

    Args:
        confidence: for each prediction, the probability of the predicted (or positive) class.
        right: for each prediction, whether this class is the true class.

    Source: Guo et al. 2017, arXiv:1706.04599.
    """
    if not len(confidence):
        return evaluation.Calibration()
    bin_indices = np.clip((confidence * BIN_COUNT).astype(np.int64), 0, BIN_COUNT - 1)
    counts = np.bincount(bin_indices, minlength=BIN_COUNT)
    confidence_sums = np.bincount(bin_indices, confidence, BIN_COUNT)
    correct_counts = np.bincount(bin_indices, right, BIN_COUNT)
    bins = tuple(
        evaluation.CalibrationBin(
            low=index / BIN_COUNT,
            high=(index + 1) / BIN_COUNT,
            count=int(counts[index]),
            predicted=round_finite(confidence_sums[index] / counts[index]) or 0.0,
            observed=round_finite(correct_counts[index] / counts[index]) or 0.0,
        )
        for index in np.flatnonzero(counts)
    )
    error = np.abs(confidence_sums - correct_counts).sum() / len(confidence)
    return evaluation.Calibration(bins=bins, error=round_finite(float(error)))
