"""The run recorder, which writes events, checkpoints, weights and status to a run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from torch import Tensor

from engine import events
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.events import ControlTaken, Event, StepsDone, Warned
from engine.recipe.recipe import CheckpointInterval
from engine.runs.folder.run_folder import TENSORBOARD_FOLDER, RunFolder
from engine.runs.log.event_log import EventWriter, read_events
from engine.runs.log.step_buffer import StepBuffer, TrainingStep
from engine.runs.state.curve_warnings import CurveMonitor
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from engine.runtime.checkpoints.state_dicts import network_weights
from engine.runtime.checkpoints.weight_file import write_weights
from engine.runtime.run.tensorboard import TensorBoardWriter
from engine.runtime.run.training_checkpoint import make_checkpoint
from engine.runtime.training.divergence import non_finite_weights_diagnostic
from engine.runtime.training.non_finite import first_non_finite_weight
from engine.runtime.training.training import Training

MAX_LINES_PER_SECOND = 20
RecordedEvent = tuple[RunFolder, Event]
RecordedEvents = Iterator[RecordedEvent]


@dataclass(frozen=True)
class LastCheckpoint:
    """Where a run was when its last checkpoint was saved, or when it started without one.

    Args:
        next_epoch: the first epoch that counts toward the interval until the next checkpoint.
        step: number of steps done.
        time: value of `time.monotonic()` when the checkpoint was saved, or at the start.
    """

    next_epoch: int
    step: int
    time: float = field(default_factory=time.monotonic)

    def is_next_due(self, interval: CheckpointInterval, step: int, epochs: int = 0) -> bool:
        """Return whether `interval` has passed since this checkpoint.

        `step` counts the steps done so far, `epochs` the epochs done from `next_epoch` on.
        """
        return interval.is_due(epochs, step - self.step, time.monotonic() - self.time)


class RunRecorder:
    """Writes events, checkpoints, weights and status of a training to its run folder.

    Args:
        run: run folder, whose lock the caller holds.
        stack: exit stack that closes the log files.

    Attributes:
        previous_events: events of earlier attempts, without training steps.
        next_is_best: whether the next checkpoint is the best one.
    """

    def __init__(self, run: RunFolder, training: Training, stack: ExitStack) -> None:
        self.run = run
        self.previous_events = list(read_events(run.path, include_steps=False))
        self.checkpoints = CheckpointStore(run.checkpoints_path)
        self.last_checkpoint = LastCheckpoint(training.progress.epoch, training.progress.step)
        self.next_is_best = False
        self._training = training
        self._stack = stack
        self._writer = stack.enter_context(EventWriter(run.path))
        self._steps = StepBuffer()
        self._last_flush = time.monotonic()
        self._curve_monitor = CurveMonitor(self.previous_events)
        self._tensorboard: TensorBoardWriter | None = None

    def open_tensorboard(self) -> None:
        """Also write the following events as TensorBoard logs, if run.json asks for them."""
        if self.run.record.get("tensorboard"):
            progress, folder = self._training.progress, self.run.path / TENSORBOARD_FOLDER
            self._tensorboard = TensorBoardWriter(
                folder, self._writer.attempt, progress.step, progress.epoch - 1
            )
            self._stack.callback(self._tensorboard.close)

    def record(self, event: Event) -> RecordedEvent:
        """Log an event. Return the tuple (run folder, event with time and sequence number)."""
        if isinstance(event, events.RunStarted | ControlTaken):
            self._curve_monitor.update(event)
        written = self._writer.write(event)
        if self._tensorboard is not None:
            self._tensorboard.write(written)
        return self.run, written

    def record_warnings(self, warnings: Iterable[Diagnostic]) -> RecordedEvents:
        """Log each warning as an event in the run folder. Yield (run folder, event) for each."""
        for warning in warnings:
            yield self.record(Warned(diagnostic=warning.to_dict()))

    def record_step(self, step: TrainingStep) -> RecordedEvents:
        """Buffer a step, and yield the events that are written to the log now.

        Buffered steps are written as one event if `step` can't be merged with them, or
        every 1 / `MAX_LINES_PER_SECOND` seconds. Loss curve warnings are yielded next.
        """
        yield from self._record_steps(self._steps.add(step))
        if time.monotonic() - self._last_flush >= 1 / MAX_LINES_PER_SECOND:
            yield from self.flush()

    def flush(self) -> RecordedEvents:
        """Log the buffered steps as one event. Yield it, then one event per loss curve warning."""
        self._last_flush = time.monotonic()
        yield from self._record_steps(self._steps.flush())

    def _record_steps(self, done: StepsDone | None) -> RecordedEvents:
        if done is not None:
            yield self.record(done)
            yield from self.record_warnings(self._curve_monitor.update(done))

    def save_checkpoint(self, next_epoch: int) -> RecordedEvent:
        """Save a checkpoint and log its event. Return (run folder, event).

        Args:
            next_epoch: the first epoch that counts toward the interval until the next checkpoint.

        Raises:
            DiagnosticError: diverged, if a weight is not finite; previous checkpoints are kept;
                file-missing, if files of the run were removed.
        """
        self.run.require_files()
        training = self._training
        if (node := first_non_finite_weight(training.network)) is not None:
            rate = training.learning_rate
            raise DiagnosticError(non_finite_weights_diagnostic(training.progress, rate, node))
        start = time.monotonic()
        step = training.progress.step
        pointer = self.checkpoints.save(make_checkpoint(training), best=self.next_is_best)
        self._writer.sync()
        self.last_checkpoint = LastCheckpoint(next_epoch, step)
        best, self.next_is_best = self.next_is_best, False
        return self.record(
            events.CheckpointSaved(
                step=step,
                epoch=training.progress.epoch - 1,
                file=pointer.file,
                bytes=pointer.bytes,
                seconds=time.monotonic() - start,
                best=best,
            )
        )

    def save_final_weights(self) -> RecordedEvents:
        """Write the best weights if `restore_best` is set, else the last ones; yield warnings."""
        self.run.require_files()
        weights: Mapping[str, Tensor] = network_weights(self._training.network)
        stopping = self._training.recipe.stopping
        if stopping is not None and stopping.restore_best:
            loaded = self.checkpoints.load_best()
            yield from self.record_warnings(loaded.warnings)
            weights = loaded.checkpoint.weights
        self.run.require_files()
        write_weights(self.run.weights_path, weights)

    def write_status(self, state: str) -> None:
        """Write the status file of the run, with its state and progress."""
        self.run.require_files()
        progress = self._training.progress
        self.run.write_status(
            {
                "state": state,
                "pid": os.getpid(),
                "step": progress.step,
                "epoch": progress.epoch - 1,
                "checkpoint_step": self.last_checkpoint.step,
            }
        )
