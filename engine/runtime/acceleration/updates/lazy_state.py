"""Lazy updates of the optimizer state of embeddings: only the rows of a batch are updated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

STEPS = "steps"
Memory = Mapping[str, Tensor]
# Applies steps with a gradient of zero to the state of some rows; their number is given per row.
Idle = Callable[[Memory, Tensor], None]


class LazyRowState:
    """The number of steps that have been applied to each row of a table.

    The state of a row whose gradient is zero only decays, and its weights don't change. So a row is
    updated only when a batch uses it, with the decay of all steps since its last update: the result
    is exact, and the cost does not depend on the size of the vocabulary.

    Args:
        steps: the number of applied steps, for each row.
        idle: applies the decay of several steps.
    """

    def __init__(self, steps: Tensor, idle: Idle) -> None:
        self.steps = steps
        self.some = False  # whether rows may be behind
        self._idle = idle

    def make_up(self, memory: Memory, now: int, rows: Tensor | None = None) -> None:
        """Apply the decay that the state of rows is behind.

        Args:
            rows: indices of the rows, None for all.
        """
        if rows is None:
            if self.some:
                self._idle(memory, now - self.steps)
            return
        self._idle(memory, now - self.steps.index_select(0, rows))

    def passed(self, now: int, rows: Tensor | None = None) -> None:
        """Set the number of applied steps of some rows, or of all if `rows` is None."""
        if rows is None:
            self.steps.fill_(now)
        else:
            self.steps.index_fill_(0, rows, now)
        self.some = rows is not None


def adapted(state: Memory, own: Memory, idle: Idle) -> dict[str, Tensor]:
    """Return the state of a checkpoint, converted for other lazily updated tables.

    1. A table that is lazy now, but was not: all its rows are up to date.
    2. A table that was lazy, but is not now: the decay that its rows are behind is applied.

    Args:
        state: of the checkpoint.
        own: the present state of the optimizer, with the keys that it needs.
        idle: see `LazyRowState`.
    """
    converted = dict(state)
    now = int(converted["iterations"]) if "iterations" in converted else 0
    for key in own.keys() - converted.keys():
        if key.endswith(f"/{STEPS}"):
            converted[key] = torch.full_like(own[key], now)
    for key in [key for key in converted if key.endswith(f"/{STEPS}") and key not in own]:
        prefix, missed_steps = key.removesuffix(STEPS), now - converted.pop(key)
        slots = [slot for slot in converted if slot.startswith(prefix) and slot in own]
        decayed = {slot.removeprefix(prefix): converted[slot].clone() for slot in slots}
        idle(decayed, missed_steps)
        converted.update({f"{prefix}{slot}": tensor for slot, tensor in decayed.items()})
    return converted
