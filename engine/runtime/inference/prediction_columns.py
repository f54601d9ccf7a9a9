"""Predictions as table columns: labels, probabilities, and numbers in their original unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.data.encoders import Encoder, MultilabelEncoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.array import Array
from engine.data.table.column_types import Column, strings_to_column
from engine.graph.node_names import unique_name
from engine.objectives.head import Head
from engine.runtime.inference.label_decoder import LabelDecoder

Columns = dict[str, Array]


def prediction_columns(
    heads: list[Head], predicted: Mapping[str, Array], fitted: FittedEncoders
) -> Columns:
    """Return the columns of a prediction table by name, with one value per predicted row.

    - Binary and multi-class: "<output>" is the predicted label. "<output>_probability" is the
      probability of this label; it is left out if the output doesn't predict probabilities.
    - Multi-label: "<output>" is text that joins the predicted labels. "<output>_<label>" is the
      score of a label.
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
    decoder = LabelDecoder(head, encoder)
    if isinstance(encoder, MultilabelEncoder):
        scores = decoder.class_scores(values).reshape(len(values), -1)
        yield head.name, encoder.inverse_transform(decoder.predict(scores))
        for label, column in zip(decoder.labels, scores.T, strict=True):
            yield f"{head.name}_{label}", column
    elif decoder.task == "yes-no" or (decoder.task == "classes" and values.ndim == 2):
        scores = decoder.class_scores(values).reshape(len(values), -1)
        yield from _label_columns(decoder, scores)
    else:
        flat = decoder.inverse_transform(values).reshape(len(values), -1)
        count = flat.shape[1]
        names = [head.name] if count == 1 else [f"{head.name}_{index}" for index in range(count)]
        yield from zip(names, flat.T, strict=True)


def _label_columns(decoder: LabelDecoder, scores: Array) -> Iterator[tuple[str, Array]]:
    ids = decoder.predict(scores if decoder.task == "classes" else scores[:, 0]).astype(np.int64)
    yield decoder.head.name, np.array(decoder.labels, object)[ids] if decoder.has_names else ids
    if decoder.is_probability:
        chosen = np.maximum(scores, 1 - scores) if decoder.task == "yes-no" else scores
        yield f"{decoder.head.name}_probability", chosen.max(axis=1)


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
