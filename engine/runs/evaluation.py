"""What an evaluation found, as one record: the command prints it, the window and reports draw it.

A record is plain JSON, kept in the run folder as results/NAME.json.
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
from engine.runs.folder.run_folder import RESULTS

Task = Literal["yes-no", "classes", "labels", "number"]
Numbers = tuple[float | None, ...]
WEIGHTS = {
    "final": "the weights it ended with",
    "best": "the weights of the best epoch",
    "last": "the newest weights",
    "last but one": "the newest weights but one",
}


class Part(BaseModel):
    """Base of all parts of a record. What a newer version adds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Score(Part):
    """One score.

    Args:
        output: whose; "" for the total.
        name: "loss", or the metric's name.
        value: None where it is no number.
        unit: of the value, "" if it has none.
        best: the best that any network can reach on these rows, where that is known.
    """

    output: str = ""
    name: str
    value: float | None
    unit: str = ""
    best: float | None = None

    @property
    def key(self) -> str:
        """The score's name among all: "loss", "age/mae"."""
        return f"{self.output}/{self.name}" if self.output else self.name


class Pair(Part):
    """How often one class was taken for another."""

    truth: str
    predicted: str
    count: int


class Cell(Part):
    """Some rows of one cell of a matrix, those with the largest loss first.

    Args:
        truth, predicted: places of its labels.
        rows: their numbers in the table, counted from 0.
    """

    truth: int
    predicted: int
    rows: tuple[int, ...] = ()


class Confusion(Part):
    """Which classes were taken for which.

    Args:
        labels: the classes.
        counts: by true class, then by predicted class; empty where there are too many classes.
        pairs: the most frequent mistakes, most frequent first.
        cells: rows of the cells that hold any, as far as there is room.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[Pair, ...] = ()
    cells: tuple[Cell, ...] = ()

    def rows(self, truth: int, predicted: int) -> tuple[int, ...]:
        """Return some rows of a cell."""
        places = (truth, predicted)
        return next((c.rows for c in self.cells if (c.truth, c.predicted) == places), ())


class Bin(Part):
    """Answers of about the same confidence.

    Args:
        low, high: the confidence, from 0 to 1.
        count: how many.
        predicted: their mean confidence.
        observed: the share of them that came true.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float


class Calibration(Part):
    """Whether answers are as often right as they claim; `error` is the mean gap, by count."""

    bins: tuple[Bin, ...] = ()
    error: float | None = None


class Ranking(Part):
    """A curve over all thresholds: ROC (false and true positive rate), or recall and precision.

    Args:
        label: the class that counts as yes, "" if there is only one question.
        x, y: points, thinned to a few hundred.
        at: the threshold of each.
        area: below the curve, of all points; for precision and recall the average precision.
    """

    label: str = ""
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    at: Numbers = ()
    area: float | None = None


class Residuals(Part):
    """How far predictions of a number are off: predicted minus true, in the column's own unit.

    Args:
        column: which one, where an output has several.
        mean, deviation, largest: of the residuals; the largest in size.
        edges, counts: a histogram; what lies outside counts in the outermost bins.
        truth, predicted: some of the pairs.
    """

    column: str = ""
    mean: float | None = None
    deviation: float | None = None
    largest: float | None = None
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    truth: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()


class Worst(Part):
    """One of the rows with the largest loss.

    Args:
        row: its number in the table, counted from 0.
        loss: of the row.
        truth, predicted: in the person's labels and unit.
        confidence: what probability the answer had, None for a number.
    """

    row: int
    loss: float
    truth: str
    predicted: str
    confidence: float | None = None


class Output(Part):
    """What was found about one output; parts that its task does not have are empty.

    Args:
        task: yes-no, one of several classes, several labels at once, or a number.
        unit: of a number.
        count: answers that were compared; rows, or steps of rows.
    """

    name: str
    task: Task
    unit: str = ""
    count: int = 0
    confusion: Confusion = Confusion()
    calibration: Calibration = Calibration()
    roc: tuple[Ranking, ...] = ()
    precision_recall: tuple[Ranking, ...] = ()
    residuals: tuple[Residuals, ...] = ()
    worst: tuple[Worst, ...] = ()


class Results(Part):
    """One evaluation.

    Args:
        name: what it is called: the side of the run, or the data file's name.
        data: the table.
        split: the side of the run, None for all rows of the table.
        rows: that were scored.
        weights: which ones: final, best, last.
        scores: the total first, then by output.
        notes: what has to be known to judge them, a sentence each.
        labelled: by output that may lack targets, the rows that have one.
        stamp: run_id, seed, split, hashes, versions, threads, device, precision.
        outputs: in drawing order.
    """

    version: int = 1
    name: str
    data: str
    split: str | None = None
    rows: int
    weights: str = "final"
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()
    labelled: Mapping[str, int] = Field(default_factory=dict)
    stamp: Mapping[str, Any] = Field(default_factory=dict)
    outputs: tuple[Output, ...] = ()

    @property
    def told_weights(self) -> str:
        """Which weights they are, in words."""
        return WEIGHTS.get(self.weights, f"the {self.weights} weights")

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON, with the scores by name."""
        plain = self.model_dump(mode="json")
        del plain["scores"]
        return {
            **plain,
            "scores": {score.key: score.value for score in self.scores},
            "units": {score.key: score.unit for score in self.scores if score.unit},
            "best": {score.key: score.best for score in self.scores if score.best is not None},
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the record that `to_dict` wrote.

        Raises:
            ValueError: if it is none.
        """
        units, best = plain.get("units", {}), plain.get("best", {})
        scores = [
            {"output": key.rpartition("/")[0], "name": key.rpartition("/")[2], "value": value,
             "unit": units.get(key, ""), "best": best.get(key)}
            for key, value in plain.get("scores", {}).items()
        ]  # fmt: skip
        return cls.model_validate_json(json.dumps({**plain, "scores": scores}))


def keep(run: Path, results: Results) -> Path:
    """Keep a record in the run folder; one of the same name is replaced.

    Raises:
        Refused: if it can't be written.
    """
    make_folder(run / RESULTS)
    path = run / RESULTS / f"{_file_name(results.name)}.json"
    write_bytes(path, json.dumps(results.to_dict(), allow_nan=False).encode() + b"\n")
    return path


def kept(run: Path) -> list[Results]:
    """Return the records of a run, by name; what can't be understood is left out."""
    found = []
    for path in sorted((run / RESULTS).glob("*.json")):
        with suppress(OSError, ValueError, ValidationError, AttributeError, TypeError):
            found.append(Results.read(json.loads(path.read_bytes())))
    return found


def _file_name(name: str) -> str:
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    return plain.strip(".-")[:100] or "results"


def number(value: float) -> float | None:
    """Return a number with as many digits as anybody reads, None if it is none."""
    return float(f"{value:.6g}") if isfinite(value) else None
