"""Scores of an output that can be judged: each with a baseline and a bootstrap interval.

The baseline is the score of the training rows' mean, or of their most frequent class. Scores are
those of scikit-learn; R2 of several columns is that of `multioutput="variance_weighted"`, and the
errors are means over all columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.data.splits.random_split import permutation
from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationScore, round_finite
from engine.runtime.evaluation.bootstrap import bootstrap_intervals
from engine.runtime.evaluation.diagrams import MAX_CLASSES
from engine.runtime.evaluation.predictions import Predictions
from engine.runtime.inference.label_decoder import LabelDecoder

# Rows fall at random into at most this many cells, so that intervals of many rows take no longer.
MAX_CELLS = 2000
MAX_THRESHOLDS = 200  # of the interval of an area under a ROC curve
MAX_LABELS = 20  # with more classes, F1 and AUC of each class are left out
Baseline = Sequence[float] | None
Statistics = Callable[[Array], Array]


def judged_scores(
    predictions: Predictions, decoder: LabelDecoder, baseline: Baseline
) -> Iterator[EvaluationScore]:
    """Yield the scores of an output; `baseline` is that of `target_baselines`, None if unknown."""
    if not len(predictions.truth):
        return
    if predictions.task == "number":
        yield from _number_scores(predictions, decoder, baseline)
    elif predictions.task == "classes":
        yield from _class_scores(predictions, decoder, baseline)
    else:
        yield from _binary_scores(predictions, decoder, baseline)


def _scores(
    predictions: Predictions,
    names: Sequence[str],
    values: Array,
    bounds: Array,
    baseline: Array | None,
) -> Iterator[EvaluationScore]:
    for index, name in enumerate(names):
        reference = None if baseline is None else round_finite(float(baseline[index]))
        yield EvaluationScore(
            output=predictions.head.name,
            name=name,
            value=round_finite(float(values[index])),
            unit=predictions.head.unit if name in ("RMSE", "MAE") else "",
            low=round_finite(float(bounds[0, index])),
            high=round_finite(float(bounds[1, index])),
            baseline=reference,
        )


# Numbers.


def _number_scores(
    predictions: Predictions, decoder: LabelDecoder, baseline: Baseline
) -> Iterator[EvaluationScore]:
    keep = predictions.mask
    truth = decoder.inverse_transform(predictions.truth.astype(np.float64))
    predicted = decoder.inverse_transform(predictions.predicted.astype(np.float64))
    means = np.where(keep, truth, 0).sum(axis=0) / np.maximum(keep.sum(axis=0), 1)
    spread = np.square(truth - means)

    def row_sums(guess: Array) -> Array:
        errors = guess - truth
        parts = (np.square(errors), np.abs(errors), spread, np.ones(truth.shape))
        rows = predictions.row_indices
        sums = [np.bincount(rows, np.where(keep, part, 0).sum(axis=1)) for part in parts]
        return np.stack(sums, axis=1)

    sums = row_sums(predicted)
    sums = sums[sums[:, 3] > 0]
    if not len(sums) or not np.isfinite(sums).all():
        return
    cells = permutation(len(sums), 0) % MAX_CELLS
    grouped = np.stack([np.bincount(cells, column) for column in sums.T], axis=1)
    bounds = bootstrap_intervals(
        np.ones(len(grouped)), lambda counts: _number_statistics(counts @ grouped)
    )
    reference = None
    if baseline is not None and len(baseline) == truth.shape[1]:
        constant = np.broadcast_to(np.array(baseline), truth.shape)
        reference = _number_statistics(row_sums(constant).sum(axis=0)[None])[0]
    values = _number_statistics(sums.sum(axis=0)[None])[0]
    yield from _scores(predictions, ("R2", "RMSE", "MAE"), values, bounds, reference)


def _number_statistics(sums: Array) -> Array:
    """Return R2, RMSE and MAE for sums of squared errors, errors, squared deviations and counts."""
    squares, errors, spread, counts = sums.T
    return np.stack(
        (1 - _ratio(squares, spread), np.sqrt(_ratio(squares, counts)), _ratio(errors, counts)), 1
    )


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where the denominator is 0."""
    return np.asarray(
        np.where(denominator > 0, numerator / np.where(denominator > 0, denominator, 1), np.nan)
    )


# Classes.


def _class_scores(
    predictions: Predictions, decoder: LabelDecoder, baseline: Baseline
) -> Iterator[EvaluationScore]:
    truth, predicted = predictions.truth, predictions.predicted
    yield from _label_scores(predictions, decoder.labels, truth, predicted, baseline)
    if decoder.is_probability:
        for label, index in zip(
            decoder.labels, range(predictions.probabilities.shape[1]), strict=False
        ):
            scores = predictions.probabilities[:, index]
            yield from _auc_scores(predictions, f"AUC {label}", truth == index, scores)


def _binary_scores(
    predictions: Predictions, decoder: LabelDecoder, baseline: Baseline
) -> Iterator[EvaluationScore]:
    """Yield the scores of yes or no; of several labels, only F1 and AUC of each."""
    width = predictions.truth.shape[1]
    if baseline is not None and len(baseline) != width:
        baseline = None
    for column in range(width if width <= MAX_LABELS else 0):
        keep = predictions.mask[:, column]
        truth, scores = predictions.truth[keep, column] > 0.5, predictions.predicted[keep, column]
        shares = (1 - baseline[column], baseline[column]) if baseline else None
        labels = decoder.labels if decoder.task == "yes-no" else ("none", decoder.labels[column])
        classes = truth.astype(np.int64), decoder.predict(scores).astype(np.int64)
        for score in _label_scores(predictions, labels, *classes, shares):
            if width == 1 or score.name == f"F1 {labels[1]}":
                yield score
        name = "AUC" if width == 1 else f"AUC {labels[1]}"
        yield from _auc_scores(predictions, name, truth, scores)


