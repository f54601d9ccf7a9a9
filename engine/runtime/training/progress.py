"""Training progress: step and epoch counters, best epoch, early stopping and schedule state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from engine.recipe.early_stopping_rule import StoppingState
from engine.recipe.schedule import PlateauState


@dataclass
class TrainingProgress:
    """The progress of a training; updated by the training loop after every step.

    Args:
        step: batches trained so far in the run.
        updates: weight updates so far; fewer than steps with gradient accumulation.
        epoch: epoch of the next batch, counted from 1.
        batch: completed batches of this epoch.
        ended: why early stopping ended the run, "" if it has not.
        mixed: whether loss weights changed within this epoch, which makes its mean total loss
            meaningless.
        seconds: training time so far, all attempts together.
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

    def to_dict(self) -> dict[str, Any]:
        """Return the progress as plain JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> TrainingProgress:
        """Return the progress from what `to_dict` returned.

        Raises:
            ValueError: if it is invalid.
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
    """Return the pydantic validator; built on first use, since only a resume needs it."""
    return TypeAdapter(TrainingProgress)
