"""Predictions as table columns: labels, probabilities, and numbers in their original unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import encoders
from engine.data.encoders import Encoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.column_types import Column, strings_to_column
from engine.graph.node_names import unique_name
from engine.objectives.head import Head

Array = NDArray[Any]
Columns = dict[str, Array]


def prediction_columns(
    heads: list[Head], predicted: Mapping[str, Array], fitted: FittedEncoders
) -> Columns:
    """Return the columns of a prediction table by name, with one value per predicted row.

    - Binary and multi-class: "<output>" is the predicted label, "<output>_probability" the
      probability of this label.
    - Multi-label: "<output>" has the predicted labels, "<output>_<label>" a label's probability.
    - Regression: "<output>" is in the unit of the target column. Several numbers per row are
      flattened to "<output>_0", "<output>_1" and so on.

    If a column of an output has the name of another output or of an earlier column, "_of_<output>"
    is appended to its name, as in "age_probability_of_age".
    """
    result: Columns = {}
    output_names = {head.name for head in heads}
    for head in heads:
        encoder = fitted.targets.get(head.name)
        for name, values in _columns(head, predicted[head.name], encoder):
            used_names = (output_names | result.keys()) - {head.name}
            free_name = (
                unique_name(f"{name}_of_{head.name}", used_names) if name in used_names else name
            )
            result[free_name] = values
    return result


def _columns(head: Head, values: Array, encoder: Encoder | None) -> Iterator[tuple[str, Array]]:
    flat = values.reshape(len(values), -1)
    if isinstance(encoder, encoders.MultilabelEncoder):
        yield head.name, encoder.inverse_transform(flat)
        for label, probabilities in zip(encoder.labels, flat.T, strict=True):
            yield f"{head.name}_{label}", probabilities
    elif head.class_count and head.target_form == "binary":
        yield head.name, _binary_labels(head, flat[:, 0], encoder)
        yield f"{head.name}_probability", np.maximum(flat[:, 0], 1 - flat[:, 0])
    elif head.class_count and values.ndim == 2:
        yield head.name, _class_labels(head, flat, encoder)
        yield f"{head.name}_probability", flat.max(axis=1)
    else:
        numbers = values
        if isinstance(encoder, encoders.NumberEncoder):
            numbers = encoder.inverse_transform(values)
        flat = np.asarray(numbers).reshape(len(values), -1)
        count = flat.shape[1]
        names = [head.name] if count == 1 else [f"{head.name}_{index}" for index in range(count)]
        yield from zip(names, flat.T, strict=True)


def _binary_labels(head: Head, probability: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, encoders.BooleanEncoder):
        return encoder.inverse_transform(probability)
    class_ids: Array = (probability >= 0.5).astype(np.int64)
    return np.array(head.labels, object)[class_ids] if len(head.labels) == 2 else class_ids


def _class_labels(head: Head, probabilities: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, encoders.CategoryEncoder):
        return encoder.inverse_transform(probabilities)
    class_ids: Array = probabilities.argmax(axis=1)
    return np.array(head.labels, object)[class_ids] if head.labels else class_ids


def append_predictions(columns: Mapping[str, Column], predicted: Columns) -> dict[str, Column]:
    """Return the columns of a table, followed by the predictions for its rows.

    If a prediction has the name of a table column, usually the target column, the prediction is
    renamed to "<name>_predicted".
    """
    result = dict(columns)
    for name, values in predicted.items():
        used_names = result.keys() | (predicted.keys() - {name})
        free_name = unique_name(f"{name}_predicted", used_names) if name in columns else name
        result[free_name] = strings_to_column(values) if values.dtype == object else values
    return result
