"""Predictions as text: class labels, or numbers with their units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.encoders import Encoder, NumberEncoder
from engine.data.table.array import Array
from engine.objectives.head import Head
from engine.runs.evaluation import round_finite
from engine.runtime.evaluation.predictions import Predictions
from engine.runtime.inference.label_decoder import LabelDecoder


class PredictionFormatter:
    """Base class of formatters. A formatter converts targets and predictions of a task to text.

    Each method formats one row of the dataset. A row may have several predictions, such as one per
    time step. `indices` are the positions of these predictions in the arrays of `predictions`.
    """

    def truth(self, predictions: Predictions, indices: Array) -> str:
        """Return the targets at `indices`, all from one row of the dataset, as text."""
        return self._format(predictions.truth[indices])

    def predicted(self, predictions: Predictions, indices: Array) -> str:
        """Return one row's predictions as text; `indices` are their positions in `predictions`."""
        return self._format(predictions.predicted[indices])

    def _format(self, values: Array) -> str:
        raise NotImplementedError(type(self).__name__)

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean confidence of the predictions at positions `indices`, None if unknown."""
        return None


class ClassFormatter(PredictionFormatter):
    """Formats class ids as their labels."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = labels

    def _format(self, values: Array) -> str:
        return _join([self.labels[index] for index in values.astype(int)])

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean probability of the predicted classes at `indices`, None if not finite."""
        return round_finite(float(predictions.confidence[indices].mean()))


class BinaryFormatter(PredictionFormatter):
    """Formats predictions of one column as one of two labels, such as yes or no."""

    def __init__(self, decoder: LabelDecoder) -> None:
        self.decoder = decoder

    def truth(self, predictions: Predictions, indices: Array) -> str:
        """Return the target labels at `indices` as text, such as "yes, no"."""
        return self._format(predictions.truth[indices] > 0.5)

    def predicted(self, predictions: Predictions, indices: Array) -> str:
        """Return the predicted labels at `indices` as text, such as "yes, no"."""
        return self._format(self.decoder.predict(predictions.predicted[indices]))

    def _format(self, values: Array) -> str:
        return _join([self.decoder.labels[int(value)] for value in values[:, 0]])

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return the mean probability of the predicted labels at `indices`, None if unknown."""
        if not self.decoder.is_probability:
            return None
        score = predictions.predicted[indices]
        return round_finite(float(np.maximum(score, 1 - score).mean()))


class MultilabelFormatter(BinaryFormatter):
    """Formats predictions of several columns as the list of predicted labels."""

    def _format(self, values: Array) -> str:
        labels = [self.decoder.labels[index] for index in np.flatnonzero(values[0])]
        return _join(labels) or "none"

    def confidence(self, predictions: Predictions, indices: Array) -> float | None:
        """Return None, because each label has its own probability."""
        return None


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
