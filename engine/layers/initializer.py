"""How weights start: Keras' initialisers by name, each told as one distribution."""

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
    """One block of starting values.

    Args:
        kind: the distribution; normal (a = mean, b = deviation), truncated_normal (the same, cut
            at two deviations), uniform (from a to b), constant (a), identity and orthogonal
            (times a).
        shape: shape of the block; several blocks are joined along the last axis.
        seed: a seed of its own, or None to follow the run's.
    """

    kind: Literal["normal", "truncated_normal", "uniform", "constant", "identity", "orthogonal"]
    shape: tuple[int, ...]
    a: float
    b: float = 0.0
    seed: int | None = None


class Initializer(Schema):
    """Base of all initialisers."""

    @property
    def named(self) -> Initializer:
        """The one that a person named; a layer may wrap it."""
        return self

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        """Return the blocks that fill a weight of `shape` in Keras' layout."""
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
    """All values the same."""

    value: float = Field(0.0, description="The value.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("constant", shape, self.value),)


@INITIALIZERS.register("eye")
class Identity(Initializer):
    """A square identity matrix."""

    gain: float = Field(1.0, description="Factor on the matrix.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("identity", shape, self.gain),)


@INITIALIZERS.register()
class Orthogonal(Initializer):
    """A matrix with orthogonal rows or columns, so that signals keep their size."""

    gain: float = Field(1.0, description="Factor on the matrix.")
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("orthogonal", shape, self.gain, seed=self.seed),)


@INITIALIZERS.register("normal")
class RandomNormal(Initializer):
    """Values from a bell curve."""

    mean: float = Field(0.0, description="Middle of the values.")
    stddev: float = Field(0.05, ge=0, description="Standard deviation of the values.")
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("normal", shape, self.mean, self.stddev, self.seed),)


@INITIALIZERS.register()
class TruncatedNormal(Initializer):
    """Values from a bell curve, redrawn beyond two standard deviations."""

    mean: float = Field(0.0, description="Middle of the values.")
    stddev: float = Field(0.05, ge=0, description="Standard deviation before the cut.")
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return (Draw("truncated_normal", shape, self.mean, self.stddev, self.seed),)


@INITIALIZERS.register("uniform")
class RandomUniform(Initializer):
    """Values spread evenly between two bounds."""

    minval: float = Field(-0.05, description="Lower bound.")
    maxval: float = Field(0.05, description="Upper bound.")
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        low, high = sorted((self.minval, self.maxval))  # Keras takes the bounds either way round
        return (Draw("uniform", shape, low, high, self.seed),)


# Deviation of a standard bell curve cut at two deviations; Keras divides by it.
CUT_DEVIATION = 0.87962566103423978


@INITIALIZERS.register()
class VarianceScaling(Initializer):
    """Values whose spread follows from the number of inputs and outputs of the layer."""

    scale: PositiveFloat = Field(1.0, description="Factor on the variance.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = Field(
        "fan_in", description="Count inputs, outputs, or their mean."
    )
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = Field(
        "truncated_normal", description="Form of the spread."
    )
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = sqrt(3 * variance)
            return (Draw("uniform", shape, -limit, limit, self.seed),)
        if self.distribution == "untruncated_normal":
            return (Draw("normal", shape, 0.0, sqrt(variance), self.seed),)
        return (Draw("truncated_normal", shape, 0.0, sqrt(variance) / CUT_DEVIATION, self.seed),)


def fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Return the number of inputs and outputs that a weight of `shape` connects.

    Source: keras.initializers, compute_fans: a kernel's last two axes are inputs and outputs.
    """
    if len(shape) < 2:
        return (float(shape[0]), float(shape[0])) if shape else (1.0, 1.0)
    window = prod(shape[:-2])
    return float(shape[-2] * window), float(shape[-1] * window)


class _Scaled(Initializer):
    """A VarianceScaling with everything but the seed decided."""

    # Plain values, so that no schema has to be built before the first use.
    scaling: ClassVar[Mapping[str, Any]]
    seed: Seed = Field(None, description="A seed of its own; null follows the run's.")

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        return VarianceScaling(**self.scaling, seed=self.seed).draws(shape)


@INITIALIZERS.register()
class GlorotUniform(_Scaled):
    """Even spread, variance 2 / (inputs + outputs): Keras' default for kernels."""

    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}


@INITIALIZERS.register()
class GlorotNormal(_Scaled):
    """Bell curve, variance 2 / (inputs + outputs)."""

    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class HeNormal(_Scaled):
    """Bell curve, variance 2 / inputs: made for relu."""

    scaling = {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class HeUniform(_Scaled):
    """Even spread, variance 2 / inputs: made for relu."""

    scaling = {"scale": 2.0, "mode": "fan_in", "distribution": "uniform"}


@INITIALIZERS.register()
class LecunNormal(_Scaled):
    """Bell curve, variance 1 / inputs: made for selu."""

    scaling = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"}


@INITIALIZERS.register()
class LecunUniform(_Scaled):
    """Even spread, variance 1 / inputs."""

    scaling = {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}


class Flattened(Initializer):
    """Counts several input or output axes as one, for kernels that are no window over places.

    Source: keras.layers.EinsumDense, which hands its axes to the initialisers that scale.
    """

    inner: Initializer = Field(description="How the values start.")
    inputs: PositiveInt = Field(1, description="How many axes, from the first one, are inputs.")

    @property
    def named(self) -> Initializer:
        """The one inside."""
        return self.inner

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        if not isinstance(self.inner, VarianceScaling | _Scaled):
            return self.inner.draws(shape)
        flat = (prod(shape[: self.inputs]), prod(shape[self.inputs :]))
        return tuple(replace(draw, shape=shape) for draw in self.inner.draws(flat))
