"""A pool of memory buffers that are reused between training steps."""

from __future__ import annotations

from math import prod

from torch import Tensor

_MAX_OVERSIZE = 2  # a block may have this many times the requested number of elements


class BufferPool:
    """A pool of memory blocks that are not in use.

    Why: freed memory is soon occupied in part by smaller tensors, so that the large tensors of the
        next step need new memory (fragmentation). In the training of question answering,
        fragmentation takes 10 MB without the pool, and 7 MB with it.
    """

    def __init__(self) -> None:
        self._blocks: list[Tensor] = []

    def take(self, like: Tensor, *shape: int) -> Tensor:
        """Return an uninitialized tensor of a shape, with the dtype and device of `like`.

        The smallest block that fits is used, or new memory if there is none.
        """
        count = prod(shape)
        candidates = [block for block in self._blocks if _kind(block) == _kind(like)]
        fitting = [block for block in candidates if count <= block.numel() <= _MAX_OVERSIZE * count]
        if fitting:
            removed: Tensor | None = min(fitting, key=Tensor.numel)
        else:
            # A new block replaces one that is slightly too small: otherwise batches of increasing
            # length would leave one unused block each.
            too_small = [
                block
                for block in candidates
                if block.numel() < count <= _MAX_OVERSIZE * block.numel()
            ]
            removed = max(too_small, key=Tensor.numel, default=None)
        block = removed if fitting else None
        if block is None:
            block = like.new_empty(count, requires_grad=False)
        self._blocks = [kept for kept in self._blocks if kept is not removed]
        return block[:count].view(shape)

    def give(self, *tensors: Tensor) -> None:
        """Return tensors to the pool; they must not be read afterwards."""
        self._blocks += [tensor.new_empty(0).set_(tensor.untyped_storage()) for tensor in tensors]

    def clear(self) -> None:
        """Release all blocks."""
        self._blocks = []


def room(spare: BufferPool | None, like: Tensor, *shape: int) -> Tensor:
    """Return an uninitialized tensor from a pool, or a new one if there is no pool."""
    return like.new_empty(shape, requires_grad=False) if spare is None else spare.take(like, *shape)


def _kind(tensor: Tensor) -> tuple[object, object]:
    return tensor.dtype, tensor.device
