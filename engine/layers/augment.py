"""Image augmentation layers: random changes of images in training.

The change of an image depends only on the seed, the layer's name, the epoch and the row: it is the
same for any batch size, row order and device, and after a resume.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Module, Nn, Tensor, Torch
from engine.layers.dropout import SEED_HELP
from engine.layers.initializer import Seed
from engine.layers.support.sliding_window import SlidingWindowLayer

FillMode = Literal["reflect", "wrap", "nearest", "constant"]
Interpolation = Literal["bilinear", "nearest"]

SEARCH_WORDS = ("augmentation", "image", "picture", "overfitting")

_Fraction = Annotated[float, Field(ge=0, le=1)]
_SignedFraction = Annotated[float, Field(ge=-1, le=1)]
# One number for a symmetric range, or a pair (from, to).
SignedFactor = _Fraction | tuple[_SignedFraction, _SignedFraction]
# One number for a symmetric range, or a pair (decrease, increase).
UnsignedFactor = _Fraction | tuple[_Fraction, _Fraction]


def factor_range(factor: SignedFactor) -> tuple[float, float]:
    """Return the range (low, high) that a factor is drawn from; one number x gives (-x, x)."""
    low, high = factor if isinstance(factor, tuple) else (-factor, factor)
    return (low, high) if low <= high else (high, low)


class _ImageAugmentation(SlidingWindowLayer):
    """Base class of the augmentation layers, which take float images and keep their shape."""

    family = "dropout"
    spatial_rank: ClassVar[int] = 2
    last_fields = ("fill_mode", "interpolation", "seed", "fill_value")

    seed: Seed = Field(None, description=SEED_HELP)

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_window_input(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, augmentation: Module, x: Tensor) -> Tensor:
        return augmentation(x)


class _FillingAugmentation(_ImageAugmentation):
    """Base class of the augmentation layers that fill pixels outside the image."""

    fill_mode: FillMode = Field(
        "reflect",
        description="Fill of pixels outside the image: mirrored, repeated, nearest edge pixel, or "
        "fill_value.",
    )
    interpolation: Interpolation = Field("bilinear", description="Interpolation between pixels.")
    fill_value: float = Field(
        0.0, description='Fill value of pixels outside the image for fill_mode "constant".'
    )

    def fill_arguments(self) -> dict[str, Any]:
        """Return the fill and interpolation arguments of the torch module."""
        value = {"fill_value": self.fill_value} if self.fill_mode == "constant" else {}
        return {"fill_mode": self.fill_mode, "interpolation": self.interpolation, **value}


class RandomFlip(_ImageAugmentation):
    """Flips images at random in training: left to right, upside down, or both.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomFlip. Unlike in Keras, the two flips are drawn independently.
    """

    words = (*SEARCH_WORDS, "mirror", "horizontal", "vertical")

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal_and_vertical",
        description="Direction: horizontal swaps left and right, vertical turns upside down.",
    )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        axes = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (2, 1)}
        return nn.RandomFlip(axes[self.mode])


class RandomTranslation(_FillingAugmentation):
    """Shifts images at random in training.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomTranslation; built on torch.nn.functional.grid_sample.
    """

    words = (*SEARCH_WORDS, "shift", "move", "jitter")
    initial_params = {"height_factor": 0.1, "width_factor": 0.1}

    height_factor: SignedFactor = Field(
        description="Maximum vertical shift as a fraction of the height; or a range, positive is "
        "down."
    )
    width_factor: SignedFactor = Field(
        description="Maximum horizontal shift as a fraction of the width; or a range, positive is "
        "right."
    )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        ranges = factor_range(self.height_factor), factor_range(self.width_factor)
        return nn.RandomTranslation(*ranges, **self.fill_arguments())


class RandomRotation(_FillingAugmentation):
    """Rotates images at random in training.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomRotation; built on torch.nn.functional.grid_sample.
    """

    words = (*SEARCH_WORDS, "turn", "angle")
    initial_params = {"factor": 0.05}

    factor: SignedFactor = Field(
        description="Maximum angle as a fraction of a full turn: 0.1 is 36 degrees either way; or "
        "a range, positive is counterclockwise."
    )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.RandomRotation(factor_range(self.factor), **self.fill_arguments())


class RandomZoom(_FillingAugmentation):
    """Zooms images at random in training.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
    Source: keras.layers.RandomZoom; built on torch.nn.functional.grid_sample.
    """

    words = (*SEARCH_WORDS, "scale", "enlarge", "crop")
    initial_params = {"height_factor": 0.1}

    height_factor: SignedFactor = Field(
        description="Maximum change of the visible height: 0.2 is from 80 to 120 %; or a range, "
        "negative zooms in."
    )
    width_factor: SignedFactor | None = Field(
        None, description="The same for the width; null keeps the aspect ratio."
    )

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        factors = (self.height_factor, self.width_factor)
        ranges = (factor_range(factor) for factor in factors if factor is not None)
        return nn.RandomZoom(*ranges, **self.fill_arguments())


class RandomContrast(_ImageAugmentation):
    """Changes the contrast of images at random in training.

    Shapes: x (height, width, channels) -> (height, width, channels), unchanged.
        value = (x - mean) * factor + mean, with the mean of each channel.
    Source: keras.layers.RandomContrast; nothing is clipped without a value_range.
    """

    words = (*SEARCH_WORDS, "brightness", "light", "color", "colour")
    initial_params = {"factor": 0.2}

    factor: UnsignedFactor = Field(
        description="Maximum change of the contrast factor: 0.2 is from 0.8 to 1.2; or a decrease "
        "and an increase: 0.5, 0.1."
    )
    value_range: tuple[float, float] | None = Field(
        None,
        description="Minimum and maximum of a pixel, to which values are clipped; null does not "
        "clip.",
        examples=[None, [0.0, 1.0], [-1.0, 1.0]],
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        low, high = self.value_range or (0.0, 1.0)
        swap = set_params_fix("Swap the two bounds.", value_range=[high, low])
        require(
            low < high,
            "param-invalid",
            "the range is empty",
            *([swap] if high < low else []),
            set_params_fix("Do not clip.", value_range=None),
            param="value_range",
            found=[low, high],
            expected="the minimum, then a larger maximum",
        )
        return super().infer(x)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        low, high = self.factor if isinstance(self.factor, tuple) else (self.factor, self.factor)
        return nn.RandomContrast((1 - low, 1 + high), self.value_range)
