"""Memory that one step of a training is done with, for the next one."""

from __future__ import annotations

from math import prod

from torch import Tensor

_ROOMY = 2  # times what is asked for: a block that is larger is left for others


class Spare:
    """Blocks of memory that nobody uses for now.

    Why: what a step frees is filled by whatever comes next, and the large tensors of the step after
        find no hole that they fit in. Blocks that stay win back 3 MB of 10 that are lost so between
        the tensors of question answering.
    """

    def __init__(self) -> None:
        self._blocks: list[Tensor] = []

    def take(self, like: Tensor, *shape: int) -> Tensor:
        """Return memory in a shape, of the kind of numbers that `like` has; it holds anything."""
        count = prod(shape)
        alike = [block for block in self._blocks if _kind(block) == _kind(like)]
        fit = [block for block in alike if count <= block.numel() <= _ROOMY * count]
        block = min(fit, key=Tensor.numel) if fit else like.new_empty(count, requires_grad=False)
        # One that has become too small makes way, or batches that grow would leave one each.
        near = [small for small in alike if small.numel() < count <= _ROOMY * small.numel()]
        gone = block if fit else max(near, key=Tensor.numel, default=None)
        self._blocks = [each for each in self._blocks if each is not gone]
        return block[:count].view(shape)

    def give(self, *tensors: Tensor) -> None:
        """Take back what `take` answered, and what nobody will read again."""
        self._blocks += [one.new_empty(0).set_(one.untyped_storage()) for one in tensors]

    def clear(self) -> None:
        """Let all blocks go."""
        self._blocks = []


def room(spare: Spare | None, like: Tensor, *shape: int) -> Tensor:
    """Return memory from what is spare, or new where nothing will be given back."""
    return like.new_empty(shape, requires_grad=False) if spare is None else spare.take(like, *shape)


def _kind(tensor: Tensor) -> tuple[object, object]:
    return tensor.dtype, tensor.device
