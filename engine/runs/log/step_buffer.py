"""A buffer that collects training steps into one event, so that the log stays small."""

from __future__ import annotations

from collections.abc import Mapping

from engine.events import StepsDone

MAX_VALUES = 2000  # some 40 KB of text; a line should have at most 64 KiB


class StepBuffer:
    """A buffer of consecutive training steps, which `flush` converts to one event."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._first = 0
        self._epoch = 0
        self._loss: list[float] = []
        # Losses, penalties and weights by name.
        self._named: tuple[dict[str, list[float]], ...] = ({}, {}, {})
        self._rate: list[float] = []
        self._norm: list[float] = []

    def __len__(self) -> int:
        return len(self._loss)

    @property
    def is_full(self) -> bool:
        """True if one more step might make the event too long for a line of the log."""
        return len(self) * (3 + sum(map(len, self._named))) >= MAX_VALUES

    def add(
        self,
        step: int,
        epoch: int,
        loss: float,
        losses: Mapping[str, float],
        learning_rate: float,
        grad_norm: float | None = None,
        penalties: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> StepsDone | None:
        """Add a step. If it doesn't follow the buffered steps, flush first and return the event.

        Args:
            step, epoch: numbers of the step and its epoch, counted from 1.
            loss: total loss.
            losses: unweighted losses by output name.
            grad_norm: global gradient norm; None if it was not measured.
            penalties: terms added to the total loss, by "NODE/WEIGHT" or "OUTPUT/uncertainty".
            weights: loss weights by output name; for outputs whose weight changes in training.
        """
        named = (losses, penalties or {}, weights or {})
        event = self.flush() if not self._continues(step, epoch, named, grad_norm) else None
        if not self._loss:
            self._first, self._epoch = step, epoch
            self._named = tuple({name: [] for name in values} for values in named)
        self._loss.append(loss)
        self._rate.append(learning_rate)
        for buffered, new in zip(self._named, named, strict=True):
            for name, value in new.items():
                buffered[name].append(value)
        if grad_norm is not None:
            self._norm.append(grad_norm)
        return event

    def _continues(
        self,
        step: int,
        epoch: int,
        named: tuple[Mapping[str, float], ...],
        grad_norm: float | None,
    ) -> bool:
        return (
            step == self._first + len(self)
            and epoch == self._epoch
            and all(new.keys() == old.keys() for new, old in zip(named, self._named, strict=True))
            and (grad_norm is not None) == bool(self._norm)
            and not self.is_full
        )

    def flush(self) -> StepsDone | None:
        """Clear the buffer and return its steps as one event; None if the buffer is empty."""
        if not self._loss:
            return None
        losses, penalties, weights = (
            {name: tuple(values) for name, values in buffered.items()} for buffered in self._named
        )
        event = StepsDone(
            first=self._first,
            last=self._first + len(self) - 1,
            epoch=self._epoch,
            loss=tuple(self._loss),
            losses=losses,
            penalties=penalties,
            weights=weights,
            learning_rate=tuple(self._rate),
            grad_norm=tuple(self._norm),
        )
        self._clear()
        return event
