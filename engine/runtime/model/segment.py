"""Gradient checkpointing: the backward pass computes inner activations of a segment again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import count
from typing import Any

from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.checkpoint import checkpoint

Variables = dict[str | None, Any]
Penalties = dict[str, Tensor]


class Segment(nn.Module):
    """Steps of a network that are computed together, keeping only what others read.

    Args:
        execute: computes the steps, adding their outputs to variables, and penalties by node.
        modules: the modules of the steps.
        read: the variables that other steps or losses read.
    """

    def __init__(
        self,
        execute: Callable[[Variables, Penalties], None],
        modules: Iterable[nn.Module],
        read: Collection[str | None],
    ) -> None:
        super().__init__()
        self._execute, self._read = execute, read
        self._parts = nn.ModuleList(modules)

    def forward(self, env: Variables) -> tuple[Variables, Penalties]:
        """Return the variables that others read, and the penalties."""
        inner, penalties = dict(env), Penalties()
        self._execute(inner, penalties)
        return {name: value for name, value in inner.items() if name in self._read}, penalties

    def execute(self, env: Variables, penalties: Penalties) -> None:
        """Compute the segment, and add its results to the variables and penalties."""
        past = {name: buffer.clone() for name, buffer in self.named_buffers()}
        runs = count()

        def compute(given: Variables) -> Any:
            if next(runs) == 0:
                return self(given)
            # The same random numbers are drawn again, and moving statistics stay as they are.
            buffers = {name: buffer.clone() for name, buffer in past.items()}
            return functional_call(self, buffers, (given,))

        outputs, added = checkpoint(compute, dict(env), use_reentrant=False)
        env.update(outputs)
        penalties.update(added)
