"""From rows to the record of an evaluation, in the labels and units of each output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from engine.recipe.split import Part
from engine.runs.evaluation import (
    Calibration,
    Confusion,
    Output,
    Ranking,
    Residuals,
    Results,
    Score,
    Worst,
    number,
)
from engine.runtime.evaluation.classification import calibration, confusion
from engine.runtime.evaluation.collect import FULL, Answers, Array, Progress, collected, silent
from engine.runtime.evaluation.labels import ClassWords, NumberWords, Words, YesWords, labels_of
from engine.runtime.evaluation.ranking import rankings
from engine.runtime.evaluation.regression import residuals
from engine.runtime.inference.run_splits import EvaluationRows, select_rows
from engine.runtime.inference.score_report import ScoreReport, make_score_report
from engine.runtime.inference.trained_model import TrainedModel

WORST = 10
COLUMNS = 8  # of an output with several numbers or labels, those that are looked at
_STAMP = (
    "run_id", "seed", "split", "hashes", "versions", "threads", "device", "precision", "cpu",
    "native",
)  # fmt: skip


def evaluated(
    trained: TrainedModel, data: Path | None, part: Part | None = None, progress: Progress = silent
) -> Results:
    """Evaluate a run on a table, or on one side of its own rows.

    Args:
        trained: the run.
        data: the table; None takes the run's own.
        part: the side, chosen as in the training; None takes all rows of `data`.
        progress: hears how many of how many rows are scored.

    Raises:
        Refused: if the table does not fit the network, or the run has no such rows.
    """
    chosen = select_rows(trained, data, part)
    values, answers = collected(trained, chosen.rows, progress)
    scored = make_score_report(trained, chosen, trained.scores_in_units(values))
    run = trained.run.run
    return Results(
        name=part or chosen.data.name,
        data=str(chosen.data),
        split=part,
        rows=scored.rows,
        weights=trained.loaded_weights,
        scores=tuple(_scores(scored)),
        notes=scored.notes,
        labelled=scored.labelled,
        stamp={
            **{key: run.get(key) for key in _STAMP},
            "evaluated": {
                "data": chosen.rows.digest(),
                "device": str(trained.device_context.device),
            },
        },
        outputs=tuple(_output(trained, each, chosen) for each in answers),
    )


def _scores(scored: ScoreReport) -> Iterator[Score]:
    for score in scored.scores:
        value = score.value if isfinite(score.value) else None
        yield Score(
            output=score.output, name=score.name, value=value, unit=score.unit, best=score.best
        )


def _output(trained: TrainedModel, answers: Answers, chosen: EvaluationRows) -> Output:
    head = answers.head
    encoder = trained.fitted.targets.get(head.name)
    known: dict[str, Any] = {
        "name": head.name,
        "task": answers.task,
        "unit": head.unit,
        "count": len(answers.row),
    }
    words: Words
    if answers.task == "classes":
        words = ClassWords(labels_of(head, encoder, int(head.classes or 0)))
        found = _classes(answers, words.labels, chosen)
        return Output(**known, **found, worst=_worst(answers, words, chosen))
    if answers.task == "number":
        words = NumberWords(head, encoder)
        return Output(
            **known, residuals=_residuals(answers, words), worst=_worst(answers, words, chosen)
        )
    words = YesWords(head, labels_of(head, encoder, 2), encoder)
    found = _questions(answers, words, chosen)
    return Output(**known, **found, worst=_worst(answers, words, chosen))


def _numbered(answers: Answers, chosen: EvaluationRows) -> tuple[Array, Array]:
    """Return of each answer the number of its row in the table, and its row's loss."""
    rows = answers.row if chosen.row_indices is None else chosen.row_indices[answers.row]
    return rows, answers.losses[answers.row]


def _classes(answers: Answers, labels: Sequence[str], chosen: EvaluationRows) -> dict[str, Any]:
    right = answers.truth == answers.said
    link = answers.head.loss.link if answers.head.loss else "any"
    sure = calibration(answers.confidence, right) if link == "softmax" else Calibration()
    curves = [
        both
        for place in range(answers.probabilities.shape[1] if len(labels) <= FULL else 0)
        if (
            both := rankings(answers.truth == place, answers.probabilities[:, place], labels[place])
        )
    ]
    return {
        "confusion": confusion(answers.truth, answers.said, labels, *_numbered(answers, chosen)),
        "calibration": sure,
        "roc": tuple(roc for roc, _ in curves),
        "precision_recall": tuple(other for _, other in curves),
    }


def _questions(answers: Answers, words: YesWords, chosen: EvaluationRows) -> dict[str, Any]:
    """Return what was found about answers of yes or no, one column a question."""
    assert answers.head.loss is not None
    cut, link = answers.head.loss.cut, answers.head.loss.link
    truth, said = answers.truth > 0.5, answers.said
    width = truth.shape[1]
    curves: list[tuple[Ranking, Ranking]] = []
    for place in range(min(width, COLUMNS)):
        keep = answers.counted[:, place]
        label = words.columns[place] if width > 1 else ""
        both = rankings(truth[keep, place], said[keep, place], label)
        curves += [both] if both else []
    keep = answers.counted
    flat, score = truth[keep], said[keep]
    matrix = Confusion()
    if width == 1:
        one = keep[:, 0]
        rows, losses = _numbered(answers, chosen)
        yes = (score >= cut).astype(np.int64)
        matrix = confusion(flat.astype(np.int64), yes, words.labels, rows[one], losses[one])
    return {
        "confusion": matrix,
        "calibration": calibration(score, flat) if link == "sigmoid" else Calibration(),
        "roc": tuple(roc for roc, _ in curves),
        "precision_recall": tuple(other for _, other in curves),
    }


def _residuals(answers: Answers, words: NumberWords) -> tuple[Residuals, ...]:
    truth, said = words.own(answers.truth), words.own(answers.said)
    width = truth.shape[1]
    return tuple(
        residuals(
            truth[answers.counted[:, place], place],
            said[answers.counted[:, place], place],
            str(place) if width > 1 else "",
        )
        for place in range(min(width, COLUMNS))
    )


def _worst(answers: Answers, words: Words, chosen: EvaluationRows) -> tuple[Worst, ...]:
    """Return the rows with the largest loss, largest first; of equal ones the first."""
    losses = np.where(np.isfinite(answers.losses), answers.losses, -np.inf)
    found = []
    for place in np.argsort(-losses, kind="stable")[:WORST].tolist():
        at = np.flatnonzero(answers.row == place)
        if not len(at) or losses[place] == -np.inf:
            continue
        found.append(
            Worst(
                row=place if chosen.row_indices is None else int(chosen.row_indices[place]),
                loss=number(float(losses[place])) or 0.0,
                truth=words.truth(answers, at),
                predicted=words.said(answers, at),
                confidence=words.confidence(answers, at),
            )
        )
    return tuple(found)
