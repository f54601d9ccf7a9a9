"""The state of a run, computed from the events of the run, and the list of runs in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from engine.core.diagnostic import DiagnosticError
from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Event,
    Heartbeat,
    OutputInfo,
    RunEnded,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    Warned,
)
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.event_log import last_event, read_events
from engine.runs.log.lock import lock_holder
from engine.runs.state.best_epoch import BestEpoch
from engine.runs.state.loss_shares import (
    LOSS_SUFFIX,
    WEIGHT_SUFFIX,
    LossWeightHistory,
    share_curves,
)
from engine.runs.state.step_curve import StepCurve

Curves = Mapping[str, StepCurve]
Status = Literal["waiting", "running", "paused", "finished", "stopped", "failed", "crashed"]
FINAL_STATUSES: tuple[Status, ...] = ("finished", "stopped", "failed", "crashed")


@dataclass(frozen=True)
class RunState:
    """The state of a run after some of its events.

    Args:
        started: start of the last attempt; None before the first attempt.
        steps: curves over steps by name: "loss", "OUTPUT/loss", "learning_rate", "grad_norm", and
            "OUTPUT/weight" if loss weights are adapted by a rule.
        train, validation: curves over epochs by name: "loss", "OUTPUT/loss", "OUTPUT/METRIC".
        step, epoch: numbers of steps and of complete epochs done.
        best_epoch: best epoch, and changes of settings that make earlier scores incomparable.
        checkpoint: last saved checkpoint.
        warnings: diagnostics as JSON objects, in order of time.
        ended: end of the last attempt; None while the attempt runs, or if it crashed.
        paused: whether the user has paused the run.
        heartbeat: last heartbeat.
        responses: responses to control requests, including rejections, in order of time.
        weights: loss weights over time.
        seq, attempt: sequence number and attempt of the last event.
    """

    started: RunStarted | None = None
    steps: Curves = field(default_factory=dict)
    train: Curves = field(default_factory=dict)
    validation: Curves = field(default_factory=dict)
    step: int = 0
    epoch: int = 0
    best_epoch: BestEpoch = BestEpoch()
    checkpoint: CheckpointSaved | None = None
    warnings: tuple[Mapping[str, Any], ...] = ()
    ended: RunEnded | None = None
    paused: bool = False
    heartbeat: Heartbeat | None = None
    responses: tuple[ControlTaken, ...] = ()
    weights: LossWeightHistory = LossWeightHistory()
    seq: int = 0
    attempt: int = 0

    @property
    def best(self) -> BestFound | None:
        """The event of the best epoch so far; None if there is none.

        A change of live settings that makes earlier scores incomparable can set the event to None.
        """
        return self.best_epoch.event

    def final_epoch(self, stopping: EarlyStopping | None) -> int:
        """Return the epoch of the final weights: the best one if the last rule restores it.

        `stopping` is the rule of the recipe, which may have changed while the run trained.
        """
        rule = stopping
        for mark in self.responses:
            if mark.request == "stopping" and not mark.code:
                rule = None if mark.value is None else EarlyStopping.from_params(mark.value)
        is_best = rule is not None and rule.restore_best
        return self.best.epoch if self.best and is_best else self.epoch

    @property
    def outputs(self) -> tuple[OutputInfo, ...]:
        """The outputs of the network; () if the run has not started."""
        return self.started.outputs if self.started else ()

    @cached_property
    def shares(self) -> Curves:
        """The share of each output in the total loss (0 to 1): curves over steps by output name."""
        return share_curves(self.steps, self.weights)

    def status(self, alive: bool) -> Status:
        """Return the status; `alive` must be whether a process holds the lock of the run."""
        if self.ended is not None:
            return _END_STATUS.get(type(self.ended), "failed")
        if not alive:
            return "crashed" if self.started else "waiting"
        return "paused" if self.paused else "running"


_END_STATUS: Mapping[type[RunEnded], Status] = {
    RunFinished: "finished",
    RunStopped: "stopped",
    RunFailed: "failed",
}


def apply_event(state: RunState, event: Event) -> RunState:
    """Return the state of the run after `event`, the next event of its log."""
    state = replace(state, seq=event.seq, attempt=event.attempt)
    match event:
        case RunStarted():
            weights = state.weights.with_start(state.step, event.outputs)
            return replace(state, started=event, weights=weights, ended=None, paused=False)
        case RunResumed():
            return _rewind(state, event)
        case StepsDone():
            return _with_steps(state, event)
        case EpochDone():
            return _with_epoch(state, event)
        case ControlTaken():
            return _with_response(state, event)
        case RunEnded():
            return replace(state, ended=event, paused=False)
    return _with_notice(state, event)


def _with_notice(state: RunState, event: Event) -> RunState:
    """Return the state after an event about a checkpoint, best epoch, heartbeat or warning.

    For other events, return `state` unchanged.
    """
    match event:
        case CheckpointSaved():
            return replace(state, checkpoint=event)
        case BestFound():
            return replace(state, best_epoch=replace(state.best_epoch, event=event))
        case Heartbeat():
            return replace(state, heartbeat=event)
        case Warned():
            return replace(state, warnings=(*state.warnings, event.diagnostic))
    return state


def fold_events(events: Iterable[Event]) -> RunState:
    """Return the state of a run after `events`, from the first event of its log on."""
    state = RunState()
    for event in events:
        state = apply_event(state, event)
    return state


def _with_steps(state: RunState, event: StepsDone) -> RunState:
    new = {"loss": event.loss, "learning_rate": event.learning_rate, "grad_norm": event.grad_norm}
    new |= {f"{output}{LOSS_SUFFIX}": values for output, values in event.losses.items()}
    new |= {f"{output}{WEIGHT_SUFFIX}": values for output, values in event.weights.items()}
    curves = dict(state.steps)
    for name, values in new.items():
        if values:
            curves[name] = curves.get(name, StepCurve()).extended(event.first, values)
    return replace(state, steps=curves, step=event.last)


def _with_epoch(state: RunState, event: EpochDone) -> RunState:
    train = _with_point(state.train, event.epoch, event.train)
    validation = _with_point(state.validation, event.epoch, event.validation)
    step = max(state.step, event.step)
    return replace(state, train=train, validation=validation, epoch=event.epoch, step=step)


def _with_point(curves: Curves, epoch: int, scores: Mapping[str, float]) -> Curves:
    result = dict(curves)
    for name, score in scores.items():
        result[name] = curves.get(name, StepCurve()).extended(epoch, (score,))
    return result


def _with_response(state: RunState, event: ControlTaken) -> RunState:
    """Return the state after a response, which replaces an earlier response with the same id."""
    marks = (*(mark for mark in state.responses if mark.id != event.id), event)
    paused = state.paused
    if event.request in ("pause", "continue") and not event.code:
        paused = event.request == "pause"
    per_epoch = state.started.steps_per_epoch if state.started else 0
    return replace(
        state,
        responses=marks,
        paused=paused,
        weights=state.weights.with_response(event),
        best_epoch=state.best_epoch.with_response(event, state.epoch, per_epoch),
    )


def _rewind(state: RunState, event: RunResumed) -> RunState:
    """Return the state at the checkpoint from which a run was resumed."""
    return replace(
        state,
        steps=_truncate(state.steps, event.to_step),
        train=_truncate(state.train, event.to_epoch),
        validation=_truncate(state.validation, event.to_epoch),
        step=event.to_step,
        epoch=event.to_epoch,
        best_epoch=state.best_epoch.truncated(event.to_step),
        responses=tuple(mark for mark in state.responses if mark.step <= event.to_step),
        weights=state.weights.truncated(event.to_step),
        ended=None,
        paused=False,
    )


def _truncate(curves: Curves, last: int) -> Curves:
    return {name: cut for name, curve in curves.items() if (cut := curve.truncated(last))}


def read_state(folder: Path) -> RunState:
    """Return the state of a run after all events so far."""
    return fold_events(read_events(folder))


@dataclass(frozen=True)
class ListedRun:
    """A run in a list of runs, with its status and last event."""

    folder: RunFolder
    status: Status
    last: Event | None


def run_status(folder: RunFolder) -> tuple[Status, Event | None]:
    """Return the status of a run, and its last event (None if there are no events)."""
    last = last_event(folder.path)
    if isinstance(last, RunEnded):
        return _END_STATUS.get(type(last), "failed"), last
    if lock_holder(folder.path) is None:
        return ("crashed" if last else "waiting"), last
    return ("paused" if folder.status().get("state") == "paused" else "running"), last


def list_runs(runs_folder: Path) -> list[ListedRun]:
    """Return the valid runs whose folders are directly in `runs_folder`, sorted by name."""
    runs = []
    for file in sorted(runs_folder.glob(f"*/{RUN_FILE}")):
        with suppress(DiagnosticError):
            folder = RunFolder.open(file.parent)
            runs.append(ListedRun(folder, *run_status(folder)))
    return runs
