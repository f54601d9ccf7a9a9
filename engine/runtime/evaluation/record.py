"""The record of an evaluation: scores and diagrams, in the labels and units of each output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from engine.recipe.split import Subset
from engine.runs import evaluation
from engine.runs.evaluation import EvaluationRecord, EvaluationScore, OutputEvaluation, round_finite
from engine.runtime.evaluation.calibration import calibration
from engine.runtime.evaluation.classification import confusion
from engine.runtime.evaluation.collect import FULL, Answers, Array, Progress, collected, silent
from engine.runtime.evaluation.labels import (
    ClassWords,
    LabelDecoder,
    NumberWords,
    YesWords,
    labels_of,
)
from engine.runtime.evaluation.ranking import Curves, rankings
from engine.runtime.evaluation.regression import residuals
from engine.runtime.inference.run_splits import EvaluationRows, select_rows
from engine.runtime.inference.score_report import ScoreReport, make_score_report
from engine.runtime.inference.trained_model import TrainedModel

WORST = 10  # rows with the largest loss
COLUMNS = 8  # most columns that are evaluated, of an output with several numbers or labels
_STAMP = (
    "run_id", "seed", "split", "hashes", "versions", "threads", "device", "precision", "cpu",
    "native",
)  # fmt: skip


def evaluated(
    trained: TrainedModel,
    data: Path | None,
    part: Subset | None = None,
    progress: Progress = silent,
) -> EvaluationRecord:
    """Return the evaluation of a run on a table, or on a split of its own rows.

    Args:
        data: the table; None for that of the run.
        part: the split, selected as in the training; None for all rows of `data`.
        progress: called with the number of scored rows and of all rows.

    Raises:
        DiagnosticError: if the table does not match the network, or the run has no such rows.
    """
    selected = select_rows(trained, data, part)
    values, answers = collected(trained, selected.rows, progress)
    report = make_score_report(trained, selected, trained.scores_in_units(values))
    run = trained.run.run
    return EvaluationRecord(
        name=part or selected.data.name,
        data=str(selected.data),
        split=part,
        rows=report.rows,
        weights=trained.loaded_weights,
        scores=tuple(_scores(report)),
        notes=report.notes,
        labelled=report.labelled,
        stamp={
            **{key: run.get(key) for key in _STAMP},
            "evaluated": {
                "data": selected.rows.digest(),
                "device": str(trained.device_context.device),
            },
        },
        outputs=tuple(_output(trained, predictions, selected) for predictions in answers),
    )


def _scores(report: ScoreReport) -> Iterator[EvaluationScore]:
    for score in report.scores:
        value = score.value if isfinite(score.value) else None
        yield EvaluationScore(
            output=score.output, name=score.name, value=value, unit=score.unit, best=score.best
        )


def _output(trained: TrainedModel, answers: Answers, selected: EvaluationRows) -> OutputEvaluation:
    head = answers.head
    encoder = trained.fitted.targets.get(head.name)
    words: LabelDecoder
    if answers.task == "classes":
        words = ClassWords(labels_of(head, encoder, int(head.class_count or 0)))
        diagrams = _class_diagrams(answers, words.labels, selected)
    elif answers.task == "number":
        words = NumberWords(head, encoder)
        diagrams = {"residuals": _residuals(answers, words)}
    else:
        words = YesWords(head, labels_of(head, encoder, 2), encoder)
        diagrams = _binary_diagrams(answers, words, selected)
    return OutputEvaluation(
        name=head.name,
        task=answers.task,
        unit=head.unit,
        count=len(answers.row),
        worst=_worst(answers, words, selected),
        **diagrams,
    )


def _rows_and_losses(answers: Answers, selected: EvaluationRows) -> tuple[Array, Array]:
    """Return for each prediction the index of its row in the table, and the loss of the row."""
    rows = answers.row if selected.row_indices is None else selected.row_indices[answers.row]
    return rows, answers.losses[answers.row]


def _class_diagrams(
    answers: Answers, labels: Sequence[str], selected: EvaluationRows
) -> dict[str, Any]:
    """Return the diagrams of a classifier, with one curve per class (one against the rest)."""
    is_correct = answers.truth == answers.said
    link = answers.head.loss.expected_activation if answers.head.loss else "any"
    reliability = evaluation.Calibration()
    if link == "softmax":
        reliability = calibration(answers.confidence, is_correct)
    rows, losses = _rows_and_losses(answers, selected)
    curves = []
    for index in range(answers.probabilities.shape[1] if len(labels) <= FULL else 0):
        is_class, score = answers.truth == index, answers.probabilities[:, index]
        if pair := rankings(is_class, score, labels[index]):
            curves.append(pair)
    return {
        "confusion": confusion(answers.truth, answers.said, labels, rows, losses),
        "calibration": reliability,
        "roc": tuple(roc for roc, _ in curves),
        "precision_recall": tuple(precision_recall for _, precision_recall in curves),
    }


def _binary_diagrams(answers: Answers, words: YesWords, selected: EvaluationRows) -> dict[str, Any]:
    """Return the diagrams of binary predictions, with one curve per column."""
    assert answers.head.loss is not None
    threshold, link = answers.head.loss.decision_threshold, answers.head.loss.expected_activation
    truth, scores = answers.truth > 0.5, answers.said
    width = truth.shape[1]
    curves: list[Curves] = []
    for column in range(min(width, COLUMNS)):
        keep = answers.counted[:, column]
        label = words.columns[column] if width > 1 else ""
        pair = rankings(truth[keep, column], scores[keep, column], label)
        curves += [pair] if pair else []
    keep = answers.counted
    flat, score = truth[keep], scores[keep]
    matrix = evaluation.ConfusionMatrix()
    if width == 1:
        rows, losses = (values[keep[:, 0]] for values in _rows_and_losses(answers, selected))
        predicted = (score >= threshold).astype(np.int64)
        matrix = confusion(flat.astype(np.int64), predicted, words.labels, rows, losses)
    return {
        "confusion": matrix,
        "calibration": calibration(score, flat) if link == "sigmoid" else evaluation.Calibration(),
        "roc": tuple(roc for roc, _ in curves),
        "precision_recall": tuple(precision_recall for _, precision_recall in curves),
    }


def _residuals(answers: Answers, words: NumberWords) -> tuple[evaluation.Residuals, ...]:
    truth, predicted = words.own(answers.truth), words.own(answers.said)
    width = truth.shape[1]
    return tuple(
        residuals(
            truth[answers.counted[:, column], column],
            predicted[answers.counted[:, column], column],
            str(column) if width > 1 else "",
        )
        for column in range(min(width, COLUMNS))
    )


def _worst(
    answers: Answers, words: LabelDecoder, selected: EvaluationRows
) -> tuple[evaluation.WorstRow, ...]:
    """Return the rows with the largest loss, in descending order; equal losses by row."""
    losses = np.where(np.isfinite(answers.losses), answers.losses, -np.inf)
    worst = []
    for row in np.argsort(-losses, kind="stable")[:WORST].tolist():
        at = np.flatnonzero(answers.row == row)
        if not len(at) or losses[row] == -np.inf:
            continue
        worst.append(
            evaluation.WorstRow(
                row=row if selected.row_indices is None else int(selected.row_indices[row]),
                loss=round_finite(float(losses[row])) or 0.0,
                truth=words.truth(answers, at),
                predicted=words.said(answers, at),
                confidence=words.confidence(answers, at),
            )
        )
    return tuple(worst)
