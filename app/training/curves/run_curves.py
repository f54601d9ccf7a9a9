"""The learning curves of one run, accumulated from the run's events. Does not use Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from app.training.curves.curve_names import GRADIENT_NORM, LEARNING_RATE, TOTAL_LOSS
from app.training.curves.step_series import MAX_STEP_GAP, FloatArray, StepSeries
from engine.core.formatting.numbers import format_score
from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Event,
    OutputInfo,
    RunEnded,
    RunResumed,
    RunStarted,
    StepsDone,
    Warned,
)
from engine.runs.state.best_epoch import BestEpoch
from engine.runs.state.loss_shares import LossWeightHistory

MAX_CHART_OUTPUTS = 64  # only so many outputs have charts and rows in the loss table


class EpochSeries:
    """Values per epoch, each stored with the last step of the epoch."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []

    @property
    def last(self) -> float | None:
        """The newest value, None if there is no value yet."""
        return self.values[-1] if self.values else None

    def append(self, step: int, value: float) -> None:
        """Append a value; existing values at this step and at later steps are dropped."""
        self.truncate(step - 1)
        self.steps.append(step)
        self.values.append(value)

    def truncate(self, step: int) -> None:
        """Drop the values after `step`."""
        while self.steps and self.steps[-1] > step:
            self.steps.pop()
            self.values.pop()


