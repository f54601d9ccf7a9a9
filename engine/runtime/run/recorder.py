"""The run recorder, which writes the events and checkpoints of a training to its run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import torch

from engine import events
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.data.prepare import PreparedTraining, training_costs
from engine.events import ControlTaken, Event, StepsDone, Warned
from engine.objectives import head as objectives
from engine.runs.control.requests import RequestQueue
from engine.runs.folder.run_folder import TENSORBOARD_FOLDER, RunFolder
from engine.runs.log.event_log import EventWriter, read_events
from engine.runs.log.step_buffer import StepBuffer
from engine.runs.state.curve_warnings import CurveMonitor
from engine.runtime.checkpoints.checkpoint import Checkpoint, CheckpointStore
from engine.runtime.checkpoints.training_state import network_weights, optimizer_state, save_model
from engine.runtime.device import environment_warnings, package_versions, set_thread_count
from engine.runtime.inference.score_units import training_unit
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.run.batch_size_search import with_fitting_batch_size
from engine.runtime.run.heartbeat import HeartbeatSource
from engine.runtime.run.resume import restore_training, training_state
from engine.runtime.run.tensorboard import TensorBoardWriter
from engine.runtime.training.control import applied_changes, make_control_queue
from engine.runtime.training.divergence import non_finite_weights_diagnostic
from engine.runtime.training.loop import Training, fit, learning_rate
from engine.runtime.training.non_finite import first_non_finite_weight
from engine.runtime.training.state import kernels_unused_reason

MAX_LINES_PER_SECOND = 20
RecordedEvents = Iterator[tuple[RunFolder, Event]]


class RunRecorder:
    """Runs a training, writes its events and checkpoints, and yields each event after writing it.

    Args:
        run: run folder, whose lock the caller holds.
        stack: exit stack that closes the log files.
    """

    def __init__(
        self, run: RunFolder, training: Training, prepared: PreparedTraining, stack: ExitStack
    ) -> None:
        self.run = run
        self.training = training
        self.prepared = prepared
        self.earlier_events = list(read_events(run.path, include_steps=False))
        self.writer = stack.enter_context(EventWriter(run.path))
        self.checkpoints = CheckpointStore(run.checkpoints)
        self.steps = StepBuffer()
        self.last_flush = time.monotonic()
        # Of the last checkpoint: the epoch that follows it, the step, and the time.
        self.last_checkpoint = (training.progress.epoch, training.progress.step, time.monotonic())
        self.next_is_best = False  # whether the next checkpoint is the best one
        self.heartbeat = HeartbeatSource(training)
        self.curve_monitor = CurveMonitor(self.earlier_events)
        self.tensorboard: TensorBoardWriter | None = None
        self._stack = stack

    def _record(self, event: Event) -> tuple[RunFolder, Event]:
        """Write an event; return the run folder, and the event with time and sequence number."""
        if isinstance(event, events.RunStarted | ControlTaken):
            self.curve_monitor.update(event)
        written = self.writer.write(event)
        if self.tensorboard is not None:
            self.tensorboard.write(written)
        return self.run, written

    def _open_tensorboard(self) -> None:
        if self.run.run.get("tensorboard"):
            progress, folder = self.training.progress, self.run.path / TENSORBOARD_FOLDER
            self.tensorboard = TensorBoardWriter(
                folder, self.writer.attempt, progress.step, progress.epoch - 1
            )
            self._stack.callback(self.tensorboard.close)

    def _record_steps(self, done: StepsDone) -> RecordedEvents:
        yield self._record(done)
        for warning in self.curve_monitor.update(done):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def record(self, resume: bool, notices: Sequence[Diagnostic] = ()) -> RecordedEvents:
        """Train and record until the run ends; `resume` continues from the newest checkpoint."""
        if resume:
            yield from self.resume()
        yield from self.start(notices)
        yield from self.train()

    def start(self, notices: Sequence[Diagnostic] = ()) -> RecordedEvents:
        """Record the start of the run, the notices, and the warnings about graph and data."""
        training = self.training
        self._open_tensorboard()
        yield self._record(
            events.RunStarted(
                run_id=self.run.run_id,
                pid=os.getpid(),
                versions=package_versions(),
                device=str(training.device_context.device),
                precision=training.recipe.precision,
                threads=torch.get_num_threads(),
                rows=training.train.rows,
                validation_rows=training.validation.rows if training.validation else 0,
                steps_per_epoch=len(training.train),
                epochs=training.recipe.epochs,
                split=self.prepared.split,
                native=training.network.kernels is not None,
                native_why=kernels_unused_reason(training),
                outputs=tuple(map(self._output_info, heads_of(training.network))),
            )
        )
        graph_warnings = [d for d in self.prepared.report.diagnostics if not d.is_error]
        for warning in (*notices, *graph_warnings, *self.prepared.warnings):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def resume(self) -> RecordedEvents:
        """Restore the newest undamaged checkpoint, or start at step 0 if none was saved."""
        training = self.training
        set_thread_count(self.run.run["threads"])
        damage_warnings: tuple[Diagnostic, ...] = ()
        self.checkpoints.delete_unreferenced()
        if self.checkpoints.has_checkpoint:
            loaded = self.checkpoints.load()
            damage_warnings = loaded.warnings
            restore_training(training, loaded.checkpoint)
        progress = training.progress
        self.last_checkpoint = (progress.epoch, progress.step, time.monotonic())
        native = training.network.kernels is not None
        yield self._record(events.RunResumed(to_step=progress.step, to_epoch=progress.epoch - 1))
        environment = environment_warnings(self.run.run, training.device_context.device, native)
        for warning in (*damage_warnings, *environment):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def train(self) -> RecordedEvents:
        """Train until the run is finished, stopped or failed.

        Raises:
            Exception: an internal error, after it has been recorded as the failure of the run.
        """
        try:
            self._connect_control()
            for event in fit(self.training):
                if isinstance(event, StepsDone):
                    yield from self._on_step(event)
                else:
                    yield from self._flush()
                    yield from self._on_event(event)
        except Exception as error:
            diagnostic = diagnostic_from_exception(error)
            if diagnostic.code != "out-of-memory":
                yield self._record_failure(diagnostic, error)
            if diagnostic.code == "internal":
                raise
        else:
            return
        # This is outside of the except block, so that the tensors of the failed batch are freed.
        if diagnostic.code == "out-of-memory":
            prepared = self.prepared
            costs = training_costs(prepared.report, prepared.recipe, prepared.train)
            yield self._record_failure(with_fitting_batch_size(diagnostic, self.training, costs))

    def _record_failure(
        self, diagnostic: Diagnostic, error: Exception | None = None
    ) -> tuple[RunFolder, Event]:
        """Record the failure of the run; raise DiagnosticError if the disk is full."""
        end = self.training.progress.end_fields()
        event = events.RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **end)
        try:
            recorded = self._record(event)
            self._write_status("failed")
        except DiagnosticError as write_error:
            raise write_error from error
        return recorded

    def _connect_control(self) -> None:
        """Set the training's control queue, including changes of settings to apply again.

        These changes are from earlier attempts, and from the run that is repeated.
        """
        inherited = self.run.run.get("again", {}).get("changes", ())
        known = [*(ControlTaken(**change) for change in inherited), *self.earlier_events]
        self.training.control = make_control_queue(
            RequestQueue(self.run.path, self.earlier_events),
            self.earlier_events,
            applied_changes(known, self.training.applied_requests),
        )

    def _on_step(self, event: StepsDone) -> RecordedEvents:
        done = self.steps.add(
            event.first,
            event.epoch,
            event.loss[0],
            {name: values[0] for name, values in event.losses.items()},
            event.learning_rate[0],
            grad_norm=event.grad_norm[0] if event.grad_norm else None,
            penalties={name: values[0] for name, values in event.penalties.items()},
            weights={name: values[0] for name, values in event.weights.items()},
        )
        if done is not None:
            yield from self._record_steps(done)
        if time.monotonic() - self.last_flush >= 1 / MAX_LINES_PER_SECOND or self.steps.is_full:
            yield from self._flush()
        epoch, saved_step, saved_time = self.last_checkpoint
        steps_since = self.training.progress.step - saved_step
        seconds_since = time.monotonic() - saved_time
        if self.training.recipe.checkpoint_every.is_due(0, steps_since, seconds_since):
            yield from self._flush()
            yield self._save(epoch)
        if self.heartbeat.is_due:
            yield from self._flush()
            yield self._record(self.heartbeat.heartbeat("training"))

    def _flush(self) -> RecordedEvents:
        self.last_flush = time.monotonic()
        done = self.steps.flush()
        if done is not None:
            yield from self._record_steps(done)

    def _on_event(self, event: Event) -> RecordedEvents:
        if isinstance(event, events.RunStopped):
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, events.RunFinished):
            yield from self._save_final_weights()
        elif isinstance(event, events.Heartbeat):
            event = self.heartbeat.heartbeat(event.phase)
        yield self._record(event)
        if isinstance(event, events.BestFound):
            self.next_is_best = True
        elif isinstance(event, ControlTaken) and event.request == "checkpoint" and not event.code:
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, events.EpochDone):
            yield from self._on_epoch_end(event.epoch)
            self.heartbeat.restart()
        if isinstance(event, events.RunEnded):
            self._write_status(event.kind.removeprefix("run-"))
        else:
            paused = self.training.control is not None and self.training.control.paused
            self._write_status("paused" if paused else "running")

    def _on_epoch_end(self, epoch: int) -> RecordedEvents:
        next_epoch, saved_step, saved_time = self.last_checkpoint
        interval = self.training.recipe.checkpoint_every
        epochs_since = epoch - next_epoch + 1
        steps_since = self.training.progress.step - saved_step
        seconds_since = time.monotonic() - saved_time
        is_last = epoch >= self.training.recipe.epochs or bool(self.training.progress.ended)
        is_due = interval.is_due(epochs_since, steps_since, seconds_since)
        if self.next_is_best or is_last or is_due:
            yield self._save(epoch + 1)

    def _save(self, epoch: int) -> tuple[RunFolder, Event]:
        """Save a checkpoint, and return the run folder and the event of the checkpoint.

        Args:
            epoch: first epoch that counts toward the interval until the next checkpoint.

        Raises:
            DiagnosticError: diverged, if a weight is not finite; previous checkpoints are kept.
        """
        training = self.training
        if (node := first_non_finite_weight(training.network)) is not None:
            rate = learning_rate(training)
            raise DiagnosticError(non_finite_weights_diagnostic(training.progress, rate, node))
        start = time.monotonic()
        step = training.progress.step
        checkpoint = Checkpoint(
            step,
            network_weights(training.network),
            optimizer_state(training.optimizer),
            training_state(training),
        )
        pointer = self.checkpoints.save(checkpoint, best=self.next_is_best)
        self.writer.sync()
        self.last_checkpoint = (epoch, step, time.monotonic())
        best, self.next_is_best = self.next_is_best, False
        return self._record(
            events.CheckpointSaved(
                step=step,
                epoch=training.progress.epoch - 1,
                file=pointer.file,
                bytes=pointer.bytes,
                seconds=time.monotonic() - start,
                best=best,
            )
        )

    def _save_final_weights(self) -> RecordedEvents:
        """Write the final weights: the best ones with `restore_best`, otherwise the last ones."""
        training = self.training
        weights: Mapping[str, torch.Tensor] = network_weights(training.network)
        stopping = training.recipe.stopping
        if stopping is not None and stopping.restore_best:
            loaded = self.checkpoints.load_best()
            for warning in loaded.warnings:
                yield self._record(Warned(diagnostic=warning.to_dict()))
            weights = loaded.checkpoint.weights
        save_model(self.run, weights)

    def _write_status(self, state: str) -> None:
        progress = self.training.progress
        status = {
            "state": state,
            "pid": os.getpid(),
            "step": progress.step,
            "epoch": progress.epoch - 1,
            "checkpoint_step": self.last_checkpoint[1],
        }
        self.run.write_status(status)

    def _output_info(self, head: objectives.Head) -> events.OutputInfo:
        train, validation = self.prepared.train, self.prepared.validation
        masked = head.missing == "mask"
        return events.OutputInfo(
            name=head.name,
            loss=head.loss_name,
            weight=head.loss_weight,
            metrics=tuple(name for name, _ in head.metrics),
            unit=training_unit(self.prepared.fitted.targets.get(head.name)) or head.unit,
            labelled=train.labelled_count(head.name) if masked else None,
            validation_labelled=(
                validation.labelled_count(head.name) if masked and validation else None
            ),
        )
