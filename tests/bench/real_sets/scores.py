"""Scores of predictions: accuracy and log loss of classes, R2 and RMSE of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

Scores = dict[str, float]
SMALLEST = 1e-7  # a smaller probability counts as this one


def label(value: object) -> str:
    """Return a class as text, the same for 1, 1.0 and "1"."""
    try:
        return f"{float(value):g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


def of_classes(
    known: Iterable[object], predicted: Iterable[object], of_known: np.ndarray | None
) -> Scores:
    """Return accuracy and log loss; `of_known` are the probabilities of the known classes."""
    equal = [label(a) == label(b) for a, b in zip(known, predicted, strict=True)]
    scores = {"score": float(np.mean(equal))}
    if of_known is not None:
        scores["loss"] = float(-np.log(np.maximum(of_known, SMALLEST)).mean())
    return scores


def of_numbers(known: Iterable[float], predicted: Iterable[float]) -> Scores:
    """Return R2 and RMSE."""
    known, predicted = np.asarray(known, float), np.asarray(predicted, float)
    squared = np.square(known - predicted).mean()
    return {"score": float(1 - squared / known.var()), "loss": float(np.sqrt(squared))}
