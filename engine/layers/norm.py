"""Layers that bring values to mean 0 and deviation 1, so that training stays stable."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import (
    Cost,
    Layer,
    Layout,
    Module,
    Nn,
    Tensor,
    Torch,
    Weight,
    Weights,
    values_in,
)
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.requirements import AxesField, fixed_size, place_of, require_measurements


class BatchNormalization(Layer):
    """Brings each feature to mean 0 and deviation 1 over the batch, then scales and shifts it.

    In training it measures the batch, masked steps left out, and keeps moving statistics; in
    prediction it uses those.

    Shapes: x (..., features) -> (..., features), unchanged.
    Source: keras.layers.BatchNormalization; Ioffe and Szegedy 2015, arXiv:1502.03167.
    Why: torch.nn.BatchNorm1d keeps another variance (divided by n - 1) and knows no masks.
    """

    family = "norm"
    words = ("batchnorm", "bn", "normalise", "standardise")
    mask_rule = "use"

    axis: int = Field(-1, description="Axis of the features; the batch is 0, the last axis -1.")
    momentum: float = Field(
        0.99, ge=0, le=1, description="Share of the old moving statistics that a step keeps."
    )
    epsilon: NonNegativeFloat = Field(
        1e-3, description="Added to the variance, so that nothing is divided by zero."
    )
    center: bool = Field(True, description="Shift each feature by a learned offset, beta.")
    scale: bool = Field(True, description="Scale each feature by a learned factor, gamma.")
    beta_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    gamma_initializer: InitializerField = Field("ones", description="How the factors start.")
    moving_mean_initializer: InitializerField = Field(
        "zeros", description="How the moving means start."
    )
    moving_variance_initializer: InitializerField = Field(
        "ones", description="How the moving variances start."
    )
    beta_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    gamma_regularizer: RegularizerField = Field(None, description="Penalty on the factors.")

    def _features(self, x: TensorSpec) -> tuple[int, int]:
        """Return where the features stand in the shape, and how many there are."""
        place = place_of(self.axis, x, "axis")
        last = set_params_fix("Normalise the last axis.", axis=-1)
        fixes = (last,) if isinstance(x.shape[-1], int) else ()
        return place, fixed_size(x, place, "needs to know how many features there are", *fixes)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_measurements(x)
        self._features(x)
        return TensorSpec(x.shape)

    def masks(self, x: TensorSpec) -> bool:
        return x.mask

    def weights(self, x: TensorSpec) -> Weights:
        shape = (self._features(x)[1],)
        learned = _factor_and_offset(self, shape, "gamma", "beta")
        return (
            *learned,
            _statistic("moving_mean", shape, self.moving_mean_initializer),
            _statistic("moving_variance", shape, self.moving_variance_initializer),
        )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        place, features = self._features(x)
        return nn.BatchNorm(
            features,
            axis=place + 1,
            momentum=self.momentum,
            eps=self.epsilon,
            center=self.center,
            scale=self.scale,
        )

    def call(self, torch: Torch, norm: Module, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return norm(x) if mask is None else norm(x, mask)

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(values_in(x), values_in(x))


class LayerNormalization(Layer):
    """Brings the features of each place to mean 0 and deviation 1, then scales and shifts them.

    Shapes: x (..., features) -> (..., features), unchanged.
    Source: keras.layers.LayerNormalization; Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """

    family = "norm"
    words = ("layernorm", "ln", "normalise", "standardise")
    mask_rule = "pass"

    axis: AxesField = Field(
        -1, description="Axis or axes measured together; the batch is 0, the last axis -1."
    )
    epsilon: NonNegativeFloat = Field(
        1e-3, description="Added to the variance, so that nothing is divided by zero."
    )
    center: bool = Field(True, description="Shift each feature by a learned offset, beta.")
    scale: bool = Field(True, description="Scale each feature by a learned factor, gamma.")
    beta_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    gamma_initializer: InitializerField = Field("ones", description="How the factors start.")
    beta_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    gamma_regularizer: RegularizerField = Field(None, description="Penalty on the factors.")

    def _places(self, x: TensorSpec) -> tuple[int, ...]:
        """Return where in the shape the measured axes stand, first one first."""
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        places = sorted(place_of(axis, x, "axis") for axis in axes)
        require(
            len(set(places)) == len(places),
            "bad-axis",
            "names an axis twice",
            set_params_fix(
                "Name each axis once.", axis=[place + 1 for place in sorted(set(places))]
            ),
            param="axis",
            found=list(axes),
            expected="different axes",
        )
        return tuple(places)

    def _shape(self, x: TensorSpec) -> tuple[int, ...]:
        message = "needs to know how many factors and offsets to learn"
        without = set_params_fix(
            "Learn none: switch center and scale off.", center=False, scale=False
        )
        return tuple(fixed_size(x, place, message, without) for place in self._places(x))

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_measurements(x)
        self._places(x)
        if self.center or self.scale:
            self._shape(x)
        return TensorSpec(x.shape)

    def weights(self, x: TensorSpec) -> Weights:
        if not self.center and not self.scale:
            return ()
        return _factor_and_offset(self, self._shape(x), "weight", "bias")

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        places = self._places(x)
        last = places == tuple(range(x.rank))[-len(places) :]
        free = any(isinstance(x.shape[place], DynamicLength) for place in places)
        if last and not free and (self.scale or not self.center):
            return nn.LayerNorm(
                self._shape(x),
                eps=self.epsilon,
                elementwise_affine=self.scale,
                **({} if self.center or not self.scale else {"bias": False}),
            )
        learns = self.center or self.scale
        return nn.AxesNorm(
            tuple(place + 1 for place in places),
            tuple(x.shape[at] if at in places else 1 for at in range(x.rank)) if learns else (),
            eps=self.epsilon,
            center=self.center,
            scale=self.scale,
        )

    def call(self, torch: Torch, norm: Module, x: Tensor) -> Tensor:
        return norm(x)

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(values_in(x), values_in(x))


def _factor_and_offset(
    layer: BatchNormalization | LayerNormalization, shape: tuple[int, ...], gamma: str, beta: str
) -> Weights:
    """Return the learned arrays, as far as the layer has them; `gamma`, `beta` name torch's."""
    factor = Weight(
        "gamma",
        shape,
        layer.gamma_initializer,
        (Layout(gamma),),
        regularizer=layer.gamma_regularizer,
    )
    offset = Weight(
        "beta", shape, layer.beta_initializer, (Layout(beta),), regularizer=layer.beta_regularizer
    )
    return (*([factor] if layer.scale else []), *([offset] if layer.center else []))


def _statistic(name: str, shape: tuple[int, ...], initializer: InitializerField) -> Weight:
    return Weight(name, shape, initializer, (Layout(name),), trainable=False)
