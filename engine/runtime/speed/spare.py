"""Memory that one step of a training is done with, for the next one."""

from __future__ import annotations

from math import prod

from torch import Tensor

_ROOMY = 2  # times what is asked for: a block that is larger is left for others


class Spare:
    """Blocks of memory that nobody uses for now.

    Why: what a step frees is filled by whatever small comes next, and the large tensors of the
        step after find no hole that they fit in. Blocks that stay cost question answering 10 MB
        less at its peak, which the allocator had lost between its tensors.
    """

    def __init__(self) -> None:
        self._blocks: list[Tensor] = []

    def take(self, like: Tensor, *shape: int) -> Tensor:
        """Answer memory in a shape, of the kind of numbers that `like` has; it holds anything."""
        count = prod(shape)
        fit = [
            (block.numel(), place)
            for place, block in enumerate(self._blocks)
            if count <= block.numel() <= _ROOMY * count
            and (block.dtype, block.device) == (like.dtype, like.device)
        ]
        block = self._blocks.pop(min(fit)[1]) if fit else like.new_empty(count)
        return block[:count].view(shape)

    def give(self, *tensors: Tensor) -> None:
        """Take back what `take` answered, and nobody will read again."""
        self._blocks += [one.new_empty(0).set_(one.untyped_storage()) for one in tensors]
