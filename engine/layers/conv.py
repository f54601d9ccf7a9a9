"""Convolutions: small learned windows that slide along a sequence or over an image."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
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
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.sliding_window import (
    SizesField,
    Window,
    Windowed,
    places_in,
    short,
    unusual,
)


class Convolving(Windowed):
    """Base of the layers with learned windows."""

    family = "conv"

    def channels(self, x: TensorSpec) -> int:
        """Return how many channels come in.

        Raises:
            LayerError: if that is not known, or `x` is no sequence or image at all.
        """
        self.require_places(x)
        channels = x.shape[-1]
        require(
            not isinstance(channels, DynamicLength),
            "free-axis",
            "needs to know how many channels come in",
            "Give the last axis of the Input a fixed size.",
            port="x",
            found=x,
            expected="a fixed number of channels",
        )
        assert isinstance(channels, int)
        return channels


def require_no_clash(over: Window) -> None:
    """Refuse gaps within a window together with gaps between windows, as Keras does."""
    require(
        max(over.strides) == 1 or max(over.dilation) == 1,
        "params-clash",
        "strides and dilation_rate can't both be more than 1",
        set_params_fix("Set dilation_rate to 1.", dilation_rate=1),
        set_params_fix("Set strides to 1.", strides=1),
        param="dilation_rate",
        found=f"strides {short(over.strides)}, dilation_rate {short(over.dilation)}",
        expected="one of them 1",
    )


class _Conv(Convolving):
    """A convolution; as it stands here, over images."""

    filters: PositiveInt = Field(description="Number of windows to learn: channels that come out.")
    kernel_size: SizesField = Field(
        description="Height and width of a window; one number for both."
    )
    strides: SizesField = Field((1, 1), description="Distance between windows, down and across.")
    padding: Literal["valid", "same"] = Field(
        "valid", description="At the edges, stay inside (valid) or add zeros (same)."
    )
    dilation_rate: SizesField = Field(
        (1, 1), description="Distance between the values that a window sees, down and across."
    )
    groups: PositiveInt = Field(
        1, description="Split the channels into this many groups that don't see each other."
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
            self.padding,
            self.each(self.dilation_rate),
        )

    def infer(self, x: TensorSpec) -> TensorSpec:
        channels = self.channels(x)
        require_no_clash(self._window)
        self._require_even_groups(self.filters, "filters")
        self._require_even_groups(channels, "channels that come in")
        return TensorSpec((*self.slide(x, self._window, "kernel_size"), self.filters))

    def _require_even_groups(self, count: int, noun: str) -> None:
        fitting = max(n for n in range(1, min(count, self.groups) + 1) if count % n == 0)
        require(
            count % self.groups == 0,
            "groups-uneven",
            f"{count} {noun} can't be split into {self.groups} equal groups",
            set_params_fix(f"Set groups to {fitting}.", groups=fitting),
            param="groups",
            found=f"{count} {noun}, groups {self.groups}",
            expected=f"a number that divides {count}",
        )

    def weights(self, x: TensorSpec) -> Weights:
        place = "1." if self._window.needs_pad else ""
        kernel = Weight(
            "kernel",
            (*self._window.size, self.channels(x) // self.groups, self.filters),
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
        window, conv = self._window, nn.Conv1d if self.rank == 1 else nn.Conv2d
        learned = conv(
            x.shape[-1],
            self.filters,
            short(window.size),
            **window.options(),
            **unusual(groups=self.groups, bias=self.use_bias),
        )
        return nn.Sequential(window.pad(nn), learned) if window.needs_pad else learned

    def cost(self, x: TensorSpec) -> Cost:
        out = self.infer(x)
        return Cost(self.weights(x)[0].size * places_in(out), values_in(out))


class Conv1D(_Conv):
    """Slides small learned windows along a sequence and reports how well each one matches.

    Shapes: x (length, channels) -> (length', filters), with reach = dilation_rate * (kernel_size
        - 1) + 1. valid: length' = (length - reach) // strides + 1; same and causal: length' =
        ceil(length / strides).
    Source: keras.layers.Conv1D; built on torch.nn.Conv1d, which wants channels first.
    """

    words = ("convolution", "filter", "kernel", "temporal", "cnn")
    starts = {"filters": 32, "kernel_size": 3}
    sibling = "Conv2D"

    kernel_size: PositiveInt = Field(description="Width of a window, in steps.")
    strides: PositiveInt = Field(1, description="Distance between windows, in steps.")
    padding: Literal["valid", "same", "causal"] = Field(  # type: ignore[assignment]  # wider
        "valid",
        description="At the ends, stay inside (valid), add zeros at both (same), or add them in "
        "front, so that no output sees a later step (causal).",
    )
    dilation_rate: PositiveInt = Field(
        1, description="Distance between the steps that a window sees."
    )

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.mT).mT


class Conv2D(_Conv):
    """Slides small learned windows over an image and reports how well each one matches.

    Shapes: x (height, width, channels) -> (height', width', filters), each axis as in Conv1D.
    Source: keras.layers.Conv2D; built on torch.nn.Conv2d, which wants channels first.
    """

    words = ("convolution", "filter", "kernel", "image", "cnn")
    starts = {"filters": 32, "kernel_size": 3}
    rank = 2
    sibling = "Conv1D"

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.movedim(-1, 1)).movedim(1, -1)


class SeparableConv1D(Convolving):
    """Slides windows over each channel by itself, then mixes the channels: a lean Conv1D.

    Shapes: x (length, channels) -> (length', filters), length' as in Conv1D.
    Source: keras.layers.SeparableConv1D; built on two torch.nn.Conv1d.
    """

    words = ("convolution", "depthwise", "pointwise", "mobile", "xception")
    starts = {"filters": 32, "kernel_size": 3}

    filters: PositiveInt = Field(description="Number of mixtures to learn: channels that come out.")
    kernel_size: PositiveInt = Field(description="Width of a window, in steps.")
    strides: PositiveInt = Field(1, description="Distance between windows, in steps.")
    padding: Literal["valid", "same"] = Field(
        "valid", description="At the ends, stay inside (valid) or add zeros (same)."
    )
    dilation_rate: PositiveInt = Field(
        1, description="Distance between the steps that a window sees."
    )
    depth_multiplier: PositiveInt = Field(1, description="Windows to learn for each channel.")
    activation: ActivationField = Field("linear", description="Curve applied to every output.")
    use_bias: bool = Field(True, description="Add one learned offset per filter.")
    depthwise_initializer: InitializerField = Field(
        "glorot_uniform", description="How the windows start."
    )
    pointwise_initializer: InitializerField = Field(
        "glorot_uniform", description="How the mixtures start."
    )
    bias_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    depthwise_regularizer: RegularizerField = Field(None, description="Penalty on the windows.")
    pointwise_regularizer: RegularizerField = Field(None, description="Penalty on the mixtures.")
    bias_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    activity_regularizer: RegularizerField = Field(None, description="Penalty on the outputs.")

    @property
    def _window(self) -> Window:
        return Window((self.kernel_size,), (self.strides,), self.padding, (self.dilation_rate,))

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.channels(x)
        require_no_clash(self._window)
        return TensorSpec((*self.slide(x, self._window, "kernel_size"), self.filters))

    def weights(self, x: TensorSpec) -> Weights:
        channels = self.channels(x)
        deep, mixing = ("1.", "2.") if self._window.needs_pad else ("0.", "1.")
        depthwise = Weight(
            "depthwise_kernel",
            (self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            (Layout(f"{deep}weight", (1, 2, 0)),),
            regularizer=self.depthwise_regularizer,
        )
        pointwise = Weight(
            "pointwise_kernel",
            (1, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            (Layout(f"{mixing}weight", (2, 1, 0)),),
            regularizer=self.pointwise_regularizer,
        )
        bias = Weight(
            "bias",
            (self.filters,),
            self.bias_initializer,
            (Layout(f"{mixing}bias"),),
            regularizer=self.bias_regularizer,
        )
        return (depthwise, pointwise, bias) if self.use_bias else (depthwise, pointwise)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        window, channels = self._window, self.channels(x)
        wide = channels * self.depth_multiplier
        deep = nn.Conv1d(
            channels,
            wide,
            self.kernel_size,
            **window.options(),
            **unusual(groups=channels),
            bias=False,
        )
        mixing = nn.Conv1d(wide, self.filters, 1, **unusual(bias=self.use_bias))
        pads = (window.pad(nn),) if window.needs_pad else ()
        return nn.Sequential(*pads, deep, mixing)

    def call(self, torch: Torch, conv: Module, x: Tensor) -> Tensor:
        return conv(x.mT).mT

    def cost(self, x: TensorSpec) -> Cost:
        out = self.infer(x)
        places, depthwise, pointwise = places_in(out), *self.weights(x)[:2]
        between = places * pointwise.shape[1]
        return Cost((depthwise.size + pointwise.size) * places, values_in(out) + between)
