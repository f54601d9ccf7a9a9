"""Convolution layers on sequences and images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import layer_error, require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.activation import ActivationField
from engine.layers.base import Cost, Layout, Module, Nn, Tensor, Torch, Weights, value_count
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.sliding_window import (
    Sizes,
    SlidingWindow,
    SlidingWindowLayer,
    compact_size,
    non_default_arguments,
    position_count,
)


class BaseConv(SlidingWindowLayer):
    """Base class of convolutions and transposed convolutions, with the fields of two dimensions."""

    family = "conv"
    last_fields = (
        "dilation_rate", "groups", "depth_multiplier", "activation", "use_bias",
        "kernel_initializer", "depthwise_initializer", "pointwise_initializer", "bias_initializer",
        "kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer", "bias_regularizer",
        "activity_regularizer",
    )  # fmt: skip

    filters: PositiveInt = Field(description="Number of filters (output channels).")
    kernel_size: Sizes = Field(description="Height and width of the kernel; one number for both.")
    strides: Sizes = Field((1, 1), description="Strides along height and width.")
    padding: Literal["valid", "same"] = Field(
        "valid", description="No padding (valid), or zeros so that the size stays (same)."
    )
    dilation_rate: Sizes = Field((1, 1), description="Dilation rate along height and width.")
    activation: ActivationField = Field("linear", description="Activation function.")
    use_bias: bool = Field(True, description="Add a learned bias to each filter.")
    bias_initializer: InitializerField = Field("zeros", description="Initializer of the bias.")
    bias_regularizer: RegularizerField = Field(None, description="Regularizer of the bias.")
    activity_regularizer: RegularizerField = Field(None, description="Regularizer of the outputs.")

    @property
    def _window(self) -> SlidingWindow:
        return SlidingWindow(
            self.per_axis(self.kernel_size),
            self.per_axis(self.strides),
            self.padding,
            self.per_axis(self.dilation_rate),
        )

    def input_channels(self, x: TensorSpec) -> int:
        """Return the number of input channels.

        Raises:
            LayerError: the number is not fixed, or `x` is not a sequence or image.
        """
        self.require_window_input(x)
        channels = x.shape[-1]
        require(
            not isinstance(channels, DynamicLength),
            "free-axis",
            "needs a fixed number of input channels",
            "Give the last axis of the Input a fixed size.",
            port="x",
            found=x,
            expected="a fixed number of channels",
        )
        assert isinstance(channels, int)
        return channels

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.mT).mT if self.spatial_rank == 1 else conv(x.movedim(-1, 1)).movedim(1, -1)


class KernelConv(BaseConv):
    """Base class of convolutions, transposed or not, with a single kernel."""

    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the kernel."
    )
    kernel_regularizer: RegularizerField = Field(None, description="Regularizer of the kernel.")

    def kernel_and_bias(self, shape: tuple[int, ...], prefix: str) -> Weights:
        """Return the kernel, which has this shape in Keras, and with `use_bias` the bias.

        In torch, the two channel axes come first. If the convolution is a submodule of the layer's
        torch module, `prefix` is the submodule's name and a dot, such as "1.". Otherwise, it is "".
        """
        rank = self.spatial_rank
        layout = Layout(f"{prefix}weight", (rank + 1, rank, *range(rank)))
        kernel = self.make_weight("kernel", shape, layout)
        bias = self.make_weight("bias", (self.filters,), Layout(f"{prefix}bias"))
        return (kernel, bias) if self.use_bias else (kernel,)


def require_stride_or_dilation(window: SlidingWindow) -> None:
    """Raise LayerError for strides above 1 with a dilation above 1, as Keras does."""
    if max(window.strides) == 1 or max(window.dilation) == 1:
        return
    raise layer_error(
        "params-clash",
        "strides and dilation_rate can't both be more than 1",
        set_params_fix("Set dilation_rate to 1.", dilation_rate=1),
        set_params_fix("Set strides to 1.", strides=1),
        param="dilation_rate",
        found=f"strides {compact_size(window.strides)}, "
        f"dilation_rate {compact_size(window.dilation)}",
        expected="one of them 1",
    )


class _Conv(KernelConv):
    """Base class of Conv1D and Conv2D. Its fields suit Conv2D; Conv1D overrides some of them."""

    groups: PositiveInt = Field(
        1, description="Number of groups of channels that are convolved separately."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        channels, window = self.input_channels(x), self._window
        require_stride_or_dilation(window)
        self._require_divisible(self.filters, "filters")
        self._require_divisible(channels, "input channels")
        return TensorSpec((*self.window_output_shape(x, window, "kernel_size"), self.filters))

    def _require_divisible(self, count: int, noun: str) -> None:
        if count % self.groups == 0:
            return
        largest = max(n for n in range(1, min(count, self.groups) + 1) if count % n == 0)
        raise layer_error(
            "groups-uneven",
            f"{count} {noun} can't be split into {self.groups} equal groups",
            set_params_fix(f"Set groups to {largest}.", groups=largest),
            param="groups",
            found=f"{count} {noun}, groups {self.groups}",
            expected=f"a number that divides {count}",
        )

    def weights(self, x: TensorSpec) -> Weights:
        window = self._window
        prefix = "1." if window.needs_padding_module else ""
        shape = (*window.size, self.input_channels(x) // self.groups, self.filters)
        return self.kernel_and_bias(shape, prefix)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        window = self._window
        is_strided = max(window.size) == 1 < max(window.strides) and self.groups == 1
        convolution = getattr(nn, f"{'Strided' * is_strided}Conv{self.spatial_rank}d")(
            x.shape[-1],
            self.filters,
            compact_size(window.size),
            **window.conv_arguments(),
            **non_default_arguments(groups=self.groups, bias=self.use_bias),
        )
        if not window.needs_padding_module:
            return convolution
        return nn.Sequential(window.padding_module(nn), convolution)

    def cost(self, x: TensorSpec) -> Cost:
        out = self.infer(x)
        return Cost(self.weights(x)[0].size * position_count(out), value_count(out))


class Conv1D(_Conv):
    """1D convolution layer, over a sequence.

    Shapes: x (length, channels) -> (length', filters), with reach = dilation_rate * (kernel_size
        - 1) + 1. valid: length' = (length - reach) // strides + 1; same and causal: length' =
        ceil(length / strides).
    Source: keras.layers.Conv1D; built on torch.nn.Conv1d, which wants channels first.
    """

    words = ("convolution", "filter", "kernel", "temporal", "cnn")
    initial_params = {"filters": 32, "kernel_size": 3}
    other_rank_kind = "Conv2D"

    kernel_size: PositiveInt = Field(description="Length of the kernel in steps.")
    strides: PositiveInt = Field(1, description="Stride in steps.")
    padding: Literal["valid", "same", "causal"] = Field(  # type: ignore[assignment]  # wider
        "valid",
        description="No padding (valid), zeros at both ends (same), or zeros at the start, so that "
        "no output depends on later steps (causal).",
    )
    dilation_rate: PositiveInt = Field(1, description="Dilation rate in steps.")


class Conv2D(_Conv):
    """2D convolution layer, over an image.

    Shapes: x (height, width, channels) -> (height', width', filters), each axis as in Conv1D.
    Source: keras.layers.Conv2D; built on torch.nn.Conv2d, which wants channels first.
    """

    words = ("convolution", "filter", "kernel", "image", "cnn")
    initial_params = {"filters": 32, "kernel_size": 3}
    spatial_rank = 2
    other_rank_kind = "Conv1D"


class SeparableConv1D(BaseConv):
    """1D depthwise separable convolution: per channel, then across channels.

    Shapes: x (length, channels) -> (length', filters), length' as in Conv1D.
    Source: keras.layers.SeparableConv1D; built on two torch.nn.Conv1d.
    """

    words = ("convolution", "depthwise", "pointwise", "mobile", "xception")
    initial_params = {"filters": 32, "kernel_size": 3}

    kernel_size: PositiveInt = Field(description="Length of the kernel in steps.")
    strides: PositiveInt = Field(1, description="Stride in steps.")
    padding: Literal["valid", "same"] = Field(
        "valid", description="No padding (valid), or zeros at both ends (same)."
    )
    dilation_rate: PositiveInt = Field(1, description="Dilation rate in steps.")
    depth_multiplier: PositiveInt = Field(1, description="Number of depthwise filters per channel.")
    depthwise_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the depthwise kernel."
    )
    pointwise_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the pointwise kernel."
    )
    depthwise_regularizer: RegularizerField = Field(
        None, description="Regularizer of the depthwise kernel."
    )
    pointwise_regularizer: RegularizerField = Field(
        None, description="Regularizer of the pointwise kernel."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.input_channels(x)
        require_stride_or_dilation(self._window)
        return TensorSpec((*self.window_output_shape(x, self._window, "kernel_size"), self.filters))

    def weights(self, x: TensorSpec) -> Weights:
        channels = self.input_channels(x)
        first, second = ("1.", "2.") if self._window.needs_padding_module else ("0.", "1.")
        shape = (self.kernel_size, channels, self.depth_multiplier)
        layout = Layout(f"{first}weight", (1, 2, 0))
        depthwise = self.make_weight("depthwise_kernel", shape, layout, field="depthwise")
        shape = (1, channels * self.depth_multiplier, self.filters)
        layout = Layout(f"{second}weight", (2, 1, 0))
        pointwise = self.make_weight("pointwise_kernel", shape, layout, field="pointwise")
        bias = self.make_weight("bias", (self.filters,), Layout(f"{second}bias"))
        return (depthwise, pointwise, bias) if self.use_bias else (depthwise, pointwise)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        window, channels = self._window, self.input_channels(x)
        depthwise_channels = channels * self.depth_multiplier
        depthwise = nn.Conv1d(
            channels,
            depthwise_channels,
            self.kernel_size,
            **window.conv_arguments(),
            **non_default_arguments(groups=channels),
            bias=False,
        )
        bias = non_default_arguments(bias=self.use_bias)
        pointwise = nn.Conv1d(depthwise_channels, self.filters, 1, **bias)
        padding = (window.padding_module(nn),) if window.needs_padding_module else ()
        return nn.Sequential(*padding, depthwise, pointwise)

    def cost(self, x: TensorSpec) -> Cost:
        out = self.infer(x)
        positions, depthwise, pointwise = position_count(out), *self.weights(x)[:2]
        intermediate = positions * pointwise.shape[1]
        return Cost((depthwise.size + pointwise.size) * positions, value_count(out) + intermediate)
