"""The run recorder, which writes events, checkpoints, weights and status to a run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from engine import events
from engine.core.diagnostic import Diagnostic
from engine.data.prepared_data import PreparedData
from engine.events import ControlTaken, EpochDone, Event, StepsDone, Warned
from engine.runs.control.requests import RequestQueue
from engine.runs.folder.run_folder import TENSORBOARD_FOLDER, RunFolder
from engine.runs.log.event_log import EventWriter, read_events
from engine.runs.log.step_buffer import StepBuffer, TrainingStep
from engine.runs.state.curve_warnings import CurveMonitor
from engine.runtime.checkpoints.checkpoint import CheckpointStore, LoadedCheckpoint
from engine.runtime.checkpoints.weight_file import write_weights
from engine.runtime.environment import environment_warnings
from engine.runtime.run.final_evaluation import evaluate_validation_rows
from engine.runtime.run.recorder import Events, LastCheckpoint, RankRecorder
from engine.runtime.run.tensorboard import TensorBoardWriter
from engine.runtime.run.training_checkpoint import final_weights, make_checkpoint
from engine.runtime.training.control import ControlQueue, applied_changes
from engine.runtime.training.training import Training

MAX_LINES_PER_SECOND = 20


class RunRecorder(RankRecorder):
    """Writes events, checkpoints, weights and status of a training to its run folder.

    Args:
        run: run folder, whose lock the caller holds.
        stack: exit stack that closes the log files.

    Attributes:
        previous_events: events of earlier attempts, without training steps.
    """

    def __init__(self, run: RunFolder, training: Training, stack: ExitStack) -> None:
        super().__init__(training)
        self.run = run
        self.run_id, self.path = run.run_id, run.path
        self.previous_events = list(read_events(run.path, include_steps=False))
        self.checkpoints = CheckpointStore(run.checkpoints_path)
        self._stack = stack
        self._writer = stack.enter_context(EventWriter(run.path))
        self._steps = StepBuffer()
        self._last_flush = time.monotonic()
        self._curve_monitor = CurveMonitor(
            self.previous_events, stops_early=training.recipe.stopping is not None
        )
        self._tensorboard: TensorBoardWriter | None = None

    def load_checkpoint(self) -> LoadedCheckpoint | None:
        """Return the newest undamaged checkpoint; None if none was saved."""
        self.checkpoints.delete_unreferenced()
        return self.checkpoints.load() if self.checkpoints.has_checkpoint else None

    def control_queue(self) -> ControlQueue:
        """Return the queue from which the training takes control requests.

        It also has changes of settings from earlier attempts of this run, to be applied again. If
        this run repeats another run, the changes from the other run are included as well.
        """
        inherited = self.run.record.get("again", {}).get("changes", ())
        known = [*(ControlTaken(**change) for change in inherited), *self.previous_events]
        training = self._training
        return ControlQueue(
            RequestQueue(self.run.path, self.previous_events),
            self.previous_events,
            applied_changes(known, training.applied_requests),
            training.group,
        )

    def environment_warnings(self) -> list[Diagnostic]:
        """Return warnings about differences from the environment in which the run started."""
        training = self._training
        device, size = training.device_context.device, training.group.size
        starts = [e.processes for e in self.previous_events if isinstance(e, events.RunStarted)]
        record = {**self.run.record, "processes": starts[-1] if starts else size}
        return environment_warnings(record, device, training.native, size)

    def open_tensorboard(self) -> None:
        """Also write the following events as TensorBoard logs, if run.json asks for them."""
        if self.run.record.get("tensorboard"):
            progress, folder = self._training.progress, self.run.path / TENSORBOARD_FOLDER
            self._tensorboard = TensorBoardWriter(
                folder, self._writer.attempt, progress.step, progress.epoch - 1
            )
            self._stack.callback(self._tensorboard.close)

    def record(self, event: Event) -> Event:
        """Log an event; return it with its time and sequence number."""
        if isinstance(event, events.RunEnded | events.Heartbeat):
            self.run.require_files()
        if isinstance(event, ControlTaken):
            self._curve_monitor.update(event)
        written = self._writer.write(event)
        if self._tensorboard is not None:
            self._tensorboard.write(written)
        return written

    def record_warnings(self, warnings: Iterable[Diagnostic]) -> Events:
        """Log each warning as an event in the run folder."""
        for warning in warnings:
            yield self.record(Warned(diagnostic=warning.to_dict()))

    def record_step(self, step: TrainingStep) -> Events:
        """Buffer a step, and yield the events that are written to the log now.

        Buffered steps are written as one event if `step` can't be merged with them, or
        every 1 / `MAX_LINES_PER_SECOND` seconds. Loss curve warnings are yielded next.
        """
        yield from self._record_steps(self._steps.add(step))
        if time.monotonic() - self._last_flush >= 1 / MAX_LINES_PER_SECOND:
            yield from self.flush()

    def check_epoch(self, epoch: EpochDone) -> Events:
        """Log warnings about the losses of the epochs until now."""
        yield from self.record_warnings(self._curve_monitor.update(epoch))

    def flush(self) -> Events:
        """Log the buffered steps as one event. Yield it, then one event per loss curve warning."""
        self._last_flush = time.monotonic()
        yield from self._record_steps(self._steps.flush())

    def _record_steps(self, done: StepsDone | None) -> Events:
        if done is not None:
            yield self.record(done)
            yield from self.record_warnings(self._curve_monitor.update(done))

    def save_checkpoint(self, next_epoch: int) -> Events:
        """Save a checkpoint and log its event.

        Args:
            next_epoch: the first epoch that counts toward the interval until the next checkpoint.

        Raises:
            DiagnosticError: diverged, if a weight is not finite; previous checkpoints are kept;
                file-missing, if files of the run were removed.
        """
        self.run.require_files()
        training = self._training
        training.epoch_metrics.merge(training.group)
        start = time.monotonic()
        step = training.progress.step
        shards: Path | None = None
        if training.is_sharded:
            shards = training.group.broadcast(self.checkpoints.new_shards(step))
        checkpoint = make_checkpoint(training, shards)
        pointer = self.checkpoints.save(checkpoint, best=self.next_is_best)
        self._writer.sync()
        parts = list(shards.iterdir()) if shards else []
        training.group.wait()  # the other ranks wait until it is saved
        self.last_checkpoint = LastCheckpoint(next_epoch, step)
        best, self.next_is_best = self.next_is_best, False
        yield self.record(
            events.CheckpointSaved(
                step=step,
                epoch=training.progress.epoch - 1,
                file=pointer.file,
                bytes=pointer.bytes + sum(part.stat().st_size for part in parts),
                seconds=time.monotonic() - start,
                best=best,
            )
        )

    def save_final_weights(self) -> Events:
        """Write the best weights if `restore_best` is set, else the last ones; yield warnings."""
        self.run.require_files()
        training, loaded = self._training, None
        stopping = training.recipe.stopping
        if stopping is not None and stopping.restore_best:
            loaded = self.checkpoints.load_best()
        elif training.is_sharded:  # the last checkpoint has the same weights
            loaded = self.checkpoints.load()
        if loaded is not None:
            yield from self.record_warnings(loaded.warnings)
        weights = final_weights(training, loaded.checkpoint if loaded else None)
        self.run.require_files()
        write_weights(self.run.weights_path, weights)

    def evaluate(self, prepared: PreparedData) -> Events:
        """Evaluate the final weights on the validation rows; log warnings about the scores."""
        warnings = evaluate_validation_rows(self.run, self._training, prepared)
        yield from self.record_warnings(warnings)

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
