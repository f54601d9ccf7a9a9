"""How far a run is: all that a resumed run has to know besides weights and optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from engine.recipe.early_stopping import Standing
from engine.recipe.schedule import Plateau


@dataclass
class Progress:
    """Changes with every step; the loop owns it.

    Args:
        step: batches trained on so far, in the whole run.
        updates: times the weights were moved so far.
        epoch: the epoch that the next batch belongs to, counted from 1.
        batch: batches of that epoch that are done.
        best: what the rule for the best epoch remembers.
        stopping: what the stopping rule remembers.
        plateau: what a plateau schedule remembers.
        ended: why the stopping rule ended the run, "" as long as it did not.
        mixed: whether weights of losses changed within this epoch, so that its total is no sum of
            one kind.
        seconds: that it has taken so far, all attempts together.
    """

    step: int = 0
    updates: int = 0
    epoch: int = 1
    batch: int = 0
    best: Standing = field(default_factory=Standing)
    stopping: Standing = field(default_factory=Standing)
    plateau: Plateau = field(default_factory=Plateau)
    ended: str = ""
    mixed: bool = False
    seconds: float = 0.0

    def plain(self) -> dict[str, Any]:
        """Return the progress as JSON."""
        return {
            "step": self.step,
            "updates": self.updates,
            "epoch": self.epoch,
            "batch": self.batch,
            "best": self.best.plain(),
            "stopping": self.stopping.plain(),
            "plateau": self.plateau.plain(),
            "ended": self.ended,
            "mixed": self.mixed,
            "seconds": self.seconds,
        }

    @staticmethod
    def read(plain: Mapping[str, Any]) -> Progress:
        """Return the progress that `plain` wrote.

        Raises:
            ValueError: if it is none.
        """
        return _reader().validate_python(plain)

    def end(self) -> dict[str, Any]:
        """Return how far the run came, as the fields of a RunEnded."""
        return {"step": self.step, "epoch": self.epoch - 1, "seconds": self.seconds}

    def next_epoch(self) -> None:
        """Go to the start of the next epoch."""
        self.epoch += 1
        self.batch = 0
        self.mixed = False


@cache
def _reader() -> TypeAdapter[Progress]:
    """Return what reads it; built for a resume alone."""
    return TypeAdapter(Progress)
