"""Dropout and noise layers, which regularize training and do nothing in prediction."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Layer, Module, Nn, Tensor, Torch
from engine.layers.initializer import Seed
from engine.layers.support.requirements import require_float, require_sequence

RATE_HELP = "Fraction of values set to 0, from 0 to 1."
SEED_HELP = "Random seed of this layer; null uses the seed of the run."


class _RandomLayer(Layer):
    """Base class of dropout and noise layers, which keep shape and mask."""

    family = "dropout"
    mask_rule = "pass"

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, noise: Module, x: Tensor) -> Tensor:
        return noise(x)


class Dropout(_RandomLayer):
    """Dropout: sets random values to 0 in training and scales the others up.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.Dropout; built on torch.nn.Dropout if no seed and no shared axis is set.
    """

    words = ("regularization", "regularisation", "overfitting", "drop")
    initial_params = {"rate": 0.5}

    rate: float = Field(ge=0, le=1, description=RATE_HELP, examples=[0.5, 0.2])
    noise_shape: tuple[PositiveInt | None, ...] | None = Field(
        None,
        description="Shape of the random mask with the batch first: 1 to share one draw along an "
        "axis, null for the size of the axis.",
        examples=[None, [None, 1, None], [None, None, 1]],
    )
    seed: Seed = Field(None, description=SEED_HELP)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        require(
            self._is_broadcastable(x),
            "noise-shape-unfit",
            "noise_shape can't be broadcast to the shape of the input",
            set_params_fix("Draw each value independently.", noise_shape=None),
            param="noise_shape",
            port="x",
            found=f"{list(self.noise_shape or ())} for {x}",
            expected=f"{x.rank + 1} entries: null or 1 for the batch, then null, 1 or the size",
        )
        return TensorSpec(x.shape)

    def _is_broadcastable(self, x: TensorSpec) -> bool:
        if self.noise_shape is None:
            return True
        batch, *others = self.noise_shape or (0,)
        if batch not in (None, 1) or len(others) != x.rank:
            return False
        return all(size in (None, 1, dim) for size, dim in zip(others, x.shape, strict=True))

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        shared = tuple(axis for axis, size in enumerate(self.noise_shape or ()) if size == 1)
        if self.seed is None and not shared:
            return nn.Dropout(self.rate)
        return nn.SharedDropout(self.rate, shared, self.seed)


class SpatialDropout1D(_RandomLayer):
    """Spatial dropout: drops whole channels of a sequence.

    Shapes: x (length, channels) -> (length, channels), unchanged.
    Source: keras.layers.SpatialDropout1D; Tompson et al. 2014, arXiv:1411.4280.
    """

    words = ("regularization", "regularisation", "channel dropout", "feature dropout")
    initial_params = {"rate": 0.2}

    rate: float = Field(ge=0, le=1, description=RATE_HELP, examples=[0.5, 0.2])
    seed: Seed = Field(None, description=SEED_HELP)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        require_float(x)
        return TensorSpec(x.shape)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.SharedDropout(self.rate, (1,), self.seed)


class GaussianNoise(_RandomLayer):
    """Adds Gaussian noise to every value in training.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.GaussianNoise.
    """

    words = ("regularization", "regularisation", "jitter", "denoise")
    initial_params = {"stddev": 0.1}

    stddev: float = Field(ge=0, le=1, description="Standard deviation of the noise, from 0 to 1.")
    seed: Seed = Field(None, description=SEED_HELP)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.GaussianNoise(self.stddev, self.seed)
