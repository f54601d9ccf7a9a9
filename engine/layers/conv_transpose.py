"""Transposed convolutions: each value is spread out over a learned window, so that axes grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim
from engine.layers.activation import ActivationField
from engine.layers.base import (
    Cost,
    Layout,
    Module,
    Nn,
    Tensor,
    Torch,
    Weight,
    Weights,
    values_in,
)
from engine.layers.conv import Convolving, require_no_clash
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.sliding_window import (
    SizesField,
    SizesFromZero,
    Window,
    places_in,
    short,
    unusual,
)


@dataclass(frozen=True)
class Crop:
    """What happens along one axis to the (length - 1) * stride + reach places that a spread fills.

    Args:
        front, back: places cut off at each end; below 0, places added that hold the bias only.
    """

    front: int
    back: int

    @classmethod
    def of(cls, reach: int, stride: int, padding: str, extra: int | None) -> Crop:
        """Return the crop that Keras' padding and output_padding ask for.

        Source: Keras' rule for its JAX backend, which its other backends follow.
        """
        if padding == "valid":
            return cls(0, -max(0, stride - reach) if extra is None else -extra)
        kept = stride if extra is None else reach % 2 + extra
        around = reach + kept - 2
        before = min(around - around // 2, reach - 1)
        return cls(reach - 1 - before, reach - 1 - around + before)

    def places(self, dim: Dim, reach: int, stride: int) -> Dim:
        """Return how many places are left."""
        return map_dim(dim, stride, reach - stride - self.front - self.back)


class _ConvTranspose(Convolving):
    """A transposed convolution; as it stands here, over images."""

    filters: PositiveInt = Field(description="Number of windows to learn: channels that come out.")
    kernel_size: SizesField = Field(
        description="Height and width of a window; one number for both."
    )
    strides: SizesField = Field((1, 1), description="Factor by which height and width grow.")
    padding: Literal["valid", "same"] = Field(
        "valid",
        description="Keep all that the windows fill (valid), or grow by strides exactly (same).",
    )
    output_padding: SizesFromZero | None = Field(
        None, description="Rows and columns added at the end; null leaves them to padding."
    )
    dilation_rate: SizesField = Field(
        (1, 1), description="Distance between the values that a window fills, down and across."
    )
    activation: ActivationField = Field("linear", description="Curve applied to every output.")
    use_bias: bool = Field(True, description="Add one learned offset per window.")
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="How the windows start."
    )
    bias_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    kernel_regularizer: RegularizerField = Field(None, description="Penalty on the windows.")
    bias_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    activity_regularizer: RegularizerField = Field(None, description="Penalty on the outputs.")

    @property
    def _window(self) -> Window:
        return Window(
            self.each(self.kernel_size),
            self.each(self.strides),
            dilation=self.each(self.dilation_rate),
        )

    @property
    def _crops(self) -> tuple[Crop, ...]:
        window = self._window
        extra: tuple[int | None, ...] = (None,) * self.rank
        if self.output_padding is not None:
            extra = self.each(self.output_padding)
        axes = zip(window.reach, window.strides, extra, strict=True)
        return tuple(Crop.of(reach, stride, self.padding, more) for reach, stride, more in axes)

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.channels(x)
        require_no_clash(self._window)
        self._require_small_output_padding()
        window = self._window
        axes = zip(x.shape, self._crops, window.reach, window.strides, strict=False)
        places = [crop.places(dim, reach, stride) for dim, crop, reach, stride in axes]
        require(
            all(isinstance(dim, DynamicLength) or dim >= 1 for dim in places),
            "window-too-large",
            f"nothing is left of {x}: all that the windows fill is cut off",
            set_params_fix("Set output_padding to null.", output_padding=None),
            set_params_fix('Set padding to "valid".', padding="valid"),
            "Give it a longer input.",
            param="kernel_size",
            port="x",
            found=x,
            expected="an input of at least 2 along each axis",
        )
        return TensorSpec((*places, self.filters))

    def _require_small_output_padding(self) -> None:
        extra = self.each(self.output_padding or 0)
        require(
            all(more < stride for more, stride in zip(extra, self._window.strides, strict=True)),
            "params-clash",
            "output_padding has to be less than strides",
            set_params_fix("Set output_padding to null.", output_padding=None),
            param="output_padding",
            found=f"output_padding {short(extra)}, strides {short(self._window.strides)}",
            expected="less than strides along each axis",
        )

    @property
    def _late_crop(self) -> tuple[int, ...]:
        """What is left to cut off at the end, since torch cuts as much in front as at the end."""
        return tuple(max(0, crop.back - crop.front) for crop in self._crops)

    def weights(self, x: TensorSpec) -> Weights:
        place = "0." if any(self._late_crop) else ""
        kernel = Weight(
            "kernel",
            (*self._window.size, self.filters, self.channels(x)),
            self.kernel_initializer,
            (Layout(f"{place}weight", (self.rank + 1, self.rank, *range(self.rank))),),
            regularizer=self.kernel_regularizer,
        )
        bias = Weight(
            "bias",
            (self.filters,),
            self.bias_initializer,
            (Layout(f"{place}bias"),),
            regularizer=self.bias_regularizer,
        )
        return (kernel, bias) if self.use_bias else (kernel,)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        conv = nn.ConvTranspose1d if self.rank == 1 else nn.ConvTranspose2d
        spread = conv(
            x.shape[-1],
            self.filters,
            short(self._window.size),
            **unusual(
                stride=short(self._window.strides),
                padding=short(tuple(crop.front for crop in self._crops)),
                output_padding=short(tuple(max(0, c.front - c.back) for c in self._crops)),
                bias=self.use_bias,
                dilation=short(self._window.dilation),
            ),
        )
        if not any(self._late_crop):
            return spread
        ends = tuple(end for cut in reversed(self._late_crop) for end in (0, -cut))
        # torch reads a pad below 0 as a cut.
        return nn.Sequential(spread, nn.ZeroPad1d(ends) if self.rank == 1 else nn.ZeroPad2d(ends))

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(self.weights(x)[0].size * places_in(x), values_in(self.infer(x)))


class Conv1DTranspose(_ConvTranspose):
    """Spreads each step out over a learned window, so that a sequence gets longer.

    Shapes: x (length, channels) -> (length', filters), with reach = dilation_rate * (kernel_size
        - 1) + 1. valid: length' = (length - 1) * strides + max(reach, strides); same: length' =
        length * strides. With an output_padding, valid: length' = (length - 1) * strides + reach
        + output_padding; same: length' = (length - 1) * strides + reach % 2 + output_padding.
    Source: keras.layers.Conv1DTranspose; built on torch.nn.ConvTranspose1d.
    """

    words = ("deconvolution", "upsample", "decoder", "generator")
    starts = {"filters": 32, "kernel_size": 3}
    sibling = "Conv2DTranspose"

    kernel_size: PositiveInt = Field(description="Width of a window, in steps.")
    strides: PositiveInt = Field(1, description="Factor by which the length grows.")
    output_padding: NonNegativeInt | None = Field(
        None, description="Steps added at the end; null leaves them to padding."
    )
    dilation_rate: PositiveInt = Field(
        1, description="Distance between the steps that a window fills."
    )

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.mT).mT


class Conv2DTranspose(_ConvTranspose):
    """Spreads each pixel out over a learned window, so that an image gets larger.

    Shapes: x (height, width, channels) -> (height', width', filters), each axis as in
        Conv1DTranspose.
    Source: keras.layers.Conv2DTranspose; built on torch.nn.ConvTranspose2d.
    """

    words = ("deconvolution", "upsample", "decoder", "generator")
    starts = {"filters": 32, "kernel_size": 3}
    rank = 2
    sibling = "Conv1DTranspose"

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.movedim(-1, 1)).movedim(1, -1)
