"""Scores as a person reads them: in which unit, and how good they could be at best."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from engine.data.readers.table_file import PARTS as FILES
from engine.recipe.split import PARTS, Part
from engine.runs.events.event_log import read_events
from engine.runs.events.run_state import folded
from engine.runtime.inference.run_splits import Chosen, choose
from engine.runtime.inference.score_units import scored_in
from engine.runtime.inference.trained_model import Trained

SAMPLE = "sample.json"


@dataclass(frozen=True, slots=True)
class Score:
    """One score.

    Args:
        output: whose; "" for the total.
        name: "loss" or the metric's name.
        value: how much.
        unit: of the value, "" if it has none.
        best: the best that any network can reach on these rows, where that is known.
    """

    output: str
    name: str
    value: float
    unit: str = ""
    best: float | None = None

    @property
    def key(self) -> str:
        """The score's name among all: "loss", "age/mae"."""
        return f"{self.output}/{self.name}" if self.output else self.name


@dataclass(frozen=True, slots=True)
class Scored:
    """A table's scores.

    Args:
        data: the table.
        rows: that were scored.
        scores: the total first, then by output.
        notes: what has to be known to judge them, a sentence each.
        part: the side of the run that the rows are, None for all rows of the table.
        labelled: by output that may lack targets, the rows that have one.
    """

    data: Path
    rows: int
    scores: tuple[Score, ...]
    notes: tuple[str, ...]
    part: Part | None = None
    labelled: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return {
            "rows": self.rows,
            "scores": {s.key: s.value if isfinite(s.value) else None for s in self.scores},
            "units": {s.key: s.unit for s in self.scores if s.unit},
            "best": {s.key: s.best for s in self.scores if s.best is not None},
            "notes": list(self.notes),
            "split": self.part,
            **({"labelled": dict(self.labelled)} if self.labelled else {}),
        }


def scored(trained: Trained, data: Path | None, part: Part | None = None) -> Scored:
    """Score a table, or one side of the run, and say what the numbers mean.

    Args:
        trained: the run.
        data: the table; None takes the run's own.
        part: the side, chosen as in the training; None scores all rows of `data`.

    Raises:
        DiagnosticError: if the table does not fit the network, or the run has no such rows.
    """
    chosen = choose(trained, data, part)
    return told(trained, chosen, trained.score(chosen.rows))


def told(trained: Trained, chosen: Chosen, values: Mapping[str, float]) -> Scored:
    """Say what the scores of some rows mean; they stand in their units."""
    rows, part = chosen.rows, chosen.part
    masked = [head.name for head in trained.heads if head.missing == "mask" and head.loss]
    labelled = {name: rows.labelled(name) for name in masked}
    scores = tuple(_scores(trained, values, best_reachable(chosen.data)))
    notes = (*_partly(labelled, rows.rows), *_notes(trained, chosen))
    return Scored(chosen.data, rows.rows, scores, notes, part, labelled)


def _partly(labelled: Mapping[str, int], rows: int) -> Iterator[str]:
    for name, count in labelled.items():
        if count < rows:
            yield f"{name} is scored on the {count:,} of {rows:,} rows that have a target."


def _scores(
    trained: Trained, values: Mapping[str, float], best: Mapping[str, float]
) -> Iterator[Score]:
    for key, value in values.items():
        output, _, name = key.rpartition("/")
        yield Score(output, name, value, trained.measure(key).unit, best.get(key))


def _notes(trained: Trained, chosen: Chosen) -> Iterator[str]:
    for head in trained.heads:
        sentence = scored_in(head.name, trained.fitted.targets.get(head.name), head.unit)
        if sentence:
            yield sentence
    yield from _weighed(trained)
    split = str(trained.run.run.get("split", ""))
    if split:
        yield f"{split[0].upper()}{split[1:]}."
    yield from _seen(trained, chosen)


def _weighed(trained: Trained) -> Iterator[str]:
    """Say that the total is another sum than the training's, where people changed its weights."""
    own = {head.name: head.loss_weight for head in trained.heads if head.loss}
    last = folded(read_events(trained.run.path, steps=False)).weights.newest
    turned = {name: last[name] for name, weight in own.items() if last.get(name, weight) != weight}
    if turned:
        file, then = (
            ", ".join(f"{name} {weights[name]:g}" for name in turned) for weights in (own, last)
        )
        yield (
            f"The total goes by the file's loss weights: {file}. The training ended with {then}, "
            "so its total is another sum."
        )


def _seen(trained: Trained, chosen: Chosen) -> Iterator[str]:
    """Say what the training knew of the rows."""
    told = trained.run.run
    held = told.get("sides", {})
    whole = chosen.part is None and _file(chosen.data) == _file(
        Path(told.get("paths", {}).get("data") or "")
    )
    others = [part for part in PARTS[1:] if held.get(part) and not told["paths"].get(part)]
    if whole and others:
        yield (
            "Most of these rows were trained on: the scores say little about other rows. "
            f"Score those held back with --split {others[-1]}."
        )
    elif whole or chosen.part == "train":
        yield "These are rows that it was trained on: the scores say little about other rows."
    elif chosen.part == "validation":
        yield "These rows say which epoch is the best, so that one's scores are a little too good."
    elif chosen.part == "test":
        yield "These rows were kept from the training: it has seen none of them."


def _file(data: Path) -> Path:
    """Return the file that stands for a folder of data."""
    parts = [data / part for part in FILES if (data / part).is_file()]
    return (parts[0] if len(parts) == 1 else data).absolute()


def best_reachable(data: Path) -> dict[str, float]:
    """Return the best scores on the held-out rows of a sample, {} for any other data."""
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        told = json.loads((data.parent / SAMPLE).read_bytes())
        if data.name == told["files"][1]:
            return {
                f"{output}/{name}": float(score)
                for output, scores in told["best"].items()
                for name, score in scores.items()
            }
    return {}
