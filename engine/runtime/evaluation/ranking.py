"""ROC curve and precision-recall curve of a binary classifier."""

from __future__ import annotations

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import ThresholdCurve, round_finite

Curves = tuple[ThresholdCurve, ThresholdCurve]
MAX_POINTS = 200


def rankings(truth: Array, score: Array, label: str = "") -> Curves | None:
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
