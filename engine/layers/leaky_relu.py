"""Leaky rectifiers, with a fixed (LeakyReLU) or a learned slope (PReLU) below zero."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Layer, Layout, Module, Nn, Tensor, Torch, Weights
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.requirements import Axes, fixed_size, require_float


class LeakyReLU(Layer):
    """Leaky ReLU: scales negative values by a small constant slope.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.LeakyReLU.
    """

    family = "activation"
    words = ("nonlinearity", "leak", "slope")
    mask_rule = "pass"

    negative_slope: NonNegativeFloat = Field(0.3, description="Factor on negative values.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.nn.functional.leaky_relu(x, self.negative_slope)


class PReLU(Layer):
    """Parametric ReLU: scales negative values by a learned slope.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.PReLU; He et al. 2015, arXiv:1502.01852.
    """

    family = "activation"
    words = ("nonlinearity", "parametric", "learned slope")
    mask_rule = "pass"

    alpha_initializer: InitializerField = Field("zeros", description="Initializer of the slopes.")
    alpha_regularizer: RegularizerField = Field(None, description="Regularizer of the slopes.")
    shared_axes: Axes | None = Field(
        None,
        description="Axes along which the slopes are shared, such as 1 for the steps of a "
        "sequence; they are always shared along the batch.",
    )

    def _shared_axes(self, x: TensorSpec) -> tuple[int, ...]:
        axes = (self.shared_axes,) if isinstance(self.shared_axes, int) else self.shared_axes or ()
        for axis in axes:
            require(
                1 <= axis <= x.rank,
                "bad-axis",
                f"there is no axis {axis} to share a slope along",
                set_params_fix("Learn a slope for each position.", shared_axes=None),
                param="shared_axes",
                port="x",
                found=f"axis {axis} on {x}",
                expected=f"1 to {x.rank}",
            )
        return axes

    def _slopes(self, x: TensorSpec) -> tuple[int, ...]:
        """Return the shape of the learned slopes."""
        shared_axes = self._shared_axes(x)
        dynamic = {i + 1 for i, dim in enumerate(x.shape) if not isinstance(dim, int)}
        axes = sorted(dynamic | set(shared_axes))
        share = set_params_fix("Share the slopes along the dynamic axes.", shared_axes=axes)
        message = "needs a fixed size on each axis with its own slopes"
        return tuple(
            1 if i + 1 in shared_axes else fixed_size(x, i, message, share) for i in range(x.rank)
        )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        self._slopes(x)
        return TensorSpec(x.shape)

    def weights(self, x: TensorSpec) -> Weights:
        return (self.make_weight("alpha", self._slopes(x), Layout("alpha")),)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.LearnedLeak(self._slopes(x))

    def call(self, torch: Torch, prelu: Module, x: Tensor) -> Tensor:
        return prelu(x)
