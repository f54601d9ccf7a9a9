"""The diagrams of an evaluation: confusion matrix, calibration, threshold curves, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.splits.random_split import permutation
from engine.data.table.array import Array
from engine.runs import evaluation
from engine.runs.evaluation import Residuals, ThresholdCurve, round_finite

MAX_CLASSES = 64  # a larger matrix is not legible
MAX_PAIRS = 20
MAX_CELL_ROWS = 20  # maximum example rows of a cell
MAX_ROWS = 2000  # maximum example rows of all cells together, to limit the size of the record
MAX_POINTS = 200  # maximum points of a curve
CALIBRATION_BINS = 10
RESIDUAL_BINS = 40
SAMPLE_SIZE = 1000  # maximum number of residuals in the sample
_TAIL = 0.005  # fraction of residuals below the histogram's range, and above it


def confusion(
    truth: Array, predicted: Array, labels: Sequence[str], rows: Array, losses: Array
) -> evaluation.ConfusionMatrix:
    """Return the confusion matrix, the most frequent mistakes, and example rows of each cell.

    Of more than MAX_CLASSES classes, only those that occur, true or predicted, are included.

    Args:
        truth, predicted: true and predicted class index of each prediction.
        labels: class names by class index.
        rows: index of the table row of each prediction; several predictions may share a row.
        losses: loss of the table row of each prediction.
    """
    inside = (truth >= 0) & (truth < len(labels))
    truth, predicted = truth[inside].astype(np.int64), predicted[inside]
    if len(labels) > MAX_CLASSES:
        classes, codes = np.unique(np.stack((truth, predicted)), return_inverse=True)
        truth, predicted = codes.reshape(2, -1)
        labels = [labels[index] for index in classes.tolist()]
    count = len(labels)
    # A cell has the index true class * number of classes + predicted class.
    cell_indices = truth * count + predicted
    cells, frequencies = np.unique(cell_indices, return_counts=True)
    matrix: tuple[tuple[int, ...], ...] = ()
    if count <= MAX_CLASSES:
        full = np.zeros(count * count, np.int64)
        full[cells] = frequencies
        matrix = tuple(tuple(row) for row in full.reshape(count, count).tolist())
    is_wrong = cells // count != cells % count
    order = np.argsort(-frequencies[is_wrong], kind="stable")[:MAX_PAIRS]
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
        labels=tuple(labels[:MAX_CLASSES]), counts=matrix, pairs=pairs, cells=examples
    )


def _example_rows(
    cell_indices: Array, rows: Array, losses: Array, count: int
) -> tuple[evaluation.ConfusionCell, ...]:
    """Return the non-empty cells of the confusion matrix, each with example rows of the table.

    The rows of a cell are distinct and sorted by descending loss. The arrays have one element per
    prediction. A cell index is true class * `count` (number of classes) + predicted class.
    """
    # Sort by cell, then by descending loss, then by row; keep the first occurrence of each row.
    order = np.lexsort((rows, -np.nan_to_num(losses, nan=-np.inf), cell_indices))
    cell_indices, rows = cell_indices[order], rows[order]
    _, firsts = np.unique(np.stack((cell_indices, rows)), axis=1, return_index=True)
    firsts.sort()
    cell_indices, rows = cell_indices[firsts], rows[firsts]
    cells, starts, sizes = np.unique(cell_indices, return_index=True, return_counts=True)
    max_rows = max(1, min(MAX_CELL_ROWS, MAX_ROWS // max(1, len(cells))))
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

    Predictions are grouped by confidence into bins of equal width. The error is the mean of
    |mean confidence - accuracy| over the bins, weighted by the number of predictions in each bin.

    Args:
        confidence: for each prediction, the probability of the predicted (or positive) class.
        right: for each prediction, whether this class is the true class.

    Source: Guo et al. 2017, arXiv:1706.04599.
    """
    if not len(confidence):
        return evaluation.Calibration()
    bin_indices = np.clip((confidence * CALIBRATION_BINS).astype(np.int64), 0, CALIBRATION_BINS - 1)
    counts = np.bincount(bin_indices, minlength=CALIBRATION_BINS)
    confidence_sums = np.bincount(bin_indices, confidence, CALIBRATION_BINS)
    correct_counts = np.bincount(bin_indices, right, CALIBRATION_BINS)
    bins = tuple(
        evaluation.CalibrationBin(
            low=index / CALIBRATION_BINS,
            high=(index + 1) / CALIBRATION_BINS,
            count=int(counts[index]),
            predicted=round_finite(confidence_sums[index] / counts[index]) or 0.0,
            observed=round_finite(correct_counts[index] / counts[index]) or 0.0,
        )
        for index in np.flatnonzero(counts)
    )
    error = np.abs(confidence_sums - correct_counts).sum() / len(confidence)
    return evaluation.Calibration(bins=bins, error=round_finite(float(error)))


def rankings(
    truth: Array, score: Array, label: str = ""
) -> tuple[ThresholdCurve, ThresholdCurve] | None:
    """Return the ROC curve and the precision-recall curve; None if all rows have the same class.

    Args:
        truth: array that is True for rows of the positive class.
        score: array that is larger for rows for which the positive class is more likely.
        label: name of the positive class; "" for a single binary column.
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    order = np.argsort(-score, kind="stable")
    scores, is_positive = score[order], truth[order]
    # Equal scores are one threshold, so only the last of them is a point of the curves.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    true_positives = np.cumsum(is_positive)[last]
    false_positives = last + 1 - true_positives
    thresholds = scores[last]
    recall, false_positive_rate = true_positives / positives, false_positives / negatives
    precision = true_positives / (true_positives + false_positives)
    x, y = np.append(0.0, false_positive_rate), np.append(0.0, recall)
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))  # trapezoidal rule
    average_precision = float(np.sum(np.diff(y) * precision))
    roc = _curve(label, (x, y, np.append(np.inf, thresholds)), area)
    return roc, _curve(label, (recall, precision, thresholds), average_precision)


def _curve(label: str, points: tuple[Array, Array, Array], area: float) -> ThresholdCurve:
    """Return the curve through `points` (x, y, thresholds), reduced to about MAX_POINTS points."""
    x, y, thresholds = points
    keep = np.arange(len(x))
    if len(x) > MAX_POINTS:
        # Keep points at equal distances along the curve, so that steep parts keep their shape.
        length = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
        indices = np.searchsorted(length, np.linspace(0, length[-1], MAX_POINTS))
        keep = np.unique(indices.clip(0, len(x) - 1))
        keep = np.unique(np.append(keep, (0, len(x) - 1)))
    return ThresholdCurve(
        label=label,
        x=tuple(round_finite(value) or 0.0 for value in x[keep].tolist()),
        y=tuple(round_finite(value) or 0.0 for value in y[keep].tolist()),
        at=tuple(round_finite(value) for value in thresholds[keep].tolist()),
        area=round_finite(area),
    )


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
    counts, edges = np.histogram(np.clip(errors, low, high), RESIDUAL_BINS, (low, high))
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
