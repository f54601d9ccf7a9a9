"""Predictions as table columns: labels, probabilities, and numbers in their original unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.data.encoders import Encoder, MultilabelEncoder, NumberEncoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.array import Array
from engine.data.table.column_types import Column, strings_to_column
from engine.graph.node_names import unique_name
from engine.objectives.head import Head
from engine.runtime.inference.label_decoder import LabelDecoder, head_task

Columns = dict[str, Array]
_DIGITS = 6  # significant digits of a number, relative to the scale of the target
_PROBABILITY_DECIMALS = 6


def prediction_columns(
    heads: list[Head],
    predicted: Mapping[str, Array],
    fitted: FittedEncoders,
    probabilities: bool = False,
    margins: Mapping[str, Array] | None = None,
) -> Columns:
    """Return the columns of a prediction table by name, with one value per predicted row.

    The names depend on the output only, not on the table that is predicted:

    - "<output>_predicted" is the predicted label, the predicted labels joined, or the number in the
      unit of the target column. Several numbers per row are "<output>_predicted_0" and so on.
    - "<output>_probability" is the probability of the label of a binary or multi-class output.
    - "<output>_probability_<label>" is the probability of each label, if `probabilities` is True.
    - "<output>_lower" and "<output>_upper" are the bounds of an interval around each number. By
      output, `margins` has an array of shape (2, numbers): the margins, and the smallest bounds.

    An output whose scores are no probabilities has no columns of probabilities.
    """
    result: Columns = {}
    for head in heads:
        encoder, values = fitted.targets.get(head.name), predicted[head.name]
        columns = _columns(LabelDecoder(head, encoder), values, (margins or {}).get(head.name))
        for suffix, column in columns:
            if probabilities or not suffix.startswith("probability_"):
                result[unique_name(f"{head.name}_{suffix}", result)] = column
    return result


def _columns(
    decoder: LabelDecoder, values: Array, interval: Array | None
) -> Iterator[tuple[str, Array]]:
    """Yield (suffix of the name, values) of each column of an output."""
    encoder = decoder.encoder
    is_multilabel = isinstance(encoder, MultilabelEncoder)
    if is_multilabel or decoder.task == "yes-no" or (decoder.task == "classes" and values.ndim < 3):
        scores = decoder.class_scores(values).reshape(len(values), -1)
        if isinstance(encoder, MultilabelEncoder):
            yield "predicted", encoder.inverse_transform(decoder.predict(scores))
        else:
            yield from _label_columns(decoder, scores)
        if decoder.is_probability:
            is_binary = decoder.task == "yes-no" and not is_multilabel
            by_label = np.hstack((1 - scores, scores)) if is_binary else scores
            for label, column in zip(decoder.labels, by_label.T, strict=True):
                yield f"probability_{label}", _round_probability(column)
        return
    flat = decoder.inverse_transform(values).reshape(len(values), -1).astype(np.float64)
    places = [f"_{index}" for index in range(flat.shape[1])] if flat.shape[1] > 1 else [""]
    bounds = {"predicted": flat}
    if interval is not None:
        forward, inverse, least = decoder.stabilizer
        center, repeats = forward(np.maximum(flat, least)), flat.shape[1] // interval.shape[1]
        margins, smallest = np.tile(interval, repeats)
        for name, bound in (("lower", center - margins), ("upper", center + margins)):
            bounds[name] = np.maximum(inverse(np.maximum(bound, least)), smallest)
    for name, numbers in bounds.items():
        rounded = round_to_scale(numbers, encoder)
        yield from zip((name + place for place in places), rounded.T, strict=True)


def _label_columns(decoder: LabelDecoder, scores: Array) -> Iterator[tuple[str, Array]]:
    ids = decoder.predict(scores if decoder.task == "classes" else scores[:, 0]).astype(np.int64)
    yield "predicted", np.array(decoder.labels, object)[ids] if decoder.has_names else ids
    if decoder.is_probability:
        chosen = np.maximum(scores, 1 - scores) if decoder.task == "yes-no" else scores
        yield "probability", _round_probability(chosen.max(axis=1))


def _round_probability(values: Array) -> Array:
    return np.asarray(np.round(values.astype(np.float64), _PROBABILITY_DECIMALS))


def round_to_scale(numbers: Array, encoder: Encoder | None) -> Array:
    """Return numbers of shape (rows, columns) with six significant digits of their column's scale.

    The scale is the one by which the encoder divides the target. Without such a scale, or with a
    logarithmic one, each number has six significant digits of its own.
    """
    sizes = np.abs(numbers)
    if isinstance(encoder, NumberEncoder) and encoder.spread and encoder.scale != "log":
        sizes = np.resize(np.abs(np.array(encoder.spread)), (1, numbers.shape[1]))
    sizes = np.where(np.isfinite(sizes) & (sizes > 0), sizes, 1.0)
    decimals = np.clip(_DIGITS - 1 - np.floor(np.log10(sizes)), -300, 300)
    power = 10.0 ** np.abs(decimals)
    # Dividing by an exact power of ten gives the number with the fewest digits.
    shorter = np.rint(numbers * power) / power
    return np.asarray(np.where(decimals >= 0, shorter, np.rint(numbers / power) * power))


def prediction_notes(
    heads: list[Head], fitted: FittedEncoders, probabilities: bool
) -> list[Diagnostic]:
    """Return an info for each output that does not have the requested probabilities."""
    notes = []
    for head in heads:
        decoder = LabelDecoder(head, fitted.targets.get(head.name))
        if probabilities and decoder.task != "number" and not decoder.is_probability:
            found = f"scores of the loss {head.loss_name}"
            notes.append(not_predicted(head, "probabilities", found, "a cross-entropy"))
    if probabilities and all(head_task(head) == "number" for head in heads):
        notes.append(not_predicted(heads[0], "probabilities", "a number", "classes or labels"))
    return notes


def not_predicted(head: Head, columns: str, found: str, expected: str, fix: str = "") -> Diagnostic:
    """Return an info that an output lacks the requested columns; with a fix, it is a warning."""
    diagnostic = Diagnostic.warning if fix else Diagnostic.info
    return diagnostic(
        "prediction-unfit",
        f"there are no {columns} of this output",
        fix or f"No action is needed: the output has its other columns, without {columns}.",
        node=head.name,
        found=found,
        expected=expected,
    )


def append_predictions(columns: Mapping[str, Column], predicted: Columns) -> dict[str, Column]:
    """Return the columns of a table, followed by the predictions for its rows.

    A column of the table that has the name of a prediction is left out.
    """
    result = {name: column for name, column in columns.items() if name not in predicted}
    for name, values in predicted.items():
        result[name] = strings_to_column(values) if values.dtype == object else values
    return result
