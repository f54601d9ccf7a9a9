"""Weight initializers with Keras' names; each returns the distributions to draw values from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod, sqrt
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from engine.core.registry import Registry
from engine.core.schema import Schema


@dataclass(frozen=True, slots=True)
class Draw:
    """A block of initial values, drawn from one distribution.

    Args:
        kind: the distribution.
        a, b: parameters of the distribution. normal: mean a, standard deviation b.
            truncated_normal: the same, cut at two standard deviations. uniform: from a to b.
            constant: the value a. identity, orthogonal: such a matrix, multiplied by a.
        shape: shape of the block; the blocks of a weight are joined along the last axis.
        seed: random seed, None for the seed of the run.
    """

    kind: Literal["normal", "truncated_normal", "uniform", "constant", "identity", "orthogonal"]
    shape: tuple[int, ...]
    a: float
    b: float = 0.0
    seed: int | None = None


class Initializer(Schema):
    """Base class of all initializers."""

    @property
    def unwrapped(self) -> Initializer:
        """The initializer that the user chose, without a wrapper that a layer adds."""
        return self

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        """Return the blocks that fill a weight of `shape` (Keras' layout) along its last axis."""
        raise NotImplementedError(type(self).__name__)


INITIALIZERS: Registry[Initializer] = Registry("initializer")
InitializerField = INITIALIZERS.field_type(Initializer)

Seed = int | None


@INITIALIZERS.register("zero")
class Zeros(Initializer):
    """All values 0."""

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("constant", shape, 0.0),)


@INITIALIZERS.register("one")
class Ones(Initializer):
    """All values 1."""

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("constant", shape, 1.0),)


@INITIALIZERS.register()
class Constant(Initializer):
    """All values equal to a constant."""

    value: float = Field(0.0, description="The value.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("constant", shape, self.value),)


@INITIALIZERS.register("eye")
class Identity(Initializer):
    """A square identity matrix."""

    gain: float = Field(1.0, description="Scale factor of the matrix.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("identity", shape, self.gain),)


@INITIALIZERS.register()
class Orthogonal(Initializer):
    """A matrix with orthogonal rows or columns, which preserves the scale of activations."""

    gain: float = Field(1.0, description="Scale factor of the matrix.")
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("orthogonal", shape, self.gain, seed=self.seed),)


@INITIALIZERS.register("normal")
class RandomNormal(Initializer):
    """Values from a normal distribution."""

    mean: float = Field(0.0, description="Mean of the values.")
    stddev: float = Field(0.05, ge=0, description="Standard deviation of the values.")
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("normal", shape, self.mean, self.stddev, self.seed),)


@INITIALIZERS.register()
class TruncatedNormal(Initializer):
    """Values from a normal distribution, truncated at two standard deviations."""

    mean: float = Field(0.0, description="Mean of the values.")
    stddev: float = Field(0.05, ge=0, description="Standard deviation before truncation.")
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("truncated_normal", shape, self.mean, self.stddev, self.seed),)


@INITIALIZERS.register("uniform")
class RandomUniform(Initializer):
    """Values from a uniform distribution."""

    minval: float = Field(-0.05, description="Lower bound.")
    maxval: float = Field(0.05, description="Upper bound.")
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        low, high = sorted((self.minval, self.maxval))  # Keras accepts the bounds in either order
        return (Draw("uniform", shape, low, high, self.seed),)


# Standard deviation of the standard normal distribution truncated at 2 (Keras divides by it).
TRUNCATED_NORMAL_STDDEV = 0.87962566103423978


@INITIALIZERS.register()
class VarianceScaling(Initializer):
    """Values whose variance is scaled by the number of inputs or outputs of the layer."""

    scale: PositiveFloat = Field(1.0, description="Factor of the variance.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = Field(
        "fan_in", description="Divide by the number of inputs, of outputs, or their mean."
    )
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = Field(
        "truncated_normal", description="Distribution of the values."
    )
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        fan_in, fan_out = compute_fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = sqrt(3 * variance)
            return (Draw("uniform", shape, -limit, limit, self.seed),)
        if self.distribution == "untruncated_normal":
            return (Draw("normal", shape, 0.0, sqrt(variance), self.seed),)
        stddev = sqrt(variance) / TRUNCATED_NORMAL_STDDEV
        return (Draw("truncated_normal", shape, 0.0, stddev, self.seed),)


def compute_fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Return the number of inputs and outputs that a weight of `shape` connects.

    Source: keras.initializers, compute_fans: a kernel's last two axes are inputs and outputs.
    """
    if len(shape) < 2:
        return (float(shape[0]), float(shape[0])) if shape else (1.0, 1.0)
    window = prod(shape[:-2])
    return float(shape[-2] * window), float(shape[-1] * window)


class _FixedScaling(Initializer):
    """A VarianceScaling with fixed settings except for the seed."""

    # Plain values, so that the schema is built at the first use only.
    scaling: ClassVar[Mapping[str, Any]]
    seed: Seed = Field(None, description="Random seed; null uses the seed of the run.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return VarianceScaling(**self.scaling, seed=self.seed).draws(shape)


@INITIALIZERS.register()
class GlorotUniform(_FixedScaling):
    """Uniform with variance 2 / (inputs + outputs): Keras' default for kernels."""

    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}


@INITIALIZERS.register()
class GlorotNormal(_FixedScaling):
    """Truncated normal with variance 2 / (inputs + outputs)."""

    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class HeNormal(_FixedScaling):
    """Truncated normal with variance 2 / inputs, for relu."""

    scaling = {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class HeUniform(_FixedScaling):
    """Uniform with variance 2 / inputs, for relu."""

    scaling = {"scale": 2.0, "mode": "fan_in", "distribution": "uniform"}


@INITIALIZERS.register()
class LecunNormal(_FixedScaling):
    """Truncated normal with variance 1 / inputs, for selu."""

    scaling = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class LecunUniform(_FixedScaling):
    """Uniform with variance 1 / inputs."""

    scaling = {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}


class FlattenedInitializer(Initializer):
    """A wrapper of an initializer, which flattens a kernel's input and output axes to two axes.

    Variance scaling treats all but the last two axes as a convolution window. For the kernels of
    attention this would be wrong.

    Source: keras.layers.EinsumDense.
    """

    inner: Initializer = Field(description="Initializer of the values.")
    inputs: PositiveInt = Field(1, description="Number of leading axes that are inputs.")

    @property
    def unwrapped(self) -> Initializer:
        """The wrapped initializer."""
        return self.inner

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        if not isinstance(self.inner, VarianceScaling | _FixedScaling):
            return self.inner.draws(shape)
        flat_shape = (prod(shape[: self.inputs]), prod(shape[self.inputs :]))
        return tuple(replace(draw, shape=shape) for draw in self.inner.draws(flat_shape))
