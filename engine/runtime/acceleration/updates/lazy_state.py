"""Lazy updates of the optimizer state of embeddings: only the rows of a batch are updated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

STEPS = "steps"
State = Mapping[str, Tensor]
# Applies steps with a gradient of zero to the state of some rows. The second argument is the number
# of steps for each row.
Decay = Callable[[State, Tensor], None]


class LazyRowState:
    """The number of optimizer steps that have been applied to each row of an embedding table.

    If the gradient of a row is zero, its optimizer state only decays, and its weights don't change.
    So a row is updated only when a batch uses it. Then the decay of all steps since its last update
    is applied first. The result is exact, and the time doesn't depend on the vocabulary's size.

    Args:
        steps: number of applied steps for each row.
        decay: function that applies the decay of several steps.
    """

    def __init__(self, steps: Tensor, decay: Decay) -> None:
        self.steps = steps
        self.is_behind = False  # whether the decay of some rows may be missing
        self._decay = decay

    def catch_up(self, state: State, now: int, rows: Tensor | None = None) -> None:
        """Decay the optimizer state of rows for the steps that they have missed.

        Args:
            state: optimizer state that has only the given rows, in their order.
            now: number of optimizer steps so far.
            rows: indices of the rows; None for all rows.
        """
        if rows is None:
            if self.is_behind:
                self._decay(state, now - self.steps)
            return
        self._decay(state, now - self.steps.index_select(0, rows))

    def mark_updated(self, now: int, rows: Tensor | None = None) -> None:
        """Set the number of applied steps to `now` for the given rows; None stands for all rows."""
        if rows is None:
            self.steps.fill_(now)
        else:
            self.steps.index_fill_(0, rows, now)
        self.is_behind = rows is not None


def convert_state(state: State, current: State, decay: Decay) -> dict[str, Tensor]:
    """Return the state of the old optimizer, from a checkpoint, converted for the new optimizer.

    1. If only the new optimizer updates an embedding table lazily (only the rows used by a batch),
       all rows of the table are marked as up to date.
    2. If only the old optimizer updates an embedding table lazily, the decay that the rows have
       missed is applied to their state.

    Args:
        state: state of the old optimizer.
        current: state of the new optimizer; its keys show which tables it updates lazily.
        decay: function that applies the decay of several steps to the state of some rows.
    """
    converted = dict(state)
    now = int(converted["iterations"]) if "iterations" in converted else 0
    for key in current.keys() - converted.keys():
        if key.endswith(f"/{STEPS}"):
            converted[key] = torch.full_like(current[key], now)
    for key in [key for key in converted if key.endswith(f"/{STEPS}") and key not in current]:
        prefix, missed_steps = key.removesuffix(STEPS), now - converted.pop(key)
        slots = [slot for slot in converted if slot.startswith(prefix) and slot in current]
        decayed = {slot.removeprefix(prefix): converted[slot].clone() for slot in slots}
        decay(decayed, missed_steps)
        converted.update({f"{prefix}{slot}": tensor for slot, tensor in decayed.items()})
    return converted
