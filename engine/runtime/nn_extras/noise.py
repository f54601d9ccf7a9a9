"""Dropout and noise that may draw from a stream of their own."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Noise(nn.Module):
    """Base of what draws: from torch's generator, or from a stream keyed by seed and draw number.

    Args:
        seed: of a stream of its own; None follows torch's generator.
    """

    draws: Tensor

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self.seed = seed
        if seed is not None:
            # A buffer, so that a checkpoint carries it and a resumed run draws what comes next.
            self.register_buffer("draws", torch.zeros((), dtype=torch.int64))

    def generator(self, device: torch.device) -> torch.Generator | None:
        """Return the generator of the next draw, None for torch's."""
        if self.seed is None:
            return None
        # Golden-ratio hashing: on a CPU only the lower 32 bits count, so both have to reach them.
        key = (self.seed * 0x9E3779B97F4A7C15 + int(self.draws)) % 2**63
        self.draws += 1
        return torch.Generator(device).manual_seed(key)


class SharedDropout(Noise):
    """Sets values to 0 with probability `rate`, one draw for all of certain axes.

    Shapes: x (batch, ...) -> (batch, ...), unchanged.
    Args:
        rate: fraction to drop; what is left is divided by 1 - rate.
        shared: axes along which one draw holds, the batch counted as 0.
        seed: as for `Noise`.
    """

    def __init__(self, rate: float, shared: Sequence[int] = (), seed: int | None = None) -> None:
        super().__init__(seed)
        self.rate = rate
        self.shared = shared

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with some of it dropped, in training."""
        if not self.training or self.rate == 0:
            return x
        if self.rate == 1:
            return x * 0
        shape = [1 if axis in self.shared else size for axis, size in enumerate(x.shape)]
        keep = x.new_empty(shape).bernoulli_(1 - self.rate, generator=self.generator(x.device))
        return x * (keep / (1 - self.rate))


class GaussianNoise(Noise):
    """Adds noise of mean 0.

    Shapes: x (batch, ...) -> (batch, ...), unchanged.
    Args:
        stddev: standard deviation of the noise.
        seed: as for `Noise`.
    """

    def __init__(self, stddev: float, seed: int | None = None) -> None:
        super().__init__(seed)
        self.stddev = stddev

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with noise added, in training."""
        if not self.training or self.stddev == 0:
            return x
        return x + torch.empty_like(x).normal_(0, self.stddev, generator=self.generator(x.device))
