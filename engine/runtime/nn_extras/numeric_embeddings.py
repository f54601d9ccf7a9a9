"""Embeddings of numbers: each feature becomes a vector, by weights of its own."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PeriodicEmbedding(nn.Module):
    """Each number, followed by learned combinations of learned cosines of it.

    Shapes: x (..., features) -> (..., features, output_dim).
    """

    def __init__(self, features: int, frequencies: int, output_dim: int) -> None:
        super().__init__()
        self.frequencies = nn.Parameter(torch.zeros(features, frequencies))
        self.phases = nn.Parameter(torch.zeros(features, frequencies))
        self.weight = nn.Parameter(torch.zeros(features, frequencies, output_dim - 1))
        self.bias = nn.Parameter(torch.zeros(features, output_dim - 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors of the numbers in `x`."""
        x = x.unsqueeze(-1)
        waves = torch.cos(2 * math.pi * (x * self.frequencies + self.phases))
        combined = torch.einsum("...fk,fko->...fo", waves, self.weight) + self.bias
        return torch.cat([x, combined], -1)


class FeatureTokenizer(nn.Module):
    """Each number times a learned vector, plus another one; in front a learned token, if any.

    Shapes: x (batch, features) -> (batch, features, output_dim), or one token more.
    """

    def __init__(self, features: int, output_dim: int, class_token: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(features, output_dim))
        self.bias = nn.Parameter(torch.zeros(features, output_dim))
        self.token = nn.Parameter(torch.zeros(output_dim)) if class_token else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens of the numbers in `x`."""
        tokens = x.unsqueeze(-1) * self.weight + self.bias
        if self.token is None:
            return tokens
        return torch.cat([self.token.expand(x.shape[0], 1, -1), tokens], 1)
