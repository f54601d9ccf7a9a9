"""The record of an evaluation: scores, confusion matrix, calibration, residuals, worst rows.

It is printed by the command, drawn by window and report, and saved as results/NAME.json.
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
from engine.runs.folder.run_folder import RESULTS_FOLDER

Task = Literal["yes-no", "classes", "labels", "number"]
WEIGHT_DESCRIPTIONS = {
    "final": "the final weights",
    "best": "the weights of the best epoch",
    "last": "the weights of the last checkpoint",
    "last but one": "the weights of the checkpoint before the last",
}


class EvaluationModel(BaseModel):
    """The base class of all parts of the record. Unknown fields of newer versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class EvaluationScore(EvaluationModel):
    """One score of an evaluation.

    Args:
        output: name of the output; "" for the total loss.
        name: "loss", or the metric's name.
        value: None where it is not finite.
        best: the best value that any network can reach on these rows, if known.
    """

    output: str = ""
    name: str
    value: float | None
    unit: str = ""
    best: float | None = None

    @property
    def key(self) -> str:
        """The name with its output: "loss", "age/mae"."""
        return f"{self.output}/{self.name}" if self.output else self.name


class ConfusedPair(EvaluationModel):
    """How often rows of one class were predicted as another class."""

    truth: str
    predicted: str
    count: int


class ConfusionCell(EvaluationModel):
    """Example rows of one cell of a confusion matrix, largest loss first.

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
        counts: by true class, then by predicted class; empty if there are too many classes.
        pairs: the most frequent mistakes, most frequent first.
        cells: example rows of non-empty cells, up to a limit.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[ConfusedPair, ...] = ()
    cells: tuple[ConfusionCell, ...] = ()

    def rows(self, truth: int, predicted: int) -> tuple[int, ...]:
        """Return the example rows of a cell."""
        indices = (truth, predicted)
        return next((c.rows for c in self.cells if (c.truth, c.predicted) == indices), ())


class CalibrationBin(EvaluationModel):
    """One confidence interval of a reliability diagram.

    Args:
        low, high: bounds of the confidence, from 0 to 1.
        count: number of predictions in it.
        predicted: their mean confidence.
        observed: fraction of them that is correct.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float


class Calibration(EvaluationModel):
    """A reliability diagram; `error` is the expected calibration error (gaps weighted by count)."""

    bins: tuple[CalibrationBin, ...] = ()
    error: float | None = None


class ThresholdCurve(EvaluationModel):
    """A curve over all decision thresholds: ROC, or precision against recall.

    Args:
        label: the positive class, "" for a binary output.
        x, y: points, reduced to a few hundred.
        at: the threshold of each point.
        area: area under the full curve; for precision and recall the average precision.
    """

    label: str = ""
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    at: tuple[float | None, ...] = ()
    area: float | None = None


class Residuals(EvaluationModel):
    """Residuals of a regression output: predicted minus true, in the unit of the column.

    Args:
        column: name of the column, where an output has several.
        largest: by absolute value.
        edges, counts: a histogram; outliers count in the outermost bins.
        truth, predicted: a sample of the pairs.
    """

    column: str = ""
    mean: float | None = None
    deviation: float | None = None
    largest: float | None = None
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    truth: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()


class WorstRow(EvaluationModel):
    """One of the rows with the largest loss.

    Args:
        row: its index in the table, counted from 0.
        truth, predicted: as labels, or numbers with their unit.
        confidence: predicted probability, None for a number.
    """

    row: int
    loss: float
    truth: str
    predicted: str
    confidence: float | None = None


class OutputEvaluation(EvaluationModel):
    """The evaluation of one output; fields that do not apply to its task are empty.

    Args:
        task: binary, multi-class, multi-label, or regression.
        unit: of a regression target.
        count: number of predictions scored: rows, or time steps of rows.
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
        name: of the split, or of the data file.
        data: path of the table.
        split: train, validation or test; None for all rows of the table.
        rows: number of rows scored.
        weights: final, best, last.
        scores: the total first, then by output.
        notes: caveats about the scores, one sentence each.
        labelled: number of rows with a target, by output whose targets may be missing.
        stamp: run_id, seed, split, hashes, versions, threads, device, precision.
        outputs: in graph order.
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
    def weights_description(self) -> str:
        """A description of the weights: "the weights of the best epoch"."""
        return WEIGHT_DESCRIPTIONS.get(self.weights, f"the {self.weights} weights")

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a JSON object, with the scores by name."""
        fields = self.model_dump(mode="json")
        del fields["scores"]
        return {
            **fields,
            "scores": {score.key: score.value for score in self.scores},
            "units": {score.key: score.unit for score in self.scores if score.unit},
            "best": {score.key: score.best for score in self.scores if score.best is not None},
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the record from the JSON object that `to_dict` returned.

        Raises:
            ValueError: if it is not a valid record.
        """
        units, best = plain.get("units", {}), plain.get("best", {})
        scores = [
            {"output": key.rpartition("/")[0], "name": key.rpartition("/")[2], "value": value,
             "unit": units.get(key, ""), "best": best.get(key)}
            for key, value in plain.get("scores", {}).items()
        ]  # fmt: skip
        return cls.model_validate_json(json.dumps({**plain, "scores": scores}))


def save_evaluation(run: Path, results: EvaluationRecord) -> Path:
    """Save a record in the run folder, replacing one of the same name; return its path.

    Raises:
        DiagnosticError: if it can't be written.
    """
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


def _file_name(name: str) -> str:
    safe_name = "".join(char if char.isalnum() or char in "-_." else "-" for char in name)
    return safe_name.strip(".-")[:100] or "results"


def round_finite(value: float) -> float | None:
    """Return a number rounded to six significant digits, None if it is not finite."""
    return float(f"{value:.6g}") if isfinite(value) else None
