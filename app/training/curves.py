"""All numbers of one run by what they are of, exactly as its events told them. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.training.figures import GRADIENT, RATE, TOTAL, figure
from app.training.series import LONGEST_GAP, Series
from engine.events import EpochDone, Event, Head, RunResumed, RunStarted, StepsDone

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
    """What a run has said, folded as it comes; a resumed run takes back what it does again."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.steps: dict[str, Series] = {}
        self.train: dict[str, Points] = {}
        self.validation: dict[str, Points] = {}
        self.epochs = Points()
        self.step = 0
        self.penalty = 0.0

    @property
    def outputs(self) -> tuple[Head, ...]:
        """The trained outputs, as many as have charts."""
        return self.started.outputs[:MOST_OUTPUTS] if self.started else ()

    def take(self, events: Iterable[Event]) -> None:
        """Fold events in."""
        for event in events:
            match event:
                case RunStarted():
                    self.started = event
                case StepsDone():
                    self._steps(event)
                case EpochDone():
                    self._epoch(event)
                case RunResumed():
                    self._cut(event.to_step)

    def last(self, name: str) -> float | None:
        """Answer the newest value by step, None before the first."""
        series = self.steps.get(name)
        return float(series.values[-1]) if series else None

    def loss_texts(self) -> dict[str, str]:
        """Answer the last loss of each output, as a node shows it."""
        lasts = {head.name: self.last(f"{head.name}/loss") for head in self.outputs}
        return {name: figure(last) for name, last in lasts.items() if last is not None}

    def _steps(self, event: StepsDone) -> None:
        if event.first - self.step > LONGEST_GAP:
            return
        known = {head.name for head in self.outputs}
        told = {TOTAL: event.loss, RATE: event.learning_rate, GRADIENT: event.grad_norm}
        told |= {f"{name}/loss": values for name, values in event.losses.items() if name in known}
        for name, values in told.items():
            if values:
                self._series(name).put(event.first, values)
        self.penalty = sum(values[-1] for values in event.penalties.values())
        self.step = event.last

    def _series(self, name: str) -> Series:
        if name not in self.steps:
            self.steps[name] = Series(smooth=name != RATE)
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


def _put(side: dict[str, Points], step: int, scores: Mapping[str, float]) -> None:
    for name, score in scores.items():
        side.setdefault(name, Points()).put(step, score)
