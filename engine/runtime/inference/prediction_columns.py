"""Predictions as columns that a person can read: labels, probabilities, numbers in their unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoders import Boolean, Category, Encoder, Multilabel, Number
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.table.column_types import Column, words
from engine.graph.node_names import unique
from engine.objectives.head import Head

Array = NDArray[Any]
Columns = dict[str, Array]


def columns(heads: list[Head], predicted: Mapping[str, Array], fitted: Fitted) -> Columns:
    """Return the columns of a table of predictions, by name, one row per row predicted.

    A class, yes and no among them, gives its label under the output's name and the probability of
    that label under "<output>_probability"; of several labels that may hold at once each has a
    probability of its own, "<output>_<label>". A number stands in the column's own unit; an answer
    with more axes is spread over "<output>_0", "<output>_1" and so on. Where another output has
    such a name, that one keeps it, and the column says whose it is: "age_probability_of_age".
    """
    answer: Columns = {}
    own = {head.name for head in heads}
    for head in heads:
        encoder = fitted.targets.get(head.name)
        for name, values in _of_head(head, predicted[head.name], encoder):
            taken = (own | answer.keys()) - {head.name}
            free = unique(f"{name}_of_{head.name}", taken) if name in taken else name
            answer[free] = values
    return answer


def _of_head(head: Head, values: Array, encoder: Encoder | None) -> Iterator[tuple[str, Array]]:
    flat = values.reshape(len(values), -1)
    if isinstance(encoder, Multilabel):
        yield head.name, encoder.inverse(flat)
        for label, share in zip(encoder.labels, flat.T, strict=True):
            yield f"{head.name}_{label}", share
    elif head.classes and head.form == "binary":
        yield head.name, _yes_or_no(head, flat[:, 0], encoder)
        yield f"{head.name}_probability", np.maximum(flat[:, 0], 1 - flat[:, 0])
    elif head.classes and values.ndim == 2:
        yield head.name, _best_class(head, flat, encoder)
        yield f"{head.name}_probability", flat.max(axis=1)
    else:
        numbers = encoder.inverse(values) if isinstance(encoder, Number) else values
        flat = np.asarray(numbers).reshape(len(values), -1)
        names = [head.name] if flat.shape[1] == 1 else _numbered(head.name, flat.shape[1])
        yield from zip(names, flat.T, strict=True)


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}_{place}" for place in range(count)]


def _yes_or_no(head: Head, probability: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, Boolean):
        return encoder.inverse(probability)
    yes: Array = (probability >= 0.5).astype(np.int64)
    return np.array(head.labels, object)[yes] if len(head.labels) == 2 else yes


def _best_class(head: Head, probabilities: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, Category):
        return encoder.inverse(probabilities)
    best: Array = probabilities.argmax(axis=1)
    return np.array(head.labels, object)[best] if head.labels else best


def beside(own: Mapping[str, Column], predicted: Columns) -> dict[str, Column]:
    """Return each row's own columns, and its predictions behind them.

    A prediction that is called like a column of the table, as the one that was trained on holds
    its target, stands as "species_predicted".
    """
    answer = dict(own)
    for name, values in predicted.items():
        taken = answer.keys() | (predicted.keys() - {name})
        answer[unique(f"{name}_predicted", taken) if name in own else name] = column_of(values)
    return answer


def column_of(values: Array) -> Column:
    """Return predictions as a column of a table: labels as text."""
    return words(values) if values.dtype == object else values
