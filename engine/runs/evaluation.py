"""The record of an evaluation: scores, confusion matrix, calibration, residuals, worst rows.

The command `evaluate` prints the record. The app and the HTML report show the record as charts
and tables. The run folder stores the record as results/NAME.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.core.files.atomic_write import make_folder, write_bytes
from engine.core.formatting.counts import count_noun
from engine.runs.folder.run_folder import RESULTS_FOLDER, RunFolder

Task = Literal["yes-no", "classes", "labels", "number"]
WEIGHT_DESCRIPTIONS = {
    "final": "the final weights",
    "best": "the weights of the best epoch",
    "last": "the weights of the last checkpoint",
    "last but one": "the weights of the checkpoint before the last",
}


MAX_CHARTS = 8  # of the columns or steps of an output
_CLASS_SCORES = ("accuracy ", "balanced accuracy ", "precision ", "recall ", "F1 ", "AUC ")
_SCORE_FIELDS = ("best", "low", "high", "baseline", "baseline_name")


class EvaluationModel(BaseModel):
    """Base class of an evaluation record and its parts. Fields of newer versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class EvaluationScore(EvaluationModel):
    """One score of an evaluation.

    Args:
        output: name of the output; "" for the total loss.
        name: "loss", or the name of a metric.
        value: the score; None if it is not finite.
        unit: unit of the score, or "".
        best: the best value that any network can reach on these rows; None if unknown.
        low, high: bounds of the 95% bootstrap interval; None if it was not computed.
        baseline: the value of always predicting the mean, or the most frequent class, of the
            training rows; None if unknown.
        baseline_name: "last value" if the baseline is the last past value of a forecast's target.
    """

    output: str = ""
    name: str
    value: float | None
    unit: str = ""
    best: float | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    baseline_name: str | None = None

    @property
    def key(self) -> str:
        """The names of output and score, such as "age/mae"; "loss" for the total loss."""
        return f"{self.output}/{self.name}" if self.output else self.name

    def describe_baseline(self, is_number: bool) -> str:
        """Return what the baseline predicts, for an output of numbers or of classes."""
        if self.baseline_name:
            return f"the {self.baseline_name} before the forecast"
        return f"the {'mean' if is_number else 'most frequent class'} of the training rows"

    @property
    def label(self) -> str:
        """The class that the score is about, as in "F1 Adelie"; "" for scores of all classes."""
        kind = next((kind for kind in _CLASS_SCORES if self.name.startswith(kind)), self.name)
        return self.name.removeprefix(kind)


class ConfusedPair(EvaluationModel):
    """A frequent mistake: label `predicted` in `count` rows whose true label is `truth`."""

    truth: str
    predicted: str
    count: int


class ConfusionCell(EvaluationModel):
    """Example rows of one cell of a confusion matrix, sorted by descending loss.

    Args:
        truth, predicted: indices of the true and of the predicted label.
        rows: row indices in the table, counted from 0.
    """

    truth: int
    predicted: int
    rows: tuple[int, ...] = ()


class ConfusionMatrix(EvaluationModel):
    """A confusion matrix.

    Args:
        labels: class labels; only the first labels if there are too many.
        counts: matrix of counts: true classes as rows, predicted classes as columns; () if there
            are too many classes.
        pairs: (true label, predicted label, count) of the most frequent mistakes, sorted by count.
        cells: a limited number of example rows for each non-empty cell.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[ConfusedPair, ...] = ()
    cells: tuple[ConfusionCell, ...] = ()

    def rows(self, truth: int, predicted: int) -> tuple[int, ...]:
        """Return the row indices of examples with these true and predicted label indices, or ()."""
        indices = (truth, predicted)
        return next((c.rows for c in self.cells if (c.truth, c.predicted) == indices), ())


class CalibrationBin(EvaluationModel):
    """One interval (bin) of confidences in a reliability diagram.

    Args:
        low, high: bounds of the interval, from 0 to 1.
        count: number of predictions whose confidence is in the interval.
        predicted: mean confidence of these predictions.
        observed: fraction of these predictions that is correct.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float


class Calibration(EvaluationModel):
    """A reliability diagram; `error` is the expected calibration error, None without bins."""

    bins: tuple[CalibrationBin, ...] = ()
    error: float | None = None


class ThresholdCurve(EvaluationModel):
    """A ROC curve or a precision-recall curve, with one point per decision threshold.

    Args:
        label: label of the positive class; "" for an output with a single binary column.
        x, y: coordinates of the points; long curves are reduced to a few hundred points.
        at: threshold of each point; None if it is infinite.
        area: area under the full curve; average precision for a precision-recall curve.
    """

    label: str = ""
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    at: tuple[float | None, ...] = ()
    area: float | None = None


class Residuals(EvaluationModel):
    """Residuals of one column of a regression output: predicted minus true, in its unit.

    Args:
        column: index of the output's column as text; "" if the output has only one column.
        mean, deviation: mean and standard deviation of the residuals.
        largest: the residual with the largest absolute value.
        edges, counts: bin edges and counts of a histogram; outliers count in the outermost bins.
        truth, predicted: true and predicted values of a sample of rows.
    """

    column: str = ""
    mean: float | None = None
    deviation: float | None = None
    largest: float | None = None
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    truth: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()

    @property
    def title(self) -> str:
        """The name of the column, such as "column 0"; "" for the only column."""
        return f"column {self.column}" if self.column.isdigit() else self.column


