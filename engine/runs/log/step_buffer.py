"""A buffer that collects training steps into one event, so that the log stays small."""

from __future__ import annotations

from typing import Any

from engine.events import StepsDone

MAX_VALUES = 2000  # some 40 KB of text; a line should have at most 64 KiB
_ARRAYS = ("loss", "learning_rate", "grad_norm")
_NAMED_ARRAYS = ("losses", "penalties", "weights")


class StepBuffer:
    """A buffer of consecutive training steps, which `flush` merges to one event."""

    def __init__(self) -> None:
        self._steps: list[StepsDone] = []

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def is_full(self) -> bool:
        """True if one more step might make the event of all steps too long for a log line."""
        first = self._steps[:1]
        name_count = sum(len(getattr(step, key)) for step in first for key in _NAMED_ARRAYS)
        return len(self) * (len(_ARRAYS) + name_count) >= MAX_VALUES

    def add(self, step: StepsDone) -> StepsDone | None:
        """Add a step's event. If it can't be merged with the buffered ones, flush the buffer first.

        Returns:
            The event of all flushed steps, None if no steps were flushed.
        """
        flushed = None if self._continues(step) else self.flush()
        self._steps.append(step)
        return flushed

    def _continues(self, step: StepsDone) -> bool:
        if not self._steps or self.is_full:
            return False
        last = self._steps[-1]
        return (
            step.first == last.last + 1
            and step.epoch == last.epoch
            and len(step.grad_norm) == len(last.grad_norm)
            and all(getattr(step, key).keys() == getattr(last, key).keys() for key in _NAMED_ARRAYS)
        )

    def flush(self) -> StepsDone | None:
        """Clear the buffer and return its steps as one event; None if the buffer is empty."""
        steps, self._steps = self._steps, []
        if not steps:
            return None
        first = steps[0]
        merged: dict[str, Any] = {
            key: tuple(value for step in steps for value in getattr(step, key)) for key in _ARRAYS
        }
        for key in _NAMED_ARRAYS:
            merged[key] = {
                name: tuple(getattr(step, key)[name][0] for step in steps)
                for name in getattr(first, key)
            }
        return StepsDone(first=first.first, last=steps[-1].last, epoch=first.epoch, **merged)
