"""Tensors that are divided among the ranks (torch's DTensor), and others, as if they were one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def is_sharded(tensor: Tensor) -> bool:
    """Return whether each rank stores a part of a tensor.

    Why: DTensor is imported only where tensors are sharded, since the import takes time.
    """
    return hasattr(tensor, "to_local")


def local_parts(tensors: Sequence[Any]) -> list[Tensor]:
    """Return the parts of tensors that this rank stores; changes of them change the tensors.

    Either all tensors are sharded, or none.
    """
    are_sharded = tensors and is_sharded(tensors[0])
    return [tensor.to_local() for tensor in tensors] if are_sharded else list(tensors)


def whole(tensor: Any) -> Tensor:
    """Return a whole tensor, for which all ranks call this; its gradient is summed over them."""
    result: Tensor = tensor
    if is_sharded(tensor):
        from torch.distributed.tensor import Partial

        result = tensor.full_tensor(grad_placements=[Partial()])
    return result


@torch.no_grad()
def copy_whole(target: Any, value: Tensor) -> None:
    """Copy a whole tensor, or one that is divided in the same way, to `target`."""
    if is_sharded(target) and not is_sharded(value):
        from torch.distributed.tensor import distribute_tensor

        # Each rank has the value, so none sends it (src_data_rank).
        mesh, value = target.device_mesh, value.to(target.device)
        value = distribute_tensor(value, mesh, target.placements, src_data_rank=None)
    target.copy_(value)


def norms(tensors: Sequence[Any]) -> tuple[Tensor, ...]:
    """Return the norm of each of at least one tensor; either all are sharded, or none."""
    local_norms = torch._foreach_norm(local_parts(tensors))
    if not is_sharded(tensors[0]):
        return local_norms
    from torch.distributed.tensor import DTensor, Partial

    # One sum over the ranks for all tensors, since each has a latency.
    squares = torch.stack(local_norms).double().square()
    total = DTensor.from_local(squares, tensors[0].device_mesh, [Partial()]).full_tensor()
    return total.sqrt().to(local_norms[0].dtype).unbind()
