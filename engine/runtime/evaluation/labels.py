"""Predictions by label, and as text: class labels, or numbers with their units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import Task, round_finite
from engine.runtime.evaluation.predictions import MAX_FULL_CLASSES, Predictions
from engine.runtime.inference.label_decoder import LabelDecoder
from engine.runtime.inference.prediction_columns import round_to_scale

MAX_TEXTS = 6  # maximum number of labels or numbers of a row


def row_text(values: Array, task: Task, decoder: LabelDecoder) -> str:
    """Return the targets or the predictions of one row of the dataset as text.

    Args:
        values: class ids, numbers of the network (NaN if missing), or True for each label that is
            present. A row may have several predictions along the first axis, such as one per step.
        task: task of the predictions.
    """
    unit = ""
    if task == "classes":
        texts = [decoder.labels[index] for index in values.astype(int)]
    elif task == "number":
        numbers = decoder.inverse_transform(values.astype(np.float64)).reshape(len(values), -1)
        rounded = round_to_scale(numbers, decoder.encoder).reshape(-1)
        texts = [f"{float(f'{number:.5g}') + 0:.12g}" for number in rounded]  # not 1.2e+05, -0
        texts = [text.replace("nan", "–") for text in texts]
        unit = f" {decoder.head.unit}" if decoder.head.unit else ""
    elif decoder.task == "yes-no":
        texts = [decoder.labels[int(value)] for value in values[:, 0]]
    else:
        texts = [decoder.labels[index] for index in np.flatnonzero(values[0])] or ["none"]
    more = ", …" if len(texts) > MAX_TEXTS else ""
    return ", ".join(texts[:MAX_TEXTS]) + more + unit


def row_confidence(predictions: Predictions, indices: Array, decoder: LabelDecoder) -> float | None:
    """Return the mean probability of a row's predicted classes; None if it is unknown.

    `indices` are the positions of the row's predictions in the arrays of `predictions`.
    """
    if predictions.task == "classes":
        probabilities = predictions.confidence[indices]
    elif decoder.task == "yes-no" and decoder.is_probability:
        score = predictions.predicted[indices]
        probabilities = np.maximum(score, 1 - score)
    else:  # several labels have a probability each
        return None
    return round_finite(float(probabilities.mean()))


def one_vs_rest(
    predictions: Predictions, decoder: LabelDecoder
) -> Iterator[tuple[str, Array, Array]]:
    """Yield the label of each class, whether it is the true one, and its score in each row.

    The label is "" for a single binary column. Of many labels, the first are yielded; of many
    classes, none.
    """
    truth, mask = predictions.truth, predictions.mask
    if predictions.task == "classes":
        for index, scores in enumerate(predictions.probabilities.T):
            yield decoder.labels[index], truth == index, scores
        return
    width = truth.shape[1]
    for column in range(min(width, MAX_FULL_CLASSES)):
        keep, label = mask[:, column], decoder.labels[column] if width > 1 else ""
        yield label, truth[keep, column] > 0.5, predictions.predicted[keep, column]
