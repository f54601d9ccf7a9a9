"""Checks a shape rule against torch for every length of a free axis, from the least one on."""

from __future__ import annotations

import torch

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer
from tests.engine.layers.against_keras import Ours


def sized(spec: TensorSpec, length: int) -> tuple[int, ...]:
    """Return the shape of one tensor in a batch of 2 whose Input's axis is `length`."""
    dims = (dim.size_for(length) if isinstance(dim, DynamicLength) else dim for dim in spec.shape)
    return (2, *dims)


def assert_exact(layer: Layer, *specs: TensorSpec, upto: int = 6) -> TensorSpec:
    """Assert that torch answers the inferred shape, and that one step less is one too few."""
    out = layer.infer(*specs)
    ours = Ours(layer, *specs)
    least = max(
        (dim.minimum_length for spec in (*specs, out) for dim in spec.dynamic_axes), default=1
    )
    for length in range(least, least + upto):
        answer = ours(*(torch.ones(sized(spec, length), dtype=torch.float64) for spec in specs))
        assert tuple(answer.shape) == sized(out, length), (layer, specs, length)
        assert min(answer.shape) >= 1
    if least > 1:
        assert min(size for s in (*specs, out) for size in sized(s, least - 1)) < 1
    return out
