"""Layers that disturb training so that a network does not learn by heart; silent in prediction."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Layer, Module, Nn, Tensor, Torch
from engine.layers.initializer import Seed
from engine.layers.support.requirements import require_measurements, require_sequence

RATE = "Fraction that is set to 0, from 0 to 1."
SEED = "A seed of its own, with draws that do not depend on the run's; null follows the run's."


class _Disturbance(Layer):
    """What all three share: real numbers of any shape come out as they came in, and so do masks."""

    family = "dropout"
    mask_rule = "pass"

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_measurements(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, noise: Module, x: Tensor) -> Tensor:
        return noise(x)


class Dropout(_Disturbance):
    """Sets random values to 0 in training and scales up the rest, against learning by heart.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.Dropout; built on torch.nn.Dropout where torch's draws are followed.
    """

    words = ("regularisation", "overfitting", "drop")
    starts = {"rate": 0.5}

    rate: float = Field(ge=0, le=1, description=RATE, examples=[0.5, 0.2])
    noise_shape: tuple[PositiveInt | None, ...] | None = Field(
        None,
        description="Shape of the draw with the batch in front: 1 where one draw holds for a whole "
        "axis, null for the axis' own size.",
        examples=[None, [None, 1, None], [None, None, 1]],
    )
    seed: Seed = Field(None, description=SEED)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_measurements(x)
        require(
            self._fits(x),
            "noise-shape-unfit",
            "the draw can't be stretched over the tensor",
            set_params_fix("Draw each value by itself.", noise_shape=None),
            param="noise_shape",
            port="x",
            found=f"{list(self.noise_shape or ())} for {x}",
            expected=f"{x.rank + 1} entries: null or 1 for the batch, then null, 1 or the size",
        )
        return TensorSpec(x.shape)

    def _fits(self, x: TensorSpec) -> bool:
        if self.noise_shape is None:
            return True
        batch, *others = self.noise_shape or (0,)
        known = zip(others, x.shape, strict=False)
        return (
            batch in (None, 1)
            and len(others) == x.rank
            and all(size in (None, 1, dim) for size, dim in known)
        )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        shared = tuple(axis for axis, size in enumerate(self.noise_shape or ()) if size == 1)
        if self.seed is None and not shared:
            return nn.Dropout(self.rate)
        return nn.SharedDropout(self.rate, shared, self.seed)


class SpatialDropout1D(_Disturbance):
    """Sets whole channels of a sequence to 0 in training, since neighbouring steps are alike.

    Shapes: x (length, channels) -> (length, channels), unchanged.
    Source: keras.layers.SpatialDropout1D; Tompson et al. 2014, arXiv:1411.4280.
    """

    words = ("regularisation", "channel dropout", "feature dropout")
    starts = {"rate": 0.2}

    rate: float = Field(ge=0, le=1, description=RATE, examples=[0.5, 0.2])
    seed: Seed = Field(None, description=SEED)

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        require_measurements(x)
        return TensorSpec(x.shape)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.SharedDropout(self.rate, (1,), self.seed)


class GaussianNoise(_Disturbance):
    """Adds bell-shaped noise to every value in training, so that small changes matter less.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.GaussianNoise.
    """

    words = ("regularisation", "jitter", "denoise")
    starts = {"stddev": 0.1}

    stddev: float = Field(ge=0, le=1, description="Standard deviation of the noise, from 0 to 1.")
    seed: Seed = Field(None, description=SEED)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.GaussianNoise(self.stddev, self.seed)