class WorstRow(EvaluationModel):
    """One of the rows with the largest loss.

    Args:
        row: index of the row in the table, counted from 0.
        loss: the loss minus that of a perfect prediction, which is not 0 for a Poisson loss.
        truth, predicted: true and predicted labels, or numbers with their unit, as text.
        confidence: probability of the predicted label; None for numbers, or if unknown.
    """

    row: int
    loss: float
    truth: str
    predicted: str
    confidence: float | None = None


class OutputEvaluation(EvaluationModel):
    """The evaluation of one output; fields that do not apply to its task are empty.

    Args:
        task: "yes-no" (binary), "classes" (multi-class), "labels" (multi-label) or "number".
        unit: unit of a regression target, or "".
        count: number of scored predictions, one per row or per time step.
        roc, precision_recall: curves, one per class, or one per label of a multi-label output.
        worst: rows with the largest losses.
    """

    name: str
    task: Task
    unit: str = ""
    count: int = 0
    confusion: ConfusionMatrix = ConfusionMatrix()
    calibration: Calibration = Calibration()
    roc: tuple[ThresholdCurve, ...] = ()
    precision_recall: tuple[ThresholdCurve, ...] = ()
    residuals: tuple[Residuals, ...] = ()
    worst: tuple[WorstRow, ...] = ()


class EvaluationRecord(EvaluationModel):
    """The record of one evaluation.

    Args:
        name: name of the split, or of the data file.
        data: path of the table.
        split: train, validation or test; None for all rows of the table.
        rows: number of scored rows.
        weights: name of the used weights, a key of `WEIGHT_DESCRIPTIONS`.
        scores: the total loss, then the scores of each output.
        notes: caveats about the scores, one sentence each.
        labelled: number of rows that have a target, by output name. It contains only outputs whose
            targets may be missing.
        stamp: origin of the record: fields of run.json that identify the run, and device and data
            of this evaluation.
        outputs: evaluations of the outputs, in the order of the graph.
    """

    version: int = 1
    name: str
    data: str
    split: str | None = None
    rows: int
    weights: str = "final"
    scores: tuple[EvaluationScore, ...] = ()
    notes: tuple[str, ...] = ()
    labelled: Mapping[str, int] = Field(default_factory=dict)
    stamp: Mapping[str, Any] = Field(default_factory=dict)
    outputs: tuple[OutputEvaluation, ...] = ()

    @property
    def rows_description(self) -> str:
        """The number of scored rows, or windows, such as "40 validation rows"."""
        noun = "window" if self.stamp.get("windows") else "row"
        return count_noun(self.rows, f"{self.split} {noun}" if self.split else noun)

    @property
    def weights_description(self) -> str:
        """A description of the weights, such as "the weights of the best epoch"."""
        return WEIGHT_DESCRIPTIONS.get(self.weights, f"the {self.weights} weights")

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a dict for JSON, with the scores by `EvaluationScore.key`."""
        fields = self.model_dump(mode="json")
        fields["scores"] = {score.key: score.value for score in self.scores}
        fields["units"] = {score.key: score.unit for score in self.scores if score.unit}
        for field in _SCORE_FIELDS:
            values = {score.key: getattr(score, field) for score in self.scores}
            fields[field] = {key: value for key, value in values.items() if value is not None}
        return fields

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the record that `to_dict` converted to `plain`.

        Raises:
            ValueError: if `plain` is not a valid record.
        """
        units = plain.get("units", {})
        scores = [
            {
                "output": key.partition("/")[0] if "/" in key else "",
                "name": key.partition("/")[2] or key,  # a label in it may contain a slash
                "value": value,
                "unit": units.get(key, ""),
                **{field: plain.get(field, {}).get(key) for field in _SCORE_FIELDS},
            }
            for key, value in plain.get("scores", {}).items()
        ]
        return cls.model_validate_json(json.dumps({**plain, "scores": scores}))


def save_evaluation(run: Path, results: EvaluationRecord) -> Path:
    """Save a record in the run folder, and return the path of its file.

    An earlier record with the same name is replaced.

    Raises:
        DiagnosticError: run-missing if the run was deleted, or if the file can't be written.
    """
    RunFolder.open(run)
    make_folder(run / RESULTS_FOLDER)
    path = run / RESULTS_FOLDER / f"{_file_name(results.name)}.json"
    write_bytes(path, json.dumps(results.to_dict(), allow_nan=False).encode() + b"\n")
    return path


def load_evaluations(run: Path) -> list[EvaluationRecord]:
    """Return the saved records of a run, sorted by name; unreadable files are skipped."""
    records = []
    for path in sorted((run / RESULTS_FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, ValidationError, AttributeError, TypeError):
            records.append(EvaluationRecord.from_dict(json.loads(path.read_bytes())))
    return records


def load_final_evaluation(run: Path) -> EvaluationRecord | None:
    """Return the saved record of a run's validation rows and final weights, None without one."""
    wanted = ("validation", "final")
    return next((x for x in load_evaluations(run) if (x.split, x.weights) == wanted), None)


def _file_name(name: str) -> str:
    safe_name = "".join(char if char.isalnum() or char in "-_." else "-" for char in name)
    return safe_name.strip(".-")[:100] or "results"


def round_finite(value: float) -> float | None:
    """Return a number rounded to six significant digits, or None if it is not finite."""
    return float(f"{value:.6g}") if isfinite(value) else None
