"""The prediction for one row as JSON: label or value, unit, and class probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import round_finite
from engine.runtime.inference.label_decoder import LabelDecoder
from engine.runtime.inference.trained_model import TrainedModel

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
            **_describe(LabelDecoder(head, encoders.get(head.name)), predicted[head.name][:1]),
        }
        for head in trained.heads
    ]


def _describe(decoder: LabelDecoder, values: Array) -> dict[str, Any]:
    labels = decoder.labels
    if decoder.task == "yes-no" and values.size == 1:
        (score,) = decoder.class_scores(values).reshape(-1)
        shares = _probabilities(decoder, np.array([1 - score, score]))
        return {"answer": labels[int(decoder.predict(score))], **shares}
    if decoder.task == "labels" and decoder.has_names:
        scores = decoder.class_scores(values).reshape(-1)
        predicted = [labels[index] for index in np.flatnonzero(decoder.predict(scores))]
        return {"answer": ", ".join(predicted) or "none", **_probabilities(decoder, scores)}
    if decoder.task == "classes":
        scores = decoder.class_scores(values)[0]
        class_ids = decoder.predict(scores).reshape(-1)[:MAX_LABELS]
        shares = _probabilities(decoder, scores) if scores.ndim == 1 else {}
        return {"answer": " ".join(labels[index] for index in class_ids), **shares}
    flat = np.asarray(decoder.inverse_transform(values), np.float64).reshape(-1)
    more = " …" if len(flat) > MAX_LABELS else ""
    return {
        "answer": ", ".join(f"{value:.5g}" for value in flat[:MAX_LABELS]) + more,
        "values": [round_finite(float(value)) for value in flat[:MAX_LABELS]],
    }


def _probabilities(decoder: LabelDecoder, values: Array) -> dict[str, Any]:
    """Return {"shares": a list of dicts with the keys `label` and `share` (its probability)}.

    `values` holds one score per label. The list contains the `MAX_LABELS` largest scores, in the
    order of `decoder.labels`. If the scores are not probabilities, the result is {}.
    """
    if not decoder.is_probability:
        return {}
    largest = np.sort(np.argsort(-values, kind="stable")[:MAX_LABELS])
    return {
        "shares": [
            {"label": decoder.labels[index], "share": round_finite(float(values[index]))}
            for index in largest.tolist()
        ]
    }
