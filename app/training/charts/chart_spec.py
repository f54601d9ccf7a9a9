"""What charts are of: which numbers of a run, and how they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.text.numbers import GRADIENT, RATE, SHARES, TOTAL
from app.training.curves.run_curves import Curves, Points
from app.training.curves.series import Series
from engine.events import Head
from engine.runs.comparison.score_summary import brief_unit, unit_of

_MOST_METRICS = 4


@dataclass(frozen=True)
class Subject:
    """What one chart is of.

    Args:
        title: stands above it where there is room.
        short: stands above it where there is little.
        score: the name of its numbers in the events, such as "age/loss".
        by_step: training is known at each step, not only at the end of each epoch.
        validated: rows are held back for validation.
    """

    title: str
    short: str
    score: str
    by_step: bool = True
    validated: bool = True

    def steps(self, curves: Curves) -> Series | None:
        """Return the numbers of the training by step, None if there are none."""
        return curves.steps.get(self.score) if self.by_step else None

    def epochs(self, curves: Curves) -> Points | None:
        """Return the numbers of the training by epoch, None before the first."""
        return curves.train.get(self.score)

    def validation(self, curves: Curves) -> Points | None:
        """Return the numbers of the validation, None before the first."""
        return curves.validation.get(self.score)

    def concerned(self, warning: Mapping[str, Any]) -> bool:
        """Return whether a warning is about what this is of."""
        node = warning.get("node")
        return self.score == (f"{node}/loss" if node else TOTAL)

    def newest(self, curves: Curves) -> int:
        """Return the newest step that has a value."""
        return curves.step if self.by_step else int((curves.epochs.steps or [0])[-1])


def of_the_whole(held: bool, outputs: int) -> list[Subject]:
    """Return what is drawn of all outputs together; `held`: rows are held back."""
    shares = Subject("Shares of the total", "Shares", SHARES, validated=False)
    return [
        Subject("Total loss", "Total loss", TOTAL, validated=held),
        *([shares] if outputs > 1 else []),
        Subject("Learning rate", "Learning rate", RATE, validated=False),
        Subject("Length of the gradient", "Gradient", GRADIENT, validated=False),
    ]


def of_output(head: Head, held: bool) -> list[Subject]:
    """Return what is drawn of one output: its loss, then its metrics."""
    loss = f"{head.name}: {_worded(head.loss or 'loss')}"
    metrics = [_of_metric(head, name, held) for name in head.metrics[:_MOST_METRICS]]
    return [Subject(loss, head.name, f"{head.name}/loss", validated=held), *metrics]


def _of_metric(head: Head, name: str, held: bool) -> Subject:
    unit = unit_of([head], f"{head.name}/{name}")
    title = f"{_worded(name)} of {head.name}{unit and f', in {unit}'}"
    short = f"{head.name} {_worded(name)}{unit and f', {brief_unit(unit)}'}"
    return Subject(title, short, f"{head.name}/{name}", by_step=False, validated=held)


def _worded(name: str) -> str:
    return name.replace("_", " ")
