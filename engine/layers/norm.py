"""Normalization layers: BatchNormalization and LayerNormalization."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weight, Weights
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.requirements import Axes, axis_index, fixed_size, require_float


class _Normalization(Layer):
    """Base class of the normalizations, with a learned scale and offset."""

    last_fields = (
        "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer",
        "gamma_regularizer",
    )  # fmt: skip

    epsilon: NonNegativeFloat = Field(
        1e-3, description="Small constant added to the variance, against division by zero."
    )
    center: bool = Field(True, description="Add a learned offset, beta.")
    scale: bool = Field(True, description="Multiply by a learned scale, gamma.")
    beta_initializer: InitializerField = Field("zeros", description="Initializer of beta.")
    gamma_initializer: InitializerField = Field("ones", description="Initializer of gamma.")
    beta_regularizer: RegularizerField = Field(None, description="Regularizer of beta.")
    gamma_regularizer: RegularizerField = Field(None, description="Regularizer of gamma.")

    def gamma_and_beta(self, shape: tuple[int, ...], gamma: str, beta: str) -> Weights:
        """Return the weights "gamma" (scale) and "beta" (offset), without those it lacks.

        The arguments `gamma` and `beta` are the names of the torch parameters of these weights.
        """
        scale = self.make_weight("gamma", shape, Layout(gamma))
        offset = self.make_weight("beta", shape, Layout(beta))
        return (*([scale] if self.scale else []), *([offset] if self.center else []))

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(x.size or 0, x.size or 0)


class BatchNormalization(_Normalization):
    """Batch normalization of each feature, with a learned scale and offset.

    Training normalizes with the mean and variance of the unmasked steps of the batch, and updates
    the moving averages of both. Prediction normalizes with the moving averages.

    Shapes: x (..., features) -> (..., features), unchanged.
    Source: keras.layers.BatchNormalization; Ioffe and Szegedy 2015, arXiv:1502.03167.
    Why: not built on torch.nn.BatchNorm1d, because that has no masks, and because it averages the
        unbiased variance (divided by n - 1), whereas Keras averages the variance divided by n.
    """

    family = "norm"
    words = ("batchnorm", "bn", "normalize", "normalise", "standardize", "standardise")
    mask_rule = "use"

    axis: int = Field(-1, description="Axis of the features; the batch is 0, the last axis -1.")
    momentum: float = Field(0.99, ge=0, le=1, description="Momentum of the moving averages.")
    moving_mean_initializer: InitializerField = Field(
        "zeros", description="Initializer of the moving means."
    )
    moving_variance_initializer: InitializerField = Field(
        "ones", description="Initializer of the moving variances."
    )

    def _features(self, x: TensorSpec) -> tuple[int, int]:
        """Return the index of the feature axis in the shape, and its size."""
        index = axis_index(self.axis, x, "axis")
        use_last = set_params_fix("Normalize the last axis.", axis=-1)
        fixes = (use_last,) if isinstance(x.shape[-1], int) else ()
        message = "needs a fixed number of features"
        return index, fixed_size(x, index, message, *fixes)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        self._features(x)
        return TensorSpec(x.shape)

    def produces_mask(self, x: TensorSpec) -> bool:
        return x.mask

    def weights(self, x: TensorSpec) -> Weights:
        shape = (self._features(x)[1],)
        means, variances = self.moving_mean_initializer, self.moving_variance_initializer
        return (
            *self.gamma_and_beta(shape, "gamma", "beta"),
            Weight("moving_mean", shape, means, (Layout("moving_mean"),), trainable=False),
            Weight("moving_variance", shape, variances, (Layout("moving_variance"),), False),
        )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        index, features = self._features(x)
        return nn.BatchNorm(
            features,
            axis=index + 1,
            momentum=self.momentum,
            eps=self.epsilon,
            center=self.center,
            scale=self.scale,
        )

    def call(self, torch: Torch, norm: Module, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return norm(x) if mask is None else norm(x, mask)


class LayerNormalization(_Normalization):
    """Layer normalization of the features of each position, with a learned scale and offset.

    Shapes: x (..., features) -> (..., features), unchanged.
    Source: keras.layers.LayerNormalization; Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """

    family = "norm"
    words = ("layernorm", "ln", "normalize", "normalise", "standardize", "standardise")
    mask_rule = "pass"

    axis: Axes = Field(
        -1, description="Axis or axes to normalize; the batch is 0, the last axis -1."
    )

    def _axis_indices(self, x: TensorSpec) -> tuple[int, ...]:
        """Return the indices of the normalized axes in the shape, in ascending order."""
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        indices = sorted(axis_index(axis, x, "axis") for axis in axes)
        require(
            len(set(indices)) == len(indices),
            "bad-axis",
            "lists an axis twice",
            set_params_fix("List each axis once.", axis=[i + 1 for i in sorted(set(indices))]),
            param="axis",
            found=list(axes),
            expected="different axes",
        )
        return tuple(indices)

    def _parameter_shape(self, x: TensorSpec) -> tuple[int, ...]:
        message = "needs fixed sizes on the normalized axes"
        learn_none = set_params_fix("Set center and scale to false.", center=False, scale=False)
        indices = self._axis_indices(x)
        return tuple(fixed_size(x, index, message, learn_none) for index in indices)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        self._axis_indices(x)
        if self.center or self.scale:
            self._parameter_shape(x)
        return TensorSpec(x.shape)

    def weights(self, x: TensorSpec) -> Weights:
        if not self.center and not self.scale:
            return ()
        return self.gamma_and_beta(self._parameter_shape(x), "weight", "bias")

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        indices = self._axis_indices(x)
        are_last = indices == tuple(range(x.rank))[-len(indices) :]
        is_dynamic = any(isinstance(x.shape[index], DynamicLength) for index in indices)
        if are_last and not is_dynamic and (self.scale or not self.center):
            return nn.LayerNorm(
                self._parameter_shape(x),
                eps=self.epsilon,
                elementwise_affine=self.scale,
                **({} if self.center or not self.scale else {"bias": False}),
            )
        has_weights = self.center or self.scale
        return nn.AxesNorm(
            tuple(index + 1 for index in indices),
            tuple(x.shape[i] if i in indices else 1 for i in range(x.rank)) if has_weights else (),
            eps=self.epsilon,
            center=self.center,
            scale=self.scale,
        )

    def call(self, torch: Torch, norm: Module, x: Tensor) -> Tensor:
        return norm(x)
