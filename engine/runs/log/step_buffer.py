"""A buffer that collects training steps into one event, so that the log stays small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.events import StepsDone

MAX_VALUES = 2000  # some 40 KB of text; a line should have at most 64 KiB


class TrainingStep(NamedTuple):
    """The numbers of one training step; `StepsDone` documents them.

    Why: creating an event takes as long as several layers of a small network.
    """

    step: int
    epoch: int
    loss: float
    losses: Mapping[str, float]
    penalties: Mapping[str, float]
    weights: Mapping[str, float]
    learning_rate: float
    grad_norm: float


class StepBuffer:
    """A buffer of consecutive training steps, which `flush` merges to one event."""

    def __init__(self) -> None:
        self._steps: list[TrainingStep] = []

    def add(self, step: TrainingStep) -> StepsDone | None:
        """Add a step. If it can't be merged with the buffered ones, flush the buffer first.

        Returns:
            The event of all flushed steps, None if no steps were flushed.
        """
        flushed = None if self._continues(step) else self.flush()
        self._steps.append(step)
        return flushed

    def _continues(self, step: TrainingStep) -> bool:
        """Return whether a step can be merged with the buffered ones, on one line of the log."""
        if not self._steps:
            return False
        last = self._steps[-1]
        value_count = 3 + len(last.losses) + len(last.penalties) + len(last.weights)
        return (
            len(self._steps) * value_count < MAX_VALUES
            and step.step == last.step + 1
            and step.epoch == last.epoch
            and step.losses.keys() == last.losses.keys()
            and step.penalties.keys() == last.penalties.keys()
            and step.weights.keys() == last.weights.keys()
        )

    def flush(self) -> StepsDone | None:
        """Clear the buffer and return its steps as one event; None if the buffer is empty."""
        steps, self._steps = self._steps, []
        if not steps:
            return None
        numbers, epochs, loss, losses, penalties, weights, rates, norms = zip(*steps, strict=True)
        return StepsDone(
            first=numbers[0],
            last=numbers[-1],
            epoch=epochs[0],
            loss=loss,
            losses=_by_name(losses),
            penalties=_by_name(penalties),
            weights=_by_name(weights),
            learning_rate=rates,
            grad_norm=norms,
        )


def _by_name(steps: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(step[name] for step in steps) for name in steps[0]}
