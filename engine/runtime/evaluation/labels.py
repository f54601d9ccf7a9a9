"""Predictions as text: class labels, or numbers with their units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.encoders import Encoder, LabelEncoder, MultilabelEncoder, NumberEncoder
from engine.objectives.head import Head
from engine.runs.evaluation import round_finite
from engine.runtime.evaluation.collect import Array, Predictions


def labels_of(head: Head, encoder: Encoder | None, count: int) -> list[str]:
    """Return the class labels of an output: those of a label encoder, or else those of the head.

    If there are not exactly `count` labels, the result is "0", "1" and so on.
    """
    labels = encoder.labels if isinstance(encoder, LabelEncoder) else head.labels
    return list(labels) if len(labels) == count else [str(index) for index in range(count)]


class PredictionFormatter:
    """Base class of formatters, which convert predictions of one task to text.

    In all methods, `indices` are the indices of the predictions of one row.
    """

    def truth(self, predictions: Predictions, indices: Array) -> str:
        """Return the targets as text."""
        return self._format(predictions.truth[indices])

    def predicted(self, predictions: Predictions, indices: Array) -> str:
        """Return the predictions as text."""
        return self._format(predictions.predicted[indices])

    def _format(self, values: Array) -> str:
        raise NotImplementedError(type(self).__name__)

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean confidence of the predictions, or None if it is unknown."""
        return None


class ClassFormatter(PredictionFormatter):
    """Formats class indices as their labels."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels

    def _format(self, values: Array) -> str:
        return _join([self.labels[index] for index in values.astype(int)])

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean probability of the predicted classes."""
        return round_finite(float(predictions.confidence[indices].mean()))


class BinaryFormatter(PredictionFormatter):
    """Formats binary predictions.

    A single column is formatted as one of two labels, such as yes or no. Several columns
    (multi-label) are formatted as the list of predicted labels.
    """

    def __init__(self, head: Head, labels: list[str], encoder: Encoder | None) -> None:
        width = head.spec.shape[-1] if head.spec.shape else 1
        count = width if isinstance(width, int) else 1
        columns = encoder.labels if isinstance(encoder, MultilabelEncoder) else head.labels
        self.labels = labels
        has_labels = len(columns) == count
        self.column_labels = list(columns) if has_labels else [str(index) for index in range(count)]
        self.has_several = count > 1
        self.threshold = head.loss.decision_threshold if head.loss else 0.5

    def truth(self, predictions: Predictions, indices: Array) -> str:
        """Return the targets as text."""
        return self._format(predictions.truth[indices] > 0.5)

    def predicted(self, predictions: Predictions, indices: Array) -> str:
        """Return the predictions as text."""
        return self._format(predictions.predicted[indices] >= self.threshold)

    def _format(self, values: Array) -> str:
        if not self.has_several:
            return _join([self.labels[int(value)] for value in values[:, 0]])
        return _join([self.column_labels[index] for index in np.flatnonzero(values[0])]) or "none"

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean probability of the predicted labels, None for multi-label outputs."""
        score = predictions.predicted[indices]
        if self.has_several or not ((score >= 0) & (score <= 1)).all():
            return None
        return round_finite(float(np.where(score >= self.threshold, score, 1 - score).mean()))


class NumberFormatter(PredictionFormatter):
    """Formats numbers in the unit of the target column."""

    def __init__(self, head: Head, encoder: Encoder | None) -> None:
        self._encoder = encoder if isinstance(encoder, NumberEncoder) else None
        self._shape = head.spec.shape
        self._unit = f" {head.unit}" if head.unit else ""

    def inverse_transform(self, values: Array) -> Array:
        """Return network values in the unit of the target column."""
        if self._encoder is None:
            return values
        return np.asarray(self._encoder.inverse_transform(values.astype(np.float64)))

    def _format(self, values: Array) -> str:
        return (
            _join([f"{value:.5g}" for value in self.inverse_transform(values).reshape(-1)])
            + self._unit
        )


def _join(texts: Sequence[str], max_count: int = 6) -> str:
    """Return the first `max_count` texts, separated by commas; "…" follows if any remain."""
    return ", ".join(texts[:max_count]) + (", …" if len(texts) > max_count else "")
