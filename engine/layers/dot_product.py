"""The Dot layer."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Cost, Layer, Module, Nn, Tensor, Torch, value_count
from engine.layers.support.requirements import AxisPair, axis_index, require_float


class Dot(Layer):
    """Dot product of two tensors along one axis of each.

    Shapes: a (..., n, ...), b (..., n, ...) -> the other axes of a, then of b; (1) if no others.
    Source: keras.layers.Dot.
    """

    family = "merge"
    words = ("similarity", "cosine", "inner product", "matmul", "match")
    initial_params = {"axes": 1}

    axes: AxisPair = Field(
        description="Axis of the dot product, or a pair with one for each input; the batch is 0.",
        examples=[-1, 1, [2, 2], [1, 1]],
    )
    normalize: bool = Field(
        False, description="Normalize both to length 1 first, which gives the cosine similarity."
    )

    def _axis_indices(self, a: TensorSpec, b: TensorSpec) -> tuple[int, int]:
        first, second = (self.axes,) * 2 if isinstance(self.axes, int) else self.axes
        return axis_index(first, a, "axes", "a"), axis_index(second, b, "axes", "b")

    def infer(self, a: TensorSpec, b: TensorSpec) -> TensorSpec:
        require_float(a, "a")
        require_float(b, "b")
        first, second = self._axis_indices(a, b)
        require(
            a.shape[first] == b.shape[second],
            "shapes-differ",
            f"axis {first + 1} of a has {a.shape[first]}, "
            f"axis {second + 1} of b has {b.shape[second]}",
            *_matching_axes(a, b),
            "Make both sizes equal, for example with a Dense on one of them.",
            param="axes",
            port="b",
            found=f"a {a}, b {b}",
            expected="equal sizes on the two axes",
        )
        rest_a = (*a.shape[:first], *a.shape[first + 1 :])
        rest_b = (*b.shape[:second], *b.shape[second + 1 :])
        return TensorSpec((*rest_a, *rest_b) or (1,))

    def build(self, nn: Nn, a: TensorSpec, b: TensorSpec) -> Module:
        first, second = self._axis_indices(a, b)
        return nn.BatchDot(first + 1, second + 1, self.normalize)

    def call(self, torch: Torch, dot: Module, a: Tensor, b: Tensor) -> Tensor:
        return dot(a, b)

    def cost(self, a: TensorSpec, b: TensorSpec) -> Cost:
        values = value_count(self.infer(a, b))
        summed = a.shape[self._axis_indices(a, b)[0]]
        return Cost(values * summed if isinstance(summed, int) else 0, values)


def _matching_axes(a: TensorSpec, b: TensorSpec) -> Iterator[Fix]:
    """Yield a fix that sets `axes` to the last pair of equally long axes of `a` and `b`, if any."""
    pairs = [
        [i + 1, j + 1]
        for i, size in enumerate(a.shape)
        for j, other_size in enumerate(b.shape)
        if size == other_size
    ]
    if pairs:
        yield set_params_fix(f"Set axes to {pairs[-1]}, which have equal sizes.", axes=pairs[-1])
