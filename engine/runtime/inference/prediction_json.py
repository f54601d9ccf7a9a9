"""What a network says of one row, in the person's labels and units, with all that it doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoders import Encoder, Multilabel, Number
from engine.objectives.head import Head
from engine.runs.evaluation import number
from engine.runtime.inference.labels import labels_of
from engine.runtime.inference.trained_model import Trained

Array = NDArray[Any]
MOST = 50  # labels or numbers that are told


def said(trained: Trained, predicted: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return by output what was predicted for the first row, as JSON.

    Returns:
        In drawing order: name, unit; `answer` in words; `shares`, how likely each label is, where
        the network tells probabilities; `values`, the numbers, where it tells those.
    """
    encoders = trained.fitted.targets
    return [
        {
            "name": head.name,
            "unit": head.unit,
            **_said(head, predicted[head.name][0], encoders.get(head.name)),
        }
        for head in trained.heads
    ]


def _said(head: Head, values: Array, encoder: Encoder | None) -> dict[str, Any]:
    if isinstance(encoder, Multilabel):
        flat = values.reshape(-1)
        holds = [name for name, share in zip(encoder.labels, flat, strict=True) if share >= 0.5]
        return {"answer": ", ".join(holds) or "none", **_shares(encoder.labels, flat)}
    if head.classes and head.form == "binary" and values.size == 1:
        labels = labels_of(head, encoder, 2)
        yes = float(values.reshape(-1)[0])
        cut = head.loss.cut if head.loss else 0.5
        return {"answer": labels[yes >= cut], **_shares(labels, np.array([1 - yes, yes]))}
    if head.classes and head.form != "binary":
        labels = labels_of(head, encoder, values.shape[-1])
        best = [labels[place] for place in np.atleast_1d(values.argmax(-1)).reshape(-1)[:MOST]]
        told = _shares(labels, values) if values.ndim == 1 else {}
        return {"answer": " ".join(best), **told}
    own = encoder.inverse(values[np.newaxis])[0] if isinstance(encoder, Number) else values
    flat = np.asarray(own, np.float64).reshape(-1)
    more = " …" if len(flat) > MOST else ""
    return {
        "answer": ", ".join(f"{value:.5g}" for value in flat[:MOST]) + more,
        "values": [number(float(value)) for value in flat[:MOST]],
    }


def _shares(labels: Sequence[str], values: Array) -> dict[str, Any]:
    """Return how likely each label is, the likeliest ones of many; nothing for other numbers."""
    if not ((values >= 0) & (values <= 1)).all():
        return {}
    chosen = np.sort(np.argsort(-values, kind="stable")[:MOST])
    return {
        "shares": [
            {"label": labels[place], "share": number(float(values[place]))}
            for place in chosen.tolist()
        ]
    }
