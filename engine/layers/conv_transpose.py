"""Transposed convolution layers, which increase the length or the image size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim
from engine.layers.base import Cost, Module, Nn, Weights, value_count
from engine.layers.conv import KernelConv, require_stride_or_dilation
from engine.layers.support.sliding_window import (
    NonNegativeSizes,
    Sizes,
    SlidingWindow,
    compact_size,
    non_default_arguments,
    position_count,
)


@dataclass(frozen=True)
class AxisCrop:
    """The crop of a transposed convolution along one axis.

    The full output has (length - 1) * stride + reach positions, where `reach` is the kernel size
    including dilation gaps.

    Args:
        front, back: the number of positions to crop at the start and at the end. A negative number
            adds positions that contain only the bias.
    """

    front: int
    back: int

    @classmethod
    def for_padding(cls, reach: int, stride: int, padding: str, extra: int | None) -> AxisCrop:
        """Return how to crop the full output along one axis; `padding` is that of Keras.

        `reach` is the kernel size including dilation gaps; `extra` is Keras' output_padding.

        Source: the rule of Keras' JAX backend, which Keras' other backends follow.
        """
        if padding == "valid":
            return cls(0, -max(0, stride - reach) if extra is None else -extra)
        added = stride if extra is None else reach % 2 + extra
        total = reach + added - 2
        before = min(total - total // 2, reach - 1)
        return cls(reach - 1 - before, reach - 1 - total + before)

    def output_size(self, dim: Dim, reach: int, stride: int) -> Dim:
        """Return the size of the cropped output along the axis.

        Args:
            dim: the size of the input along the axis.
            reach: the kernel size along the axis, including dilation gaps.
            stride: the stride along the axis.
        """
        return map_dim(dim, stride, reach - stride - self.front - self.back)


class _ConvTranspose(KernelConv):
    """Base class of the transposed convolutions; the fields are those of Conv2DTranspose."""

    strides: Sizes = Field((1, 1), description="Upsampling factor of height and width.")
    padding: Literal["valid", "same"] = Field(
        "valid",
        description="Keep the full output (valid), or crop it to input size * strides (same).",
    )
    output_padding: NonNegativeSizes | None = Field(
        None, description="Rows and columns added at the end; null follows padding."
    )
    dilation_rate: Sizes = Field(
        (1, 1), description="Dilation rate along height and width; one number for both."
    )

    @property
    def _window(self) -> SlidingWindow:
        return SlidingWindow(
            self.per_axis(self.kernel_size),
            self.per_axis(self.strides),
            dilation=self.per_axis(self.dilation_rate),
        )

    @property
    def _crops(self) -> tuple[AxisCrop, ...]:
        window = self._window
        extra: tuple[int | None, ...] = (None,) * self.spatial_rank
        if self.output_padding is not None:
            extra = self.per_axis(self.output_padding)
        axes = zip(window.effective_size, window.strides, extra, strict=True)
        return tuple(AxisCrop.for_padding(k, s, self.padding, more) for k, s, more in axes)

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.input_channels(x)
        require_stride_or_dilation(self._window)
        self._require_small_output_padding()
        window = self._window
        axes = zip(x.shape, self._crops, window.effective_size, window.strides, strict=False)
        sizes = [crop.output_size(dim, reach, stride) for dim, crop, reach, stride in axes]
        require(
            all(isinstance(dim, DynamicLength) or dim >= 1 for dim in sizes),
            "window-too-large",
            f"the output of {x} is empty, since all of it is cropped",
            set_params_fix("Set output_padding to null.", output_padding=None),
            set_params_fix('Set padding to "valid".', padding="valid"),
            "Use a longer input.",
            param="kernel_size",
            port="x",
            found=x,
            expected="an input of at least 2 along each axis",
        )
        return TensorSpec((*sizes, self.filters))

    def _require_small_output_padding(self) -> None:
        extra = self.per_axis(self.output_padding or 0)
        require(
            all(more < stride for more, stride in zip(extra, self._window.strides, strict=True)),
            "params-clash",
            "output_padding has to be less than strides",
            set_params_fix("Set output_padding to null.", output_padding=None),
            param="output_padding",
            found=f"output_padding {compact_size(extra)}, "
            f"strides {compact_size(self._window.strides)}",
            expected="less than strides along each axis",
        )

    @property
    def _end_crop(self) -> tuple[int, ...]:
        """The number of positions to crop at the end of each axis, in addition to torch's crop."""
        return tuple(max(0, crop.back - crop.front) for crop in self._crops)

    def weights(self, x: TensorSpec) -> Weights:
        prefix = "0." if any(self._end_crop) else ""
        shape = (*self._window.size, self.filters, self.input_channels(x))
        return self.kernel_and_bias(shape, prefix)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        conv = nn.ConvTranspose1d if self.spatial_rank == 1 else nn.ConvTranspose2d
        convolution = conv(
            x.shape[-1],
            self.filters,
            compact_size(self._window.size),
            **non_default_arguments(
                stride=compact_size(self._window.strides),
                padding=compact_size(tuple(crop.front for crop in self._crops)),
                output_padding=compact_size(tuple(max(0, c.front - c.back) for c in self._crops)),
                bias=self.use_bias,
                dilation=compact_size(self._window.dilation),
            ),
        )
        if not any(self._end_crop):
            return convolution
        padding = tuple(end for cut in reversed(self._end_crop) for end in (0, -cut))
        # A negative padding crops.
        pad = nn.ZeroPad1d if self.spatial_rank == 1 else nn.ZeroPad2d
        return nn.Sequential(convolution, pad(padding))

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(self.weights(x)[0].size * position_count(x), value_count(self.infer(x)))


class Conv1DTranspose(_ConvTranspose):
    """1D transposed convolution, which upsamples a sequence.

    Shapes: x (length, channels) -> (length', filters), with reach = dilation_rate * (kernel_size
        - 1) + 1. valid: length' = (length - 1) * strides + max(reach, strides); same: length' =
        length * strides. With an output_padding, valid: length' = (length - 1) * strides + reach
        + output_padding; same: length' = (length - 1) * strides + reach % 2 + output_padding.
    Source: keras.layers.Conv1DTranspose; built on torch.nn.ConvTranspose1d.
    """

    words = ("deconvolution", "upsample", "decoder", "generator")
    initial_params = {"filters": 32, "kernel_size": 3}
    other_rank_kind = "Conv2DTranspose"

    kernel_size: PositiveInt = Field(description="Length of the kernel in steps.")
    strides: PositiveInt = Field(1, description="Upsampling factor of the length.")
    output_padding: NonNegativeInt | None = Field(
        None, description="Steps added at the end; null follows padding."
    )
    dilation_rate: PositiveInt = Field(1, description="Dilation rate in steps.")


class Conv2DTranspose(_ConvTranspose):
    """2D transposed convolution, which upsamples an image.

    Shapes: x (height, width, channels) -> (height', width', filters), each axis as in
        Conv1DTranspose.
    Source: keras.layers.Conv2DTranspose; built on torch.nn.ConvTranspose2d.
    """

    words = ("deconvolution", "upsample", "decoder", "generator")
    initial_params = {"filters": 32, "kernel_size": 3}
    spatial_rank = 2
    other_rank_kind = "Conv1DTranspose"
