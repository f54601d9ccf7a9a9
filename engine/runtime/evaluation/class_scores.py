"""Scores of an output of classes or labels, as in scikit-learn with `zero_division=0`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import isqrt

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import ConfusionMatrix, EvaluationScore
from engine.runtime.evaluation.bootstrap import interval_scores, ratio
from engine.runtime.evaluation.labels import one_vs_rest
from engine.runtime.evaluation.predictions import Predictions
from engine.runtime.inference.label_decoder import LabelDecoder

_CLASS_NAMES = ("precision", "recall", "F1")
MAX_THRESHOLDS = 200  # of the interval of an area under a ROC curve


def class_scores(
    predictions: Predictions,
    decoder: LabelDecoder,
    confusion: ConfusionMatrix,
    shares: Sequence[float],
) -> Iterator[EvaluationScore]:
    """Yield the scores of all classes, then those of each class or label.

    Args:
        confusion: the confusion matrix; it is empty for several labels, or for many classes.
        shares: among the training rows, the share of each class, or of the rows with each label;
            () if they are unknown.
    """
    by_label = [(1 - share, share) for share in shares]  # rows without the label, and with it
    if confusion.counts:
        if predictions.task == "classes":
            guess = decoder.labels[np.argmax(shares)] if shares else None
        else:
            guess = confusion.labels[np.argmax(by_label[0])] if shares else None
        yield from _label_scores(confusion.labels, np.array(confusion.counts), guess)
    elif predictions.task == "classes":
        yield from _recall_scores(predictions, shares)
    for index, (label, truth, scores) in enumerate(one_vs_rest(predictions, decoder)):
        if label and predictions.task != "classes":
            matrix = np.bincount(2 * truth + decoder.predict(scores), minlength=4).reshape(2, 2)
            guess = ("", label)[np.argmax(by_label[index])] if by_label else None
            for score in _label_scores(("", label), matrix, guess):
                name = score.name if score.label else f"{score.name} {label}"
                if score.name != "F1":  # the mean of rows with the label and without it
                    yield score.model_copy(update={"name": name})
        yield from _auc_scores(f"AUC {label}".strip(), truth, scores)


def _label_scores(
    labels: Sequence[str], matrix: Array, guess: str | None
) -> Iterator[EvaluationScore]:
    """Yield accuracy, balanced accuracy, the mean F1, and the scores of each class that occurs.

    `guess` is the most frequent class of the training rows, None if it is unknown. Classes without
    a label are not listed.
    """
    if not matrix.any():
        return
    rows = matrix.sum(axis=1)
    listed = [index for index in np.flatnonzero(rows).tolist() if labels[index]]
    statistics = partial(_label_statistics, listed=listed)
    by_class = (f"{name} {labels[index]}" for index in listed for name in _CLASS_NAMES)
    names = ("accuracy", "balanced accuracy", "F1", *by_class)
    reference = None if guess is None else np.zeros(len(names))
    if guess in labels:
        baseline = np.zeros_like(matrix)
        baseline[:, labels.index(guess)] = rows
        reference = statistics(baseline.reshape(1, -1))[0]
    yield from interval_scores(names, matrix.reshape(-1), statistics, reference)


def _label_statistics(counts: Array, listed: Sequence[int]) -> Array:
    """Return the scores for flat confusion matrices, of shape (draws, classes * classes).

    The last scores are those of the classes with the indices in `listed`.
    """
    matrices = counts.reshape(len(counts), isqrt(counts.shape[1]), -1)
    right = np.diagonal(matrices, axis1=1, axis2=2)
    true, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
    recall, f1 = ratio(right, true), ratio(2 * right, true + predicted)
    precision = np.nan_to_num(ratio(right, predicted))
    accuracy = right.sum(axis=1) / true.sum(axis=1)
    means = np.nanmean(recall, axis=1), np.nanmean(f1, axis=1)
    by_class = np.stack((precision, recall, np.nan_to_num(f1)), axis=2)[:, listed]
    return np.column_stack((accuracy, *means, by_class.reshape(len(counts), -1)))


def _recall_scores(predictions: Predictions, shares: Sequence[float]) -> Iterator[EvaluationScore]:
    """Yield accuracy and balanced accuracy, which need no confusion matrix."""
    if not len(predictions.truth):
        return
    classes, truth = np.unique(predictions.truth, return_inverse=True)
    right = predictions.truth == predictions.predicted

    def statistics(counts: Array) -> Array:
        by_class = counts.reshape(len(counts), -1, 2)
        recall = ratio(by_class[:, :, 1], by_class.sum(axis=2))
        accuracy = by_class[:, :, 1].sum(axis=1) / counts.sum(axis=1)
        return np.column_stack((accuracy, np.nanmean(recall, axis=1)))

    counts, baseline = (
        np.bincount(2 * truth + is_right, minlength=2 * len(classes))
        for is_right in (right, predictions.truth == (np.argmax(shares) if shares else -1))
    )
    reference = statistics(baseline[None])[0] if shares else None
    yield from interval_scores(("accuracy", "balanced accuracy"), counts, statistics, reference)


def _auc_scores(name: str, truth: Array, scores: Array) -> Iterator[EvaluationScore]:
    """Yield the area under the ROC curve, where `truth` is True for positive rows."""
    if truth.all() or not truth.any() or not np.isfinite(scores).all():
        return
    distinct, ranks = np.unique(scores, return_inverse=True)
    value = _areas(_rank_counts(truth, ranks)[None])[0]
    ranks = ranks * min(len(distinct), MAX_THRESHOLDS) // len(distinct)
    yield from interval_scores((name,), _rank_counts(truth, ranks), _areas, np.array([0.5]), value)


def _rank_counts(truth: Array, ranks: Array) -> Array:
    """Return the number of negative rows of each rank, followed by those of positive rows."""
    size = int(ranks.max()) + 1
    return np.bincount(ranks + size * truth, minlength=2 * size)


def _areas(counts: Array) -> Array:
    """Return the share of pairs of a negative and a positive row in which the latter ranks higher.

    Equal ranks count half. The result has the shape (draws, 1), NaN without pairs.
    """
    negative, positive = np.split(counts.astype(np.float64), 2, axis=1)
    lower = np.cumsum(negative, axis=1) - negative / 2
    pairs = negative.sum(axis=1) * positive.sum(axis=1)
    return ratio((lower * positive).sum(axis=1), pairs)[:, None]