def _label_scores(
    predictions: Predictions,
    labels: Sequence[str],
    truth: Array,
    predicted: Array,
    baseline: Baseline,
) -> Iterator[EvaluationScore]:
    """Yield accuracy, balanced accuracy, the mean F1, and the F1 of each class that occurs."""
    count = len(labels)
    if not len(truth) or count > MAX_CLASSES:
        return
    cells, frequencies = np.unique(truth * count + predicted, return_counts=True)
    is_true = (cells // count)[:, None] == np.arange(count)
    is_predicted = (cells % count)[:, None] == np.arange(count)
    values = _label_statistics(is_true, is_predicted)(frequencies[None])[0]
    bounds = bootstrap_intervals(frequencies, _label_statistics(is_true, is_predicted))
    reference = None
    if baseline is not None:
        classes, frequencies = np.unique(truth, return_counts=True)
        is_class = classes[:, None] == np.arange(count)
        is_most = np.broadcast_to(np.arange(count) == int(np.argmax(baseline)), is_class.shape)
        reference = _label_statistics(is_class, is_most)(frequencies[None])[0]
    listed = [k for k in range(count) if is_true[:, k].any()] if count <= MAX_LABELS else []
    kept = [0, 1, 2, *(3 + k for k in listed)]
    names = ("accuracy", "balanced accuracy", "F1", *(f"F1 {labels[k]}" for k in listed))
    reference = None if reference is None else reference[kept]
    yield from _scores(predictions, names, values[kept], bounds[:, kept], reference)


def _label_statistics(is_true: Array, is_predicted: Array) -> Statistics:
    """Return the function from counts of cells to the statistics of `_label_scores`.

    The arguments tell the true and the predicted class of each cell, with a column for each class.
    """

    def statistics(counts: Array) -> Array:
        right = counts @ (is_true & is_predicted)
        true, predicted = counts @ is_true, counts @ is_predicted
        recall, f1 = _ratio(right, true), _ratio(2 * right, true + predicted)
        accuracy = right.sum(axis=1) / counts.sum(axis=1)
        means = [_mean_of_known(each) for each in (recall, f1)]
        return np.column_stack((accuracy, *means, np.nan_to_num(f1)))

    return statistics


def _mean_of_known(values: Array) -> Array:
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))


def _auc_scores(
    predictions: Predictions, name: str, truth: Array, scores: Array
) -> Iterator[EvaluationScore]:
    """Yield the area under the ROC curve, where `truth` is True for positive rows."""
    if truth.all() or not truth.any() or not np.isfinite(scores).all():
        return
    places, ranks = np.unique(scores, return_inverse=True)
    value = _areas(_counts(truth, ranks)[None])[0]
    if len(places) > MAX_THRESHOLDS:
        ranks = ranks * MAX_THRESHOLDS // len(places)
    bounds = bootstrap_intervals(_counts(truth, ranks), _areas)
    yield from _scores(predictions, (name,), value, bounds, np.array([0.5]))


def _counts(truth: Array, ranks: Array) -> Array:
    """Return the number of negative rows of each rank, followed by those of positive rows."""
    size = int(ranks.max()) + 1
    return np.bincount(ranks + size * truth, minlength=2 * size)


def _areas(counts: Array) -> Array:
    """Return the share of pairs of a negative and a positive row in which the latter ranks higher.

    Equal ranks count half. The result has the shape (draws, 1), NaN without pairs.
    """
    negative, positive = np.split(counts.astype(np.float64), 2, axis=1)
    lower = np.cumsum(negative, axis=1) - negative / 2
    pairs = negative.sum(axis=1) * positive.sum(axis=1)
    return _ratio((lower * positive).sum(axis=1), pairs)[:, None]


# Scores that a metric of the network has, too.

_METRICS = {
    "R2": ("r2", "r2_score"),
    "RMSE": ("rmse", "root_mean_squared_error"),
    "MAE": ("mae", "mean_absolute_error"),
    "accuracy": (
        "acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    ),
    "AUC": ("auc",),
}  # fmt: skip


def add_judged_scores(
    scores: Sequence[EvaluationScore], judged: Sequence[EvaluationScore]
) -> tuple[EvaluationScore, ...]:
    """Return the scores with the judged ones; a metric that is equal to one gets its interval."""
    result, rest = [], list(judged)
    for score in scores:
        twin = next((each for each in rest if _is_same(score, each)), None)
        if twin is not None:
            rest.remove(twin)
            score = twin.model_copy(update={"name": score.name, "value": score.value})
        result.append(score)
    known, outputs = {score.key for score in result}, [score.output for score in result]
    rest = [score for score in rest if score.key not in known]
    return tuple(sorted((*result, *rest), key=lambda score: outputs.index(score.output)))


def _is_same(score: EvaluationScore, judged: EvaluationScore) -> bool:
    if score.output != judged.output or score.name not in _METRICS.get(judged.name, ()):
        return False
    if score.value is None or judged.value is None:
        return False
    return abs(score.value - judged.value) <= 0.005 * max(abs(judged.value), 1e-9)
