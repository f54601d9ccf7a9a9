"""Layers that change pictures at random in training, so that few pictures do for many.

What becomes of a picture depends on seed, the layer's name, epoch and row alone: the same in any
batch, in any order of rows, after a resume and on any device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Module, Nn, Tensor, Torch
from engine.layers.dropout import SEED
from engine.layers.initializer import Seed
from engine.layers.support.sliding_window import Windowed

Amount = float | tuple[float, float]
FillMode = Literal["reflect", "wrap", "nearest", "constant"]
Interpolation = Literal["bilinear", "nearest"]

WORDS = ("augmentation", "image", "picture", "overfitting")
BEYOND = (
    "What lies beyond the edges: the picture mirrored, the picture again, the pixel at the edge, "
    "or fill_value."
)
BETWEEN = "Value between pixels: a mix of the four around it, or the nearest one's."
FILL = 'Value beyond the edges where fill_mode is "constant".'


def _read(least: int) -> Callable[[object], Amount]:
    """Return a validator that, unlike a union of types, finds one mistake where there is one."""

    def read(value: object) -> Amount:
        pair = isinstance(value, (list, tuple))
        numbers: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
        low = least if pair else 0
        known = all(type(number) in (int, float) and low <= number <= 1 for number in numbers)
        if len(numbers) != 1 + pair or not known:
            raise PydanticCustomError(
                "amount", f"Use a number from 0 to 1, or two from {least} to 1"
            )
        first, *others = map(float, numbers)
        return (first, others[0]) if others else first

    return read


def _plain(amount: Amount) -> float | list[float]:
    return list(amount) if isinstance(amount, tuple) else amount


def _schema(least: int) -> WithJsonSchema:
    number = {"type": "number", "minimum": 0, "maximum": 1}
    each = {"type": "number", "minimum": least, "maximum": 1}
    pair = {"type": "array", "prefixItems": [each, each], "minItems": 2, "maxItems": 2}
    return WithJsonSchema({"anyOf": [number, pair]})


_AS_JSON = PlainSerializer(_plain, when_used="json")

# One number for as much to both sides, or a pair (from, to).
Shift = Annotated[Amount, PlainValidator(_read(-1)), _AS_JSON, _schema(-1)]
# One number for as much to both sides, or a pair (less, more).
Change = Annotated[Amount, PlainValidator(_read(0)), _AS_JSON, _schema(0)]


def span(amount: Amount) -> tuple[float, float]:
    """Return from where to where an amount is drawn, that with one number goes both ways."""
    low, high = amount if isinstance(amount, tuple) else (-amount, amount)
    return (low, high) if low <= high else (high, low)


class _Augmentation(Windowed):
    """What all share: pictures come out in the shape that they came in, as real numbers."""

    family = "dropout"
    rank: ClassVar[int] = 2

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_places(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, augmentation: Module, x: Tensor) -> Tensor:
        return augmentation(x)


class RandomFlip(_Augmentation):
    """Mirrors every other picture in training: left to right, upside down, or both.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomFlip; here each axis has a draw of its own.
    """

    words = (*WORDS, "mirror", "horizontal", "vertical")

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal_and_vertical",
        description="Horizontal swaps left and right, vertical turns upside down.",
    )
    seed: Seed = Field(None, description=SEED)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        axes = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (2, 1)}
        return nn.RandomFlip(axes[self.mode])


class RandomTranslation(_Augmentation):
    """Moves each picture up or down and to a side in training, each by a draw of its own.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomTranslation; built on torch.nn.functional.grid_sample.
    """

    words = (*WORDS, "shift", "move", "jitter")
    starts = {"height_factor": 0.1, "width_factor": 0.1}

    height_factor: Shift = Field(
        description="How far down at most, as a fraction of the height, and up just as far; or two "
        "bounds."
    )
    width_factor: Shift = Field(
        description="How far to the right at most, as a fraction of the width, and to the left "
        "just as far; or two bounds."
    )
    fill_mode: FillMode = Field("reflect", description=BEYOND)
    interpolation: Interpolation = Field("bilinear", description=BETWEEN)
    seed: Seed = Field(None, description=SEED)
    fill_value: float = Field(0.0, description=FILL)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        ranges = span(self.height_factor), span(self.width_factor)
        return nn.RandomTranslation(*ranges, **_filling(self))


class RandomRotation(_Augmentation):
    """Turns each picture about its middle in training, by an angle that is drawn.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomRotation; built on torch.nn.functional.grid_sample.
    """

    words = (*WORDS, "turn", "angle")
    starts = {"factor": 0.05}

    factor: Shift = Field(
        description="How far at most, as a fraction of a full turn: 0.1 is 36 degrees either way; "
        "or two bounds, above 0 counterclockwise."
    )
    fill_mode: FillMode = Field("reflect", description=BEYOND)
    interpolation: Interpolation = Field("bilinear", description=BETWEEN)
    seed: Seed = Field(None, description=SEED)
    fill_value: float = Field(0.0, description=FILL)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.RandomRotation(span(self.factor), **_filling(self))


class RandomZoom(_Augmentation):
    """Shows more of the surroundings or less of each picture in training, by a draw of its own.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomZoom; built on torch.nn.functional.grid_sample.
    """

    words = (*WORDS, "scale", "enlarge", "crop")
    starts = {"height_factor": 0.1}

    height_factor: Shift = Field(
        description="How much more of the height is shown at most: 0.2 is from 80 to 120 %; or two "
        "bounds, below 0 enlarging."
    )
    width_factor: Shift | None = Field(
        None, description="The same for the width, with a draw of its own; null zooms both alike."
    )
    fill_mode: FillMode = Field("reflect", description=BEYOND)
    interpolation: Interpolation = Field("bilinear", description=BETWEEN)
    seed: Seed = Field(None, description=SEED)
    fill_value: float = Field(0.0, description=FILL)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        factors = (self.height_factor, self.width_factor)
        ranges = (span(factor) for factor in factors if factor is not None)
        return nn.RandomZoom(*ranges, **_filling(self))


class RandomContrast(_Augmentation):
    """Makes each picture paler or stronger in training, each channel about its mean.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
        value = (x - mean) * factor + mean, the mean that of a channel.
    Source: keras.layers.RandomContrast; value_range cuts nothing unless it is given.
    """

    words = (*WORDS, "brightness", "light", "colour")
    starts = {"factor": 0.2}

    factor: Change = Field(
        description="How far from 1 the factor is at most: 0.2 is from 0.8 to 1.2; or how much "
        "less and more: 0.5, 0.1."
    )
    value_range: tuple[float, float] | None = Field(
        None,
        description="Least and largest value of a pixel; what is beyond is cut off; null cuts "
        "nothing.",
        examples=[None, [0.0, 1.0], [-1.0, 1.0]],
    )
    seed: Seed = Field(None, description=SEED)

    def infer(self, x: TensorSpec) -> TensorSpec:
        low, high = self.value_range or (0.0, 1.0)
        round_about = set_params_fix("Put the lesser one first.", value_range=[high, low])
        require(
            low < high,
            "param-invalid",
            "no value lies in that range",
            *([round_about] if high < low else []),
            set_params_fix("Cut nothing off.", value_range=None),
            param="value_range",
            found=[low, high],
            expected="the least value, then a greater one",
        )
        return super().infer(x)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        less, more = self.factor if isinstance(self.factor, tuple) else (self.factor, self.factor)
        return nn.RandomContrast((1 - less, 1 + more), self.value_range)


def _filling(layer: RandomTranslation | RandomRotation | RandomZoom) -> dict[str, Any]:
    """Return what the module is told of edges and fractions of pixels."""
    told: dict[str, Any] = {"fill_mode": layer.fill_mode, "interpolation": layer.interpolation}
    return told | ({"fill_value": layer.fill_value} if layer.fill_mode == "constant" else {})
