"""Scores of an output, each with a baseline and a bootstrap interval.

The baseline is the score of the training rows' mean, or of their most frequent class, or of the
last past value if that is a better forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationScore, OutputEvaluation
from engine.runtime.evaluation.class_scores import class_scores
from engine.runtime.evaluation.number_scores import number_scores
from engine.runtime.evaluation.predictions import Predictions
from engine.runtime.inference.label_decoder import LabelDecoder

# The names of scores that a metric of the network has, too.
_METRICS = {
    "r2": "R2", "r2_score": "R2", "rmse": "RMSE", "root_mean_squared_error": "RMSE",
    "mae": "MAE", "mean_absolute_error": "MAE", "auc": "AUC", "acc": "accuracy",
    "binary_accuracy": "accuracy", "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
}  # fmt: skip
_TOLERANCE = 0.005  # relative; metrics are computed in single precision, from many thresholds


def output_scores(
    output: OutputEvaluation,
    predictions: Predictions,
    decoder: LabelDecoder,
    baseline: Sequence[float],
    last: Array | None = None,
) -> Iterator[EvaluationScore]:
    """Yield the scores of an output.

    `baseline` is that of `target_baselines`, () if unknown. `last` are the `last_known_values`.
    """
    if not len(predictions.truth):
        return
    width = predictions.truth.shape[1] if predictions.truth.ndim > 1 else len(decoder.labels)
    baseline = baseline if len(baseline) == width else ()
    if predictions.task == "number":
        scores = number_scores(predictions, decoder, baseline, last)
    else:
        scores = class_scores(predictions, decoder, output.confusion, baseline)
    yield from (score.model_copy(update={"output": output.name}) for score in scores)


def add_output_scores(
    scores: Sequence[EvaluationScore], computed: Sequence[EvaluationScore]
) -> tuple[EvaluationScore, ...]:
    """Return the scores with the computed ones; a metric that equals one gets its interval."""
    rest, result = {score.key: score for score in computed}, []
    for score in scores:
        twin = rest.get(f"{score.output}/{_METRICS.get(score.name, score.name)}")
        if twin is not None and (score.name == twin.name or _is_close(score.value, twin.value)):
            del rest[twin.key]
            own = {"name": score.name, "value": score.value, "best": score.best}
            score = twin.model_copy(update=own)
        result.append(score)
    outputs = [score.output for score in result]
    return tuple(sorted((*result, *rest.values()), key=lambda score: outputs.index(score.output)))


def _is_close(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return False
    return abs(value - other) <= _TOLERANCE * max(abs(other), 1e-9)
