"""All numbers of one run by what they are of, exactly as its events told them. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from app.text.numbers import GRADIENT, RATE, TOTAL, figure
from app.training.curves.run_curves.series import LONGEST_GAP, Numbers, Series
from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Event,
    Head,
    RunEnded,
    RunResumed,
    RunStarted,
    StepsDone,
    Warned,
)
from engine.runs.comparison.best_epoch import Best
from engine.runs.comparison.loss_shares import Weights

MOST_OUTPUTS = 64  # with charts and rows of their own


class Points:
    """Numbers by epoch, each at the step that ended it."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []

    @property
    def last(self) -> float | None:
        """The newest value, None before the first."""
        return self.values[-1] if self.values else None

    def put(self, step: int, value: float) -> None:
        """Add a value; what stood at this step or later is void."""
        self.cut(step - 1)
        self.steps.append(step)
        self.values.append(value)

    def cut(self, step: int) -> None:
        """Forget what lies after `step`."""
        while self.steps and self.steps[-1] > step:
            self.steps.pop()
            self.values.pop()


class Curves:
    """What a run has said, folded as it comes; a resumed run takes back what it does again.

    Attributes:
        marks: requests that were answered, and resumes, in their order.
        warned: what was called out, with the step that was being taken then.
        paused: True while a person makes it wait.
        own: the ids of the requests that came from here.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.steps: dict[str, Series] = {}
        self.train: dict[str, Points] = {}
        self.validation: dict[str, Points] = {}
        self.epochs = Points()
        self.step = 0
        self.penalty = 0.0
        self.judged = Best()
        self.checkpoint: CheckpointSaved | None = None
        self.marks: list[ControlTaken | RunResumed] = []
        self.warned: list[tuple[int, Mapping[str, Any]]] = []
        self.paused = False
        self.own: Collection[str] = ()
        self._weights = Weights()

    @property
    def best(self) -> BestFound | None:
        """The newest best epoch, None where none was found since one is looked for anew."""
        return self.judged.found

    @property
    def outputs(self) -> tuple[Head, ...]:
        """The trained outputs, as many as have charts."""
        return self.started.outputs[:MOST_OUTPUTS] if self.started else ()

    def take(self, events: Iterable[Event]) -> None:
        """Fold events in."""
        for event in events:
            match event:
                case RunStarted():
                    self.started, self.paused = event, False
                    self._weights = self._weights.begun(self.step, event.outputs)
                case StepsDone():
                    self._steps(event)
                case EpochDone():
                    self._epoch(event)
                case RunResumed():
                    self._resume(event)
                case _:
                    self._note(event)
        for series in self.steps.values():
            series.settle()  # here, so that no other thread has to

    def _note(self, event: Event) -> None:
        match event:
            case ControlTaken():
                self._mark(event)
            case BestFound():
                self.judged = replace(self.judged, found=event)
            case CheckpointSaved():
                self.checkpoint = event
            case Warned():
                self.warned.append((self.step, event.diagnostic))
            case RunEnded():
                self.paused = False

    def last(self, name: str) -> float | None:
        """Return the newest value by step, None before the first."""
        series = self.steps.get(name)
        return float(series.values[-1]) if series else None

    def loss_texts(self) -> dict[str, str]:
        """Return the last loss of each output, as a node shows it."""
        lasts = {head.name: self.last(f"{head.name}/loss") for head in self.outputs}
        return {name: figure(last) for name, last in lasts.items() if last is not None}

    def weights(self) -> dict[str, float]:
        """Return by output what its loss is multiplied by now."""
        return {
            name: held if (told := self.last(f"{name}/weight")) is None else told
            for name, held in self._weights.newest.items()
        }

    def weights_at(self, steps: Numbers) -> dict[str, Numbers]:
        """Return by output what its loss was multiplied by in some steps."""
        found = {}
        since = np.asarray(self._weights.since)
        for head in self.outputs:
            told = self.steps.get(f"{head.name}/weight")
            if told:
                found[head.name] = told.at(steps)
            else:
                held = [weights.get(head.name, 1.0) for weights in self._weights.held]
                place = np.searchsorted(since, steps, side="right") - 1
                found[head.name] = np.asarray(held, dtype=float)[np.maximum(place, 0)]
        return found

    def _mark(self, event: ControlTaken) -> None:
        """Keep an answer; one that is said again, after a resume, takes the place of the first."""
        self.marks = [
            mark for mark in self.marks if isinstance(mark, RunResumed) or mark.id != event.id
        ]
        self.marks.append(event)
        if event.request in ("pause", "continue") and not event.code:
            self.paused = event.request == "pause"
        self._weights = self._weights.turned(event)
        per_epoch = self.started.steps_per_epoch if self.started else 0
        self.judged = self.judged.turned(event, int(self.epochs.last or 0), per_epoch)

    def _resume(self, event: RunResumed) -> None:
        self._cut(event.to_step)
        self.paused = False
        self._weights = self._weights.until(event.to_step)
        self.judged = self.judged.until(event.to_step)
        self.marks = [mark for mark in self.marks if _step_of(mark) <= event.to_step]
        self.marks.append(event)

    def _steps(self, event: StepsDone) -> None:
        if event.first - self.step > LONGEST_GAP:
            return
        known = {head.name for head in self.outputs}
        told = {TOTAL: event.loss, RATE: event.learning_rate, GRADIENT: event.grad_norm}
        told |= {f"{name}/loss": values for name, values in event.losses.items() if name in known}
        told |= {
            f"{name}/weight": values for name, values in event.weights.items() if name in known
        }
        for name, values in told.items():
            if values:
                self._series(name).put(event.first, values)
        self.penalty = sum(values[-1] for values in event.penalties.values())
        self.step = event.last

    def _series(self, name: str) -> Series:
        if name not in self.steps:
            begun = self.started
            planned = begun.steps_per_epoch * begun.epochs if begun else 0
            self.steps[name] = Series(is_smooth(name), planned)
        return self.steps[name]

    def _epoch(self, event: EpochDone) -> None:
        self.epochs.put(event.step, float(event.epoch))
        _put(self.train, event.step, event.train)
        _put(self.validation, event.step, event.validation)
        self.step = max(self.step, event.step)

    def _cut(self, step: int) -> None:
        for series in self.steps.values():
            series.cut(step)
        for points in (*self.train.values(), *self.validation.values(), self.epochs):
            points.cut(step)
        self.step = step


def is_smooth(name: str) -> bool:
    """Return whether numbers by step have a running mean: not what a person sets."""
    return name != RATE and not name.endswith("/weight")


def _step_of(mark: ControlTaken | RunResumed) -> int:
    return mark.to_step if isinstance(mark, RunResumed) else mark.step


def _put(side: dict[str, Points], step: int, scores: Mapping[str, float]) -> None:
    for name, score in scores.items():
        side.setdefault(name, Points()).put(step, score)
