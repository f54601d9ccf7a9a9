"""Scores as a person reads them: in which unit, and how good they could be at best."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from engine.data.tables import PARTS
from engine.runtime.trained import Trained
from engine.runtime.units import deviations

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
        rows: of the table.
        scores: the total first, then by output.
        notes: what has to be known to judge them, a sentence each.
    """

    rows: int
    scores: tuple[Score, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Answer all of it as plain JSON."""
        return {
            "rows": self.rows,
            "scores": {s.key: s.value if isfinite(s.value) else None for s in self.scores},
            "units": {s.key: s.unit for s in self.scores if s.unit},
            "best": {s.key: s.best for s in self.scores if s.best is not None},
            "notes": list(self.notes),
        }


def scored(trained: Trained, data: Path) -> Scored:
    """Score a table, and say what the numbers mean.

    Raises:
        Refused: if the table does not fit the network.
    """
    rows, values = trained.evaluate_rows(data)
    best = best_reachable(data)
    scores = tuple(_scores(trained, values, best))
    return Scored(rows, scores, tuple(_notes(trained, data)))


def _scores(
    trained: Trained, values: Mapping[str, float], best: Mapping[str, float]
) -> Iterator[Score]:
    for key, value in values.items():
        output, _, name = key.rpartition("/")
        yield Score(output, name, value, trained.measure(key).unit, best.get(key))


def _notes(trained: Trained, data: Path) -> Iterator[str]:
    for head in trained.heads:
        scaled = deviations(trained.fitted.targets.get(head.name))
        if len(scaled) == 1:
            one = f"{scaled[0]:.4g} {head.unit}".rstrip()
            yield f"The loss of {head.name} counts in standard deviations; one is {one}."
        elif scaled:
            yield f"Loss and errors of {head.name} count in each column's standard deviations."
    split = str(trained.run.run.get("split", ""))
    if split:
        yield f"{split[0].upper()}{split[1:]}."
    if _file(data) == _file(Path(trained.run.run.get("paths", {}).get("data") or "")):
        yield "These are rows that it was trained on: the scores say little about other rows."


def _file(data: Path) -> Path:
    """Answer the file that stands for a folder of data."""
    parts = [data / part for part in PARTS if (data / part).is_file()]
    return (parts[0] if len(parts) == 1 else data).absolute()


def best_reachable(data: Path) -> dict[str, float]:
    """Answer the best scores on the held-out rows of a sample, {} for any other data."""
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        told = json.loads((data.parent / SAMPLE).read_bytes())
        if data.name == told["files"][1]:
            return {
                f"{output}/{name}": float(score)
                for output, scores in told["best"].items()
                for name, score in scores.items()
            }
    return {}
