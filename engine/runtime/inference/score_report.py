"""The score report of a table or split: scores with units, best reachable scores, and notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from engine.data.readers.table_file import TRAIN_FILE_NAMES as FILES
from engine.data.score_units import describe_units
from engine.recipe.split import SUBSETS, Subset
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import fold_events
from engine.runtime.inference.run_splits import EvaluationRows, select_rows
from engine.runtime.inference.trained_model import TrainedModel

SAMPLE_FILE = "sample.json"
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ScoreValue:
    """The value of a loss or metric with its unit.

    Args:
        output: name of the output; "" for the total loss.
        name: "loss" or the name of the metric.
        unit: unit of the value; "" if it has none.
        best: best value that any network can reach on these rows; None if it is unknown.
    """

    output: str
    name: str
    value: float
    unit: str = ""
    best: float | None = None

    @property
    def key(self) -> str:
        """The full name of the score, such as "loss" or "age/mae"."""
        return f"{self.output}/{self.name}" if self.output else self.name


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """The scores of a table, or of a split of a run.

    Args:
        data_path: path of the table.
        row_count: number of scored rows.
        scores: the total loss, then the scores of each output.
        notes: sentences that help to interpret the scores.
        split: split of the run; None for all rows of the table.
        labelled: number of rows with a target, by output name; only for outputs with a target mask.
    """

    data_path: Path
    row_count: int
    scores: tuple[ScoreValue, ...]
    notes: tuple[str, ...]
    split: Subset | None = None
    labelled: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON."""
        return {
            "rows": self.row_count,
            "scores": {s.key: s.value if isfinite(s.value) else None for s in self.scores},
            "units": {s.key: s.unit for s in self.scores if s.unit},
            "best": {s.key: s.best for s in self.scores if s.best is not None},
            "notes": list(self.notes),
            "split": self.split,
            **({"labelled": dict(self.labelled)} if self.labelled else {}),
        }


def score_table(
    trained: TrainedModel, data: Path | None, split: Subset | None = None
) -> ScoreReport:
    """Return the scores of a run's model on a table, or on the rows of one split of the run.

    Args:
        data: path of the table; if None, the file from which the run read the rows of `split`.
        split: the split to score; if None, all rows of the table are scored.

    Raises:
        DiagnosticError: if the table doesn't fit the network, or the split has no rows.
    """
    chosen = select_rows(trained, data, split)
    return make_score_report(trained, chosen, trained.evaluate_rows(chosen.dataset))


def make_score_report(trained: TrainedModel, chosen: EvaluationRows, values: Scores) -> ScoreReport:
    """Return the report of `values`, the scores of the rows `chosen` in the targets' units."""
    dataset = chosen.dataset
    masked = [head.name for head in trained.heads if head.missing == "mask" and head.loss]
    labelled = {name: dataset.target_count(name) for name in masked}
    scores = tuple(_scores(trained, values, best_reachable_scores(chosen.data_path)))
    notes = (*_missing_target_notes(labelled, dataset.row_count), *_notes(trained, chosen))
    return ScoreReport(chosen.data_path, dataset.row_count, scores, notes, chosen.split, labelled)


def _missing_target_notes(labelled: Mapping[str, int], row_count: int) -> Iterator[str]:
    for name, count in labelled.items():
        if count < row_count:
            yield f"{name} is scored on the {count:,} of {row_count:,} rows that have a target."


def _scores(trained: TrainedModel, values: Scores, best: Scores) -> Iterator[ScoreValue]:
    for key, value in values.items():
        output, _, name = key.rpartition("/")
        yield ScoreValue(output, name, value, trained.score_unit(key).unit, best.get(key))


def _notes(trained: TrainedModel, chosen: EvaluationRows) -> Iterator[str]:
    for head in trained.heads:
        sentence = describe_units(head.name, trained.fitted.targets.get(head.name), head.unit)
        if sentence:
            yield sentence
    yield from _loss_weight_note(trained)
    split = str(trained.run.record.get("split", ""))
    if split:
        yield f"{split[0].upper()}{split[1:]}."
    yield from _generalization_note(trained, chosen)


def _loss_weight_note(trained: TrainedModel) -> Iterator[str]:
    """Yield a note if loss weights changed in training, which makes total losses incomparable."""
    initial = {head.name: head.loss_weight for head in trained.heads if head.loss}
    last = fold_events(read_events(trained.run.path, include_steps=False)).weights.latest
    changed = [name for name, weight in initial.items() if last.get(name, weight) != weight]
    if changed:
        in_file, at_end = (
            ", ".join(f"{name} {weights[name]:g}" for name in changed)
            for weights in (initial, last)
        )
        yield (
            f"The total loss uses the loss weights of the file: {in_file}. The training ended "
            f"with {at_end}, so its total loss is not comparable."
        )


def _generalization_note(trained: TrainedModel, chosen: EvaluationRows) -> Iterator[str]:
    """Yield at most one note on whether the training used the rows that are scored, `chosen`."""
    record = trained.run.record
    splits = record.get("sides", {})
    is_full_table = chosen.split is None and _data_file(chosen.data_path) == _data_file(
        Path(record.get("paths", {}).get("data") or "")
    )
    # Splits whose rows were taken from the training table.
    subsets = [name for name in SUBSETS[1:] if splits.get(name) and not record["paths"].get(name)]
    if is_full_table and subsets:
        yield (
            "Most of these rows were trained on: the scores say little about new rows. "
            f"Score the held-out rows with --split {subsets[-1]}."
        )
    elif is_full_table or chosen.split == "train":
        yield "These rows were trained on: the scores say little about new rows."
    elif chosen.split == "validation":
        yield "The best epoch was chosen by these rows, so its scores are slightly optimistic."
    elif chosen.split == "test":
        yield "These rows were not used in training."


def _data_file(data: Path) -> Path:
    """Return the absolute path of a table; for a folder with one table file, the file's path."""
    files = [data / name for name in FILES if (data / name).is_file()]
    return (files[0] if len(files) == 1 else data).absolute()


def best_reachable_scores(data: Path) -> dict[str, float]:
    """Return best reachable scores by name from sample.json beside test table `data`, else {}."""
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        sample = json.loads((data.parent / SAMPLE_FILE).read_bytes())
        if data.name == sample["files"][1]:
            return {
                f"{output}/{name}": float(score)
                for output, scores in sample["best"].items()
                for name, score in scores.items()
            }
    return {}
