"""Batched dot product of two tensors along one axis of each."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class BatchDot(nn.Module):
    """Computes the dot products of two tensors along one axis of each, for each row of the batch.

    Shapes: a (batch, ..., n, ...), b (batch, ..., n, ...) -> (batch, other axes of a,
        other axes of b), or (batch, 1) if there are no other axes.
    Args:
        a_axis, b_axis: the axes of size n, where axis 0 is the batch.
        normalize: whether a and b are scaled to unit length along these axes (cosine similarity).
    """

    def __init__(self, a_axis: int, b_axis: int, normalize: bool = False) -> None:
        super().__init__()
        self.a_axis = a_axis
        self.b_axis = b_axis
        self.normalize = normalize

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the dot products of a and b."""
        if self.normalize:
            a = functional.normalize(a, dim=self.a_axis, eps=1e-7)
            b = functional.normalize(b, dim=self.b_axis, eps=1e-7)
        a, b = a.movedim(self.a_axis, -1), b.movedim(self.b_axis, 1)
        rest = (*a.shape[1:-1], *b.shape[2:]) or (1,)
        left = a.reshape(a.shape[0], -1, a.shape[-1])
        right = b.reshape(b.shape[0], b.shape[1], -1)
        return (left @ right).reshape(a.shape[0], *rest)
