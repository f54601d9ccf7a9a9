"""The label decoder, which converts the predictions of an output to labels, or to their unit."""

from __future__ import annotations

import numpy as np
import torch

from engine.data.encoders import Encoder, LabelEncoder, MultilabelEncoder, NumberEncoder
from engine.data.table.array import Array
from engine.layers.activation import apply_activation
from engine.objectives.head import Head
from engine.runs.evaluation import Task


def head_task(head: Head) -> Task:
    """Return the task of a head, which follows from the form of its targets."""
    if head.target_form in ("index", "onehot", "distribution"):
        return "classes"
    if head.target_form == "binary":
        return "yes-no" if head.class_count == 2 else "labels"
    return "number"


class LabelDecoder:
    """Decodes the predictions of an output into class ids and labels, or numbers in their unit.

    Args:
        head: the output.
        encoder: the fitted encoder of the target column, None if there is none.

    Attributes:
        task: "classes" (one of several), "yes-no" (one of two), "labels" (any number of several),
            or "number" (no labels).
        labels: labels in the order of class ids. If neither the encoder nor the head has a label
            for each class, these are "0", "1" and so on.
        has_names: whether the encoder or the head names the labels.
    """

    def __init__(self, head: Head, encoder: Encoder | None) -> None:
        self.head, self.encoder = head, encoder
        self.task = "labels" if isinstance(encoder, MultilabelEncoder) else head_task(head)
        names = head.labels
        if isinstance(encoder, LabelEncoder | MultilabelEncoder):
            names = encoder.labels
        count = self._label_count(len(names))
        self.has_names = len(names) == count
        self.labels = tuple(names) if self.has_names else tuple(map(str, range(count)))

    def _label_count(self, name_count: int) -> int:
        """Return the number of classes; `name_count` (number of names) if their axis is dynamic."""
        if self.task == "number":
            return 0
        if self.task != "labels":
            return self.head.class_count or 0
        width = self.head.spec.shape[-1] if self.head.spec.shape else 1
        return width if isinstance(width, int) else name_count

    def inverse_transform(self, numbers: Array) -> Array:
        """Return numbers that the network predicts in the unit of the target column."""
        encoder = self.encoder
        return encoder.inverse_transform(numbers) if isinstance(encoder, NumberEncoder) else numbers

    @property
    def stabilizer(self) -> tuple[np.ufunc, np.ufunc, float]:
        """A transform after which errors of all sizes are alike, its inverse, the least number.

        It is the logarithm for the scale "log", and for counts with a Poisson loss the square root
        (Bartlett 1936, The Square Root Transformation in Analysis of Variance).
        """
        encoder = self.encoder
        if isinstance(encoder, NumberEncoder) and encoder.scale == "log":
            return np.log1p, np.expm1, 0.0 if min(encoder.low, default=0.0) >= 0 else -np.inf
        if self.head.loss_name == "poisson":
            return np.sqrt, np.square, 0.0
        return np.positive, np.positive, -np.inf

    @property
    def is_probability(self) -> bool:
        """True if `class_scores` returns probabilities; False, for example, with a hinge loss."""
        loss = self.head.loss
        return loss is not None and loss.expected_activation in ("sigmoid", "softmax")

    def class_scores(self, predictions: Array) -> Array:
        """Return the scores by which `predict` chooses classes or labels.

        Args:
            predictions: predictions of the network, with the rows as the first axis.

        Returns:
            An array of the same size: probabilities if the network predicts logits, otherwise the
            predictions. Its last axis is the axis of the classes.
        """
        activation = self.head.probability_activation
        scores: Array = apply_activation(torch, activation, torch.from_numpy(predictions)).numpy()
        if self.task == "classes" and self.head.loss is not None:
            scores = np.moveaxis(scores, self.head.loss.class_axis, -1)
        return scores

    def predict(self, class_scores: Array) -> Array:
        """Return the predictions for class scores.

        Returns:
            If the task is "classes", the id of the class with the largest score, in an array
            without the last axis. Otherwise, True for each score that reaches the decision
            threshold of the loss: 0.5 for probabilities, 0 for hinge losses.
        """
        if self.task == "classes":
            return np.asarray(class_scores.argmax(axis=-1))
        loss = self.head.loss
        return np.asarray(class_scores >= (0.5 if loss is None else loss.decision_threshold))