class Curves:
    """The learning curves of a run, updated with each batch of events.

    A resumed run repeats the steps after its checkpoint, so the old values of these steps are
    dropped.

    Attributes:
        control_events: the events of handled control requests and of resumes, in order.
        warnings: for each warning, the step at which it was raised and its diagnostic.
        paused: whether the run is paused.
        own_request_ids: ids of the control requests sent by this window.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.steps: dict[str, StepSeries] = {}
        self.train: dict[str, EpochSeries] = {}
        self.validation: dict[str, EpochSeries] = {}
        self.epochs = EpochSeries()
        self.step = 0
        self.penalty = 0.0
        self.best_tracker = BestEpoch()
        self.checkpoint: CheckpointSaved | None = None
        self.control_events: list[ControlTaken | RunResumed] = []
        self.warnings: list[tuple[int, Mapping[str, Any]]] = []
        self.paused = False
        self.own_request_ids: Collection[str] = ()
        self._weights = LossWeightHistory()

    @property
    def best(self) -> BestFound | None:
        """The best epoch so far, None if there is none.

        Some changes of live settings restart the search for the best epoch.
        """
        return self.best_tracker.event

    @property
    def outputs(self) -> tuple[OutputInfo, ...]:
        """The trained outputs, limited to those that have charts."""
        return self.started.outputs[:MAX_CHART_OUTPUTS] if self.started else ()

    def update(self, events: Iterable[Event]) -> None:
        """Add the values of these events to the curves; update attributes such as `paused`."""
        for event in events:
            match event:
                case RunStarted():
                    self.started, self.paused = event, False
                    self._weights = self._weights.with_start(self.step, event.outputs)
                case StepsDone():
                    self._add_steps(event)
                case EpochDone():
                    self._add_epoch(event)
                case RunResumed():
                    self._resume(event)
                case _:
                    self._update_status(event)

    def _update_status(self, event: Event) -> None:
        match event:
            case ControlTaken():
                self._add_control(event)
            case BestFound():
                self.best_tracker = replace(self.best_tracker, event=event)
            case CheckpointSaved():
                self.checkpoint = event
            case Warned():
                self.warnings.append((self.step, event.diagnostic))
            case RunEnded():
                self.paused = False

    def latest_value(self, name: str) -> float | None:
        """Return the newest value of a per-step series, None if there is no value yet."""
        series = self.steps.get(name)
        return float(series.values[-1]) if series else None

    def latest_mean(self, name: str) -> float | None:
        """Return the running mean of a per-step series at the newest step, as charts draw it.

        If the newest value is not finite, it is returned instead.
        """
        value, series = self.latest_value(name), self.steps.get(name)
        if series is None or value is None or not isfinite(value):
            return value
        return float(series.running_mean_at(np.array([len(series)], dtype=np.float64))[0])

    def loss_texts(self) -> dict[str, str]:
        """Return the newest loss of each output as text, by the name of the output."""
        losses = {head.name: self.latest_mean(f"{head.name}/loss") for head in self.outputs}
        return {name: format_score(loss) for name, loss in losses.items() if loss is not None}

    def loss_weights(self) -> dict[str, float]:
        """Return the current loss weight of each output, by the name of the output."""
        return {
            name: initial if (reported := self.latest_value(f"{name}/weight")) is None else reported
            for name, initial in self._weights.latest.items()
        }

    def loss_weights_at(self, steps: FloatArray) -> dict[str, FloatArray]:
        """Return the loss weights of each output at the given steps, by the name of the output."""
        # Learned weights are reported with each step; fixed ones change only by control requests.
        index = np.searchsorted(np.asarray(self._weights.first_steps), steps, side="right") - 1
        index = np.maximum(index, 0)
        result = {}
        for head in self.outputs:
            reported = self.steps.get(f"{head.name}/weight")
            if reported:
                result[head.name] = reported.values_at(steps)
            else:
                history = [weights.get(head.name, 1.0) for weights in self._weights.weights]
                result[head.name] = np.asarray(history, dtype=float)[index]
        return result

    def _add_control(self, event: ControlTaken) -> None:
        """Add the event of a control request like "pause"; drop an old event with the same id."""
        self.control_events = [
            old for old in self.control_events if isinstance(old, RunResumed) or old.id != event.id
        ]
        self.control_events.append(event)
        if event.request in ("pause", "continue") and not event.code:
            self.paused = event.request == "pause"
        self._weights = self._weights.with_response(event)
        per_epoch = self.started.steps_per_epoch if self.started else 0
        epoch = int(self.epochs.last or 0)
        self.best_tracker = self.best_tracker.with_response(event, epoch, per_epoch)

    def _resume(self, event: RunResumed) -> None:
        step = event.to_step
        self._truncate(step)
        self.paused = False
        self._weights = self._weights.truncated(step)
        self.best_tracker = self.best_tracker.truncated(step)
        self.control_events = [old for old in self.control_events if _step_of(old) <= step]
        self.control_events.append(event)

    def _add_steps(self, event: StepsDone) -> None:
        if event.first - self.step > MAX_STEP_GAP:
            return
        outputs = {head.name for head in self.outputs}
        series = {TOTAL_LOSS: event.loss, LEARNING_RATE: event.learning_rate}
        series[GRADIENT_NORM] = event.grad_norm
        for kind, values_by_name in (("loss", event.losses), ("weight", event.weights)):
            for name, values in values_by_name.items():
                if name in outputs:
                    series[f"{name}/{kind}"] = values
        for name, values in series.items():
            if values:
                self.steps.setdefault(name, StepSeries()).write(event.first, values)
        self.penalty = sum(values[-1] for values in event.penalties.values())
        self.step = event.last

    def _add_epoch(self, event: EpochDone) -> None:
        self.epochs.append(event.step, float(event.epoch))
        _append_scores(self.train, event.step, event.train)
        _append_scores(self.validation, event.step, event.validation)
        self.step = max(self.step, event.step)

    def _truncate(self, step: int) -> None:
        for series in self.steps.values():
            series.truncate(step)
        for points in (*self.train.values(), *self.validation.values(), self.epochs):
            points.truncate(step)
        self.step = step


def _step_of(mark: ControlTaken | RunResumed) -> int:
    return mark.to_step if isinstance(mark, RunResumed) else mark.step


def _append_scores(series: dict[str, EpochSeries], step: int, scores: Mapping[str, float]) -> None:
    for name, score in scores.items():
        series.setdefault(name, EpochSeries()).append(step, score)
