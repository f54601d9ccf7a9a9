"""What the recorder of every rank does when a run is recorded; only that of rank 0 also writes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.data.prepared_data import PreparedData
from engine.events import EpochDone, Event
from engine.recipe.recipe import CheckpointInterval
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.checkpoints.checkpoint import LoadedCheckpoint
from engine.runtime.run.training_checkpoint import make_checkpoint
from engine.runtime.training.control import ControlQueue
from engine.runtime.training.training import Training

Events = Iterator[Event]


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


class RankRecorder:
    """The recorder of a rank that writes nothing, and takes part in what all ranks do together.

    The recorder of rank 0, RunRecorder, does the same and writes the run folder, as the docstrings
    of the methods say.

    Methods that return an iterator yield the events that were recorded.

    Attributes:
        run_id, path: id and folder of the run.
        last_checkpoint: where the run was at its last checkpoint.
        next_is_best: whether the next checkpoint is the best one.
    """

    run_id = ""
    path: Path | None = None

    def __init__(self, training: Training) -> None:
        self.last_checkpoint = LastCheckpoint(training.progress.epoch, training.progress.step)
        self.next_is_best = False
        self._training = training

    def load_checkpoint(self) -> LoadedCheckpoint | None:
        """Return the newest undamaged checkpoint; None if none was saved."""
        return None

    def control_queue(self) -> ControlQueue:
        """Return the queue from which the training takes control requests."""
        return ControlQueue(None, group=self._training.group)

    def environment_warnings(self) -> list[Diagnostic]:
        """Return warnings about differences from the environment in which the run started."""
        return []

    def open_tensorboard(self) -> None:
        """Also write the following events as TensorBoard logs, if run.json asks for them."""

    def record(self, event: Event) -> Event:
        """Log an event; return it with its time and sequence number.

        Raises:
            DiagnosticError: file-missing, with a heartbeat or the end of a run whose files were
                removed.
        """
        return event

    def record_warnings(self, warnings: Iterable[Diagnostic]) -> Events:
        """Log each warning as an event."""
        return iter(())

    def record_step(self, step: TrainingStep) -> Events:
        """Log a step, sooner or later."""
        return iter(())

    def check_epoch(self, epoch: EpochDone) -> Events:
        """Log warnings about the losses of the epochs until now."""
        return iter(())

    def flush(self) -> Events:
        """Log the steps that were not yet logged."""
        return iter(())

    def save_checkpoint(self, next_epoch: int) -> Events:
        """Save a checkpoint and log its event.

        Args:
            next_epoch: the first epoch that counts toward the interval until the next checkpoint.
        """
        training = self._training
        training.epoch_metrics.merge(training.group)
        if training.is_sharded:
            make_checkpoint(training, training.group.broadcast(None))
        training.group.wait()  # saving a large checkpoint may take rank 0 minutes
        self.last_checkpoint = LastCheckpoint(next_epoch, training.progress.step)
        self.next_is_best = False
        return iter(())

    def save_final_weights(self) -> Events:
        """Write the best weights if `restore_best` is set, else the last ones; log warnings."""
        return iter(())

    def evaluate(self, prepared: PreparedData) -> Events:
        """Evaluate the final weights on the validation rows; log warnings about the scores."""
        return iter(())

    def write_status(self, state: str) -> None:
        """Write the status file of the run, with its state and progress."""
