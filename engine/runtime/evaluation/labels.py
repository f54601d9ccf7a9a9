"""Predictions as text: class labels, or numbers with their unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.encoders import Encoder, LabelEncoder, MultilabelEncoder, NumberEncoder
from engine.objectives.head import Head
from engine.runs.evaluation import round_finite
from engine.runtime.evaluation.collect import Answers, Array


def labels_of(head: Head, encoder: Encoder | None, count: int) -> list[str]:
    """Return the labels of the classes: from the encoder or the output layer, else indices."""
    labels = encoder.labels if isinstance(encoder, LabelEncoder) else head.labels
    return list(labels) if len(labels) == count else [str(index) for index in range(count)]


class LabelDecoder:
    """Base class of formatters, which convert predictions of one task to text.

    `at` in all methods is an array of prediction indices, those of one row.
    """

    def truth(self, answers: Answers, at: Array) -> str:
        """Return the targets as text."""
        return self._format(answers.truth[at])

    def said(self, answers: Answers, at: Array) -> str:
        """Return the predictions as text."""
        return self._format(answers.said[at])

    def _format(self, values: Array) -> str:
        raise NotImplementedError(type(self).__name__)

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the confidence of the predictions, None if unknown."""
        return None


class ClassWords(LabelDecoder):
    """Formats classes by their labels."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels

    def _format(self, values: Array) -> str:
        return _join([self.labels[index] for index in values.astype(int)])

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the mean probability of the predicted classes."""
        return round_finite(float(answers.confidence[at].mean()))


class YesWords(LabelDecoder):
    """Formats binary predictions: yes or no, or the labels that apply."""

    def __init__(self, head: Head, labels: list[str], encoder: Encoder | None) -> None:
        width = head.spec.shape[-1] if head.spec.shape else 1
        count = width if isinstance(width, int) else 1
        columns = encoder.labels if isinstance(encoder, MultilabelEncoder) else head.labels
        self.labels = labels
        has_labels = len(columns) == count
        self.columns = list(columns) if has_labels else [str(index) for index in range(count)]
        self.several = count > 1
        self.cut = head.loss.decision_threshold if head.loss else 0.5

    def truth(self, answers: Answers, at: Array) -> str:
        """Return the targets as text."""
        return self._format(answers.truth[at] > 0.5)

    def said(self, answers: Answers, at: Array) -> str:
        """Return the predictions as text."""
        return self._format(answers.said[at] >= self.cut)

    def _format(self, values: Array) -> str:
        if not self.several:
            return _join([self.labels[int(value)] for value in values[:, 0]])
        return _join([self.columns[index] for index in np.flatnonzero(values[0])]) or "none"

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the mean probability of the predicted answers, None for several labels."""
        score = answers.said[at]
        if self.several or not ((score >= 0) & (score <= 1)).all():
            return None
        return round_finite(float(np.where(score >= self.cut, score, 1 - score).mean()))


class NumberWords(LabelDecoder):
    """Formats numbers in the unit of their column."""

    def __init__(self, head: Head, encoder: Encoder | None) -> None:
        self._encoder = encoder if isinstance(encoder, NumberEncoder) else None
        self._shape = head.spec.shape
        self._unit = f" {head.unit}" if head.unit else ""

    def own(self, values: Array) -> Array:
        """Return values in the unit of the column (inverse transform)."""
        if self._encoder is None:
            return values
        return np.asarray(self._encoder.inverse_transform(values.astype(np.float64)))

    def _format(self, values: Array) -> str:
        return _join([f"{value:.5g}" for value in self.own(values).reshape(-1)]) + self._unit


def _join(texts: Sequence[str], max_count: int = 6) -> str:
    """Return texts separated by commas, with an ellipsis after `max_count`."""
    return ", ".join(texts[:max_count]) + (", …" if len(texts) > max_count else "")
