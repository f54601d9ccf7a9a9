"""Evaluation of classifiers: confusion matrix with example rows, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.runs import evaluation
from engine.runs.evaluation import round_finite

Array = NDArray[Any]
MOST_CLASSES = 64  # a larger matrix is not legible
MOST_PAIRS = 20
BINS = 10
ROWS = 20  # most example rows of a cell
MOST_ROWS = 2000  # most example rows of all cells together, to limit the size of the record


def confusion(
    truth: Array, said: Array, labels: Sequence[str], rows: Array, losses: Array
) -> evaluation.ConfusionMatrix:
    """Return the confusion matrix, the most frequent mistakes, and example rows of each cell.

    Args:
        truth, said: true and predicted class indices.
        labels: the names of the classes, in order.
        rows: of each prediction, the index of its row in the table; a row may have several.
        losses: of each prediction, the loss of its row.
    """
    count = len(labels)
    inside = (truth >= 0) & (truth < count)
    # A cell has the index true class * number of classes + predicted class.
    cell_indices = truth[inside].astype(np.int64) * count + said[inside]
    cells, frequencies = np.unique(cell_indices, return_counts=True)
    matrix: tuple[tuple[int, ...], ...] = ()
    if count <= MOST_CLASSES:
        full = np.zeros(count * count, np.int64)
        full[cells] = frequencies
        matrix = tuple(tuple(row) for row in full.reshape(count, count).tolist())
    is_wrong = cells // count != cells % count
    order = np.argsort(-frequencies[is_wrong], kind="stable")[:MOST_PAIRS]
    pairs = tuple(
        evaluation.ConfusedPair(
            truth=labels[cell // count], predicted=labels[cell % count], count=frequency
        )
        for cell, frequency in zip(
            cells[is_wrong][order].tolist(), frequencies[is_wrong][order].tolist(), strict=True
        )
    )
    examples: tuple[evaluation.ConfusionCell, ...] = ()
    if matrix:
        examples = _example_rows(cell_indices, rows[inside], losses[inside], count)
    return evaluation.ConfusionMatrix(
        labels=tuple(labels[:MOST_CLASSES]), counts=matrix, pairs=pairs, cells=examples
    )


def _example_rows(
    cell_indices: Array, rows: Array, losses: Array, count: int
) -> tuple[evaluation.ConfusionCell, ...]:
    """Return distinct example rows of each cell, those with the largest loss first."""
    # Sort by cell, then by descending loss, then by row; keep the first occurrence of each row.
    order = np.lexsort((rows, -np.nan_to_num(losses, nan=-np.inf), cell_indices))
    cell_indices, rows = cell_indices[order], rows[order]
    _, firsts = np.unique(np.stack((cell_indices, rows)), axis=1, return_index=True)
    firsts.sort()
    cell_indices, rows = cell_indices[firsts], rows[firsts]
    cells, starts, sizes = np.unique(cell_indices, return_index=True, return_counts=True)
    max_rows = max(1, min(ROWS, MOST_ROWS // max(1, len(cells))))
    return tuple(
        evaluation.ConfusionCell(
            truth=cell // count,
            predicted=cell % count,
            rows=tuple(rows[start : start + min(size, max_rows)].tolist()),
        )
        for cell, start, size in zip(cells.tolist(), starts.tolist(), sizes.tolist(), strict=True)
    )


def calibration(confidence: Array, right: Array) -> evaluation.Calibration:
    """Return the reliability diagram and the expected calibration error.

    Predictions are grouped into bins of equal width by confidence. The error is the mean over all
    predictions of |mean confidence - accuracy| of their bin.

    Args:
        confidence: predicted probabilities.
        right: whether each prediction is correct.

    Source: Guo et al. 2017, arXiv:1706.04599.
    """
    if not len(confidence):
        return evaluation.Calibration()
    bin_indices = np.clip((confidence * BINS).astype(np.int64), 0, BINS - 1)
    counts = np.bincount(bin_indices, minlength=BINS)
    confidence_sums = np.bincount(bin_indices, confidence, BINS)
    correct_counts = np.bincount(bin_indices, right, BINS)
    bins = tuple(
        evaluation.CalibrationBin(
            low=index / BINS,
            high=(index + 1) / BINS,
            count=int(counts[index]),
            predicted=round_finite(confidence_sums[index] / counts[index]) or 0.0,
            observed=round_finite(correct_counts[index] / counts[index]) or 0.0,
        )
        for index in np.flatnonzero(counts)
    )
    error = np.abs(confidence_sums - correct_counts).sum() / len(confidence)
    return evaluation.Calibration(bins=bins, error=round_finite(float(error)))
