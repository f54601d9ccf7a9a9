"""Holds what a layer says of free axes against what happens at every length near the least."""

from __future__ import annotations

import pytest
import torch

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer
from engine.runtime.model.nn_namespace import NN_NAMESPACE


def assert_lengths_are_true(layer: Layer, *shape: int | None) -> None:
    """Assert, for a shape with free axes, that sizes are torch's and `least` is the true least.

    Each free axis in turn takes every length from its least one on, the others staying long.
    """
    free = TensorSpec(
        tuple(DynamicLength("x", axis) if dim is None else dim for axis, dim in enumerate(shape))
    )
    out = layer.infer(free)
    module = layer.build(NN_NAMESPACE, free) if layer.build else None
    least = [1 if dim is None else dim for dim in shape]
    for dim in out.dynamic_axes:
        least[dim.axis] = max(least[dim.axis], dim.minimum_length)
    for axis in (axis for axis, dim in enumerate(shape) if dim is None):
        for more in range(5):
            size = [n + (more if place == axis else 1) * (shape[place] is None)
                    for place, n in enumerate(least)]  # fmt: skip
            _same_shape(layer, module, out, size)
        if least[axis] > 1:
            short = list(least)
            short[axis] -= 1
            assert not all(n >= 1 for n in _sizes(out, short))
            with pytest.raises(LayerError, match="window-too-large"):
                layer.infer(TensorSpec(tuple(short)))


def _sizes(spec: TensorSpec, size: list[int]) -> list[int]:
    return [
        dim.size_for(size[dim.axis]) if isinstance(dim, DynamicLength) else dim
        for dim in spec.shape
    ]


def _same_shape(layer: Layer, module: torch.nn.Module | None, out: TensorSpec, size: list[int]):
    expected = _sizes(out, size)
    assert list(layer.infer(TensorSpec(tuple(size))).shape) == expected, (layer, size)
    x = torch.zeros(2, *size)
    answer = layer.call(torch, *([] if module is None else [module]), x)
    assert list(answer.shape) == [2, *expected], (layer, size)
