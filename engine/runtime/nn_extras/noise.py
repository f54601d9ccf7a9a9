"""Dropout and noise, optionally with a separate seed and random stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn


class Noise(nn.Module):
    """Base class of random modules, which use torch's generator or a separate random stream.

    Args:
        seed: seed of a separate random stream, which depends only on the seed and on the number of
            calls; None uses torch's generator.

    Attributes:
        batch_rows: None, or (count, slice) if the input has only this slice of the rows of a batch.
            The random numbers of a row are then the same as in the whole batch.
    """

    draws: Tensor
    batch_rows: tuple[int, slice] | None = None

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self.seed = seed
        if seed is not None:
            # This is a buffer, so checkpoints save it, and a resumed run continues the stream.
            self.register_buffer("draws", torch.zeros((), dtype=torch.int64))

    def generator(self, device: torch.device) -> torch.Generator | None:
        """Return a generator for one call; None stands for torch's default generator."""
        if self.seed is None:
            return None
        # Golden-ratio (Fibonacci) hashing mixes seed and call number into the lower 32 bits, since
        # the CPU generator uses only these bits.
        key = (self.seed * 0x9E3779B97F4A7C15 + int(self.draws)) % 2**63
        self.draws += 1
        return torch.Generator(device).manual_seed(key)

    def sample(
        self, like: Tensor, shape: Sequence[int], fill: Callable[..., Tensor], *params: float
    ) -> Tensor:
        """Return random numbers of a shape, with the dtype and device of `like`.

        Args:
            shape: shape of the result; the size of the batch axis may be 1 for all rows together.
            fill: method of a tensor that draws its values, such as `Tensor.normal_`.
            params: parameters of the distribution.
        """
        generator = self.generator(like.device)
        if self.batch_rows is None:
            return fill(like.new_empty(shape), *params, generator=generator)
        count, rows = self.batch_rows
        return fill(like.new_empty((count, *shape[1:])), *params, generator=generator)[rows]


class SharedDropout(Noise):
    """Dropout: sets values to 0 with probability `rate`; the mask may be shared along axes.

    Shapes: x (batch, ...) -> the shape of x.
    Args:
        rate: fraction of values to drop; the other values are divided by 1 - rate.
        shared: axes along which the mask is the same, where axis 0 is the batch.
        seed: seed of a separate random stream, see `Noise`.
    """

    def __init__(self, rate: float, shared: Sequence[int] = (), seed: int | None = None) -> None:
        super().__init__(seed)
        self.rate = rate
        self.shared = shared

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with dropout in training, otherwise unchanged."""
        if not self.training or self.rate == 0:
            return x
        if self.rate == 1:
            return x * 0
        shape = [1 if axis in self.shared else size for axis, size in enumerate(x.shape)]
        keep = self.sample(x, shape, Tensor.bernoulli_, 1 - self.rate)
        return x * (keep / (1 - self.rate))


class GaussianNoise(Noise):
    """Adds Gaussian noise with mean 0 in training.

    Shapes: x (batch, ...) -> the shape of x.
    Args:
        stddev: standard deviation of the noise.
        seed: seed of a separate random stream, see `Noise`.
    """

    def __init__(self, stddev: float, seed: int | None = None) -> None:
        super().__init__(seed)
        self.stddev = stddev

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with noise in training, otherwise unchanged."""
        if not self.training or self.stddev == 0:
            return x
        return x + self.sample(x, x.shape, Tensor.normal_, 0, self.stddev)
