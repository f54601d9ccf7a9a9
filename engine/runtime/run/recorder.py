"""The run recorder: writes the events and checkpoints of a training into its run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import torch

from engine.core.diagnostic import Diagnostic, Refused
from engine.core.exceptions import fault_of
from engine.data.prepare import price_of
from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Event,
    Head,
    Heartbeat,
    RunEnded,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    Warned,
)
from engine.objectives import head as objectives
from engine.runs.control.requests import Requests
from engine.runs.folder.run_folder import TENSORBOARD, RunFolder
from engine.runs.log.event_log import EventWriter, read_events
from engine.runs.log.step_buffer import StepBuffer
from engine.runs.state.curve_warnings import Lookout
from engine.runtime.checkpoints.checkpoint import Checkpoint, Checkpoints
from engine.runtime.checkpoints.training_state import optimizer_state, save_model, weights_of
from engine.runtime.device import unlike, use_threads, versions
from engine.runtime.inference.score_units import counted_in
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.run.batch_size_search import answered
from engine.runtime.run.heartbeat import Pulse
from engine.runtime.run.project_loader import Prepared
from engine.runtime.run.resume import restore, state_of
from engine.runtime.run.tensorboard import Board
from engine.runtime.training.control import changes, live_of
from engine.runtime.training.divergence import harm
from engine.runtime.training.loop import Training, fit, learning_rate
from engine.runtime.training.non_finite import spoiled_weights
from engine.runtime.training.state import why_not

LINES_A_SECOND = 20
Told = Iterator[tuple[RunFolder, Event]]


class Pump:
    """A recorder of a training. It yields each event once the event is on disk.

    Args:
        run: the run folder, whose lock the caller holds.
        training: the training to run.
        prepared: its prepared data, for warnings about it.
        stack: closes the log files.
    """

    def __init__(
        self, run: RunFolder, training: Training, prepared: Prepared, stack: ExitStack
    ) -> None:
        self.run = run
        self.training = training
        self.prepared = prepared
        self.earlier = list(read_events(run.path, steps=False))
        self.writer = stack.enter_context(EventWriter(run.path))
        self.checkpoints = Checkpoints(run.checkpoints)
        self.steps = StepBuffer()
        self.flushed = time.monotonic()
        # The last checkpoint: epoch that follows it, step, time.
        self.saved = (training.progress.epoch, training.progress.step, time.monotonic())
        self.best = False  # whether the next checkpoint is the best one
        self.pulse = Pulse(training)
        self.lookout = Lookout(self.earlier)
        self.board: Board | None = None
        self._stack = stack

    def _record(self, event: Event) -> tuple[RunFolder, Event]:
        """Write an event, and return it with its stamp."""
        if isinstance(event, RunStarted | ControlTaken):
            self.lookout.see(event)
        written = self.writer.write(event)
        if self.board is not None:
            self.board.see(written)
        return self.run, written

    def _open_tensorboard(self) -> None:
        """Open the TensorBoard writer if the run uses it."""
        if self.run.run.get("tensorboard"):
            progress, folder = self.training.progress, self.run.path / TENSORBOARD
            self.board = Board(folder, self.writer.attempt, progress.step, progress.epoch - 1)
            self._stack.callback(self.board.close)

    def _record_steps(self, done: StepsDone) -> Told:
        """Record steps, and warnings about their curves."""
        yield self._record(done)
        for warning in self.lookout.see(done):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def start(self, notices: Sequence[Diagnostic] = ()) -> Told:
        """Record the start of the run, its notices and the warnings about graph and data."""
        training = self.training
        self._open_tensorboard()
        yield self._record(
            RunStarted(
                run_id=self.run.run_id,
                pid=os.getpid(),
                versions=versions(),
                device=str(training.place.device),
                precision=training.recipe.precision,
                threads=torch.get_num_threads(),
                rows=training.train.rows,
                validation_rows=training.validation.rows if training.validation else 0,
                steps_per_epoch=len(training.train),
                epochs=training.recipe.epochs,
                split=self.prepared.split,
                native=training.network.native is not None,
                native_why=why_not(training),
                outputs=tuple(map(self._output_info, heads_of(training.network))),
            )
        )
        graph_warnings = [d for d in self.prepared.report.diagnostics if not d.is_error]
        for warning in (*notices, *graph_warnings, *self.prepared.warnings):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def resume(self) -> Told:
        """Restore the newest undamaged checkpoint; without any checkpoint, start from step 0."""
        training = self.training
        use_threads(self.run.run["threads"])
        damage_warnings: tuple[Diagnostic, ...] = ()
        self.checkpoints.sweep()
        if self.checkpoints.saved:
            loaded = self.checkpoints.load()
            damage_warnings = loaded.warnings
            restore(training, loaded.checkpoint)
        progress = training.progress
        self.saved = (progress.epoch, progress.step, time.monotonic())
        native = training.network.native is not None
        yield self._record(RunResumed(to_step=progress.step, to_epoch=progress.epoch - 1))
        environment = unlike(self.run.run, training.place.device, native)
        for warning in (*damage_warnings, *environment):
            yield self._record(Warned(diagnostic=warning.to_dict()))

    def run_on(self) -> Told:
        """Train until the run is finished, stopped or failed.

        Raises:
            Exception: an internal error, after it was recorded as the failure of the run.
        """
        try:
            self._connect_control()
            yield from self._train()
        except Exception as error:
            diagnostic = fault_of(error)
            if diagnostic.code != "out-of-memory":
                yield self._record_failure(diagnostic, error)
            if diagnostic.code == "internal":
                raise
        else:
            return
        # Outside of the except block, so that the tensors of the failed batch are freed.
        if diagnostic.code == "out-of-memory":
            prepared = self.prepared
            costs = price_of(prepared.report, prepared.recipe, prepared.train)
            yield self._record_failure(answered(diagnostic, self.training, costs))

    def _record_failure(
        self, diagnostic: Diagnostic, error: Exception | None = None
    ) -> tuple[RunFolder, Event]:
        """Record the failure of the run. On a full disk, this itself may raise disk-full."""
        end = self.training.progress.end()
        event = RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **end)
        try:
            recorded = self._record(event)
            self._write_status("failed")
        except Refused as write_error:
            raise write_error from error
        return recorded

    def _connect_control(self) -> None:
        """Give the training its control queue, with the changes that have to be applied again."""
        inherited = self.run.run.get("again", {}).get("changes", ())
        known = [*(ControlTaken(**change) for change in inherited), *self.earlier]
        self.training.live = live_of(
            Requests(self.run.path, self.earlier),
            self.earlier,
            changes(known, self.training.taken),
        )

    def _train(self) -> Told:
        for event in fit(self.training):
            if isinstance(event, StepsDone):
                yield from self._on_step(event)
            else:
                yield from self._flush()
                yield from self._on_event(event)

    def _on_step(self, event: StepsDone) -> Told:
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
        if time.monotonic() - self.flushed >= 1 / LINES_A_SECOND or self.steps.full:
            yield from self._flush()
        epoch, saved_step, saved_time = self.saved
        steps_since = self.training.progress.step - saved_step
        seconds_since = time.monotonic() - saved_time
        if self.training.recipe.checkpoint_every.due(0, steps_since, seconds_since):
            yield from self._flush()
            yield self._save(epoch)
        if self.pulse.due:
            yield from self._flush()
            yield self._record(self.pulse.beat("training"))

    def _flush(self) -> Told:
        self.flushed = time.monotonic()
        done = self.steps.take()
        if done is not None:
            yield from self._record_steps(done)

    def _on_event(self, event: Event) -> Told:
        if isinstance(event, RunStopped):
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, RunFinished):
            yield from self._save_final_weights()
        elif isinstance(event, Heartbeat):
            event = self.pulse.beat(event.phase)
        yield self._record(event)
        if isinstance(event, BestFound):
            self.best = True
        elif isinstance(event, ControlTaken) and event.request == "checkpoint" and not event.code:
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, EpochDone):
            yield from self._on_epoch_end(event.epoch)
            self.pulse.restart()
        if isinstance(event, RunEnded):
            self._write_status(event.kind.removeprefix("run-"))
        else:
            paused = self.training.live is not None and self.training.live.paused
            self._write_status("paused" if paused else "running")

    def _on_epoch_end(self, epoch: int) -> Told:
        next_epoch, saved_step, saved_time = self.saved
        interval = self.training.recipe.checkpoint_every
        epochs_since = epoch - next_epoch + 1
        steps_since = self.training.progress.step - saved_step
        seconds_since = time.monotonic() - saved_time
        is_last = epoch >= self.training.recipe.epochs or bool(self.training.progress.ended)
        if self.best or is_last or interval.due(epochs_since, steps_since, seconds_since):
            yield self._save(epoch + 1)

    def _save(self, epoch: int) -> tuple[RunFolder, Event]:
        """Save a checkpoint.

        Args:
            epoch: the epoch that follows the checkpoint.

        Raises:
            DiagnosticError: diverged, if a weight is not finite; previous checkpoints are kept.
        """
        training = self.training
        if (non_finite := spoiled_weights(training.network)) is not None:
            raise Refused(harm(training.progress, learning_rate(training), non_finite))
        start = time.monotonic()
        step = training.progress.step
        checkpoint = Checkpoint(
            step,
            weights_of(training.network),
            optimizer_state(training.optimizer),
            state_of(training),
        )
        pointer = self.checkpoints.save(checkpoint, best=self.best)
        self.writer.sync()
        self.saved = (epoch, step, time.monotonic())
        best, self.best = self.best, False
        return self._record(
            CheckpointSaved(
                step=step,
                epoch=training.progress.epoch - 1,
                file=pointer.file,
                bytes=pointer.bytes,
                seconds=time.monotonic() - start,
                best=best,
            )
        )

    def _save_final_weights(self) -> Told:
        """Write the final weights: those of the best epoch with `restore_best`, else the last."""
        training = self.training
        weights: Mapping[str, torch.Tensor] = weights_of(training.network)
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
            "checkpoint_step": self.saved[1],
        }
        self.run.write_status(status)

    def _output_info(self, head: objectives.Head) -> Head:
        scaled_unit = counted_in(self.prepared.fitted.targets.get(head.name))
        train, validation = self.prepared.train, self.prepared.validation
        masked = head.missing == "mask"
        return Head(
            name=head.name,
            loss=head.loss_name,
            weight=head.loss_weight,
            metrics=tuple(name for name, _ in head.metrics),
            unit=scaled_unit or head.unit,
            labelled=train.labelled(head.name) if masked else None,
            validation_labelled=(validation.labelled(head.name) if masked and validation else None),
        )
