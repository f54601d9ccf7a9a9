"""Evaluation of a run: scores and diagrams with the labels and units of each output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.formatting.urls import path_text
from engine.data.series.window_rows import last_known_values
from engine.data.table.row_numbers import any_per_row
from engine.recipe.split import Subset
from engine.runs import evaluation
from engine.runs.evaluation import EvaluationRecord, EvaluationScore, OutputEvaluation, round_finite
from engine.runs.score_warnings import score_warnings
from engine.runtime.evaluation.diagrams import calibration, confusion, rankings, residuals
from engine.runtime.evaluation.labels import one_vs_rest, row_confidence, row_text
from engine.runtime.evaluation.output_scores import add_output_scores, output_scores
from engine.runtime.evaluation.predictions import Predictions, Progress, predict_and_score
from engine.runtime.evaluation.score_notes import best_reachable_scores, score_notes
from engine.runtime.inference.label_decoder import LabelDecoder
from engine.runtime.inference.run_splits import EvaluationRows, select_rows
from engine.runtime.inference.trained_model import TrainedModel, cell_notes

WORST_COUNT = 10  # number of listed rows with the largest loss
MAX_COLUMNS = 100  # maximum evaluated columns of an output, such as the steps of a forecast
_STAMP = (
    "run_id", "seed", "split", "windows", "hashes", "versions", "threads", "device", "precision",
    "cpu", "native",
)  # fmt: skip


def evaluate_run(
    trained: TrainedModel,
    data: Path | None,
    subset: Subset | None = None,
    progress: Progress | None = None,
) -> EvaluationRecord:
    """Return the evaluation of a run on a table, or on one of the run's splits.

    Args:
        trained: the trained network of the run.
        data: path of the table; None for the training table.
        subset: split to evaluate, with the same rows as in training; None for all rows of `data`.
        progress: called with the number of scored rows and of all rows.

    Raises:
        DiagnosticError: if the table does not match the network, or the split has no rows.
    """
    results = evaluate_rows(trained, select_rows(trained, data, subset), progress)
    warnings = score_warnings(results, trained.report.project)
    texts = (f"{found.node}: {found.message}; {found.found}." for found in warnings)
    return results.model_copy(update={"notes": (*results.notes, *texts)})


def evaluate_rows(
    trained: TrainedModel, selected: EvaluationRows, progress: Progress | None = None
) -> EvaluationRecord:
    """Return the evaluation of a run on rows that were selected for it."""
    values, all_predictions = predict_and_score(trained, selected.dataset, progress)
    masked = [head.name for head in trained.heads if head.missing == "mask" and head.loss]
    labelled = {name: selected.dataset.target_count(name) for name in masked}
    record = trained.run.record
    outputs, scores = [], list[EvaluationScore]()
    for predictions in all_predictions:
        name = predictions.head.name
        decoder = LabelDecoder(predictions.head, trained.fitted.targets.get(name))
        output = _output(predictions, decoder, selected)
        baseline = record.get("baselines", {}).get(name, ())
        is_number = predictions.task == "number"
        last = last_known_values(selected.dataset, name) if is_number else None
        scores += output_scores(output, predictions, decoder, baseline, last)
        outputs.append(output)
    device = str(trained.device_context.device)
    evaluated = {"data": selected.dataset.digest(), "device": device}
    return EvaluationRecord(
        name=selected.split or selected.data_path.name,
        data=path_text(selected.data_path),
        split=selected.split,
        rows=selected.dataset.row_count,
        weights=trained.loaded_weights,
        scores=add_output_scores(
            tuple(_scores(trained, values, best_reachable_scores(selected.data_path))), scores
        ),
        notes=(
            *score_notes(trained, selected, labelled),
            *(f"{note.message}." for note in cell_notes(selected.dataset)),
        ),
        labelled=labelled,
        stamp={**{key: record.get(key) for key in _STAMP}, "evaluated": evaluated},
        outputs=tuple(outputs),
    )


def _scores(
    trained: TrainedModel, values: Mapping[str, float], best: Mapping[str, float]
) -> Iterator[EvaluationScore]:
    for key, value in values.items():
        output, _, name = key.rpartition("/")
        factor, unit = trained.score_unit(key)
        score = value * factor if isfinite(value * factor) else None
        yield EvaluationScore(output=output, name=name, value=score, unit=unit, best=best.get(key))


def _output(
    predictions: Predictions, decoder: LabelDecoder, selected: EvaluationRows
) -> OutputEvaluation:
    head = predictions.head
    if predictions.task == "number":
        diagrams: dict[str, Any] = {"residuals": _residuals(predictions, decoder)}
    else:
        diagrams = _class_diagrams(predictions, decoder, selected)
    return OutputEvaluation(
        name=head.name,
        task=predictions.task,
        unit=head.unit,
        count=len(predictions.row_indices),
        worst=_worst(predictions, decoder, selected),
        **diagrams,
    )


def _class_diagrams(
    predictions: Predictions, decoder: LabelDecoder, selected: EvaluationRows
) -> dict[str, Any]:
    """Return the diagrams of classes or labels by `OutputEvaluation` field.

    Curves are one-vs-rest. Several labels of a row have no confusion matrix.
    """
    curves = [
        pair
        for label, truth, scores in one_vs_rest(predictions, decoder)
        if (pair := rankings(truth, scores, label))
    ]
    diagrams: dict[str, Any] = {
        "roc": tuple(roc for roc, _ in curves),
        "precision_recall": tuple(precision_recall for _, precision_recall in curves),
    }
    keep, labels = predictions.mask, decoder.labels
    truth, predicted = predictions.truth[keep], predictions.predicted[keep]
    if predictions.task == "classes":
        confidence, is_right = predictions.confidence, truth == predicted
    else:  # the probability of the label, whether or not it is predicted
        confidence, is_right = predicted, truth > 0.5
        truth, predicted = is_right, decoder.predict(confidence)
        labels = labels if decoder.task == "yes-no" else ("none", *labels)
    if decoder.is_probability:
        diagrams["calibration"] = calibration(confidence, is_right)
    if predictions.task == "classes" or keep.shape[1] == 1:
        rows = predictions.row_indices[any_per_row(keep)]
        losses = predictions.losses[rows]
        rows = rows if selected.row_indices is None else selected.row_indices[rows]
        ids = truth.astype(np.int64), predicted.astype(np.int64)
        diagrams["confusion"] = confusion(*ids, labels, rows, losses)
    return diagrams


def _residuals(predictions: Predictions, decoder: LabelDecoder) -> tuple[evaluation.Residuals, ...]:
    """Return the residuals of each column."""
    truth = decoder.inverse_transform(predictions.truth.astype(np.float64))
    predicted = decoder.inverse_transform(predictions.predicted.astype(np.float64))
    width = truth.shape[1]
    return tuple(
        residuals(
            truth[predictions.mask[:, column], column],
            predicted[predictions.mask[:, column], column],
            "" if width == 1 else str(column),
        )
        for column in range(min(width, MAX_COLUMNS))
    )


def _worst(
    predictions: Predictions, decoder: LabelDecoder, selected: EvaluationRows
) -> tuple[evaluation.WorstRow, ...]:
    """Return the rows with the largest losses, sorted by descending loss, then by row."""
    truth, predicted, task = predictions.truth, predictions.predicted, predictions.task
    if task in ("yes-no", "labels"):
        truth, predicted = truth > 0.5, decoder.predict(predicted)
    elif task == "number":
        truth = np.where(predictions.mask, truth, np.nan)
    losses = np.where(np.isfinite(predictions.losses), predictions.losses, -np.inf)
    worst = []
    for row in np.argsort(-losses, kind="stable")[:WORST_COUNT].tolist():
        indices = np.flatnonzero(predictions.row_indices == row)
        if not len(indices) or losses[row] == -np.inf:
            continue
        worst.append(
            evaluation.WorstRow(
                row=row if selected.row_indices is None else int(selected.row_indices[row]),
                loss=round_finite(float(losses[row])) or 0.0,
                truth=row_text(truth[indices], task, decoder),
                predicted=row_text(predicted[indices], task, decoder),
                confidence=row_confidence(predictions, indices, decoder),
            )
        )
    return tuple(worst)
