"""The ranks of a training: the processes that train one network together, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class ProcessGroup:
    """The ranks of a training. This class is the group of a single process.

    Attributes:
        rank: number of this process, counted from 0. Rank 0 records the run.
        size: number of ranks.
    """

    rank, size = 0, 1

    def all_reduce(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor in place by its sum over all ranks."""

    def sum_over_ranks(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over all ranks, with its derivative.

        The total loss is a sum over ranks too, so the gradient is also summed over all ranks.
        """
        return tensor

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 passes, on every rank."""
        return value

    def decide(self, condition: bool) -> bool:
        """Return the condition that rank 0 passes, on every rank; faster than `broadcast`."""
        return condition

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, by rank."""
        return [value]


SINGLE_PROCESS = ProcessGroup()


class TorchProcessGroup(ProcessGroup):
    """The default process group of torch.distributed, which has been initialized.

    Args:
        device: device of the tensors that the ranks exchange.
    """

    def __init__(self, device: torch.device) -> None:
        from torch import distributed

        self._torch = distributed
        self._device = device
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()

    def all_reduce(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor in place by its sum over all ranks.

        Why: dense tensors are copied to one buffer per dtype, since each call has a latency.
        """
        for tensor in tensors:
            if tensor.is_sparse:
                self._torch.all_reduce(tensor)
        dense = [tensor for tensor in tensors if not tensor.is_sparse]
        for dtype in sorted({tensor.dtype for tensor in dense}, key=str):
            same = [tensor for tensor in dense if tensor.dtype == dtype]
            buffer = torch.cat([tensor.reshape(-1) for tensor in same])
            self._torch.all_reduce(buffer)
            parts = torch.split(buffer, [tensor.numel() for tensor in same])
            for tensor, part in zip(same, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def sum_over_ranks(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over all ranks, with its derivative."""
        result: Tensor = _SumOverRanks.apply(tensor, self)  # type: ignore[no-untyped-call]
        return result

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 passes, on every rank."""
        values = [value]
        self._torch.broadcast_object_list(values, src=0, device=self._device)
        return values[0]

    def decide(self, condition: bool) -> bool:
        """Return the condition that rank 0 passes, on every rank."""
        flag = torch.tensor([float(condition)], device=self._device)
        self._torch.broadcast(flag, src=0)
        return bool(flag.item())

    def gather(self, value: T) -> list[T]:
        """Return the values of all ranks, by rank."""
        values: list[T] = [value] * self.size
        self._torch.all_gather_object(values, value)
        return values


class _SumOverRanks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, tensor: Tensor, group: ProcessGroup) -> Tensor:
        result = tensor.detach().clone()
        group.all_reduce([result])
        ctx.group = group  # type: ignore[attr-defined]
        return result

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None]:
        result = gradient.clone()
        ctx.group.all_reduce([result])  # type: ignore[attr-defined]
        return result, None
