"""The merge that multiplies and sums: how alike two tensors are."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Cost, Layer, Module, Nn, Tensor, Torch, values_in
from engine.layers.support.requirements import AxisPairField, place_of, require_measurements


class Dot(Layer):
    """Multiplies two tensors and sums along one axis of each, which tells how alike they are.

    Shapes: a (..., n, ...), b (..., n, ...) -> the other axes of a, then those of b; (1) if none.
    Source: keras.layers.Dot.
    """

    family = "merge"
    words = ("similarity", "cosine", "inner product", "matmul", "match")
    starts = {"axes": 1}

    axes: AxisPairField = Field(
        description="Axis to sum along, or a pair with one for each input; the batch is 0.",
        examples=[-1, 1, [2, 2], [1, 1]],
    )
    normalize: bool = Field(
        False, description="Scale both to length 1 first, which gives the cosine of their angle."
    )

    def _places(self, a: TensorSpec, b: TensorSpec) -> tuple[int, int]:
        first, second = (self.axes,) * 2 if isinstance(self.axes, int) else self.axes
        return place_of(first, a, "axes", "a"), place_of(second, b, "axes", "b")

    def infer(self, a: TensorSpec, b: TensorSpec) -> TensorSpec:
        require_measurements(a, "a")
        require_measurements(b, "b")
        at, other = self._places(a, b)
        require(
            a.shape[at] == b.shape[other],
            "shapes-differ",
            f"axis {at + 1} of a has {a.shape[at]}, axis {other + 1} of b has {b.shape[other]}",
            *_matching_axes(a, b),
            "Bring both to one size, for instance with a Dense on one of them.",
            param="axes",
            port="b",
            found=f"a {a}, b {b}",
            expected="equal sizes on the two axes",
        )
        rest = (*a.shape[:at], *a.shape[at + 1 :], *b.shape[:other], *b.shape[other + 1 :])
        return TensorSpec(rest or (1,))

    def build(self, nn: Nn, a: TensorSpec, b: TensorSpec) -> Module:
        first, second = self._places(a, b)
        return nn.BatchDot(first + 1, second + 1, self.normalize)

    def call(self, torch: Torch, dot: Module, a: Tensor, b: Tensor) -> Tensor:
        return dot(a, b)

    def cost(self, a: TensorSpec, b: TensorSpec) -> Cost:
        values = values_in(self.infer(a, b))
        summed = a.shape[self._places(a, b)[0]]
        return Cost(values * summed if isinstance(summed, int) else 0, values)


def _matching_axes(a: TensorSpec, b: TensorSpec) -> Iterator[Fix]:
    """Yield the last pair of axes that are equally long."""
    pairs = [
        [at + 1, other + 1]
        for at, size in enumerate(a.shape)
        for other, wanted in enumerate(b.shape)
        if size == wanted
    ]
    if pairs:
        yield set_params_fix(f"Set axes to {pairs[-1]}, which are equally long.", axes=pairs[-1])
