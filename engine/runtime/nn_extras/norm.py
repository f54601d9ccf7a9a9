"""Normalization layers of Keras that torch.nn lacks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class BatchNorm(nn.Module):
    """Batch normalization: scales each feature to mean 0 and variance 1 over all other axes.

    Shapes: x (batch, ...), mask (batch,), (batch, steps) and so on -> the shape of x.
    Args:
        features: size of `axis`.
        axis: axis of the features, where axis 0 is the batch.
        momentum: factor of the previous moving statistics, as in Keras (torch: 1 - momentum).
        eps: number that is added to the variance.
        center, scale: whether to learn an offset and a factor for each feature.
    Attributes:
        all_reduce: None, or a function that sums a tensor over several processes, each of which has
            some rows of the batch. The statistics are then those of the whole batch.
    Why: torch.nn.BatchNorm1d stores the unbiased variance (divided by n - 1; Keras divides by n),
        and does not support masks.
    """

    moving_mean: Tensor
    moving_variance: Tensor
    all_reduce: Callable[[Tensor], Tensor] | None = None

    def __init__(
        self,
        features: int,
        axis: int,
        momentum: float = 0.99,
        eps: float = 1e-3,
        center: bool = True,
        scale: bool = True,
    ) -> None:
        super().__init__()
        self.axis = axis
        self.momentum = momentum
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(features)) if scale else None
        self.beta = nn.Parameter(torch.zeros(features)) if center else None
        self.register_buffer("moving_mean", torch.zeros(features))
        self.register_buffer("moving_variance", torch.ones(features))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the normalized `x`. Training uses batch statistics and updates moving averages."""
        exact = x.to(self.moving_mean.dtype)  # a sum of squares overflows in half precision
        mean, variance = self.moving_mean, self.moving_variance
        if self.training:
            mean, variance = self._batch_statistics(exact, mask)
            self._update_moving(mean.detach(), variance.detach())
        factor = torch.rsqrt(variance + self.eps)
        if self.gamma is not None:
            factor = factor * self.gamma
        broadcast_shape = [-1 if axis == self.axis else 1 for axis in range(x.dim())]
        out = (exact - mean.view(broadcast_shape)) * factor.view(broadcast_shape)
        if self.beta is not None:
            out = out + self.beta.view(broadcast_shape)
        return out.to(x.dtype)

    def _batch_statistics(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        other_axes = [axis for axis in range(x.dim()) if axis != self.axis]
        if mask is None and self.all_reduce is None:
            variance, mean = torch.var_mean(x, other_axes, correction=0)
            return mean, variance
        reduced = self.all_reduce or (lambda tensor: tensor)
        included = torch.ones_like(x, dtype=torch.bool)
        if mask is not None:
            included = mask.view(*mask.shape, *[1] * (x.dim() - mask.dim())).expand_as(x)
        count = reduced(included.sum(other_axes, keepdim=True, dtype=x.dtype))
        if mask is not None:
            count = count + 1e-7  # never 0, as in Keras
        mean = reduced(torch.where(included, x, 0).sum(other_axes, keepdim=True)) / count
        squares = torch.where(included, x - mean, 0).square().sum(other_axes, keepdim=True)
        return mean.flatten(), (reduced(squares) / count).flatten()

    @torch.no_grad()
    def _update_moving(self, mean: Tensor, variance: Tensor) -> None:
        self.moving_mean.lerp_(mean, 1 - self.momentum)
        self.moving_variance.lerp_(variance, 1 - self.momentum)


class AxesNorm(nn.Module):
    """Layer or group normalization: scales values to mean 0 and variance 1 over given axes.

    Shapes: x (batch, ...) -> the shape of x.
    Args:
        axes: axes over which mean and variance are computed, where axis 0 is the batch.
        shape: shape of the learned parameters: the shape of x without the batch axis, with size 1
            for axes that share parameters.
        eps: number that is added to the variance.
        center, scale: whether to learn offsets and factors.
    """

    def __init__(
        self,
        axes: tuple[int, ...],
        shape: tuple[int, ...] = (),
        eps: float = 1e-3,
        center: bool = True,
        scale: bool = True,
    ) -> None:
        super().__init__()
        self.axes = axes
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(shape)) if scale else None
        self.bias = nn.Parameter(torch.zeros(shape)) if center else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized `x`."""
        variance, mean = torch.var_mean(x, self.axes, correction=0, keepdim=True)
        out = (x - mean) * torch.rsqrt(variance + self.eps)
        if self.weight is not None:
            out = out * self.weight
        return out if self.bias is None else out + self.bias
