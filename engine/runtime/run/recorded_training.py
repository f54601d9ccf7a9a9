"""A training in a run folder: it is resumed or started, run to its end, and recorded."""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch

from engine import events
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.data.prepared_data import PreparedData, training_costs
from engine.data.score_units import training_unit
from engine.events import ControlTaken, Event
from engine.launch.torchrun import (
    RankLostError,
    current_rank,
    rank_lost_diagnostic,
    restarted_diagnostic,
)
from engine.objectives.head import Head
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.distributed.sharded_network import require_shared_folder
from engine.runtime.environment import package_versions
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.run.heartbeat import HeartbeatSource
from engine.runtime.run.memory_fixes import with_tested_fixes
from engine.runtime.run.recorder import Events, LastCheckpoint, RankRecorder
from engine.runtime.run.training_checkpoint import restore_checkpoint
from engine.runtime.training.divergence import run_failed
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training


class RecordedTraining:
    """Runs a training, passes its events to a recorder, and yields each event after it is written.

    It also decides when checkpoints are saved and heartbeats are recorded.
    """

    def __init__(self, training: Training, prepared: PreparedData, recorder: RankRecorder) -> None:
        self.training = training
        self.prepared = prepared
        self.recorder = recorder
        self.heartbeat = HeartbeatSource(training)

    def run(self, resume: bool = False, notices: Sequence[Diagnostic] = ()) -> Events:
        """Train until the run ends; `resume` continues from the newest checkpoint.

        Raises:
            Exception: an internal error, after it has been recorded as the failure of the run.
        """
        if self.training.group.broadcast(resume):
            yield from self._resume()
        yield from self._start(notices)
        try:
            yield from self._train()
        except RankLostError as error:
            rank = current_rank()
            if error.failure is None and rank.may_restart:
                raise
            lost = rank_lost_diagnostic(str(error), self.recorder.path, rank.local_size)
            yield self._record_failure(error.failure or lost, error)
            return
        except Exception as error:
            diagnostic = diagnostic_from_exception(error)
            self.training.group.set_failure(diagnostic)
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
            yield self._record_failure(with_tested_fixes(diagnostic, self.training, costs))

    def _train(self) -> Events:
        training, recorder = self.training, self.recorder
        training.control = recorder.control_queue()
        training.is_checkpoint_due = lambda step: recorder.last_checkpoint.is_next_due(
            training.recipe.checkpoint_every, step
        )
        try:
            for event in fit(training):
                if isinstance(event, TrainingStep):
                    yield from self._on_step(event)
                else:
                    yield from recorder.flush()
                    yield from self._on_event(event)
        except RuntimeError as error:
            # Of PyTorch, which sends sharded weights and gradients itself.
            is_unknown = diagnostic_from_exception(error).code == "internal"
            if training.is_sharded and is_unknown:
                message = f"a rank got no response: {error}"[:200]
                raise RankLostError(message, training.group.failure()) from error
            raise

    def _resume(self) -> Events:
        """Restore the newest undamaged checkpoint, if one was saved. Yield the recorded events."""
        training, recorder = self.training, self.recorder
        damage_warnings: tuple[Diagnostic, ...] = ()
        loaded = recorder.load_checkpoint()
        training.group.wait()  # reading a large checkpoint may take rank 0 minutes
        loaded = training.group.broadcast(loaded)
        if loaded is not None:
            damage_warnings = loaded.warnings
            restore_checkpoint(training, loaded.checkpoint)
            if training.group.rank:
                training.epoch_metrics.clear_metrics()
        step, epoch = training.progress.step, training.progress.epoch
        recorder.last_checkpoint = LastCheckpoint(epoch, step)
        yield recorder.record(events.RunResumed(to_step=step, to_epoch=epoch - 1))
        warnings = [*damage_warnings, *recorder.environment_warnings()]
        if (rank := current_rank()).restart_count:
            warnings.append(restarted_diagnostic(rank))
        yield from recorder.record_warnings(warnings)

    def _start(self, notices: Sequence[Diagnostic]) -> Events:
        """Log the run's start, `notices` and other warnings; yield the events."""
        training = self.training
        if training.is_sharded:
            require_shared_folder(self.recorder.path, training.group)
        self.recorder.open_tensorboard()
        yield self.recorder.record(
            events.RunStarted(
                run_id=self.recorder.run_id,
                pid=os.getpid(),
                versions=package_versions(),
                device=str(training.device_context.device),
                precision=training.recipe.precision,
                threads=torch.get_num_threads(),
                processes=training.group.size,
                rows=training.train.row_count,
                validation_rows=training.validation.row_count if training.validation else 0,
                steps_per_epoch=len(training.train),
                epochs=training.recipe.epochs,
                split=self.prepared.split,
                native=training.native,
                native_why=training.native_why,
                outputs=tuple(map(self._output_info, heads_of(training.network))),
            )
        )
        graph_warnings = [d for d in self.prepared.report.diagnostics if not d.is_error]
        warnings = (*notices, *graph_warnings, *self.prepared.warnings)
        yield from self.recorder.record_warnings(warnings)

    def _output_info(self, head: Head) -> events.OutputInfo:
        train, validation = self.prepared.train, self.prepared.validation
        masked = head.missing == "mask"
        return events.OutputInfo(
            name=head.name,
            loss=head.loss_name,
            weight=head.loss_weight,
            metrics=tuple(name for name, _ in head.metrics),
            unit=training_unit(self.prepared.fitted.targets.get(head.name)) or head.unit,
            labelled=train.target_count(head.name) if masked else None,
            validation_labelled=(
                validation.target_count(head.name) if masked and validation else None
            ),
        )

    def _on_step(self, step: TrainingStep) -> Events:
        recorder = self.recorder
        yield from recorder.record_step(step)
        if step.step < self.training.progress.step:
            return  # another batch of the same step of the optimizer follows
        training = self.training
        if training.is_decision_due and training.group.decide(
            training.is_checkpoint_due(training.progress.step)
        ):
            yield from recorder.flush()
            yield from recorder.save_checkpoint(recorder.last_checkpoint.next_epoch)
        if self.heartbeat.is_due:
            yield from recorder.flush()
            yield recorder.record(self.heartbeat.heartbeat("training"))

    def _on_event(self, event: Event) -> Events:
        recorder, progress = self.recorder, self.training.progress
        if isinstance(event, events.RunStopped):
            yield from recorder.save_checkpoint(progress.epoch)
        elif isinstance(event, events.RunFinished):
            yield from recorder.save_final_weights()
            yield from recorder.evaluate(self.prepared)
        elif isinstance(event, events.Heartbeat):
            event = self.heartbeat.heartbeat(event.phase)
        yield recorder.record(event)
        if isinstance(event, events.BestFound):
            recorder.next_is_best = True
        elif isinstance(event, ControlTaken) and event.request == "checkpoint" and not event.code:
            yield from recorder.save_checkpoint(progress.epoch)
        elif isinstance(event, events.EpochDone):
            yield from recorder.check_epoch(event)
            if self._is_checkpoint_due(event.epoch):
                yield from recorder.save_checkpoint(event.epoch + 1)
            self.heartbeat.restart()
        if isinstance(event, events.RunEnded):
            recorder.write_status(event.kind.removeprefix("run-"))
        else:
            paused = self.training.control is not None and self.training.control.paused
            recorder.write_status("paused" if paused else "running")

    def _is_checkpoint_due(self, epoch: int) -> bool:
        """Return whether a checkpoint has to be saved after this epoch."""
        recipe, progress = self.training.recipe, self.training.progress
        last = self.recorder.last_checkpoint
        is_last = epoch >= recipe.epochs or bool(progress.ended)
        epochs = epoch - last.next_epoch + 1
        is_due = last.is_next_due(recipe.checkpoint_every, progress.step, epochs)
        return self.training.group.decide(self.recorder.next_is_best or is_last or is_due)

    def _record_failure(self, diagnostic: Diagnostic, error: Exception | None = None) -> Event:
        """Log a RunFailed event, and return it. Raise a write error from `error`."""
        try:
            recorded = self.recorder.record(run_failed(self.training.progress, diagnostic))
            self.recorder.write_status("failed")
        except DiagnosticError as write_error:
            raise write_error from error
        return recorded
