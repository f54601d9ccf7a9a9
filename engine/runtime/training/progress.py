"""Training progress: step and epoch counters, best epoch, early stopping and schedule state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from engine.recipe.early_stopping_rule import StoppingState
from engine.recipe.schedule import PlateauState


@dataclass
class TrainingProgress:
    """The progress of a training, which the training loop updates after every step.

    Args:
        step: number of batches trained so far in the run.
        updates: number of weight updates so far; less than `step` with gradient accumulation.
        epoch: epoch of the next batch, counted from 1.
        batch: number of completed batches in this epoch.
        best, stopping, plateau: states of best epoch rule, early stopping and ReduceLROnPlateau.
        ended: why early stopping ended the run; "" if early stopping has not ended the run.
        mixed: whether loss weights changed within this epoch. If so, the epoch's mean total loss is
            meaningless.
        seconds: training time so far, of all attempts together.
    """

    step: int = 0
    updates: int = 0
    epoch: int = 1
    batch: int = 0
    best: StoppingState = field(default_factory=StoppingState)
    stopping: StoppingState = field(default_factory=StoppingState)
    plateau: PlateauState = field(default_factory=PlateauState)
    ended: str = ""
    mixed: bool = False
    seconds: float = 0.0

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> TrainingProgress:
        """Return the progress that `asdict` converted to `plain`.

        Raises:
            ValueError: if `plain` is invalid.
        """
        return _adapter().validate_python(plain)

    def end_fields(self) -> dict[str, Any]:
        """Return the progress as the fields of a RunEnded event."""
        return {"step": self.step, "epoch": self.epoch - 1, "seconds": self.seconds}

    def next_epoch(self) -> None:
        """Advance to the start of the next epoch."""
        self.epoch += 1
        self.batch = 0
        self.mixed = False


@cache
def _adapter() -> TypeAdapter[TrainingProgress]:
    """Return the pydantic validator, which is built on first use: only resumed runs need it."""
    return TypeAdapter(TrainingProgress)
