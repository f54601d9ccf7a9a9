"""Moves a training's events into its run folder, and saves checkpoints between them."""

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
from engine.runs.events.curve_warnings import Lookout
from engine.runs.events.event_log import EventWriter, read_events
from engine.runs.events.step_buffer import StepBuffer
from engine.runs.folder.run_folder import TENSORBOARD, RunFolder
from engine.runtime.checkpoints.checkpoint import Checkpoint, Checkpoints
from engine.runtime.checkpoints.training_state import optimizer_state, save_model, weights_of
from engine.runtime.device import unlike, use_threads, versions
from engine.runtime.inference.score_units import counted_in
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
from engine.runtime.training.total_loss import heads_of

LINES_A_SECOND = 20
Told = Iterator[tuple[RunFolder, Event]]


class Pump:
    """Every event is on disk before it is told.

    Args:
        run: the folder; its lock is held.
        training: ready to start.
        prepared: where it came from, for its warnings.
        stack: closes the event file.
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
        self.saved = (training.progress.epoch, training.progress.step, time.monotonic())
        self.best = False
        self.pulse = Pulse(training)
        self.lookout = Lookout(self.earlier)
        self.board: Board | None = None
        self._stack = stack

    def _tell(self, event: Event) -> tuple[RunFolder, Event]:
        if isinstance(event, RunStarted | ControlTaken):
            self.lookout.see(event)
        written = self.writer.write(event)
        if self.board is not None:
            self.board.see(written)
        return self.run, written

    def _open_board(self) -> None:
        """Tell TensorBoard as well from now on, if the run was asked to."""
        if self.run.run.get("tensorboard"):
            progress, folder = self.training.progress, self.run.path / TENSORBOARD
            self.board = Board(folder, self.writer.attempt, progress.step, progress.epoch - 1)
            self._stack.callback(self.board.close)

    def _tell_steps(self, done: StepsDone) -> Told:
        """Say what steps did, and what of it is worth a look."""
        yield self._tell(done)
        for found in self.lookout.see(done):
            yield self._tell(Warned(diagnostic=found.to_dict()))

    def start(self, notices: Sequence[Diagnostic] = ()) -> Told:
        """Say what is about to be trained, and what was noticed about it."""
        training = self.training
        self._open_board()
        yield self._tell(
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
                outputs=tuple(map(self._head, heads_of(training.network))),
            )
        )
        found = [f for f in self.prepared.report.diagnostics if not f.is_error]
        for diagnostic in (*notices, *found, *self.prepared.warnings):
            yield self._tell(Warned(diagnostic=diagnostic.to_dict()))

    def resume(self) -> Told:
        """Go on from the newest whole checkpoint, or from the start if none was ever saved."""
        training = self.training
        use_threads(self.run.run["threads"])
        damaged: tuple[Diagnostic, ...] = ()
        self.checkpoints.sweep()
        if self.checkpoints.saved:
            loaded = self.checkpoints.load()
            damaged = loaded.warnings
            restore(training, loaded.checkpoint)
        progress = training.progress
        self.saved = (progress.epoch, progress.step, time.monotonic())
        native = training.network.native is not None
        yield self._tell(RunResumed(to_step=progress.step, to_epoch=progress.epoch - 1))
        for warning in (*damaged, *unlike(self.run.run, training.place.device, native)):
            yield self._tell(Warned(diagnostic=warning.to_dict()))

    def run_on(self) -> Told:
        """Train to the end, whatever the end is.

        Raises:
            Exception: a defect, once the run has said that it failed.
        """
        try:
            self._listen()
            yield from self._train()
        except Exception as error:
            found = fault_of(error)
            if found.code != "out-of-memory":
                yield self._failed(found, error)
            if found.code == "internal":
                raise
        else:
            return
        if found.code == "out-of-memory":
            prepared = self.prepared
            costs = price_of(prepared.report, prepared.recipe, prepared.train)
            yield self._failed(answered(found, self.training, costs))

    def _failed(self, found: Diagnostic, error: Exception | None = None) -> tuple[RunFolder, Event]:
        """Say that the run can't go on; on a full disk even that may fail, with the same reason."""
        end = self.training.progress.end()
        try:
            told = self._tell(RunFailed(code=found.code, diagnostic=found.to_dict(), **end))
            self._status("failed")
        except Refused as refusal:
            raise refusal from error
        return told

    def _listen(self) -> None:
        """Let the training take what people ask for, and make changes again that were lost."""
        given = self.run.run.get("again", {}).get("changes", ())
        made = [*(ControlTaken(**change) for change in given), *self.earlier]
        self.training.live = live_of(
            Requests(self.run.path, self.earlier),
            self.earlier,
            changes(made, self.training.taken),
        )

    def _train(self) -> Told:
        for event in fit(self.training):
            if isinstance(event, StepsDone):
                yield from self._step(event)
            else:
                yield from self._flush()
                yield from self._other(event)

    def _step(self, event: StepsDone) -> Told:
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
            yield from self._tell_steps(done)
        if time.monotonic() - self.flushed >= 1 / LINES_A_SECOND or self.steps.full:
            yield from self._flush()
        epoch, step, moment = self.saved
        since = self.training.progress.step - step
        if self.training.recipe.checkpoint_every.due(0, since, time.monotonic() - moment):
            yield from self._flush()
            yield self._save(epoch)
        if self.pulse.due:
            yield from self._flush()
            yield self._tell(self.pulse.beat("training"))

    def _flush(self) -> Told:
        self.flushed = time.monotonic()
        done = self.steps.take()
        if done is not None:
            yield from self._tell_steps(done)

    def _other(self, event: Event) -> Told:
        if isinstance(event, RunStopped):
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, RunFinished):
            yield from self._keep_model()
        elif isinstance(event, Heartbeat):
            event = self.pulse.beat(event.phase)
        yield self._tell(event)
        if isinstance(event, BestFound):
            self.best = True
        elif isinstance(event, ControlTaken) and event.request == "checkpoint" and not event.code:
            yield self._save(self.training.progress.epoch)
        elif isinstance(event, EpochDone):
            yield from self._after_epoch(event.epoch)
            self.pulse.restart()
        if isinstance(event, RunEnded):
            self._status(event.kind.removeprefix("run-"))
        else:
            paused = self.training.live is not None and self.training.live.paused
            self._status("paused" if paused else "running")

    def _after_epoch(self, epoch: int) -> Told:
        last, step, moment = self.saved
        every = self.training.recipe.checkpoint_every
        since = self.training.progress.step - step
        over = epoch >= self.training.recipe.epochs or bool(self.training.progress.ended)
        if self.best or over or every.due(epoch - last + 1, since, time.monotonic() - moment):
            yield self._save(epoch + 1)

    def _save(self, epoch: int) -> tuple[RunFolder, Event]:
        """Save the run as it is now; `epoch` is the one that comes next.

        Raises:
            DiagnosticError: diverged, if a weight is no number; the checkpoints before it still stand.
        """
        training = self.training
        if (spoiled := spoiled_weights(training.network)) is not None:
            raise Refused(harm(training.progress, learning_rate(training), spoiled))
        began = time.monotonic()
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
        return self._tell(
            CheckpointSaved(
                step=step,
                epoch=training.progress.epoch - 1,
                file=pointer.file,
                bytes=pointer.bytes,
                seconds=time.monotonic() - began,
                best=best,
            )
        )

    def _keep_model(self) -> Told:
        """Write the weights to keep: the best ones if the stopping rule says so, else the last."""
        training = self.training
        weights: Mapping[str, torch.Tensor] = weights_of(training.network)
        stopping = training.recipe.stopping
        if stopping is not None and stopping.restore_best:
            loaded = self.checkpoints.load_best()
            for warning in loaded.warnings:
                yield self._tell(Warned(diagnostic=warning.to_dict()))
            weights = loaded.checkpoint.weights
        save_model(self.run, weights)

    def _status(self, state: str) -> None:
        progress = self.training.progress
        status = {
            "state": state,
            "pid": os.getpid(),
            "step": progress.step,
            "epoch": progress.epoch - 1,
            "checkpoint_step": self.saved[1],
        }
        self.run.write_status(status)

    def _head(self, head: objectives.Head) -> Head:
        scaled = counted_in(self.prepared.fitted.targets.get(head.name))
        train, held = self.prepared.train, self.prepared.validation
        masked = head.missing == "mask"
        return Head(
            name=head.name,
            loss=head.loss_name,
            weight=head.loss_weight,
            metrics=tuple(name for name, _ in head.metrics),
            unit=scaled or head.unit,
            labelled=train.labelled(head.name) if masked else None,
            validation_labelled=held.labelled(head.name) if masked and held else None,
        )
