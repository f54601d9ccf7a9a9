"""The prediction for one row as JSON: label or value, unit, and class probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoders import Encoder, MultilabelEncoder, NumberEncoder
from engine.objectives.head import Head
from engine.runs.evaluation import round_finite
from engine.runtime.evaluation.labels import labels_of
from engine.runtime.inference.trained_model import TrainedModel

Array = NDArray[Any]
MAX_LABELS = 50  # maximum number of labels or values in a prediction


def describe_prediction(
    trained: TrainedModel, predicted: Mapping[str, Array]
) -> list[dict[str, Any]]:
    """Return the prediction of each output for the first row, as plain JSON.

    Returns:
        One dict per output with the keys `name`, `unit`, and `answer` (the prediction as text);
        for classification also `shares` (the probability of each label), for regression also
        `values` (the numbers).
    """
    encoders = trained.fitted.targets
    return [
        {
            "name": head.name,
            "unit": head.unit,
            **_describe(head, predicted[head.name][0], encoders.get(head.name)),
        }
        for head in trained.heads
    ]


def _describe(head: Head, values: Array, encoder: Encoder | None) -> dict[str, Any]:
    if isinstance(encoder, MultilabelEncoder):
        flat = values.reshape(-1)
        predicted = [label for label, p in zip(encoder.labels, flat, strict=True) if p >= 0.5]
        return {"answer": ", ".join(predicted) or "none", **_probabilities(encoder.labels, flat)}
    if head.class_count and head.target_form == "binary" and values.size == 1:
        labels = labels_of(head, encoder, 2)
        positive = float(values.reshape(-1)[0])
        threshold = head.loss.decision_threshold if head.loss else 0.5
        probabilities = _probabilities(labels, np.array([1 - positive, positive]))
        return {"answer": labels[positive >= threshold], **probabilities}
    if head.class_count and head.target_form != "binary":
        labels = labels_of(head, encoder, values.shape[-1])
        class_ids = np.atleast_1d(values.argmax(-1)).reshape(-1)[:MAX_LABELS]
        probabilities = _probabilities(labels, values) if values.ndim == 1 else {}
        return {"answer": " ".join(labels[index] for index in class_ids), **probabilities}
    if isinstance(encoder, NumberEncoder):
        values = encoder.inverse_transform(values[np.newaxis])[0]
    flat = np.asarray(values, np.float64).reshape(-1)
    more = " …" if len(flat) > MAX_LABELS else ""
    return {
        "answer": ", ".join(f"{value:.5g}" for value in flat[:MAX_LABELS]) + more,
        "values": [round_finite(float(value)) for value in flat[:MAX_LABELS]],
    }


def _probabilities(labels: Sequence[str], values: Array) -> dict[str, Any]:
    """Return {"shares": LIST}, with the `MAX_LABELS` largest probabilities in the order of labels.

    If `values` are not all in [0, 1], they are not probabilities, and the result is {}.
    """
    if not ((values >= 0) & (values <= 1)).all():
        return {}
    largest = np.sort(np.argsort(-values, kind="stable")[:MAX_LABELS])
    return {
        "shares": [
            {"label": labels[index], "share": round_finite(float(values[index]))}
            for index in largest.tolist()
        ]
    }
