"""How far the rows of a table are behind, where only those that a batch touches are moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

STEPS = "steps"
Memory = Mapping[str, Tensor]
# Lets what is remembered of some rows go through steps without a gradient: how many for each row.
Idle = Callable[[Memory, Tensor], None]


class Lag:
    """The steps that each row of a table has been through.

    A row whose gradient is zero stays where it is, and what is remembered of it only fades. So a
    row is left alone until a batch touches it, and then made up for at once: exact, at a cost
    that does not depend on the vocabulary.

    Args:
        steps: one number for each row.
        idle: how what is remembered fades.
    """

    def __init__(self, steps: Tensor, idle: Idle) -> None:
        self.steps = steps
        self.some = False  # whether any row is behind
        self._idle = idle

    def make_up(self, memory: Memory, now: int, rows: Tensor | None = None) -> None:
        """Bring what is remembered of rows up to a step.

        Args:
            memory: of these rows, by slot.
            now: steps that have been taken.
            rows: their numbers, None for all.
        """
        if rows is None:
            if self.some:
                self._idle(memory, now - self.steps)
            return
        self._idle(memory, now - self.steps.index_select(0, rows))

    def passed(self, now: int, rows: Tensor | None = None) -> None:
        """Take down that rows have been through a step, the others not if some are named."""
        if rows is None:
            self.steps.fill_(now)
        else:
            self.steps.index_fill_(0, rows, now)
        self.some = rows is not None


def adapted(
    state: Mapping[str, Tensor], own: Mapping[str, Tensor], idle: Idle
) -> dict[str, Tensor]:
    """Return an optimizer's state as one keeps it that moves other tables by rows, or none.

    Args:
        state: of a checkpoint.
        own: the state that it is to be like.
        idle: see `Lag`.
    """
    found = dict(state)
    now = int(found["iterations"]) if "iterations" in found else 0
    for key in own.keys() - found.keys():
        if key.endswith(f"/{STEPS}"):
            found[key] = torch.full_like(own[key], now)
    for key in [key for key in found if key.endswith(f"/{STEPS}") and key not in own]:
        name, behind = key.removesuffix(STEPS), now - found.pop(key)
        slots = [slot for slot in found if slot.startswith(name) and slot in own]
        fading = {slot.removeprefix(name): found[slot].clone() for slot in slots}
        idle(fading, behind)
        found.update({f"{name}{slot}": tensor for slot, tensor in fading.items()})
    return found
