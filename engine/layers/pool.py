"""Pooling layers: maximum or mean of each window, or of the whole sequence or image."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from engine.core.tensor_spec import Dim, TensorSpec
from engine.layers.base import Module, Nn, Tensor, Torch
from engine.layers.support.sliding_window import (
    Sizes,
    SlidingWindow,
    SlidingWindowLayer,
    compact_size,
)

POOL_SIZE_HELP = "Height and width of the window; one number for both."
STRIDES_HELP = "Distance between windows; null uses the window size."


class _Pooling(SlidingWindowLayer):
    """Base class of 1D and 2D pooling per channel. Fields are for 2D; 1D layers override them."""

    family = "pool"
    torch_name: ClassVar[str]

    pool_size: Sizes = Field((2, 2), description=POOL_SIZE_HELP)
    strides: Sizes | None = Field(None, description=STRIDES_HELP)
    padding: Literal["valid", "same"] = Field(
        "valid", description="Windows inside the input (valid), or also across its edges (same)."
    )

    @property
    def _window(self) -> SlidingWindow:
        strides = self.pool_size if self.strides is None else self.strides
        return SlidingWindow(self.per_axis(self.pool_size), self.per_axis(strides), self.padding)

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_window_input(x)
        return TensorSpec((*self.window_output_shape(x, self._window, "pool_size"), x.shape[-1]))

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        window = self._window
        stride = () if window.strides == window.size else (compact_size(window.strides),)
        pool = getattr(nn, self.torch_name)(compact_size(window.size), *stride)
        if self.padding == "valid":
            return pool
        if self.torch_name.startswith("Avg"):
            return nn.UnpaddedAverage(window.padding_module(nn), pool)
        # Every window contains the edge value, so replicating it does not change the maximum.
        return nn.Sequential(window.padding_module(nn, mode="replicate"), pool)

    def call(self, torch: Torch, pool: Module, x: Tensor) -> Tensor:
        return pool(x.mT).mT if self.spatial_rank == 1 else pool(x.movedim(-1, 1)).movedim(1, -1)


class MaxPooling1D(_Pooling):
    """1D max pooling, over windows of a sequence.

    Shapes: x (length, channels) -> (length', channels). valid: length' = (length - pool_size) //
        strides + 1; same: length' = ceil(length / strides).
    Source: keras.layers.MaxPooling1D; built on torch.nn.MaxPool1d.
    """

    words = ("maxpool", "downsample", "shorten", "subsample")
    other_rank_kind = "MaxPooling2D"
    torch_name = "MaxPool1d"

    pool_size: PositiveInt = Field(2, description="Length of the window in steps.")
    strides: PositiveInt | None = Field(None, description=STRIDES_HELP)


class MaxPooling2D(_Pooling):
    """2D max pooling, over windows of an image.

    Shapes: x (height, width, channels) -> (height', width', channels), each axis as in
        MaxPooling1D.
    Source: keras.layers.MaxPooling2D; built on torch.nn.MaxPool2d.
    """

    words = ("maxpool", "downsample", "shrink", "subsample")
    spatial_rank = 2
    other_rank_kind = "MaxPooling1D"
    torch_name = "MaxPool2d"


class AveragePooling1D(_Pooling):
    """1D average pooling, over windows of a sequence.

    Shapes: x (length, channels) -> (length', channels), length' as in MaxPooling1D.
    Source: keras.layers.AveragePooling1D; built on torch.nn.AvgPool1d.
    Why: with padding "same", each average leaves out the padding, as on Keras' TensorFlow and JAX
        backends. Its torch backend averages copies of the edge if the padding is asymmetric.
    """

    words = ("avgpool", "mean", "downsample", "smooth")
    initial_params = {"pool_size": 2}
    other_rank_kind = "AveragePooling2D"
    torch_name = "AvgPool1d"

    pool_size: PositiveInt = Field(description="Length of the window in steps.")
    strides: PositiveInt | None = Field(None, description=STRIDES_HELP)


class AveragePooling2D(_Pooling):
    """2D average pooling, over windows of an image.

    Shapes: x (height, width, channels) -> (height', width', channels), each axis as in
        MaxPooling1D. With padding "same", each average leaves out the padding.
    Source: keras.layers.AveragePooling2D; built on torch.nn.AvgPool2d.
    """

    words = ("avgpool", "mean", "downsample", "smooth")
    initial_params = {"pool_size": 2}
    spatial_rank = 2
    other_rank_kind = "AveragePooling1D"
    torch_name = "AvgPool2d"

    pool_size: Sizes = Field(description=POOL_SIZE_HELP)


class _GlobalPooling(SlidingWindowLayer):
    """Base class of pooling over a whole sequence or image."""

    family = "pool"

    keepdims: bool = Field(False, description="Keep the pooled axes, with size 1.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_window_input(x)
        kept: tuple[Dim, ...] = (1,) * self.spatial_rank if self.keepdims else ()
        return TensorSpec((*kept, x.shape[-1]))

    @property
    def _axes(self) -> Any:
        return 1 if self.spatial_rank == 1 else (1, 2)

    def _keepdim(self) -> dict[str, bool]:
        return {"keepdim": True} if self.keepdims else {}


class _GlobalMax(_GlobalPooling):
    words = ("maxpool", "reduce", "collapse", "any")

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.amax(x, self._axes, **self._keepdim())


class GlobalMaxPooling1D(_GlobalMax):
    """Global max pooling over a whole sequence.

    Shapes: x (length, channels) -> (channels), or (1, channels) with keepdims.
    Source: keras.layers.GlobalMaxPooling1D; built on torch.amax.
    """

    other_rank_kind = "GlobalMaxPooling2D"


class GlobalMaxPooling2D(_GlobalMax):
    """Global max pooling over a whole image.

    Shapes: x (height, width, channels) -> (channels), or (1, 1, channels) with keepdims.
    Source: keras.layers.GlobalMaxPooling2D; built on torch.amax.
    """

    other_rank_kind = "GlobalMaxPooling1D"
    spatial_rank = 2


class GlobalAveragePooling2D(_GlobalPooling):
    """Global average pooling over a whole image.

    Shapes: x (height, width, channels) -> (channels), or (1, 1, channels) with keepdims.
    Source: keras.layers.GlobalAveragePooling2D; built on torch.mean.
    """

    words = ("avgpool", "mean", "reduce", "collapse")
    other_rank_kind = "GlobalAveragePooling1D"
    spatial_rank = 2

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.mean(x, self._axes, **self._keepdim())


class GlobalAveragePooling1D(_GlobalPooling):
    """Global average pooling over a whole sequence; masked steps are ignored.

    Shapes: x (length, channels) -> (channels), or (1, channels) with keepdims.
    Source: keras.layers.GlobalAveragePooling1D; built on torch.mean.
    Why: a row whose steps are all masked gives zeros. Keras gives NaN: in training, a single empty
        text would make every weight NaN.
    """

    words = ("avgpool", "mean", "reduce", "collapse")
    other_rank_kind = "GlobalAveragePooling2D"
    mask_rule = "use"

    def call(self, torch: Torch, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return torch.mean(x, 1, **self._keepdim())
        weights = mask.unsqueeze(-1)
        total = torch.where(weights, x, 0).sum(1, **self._keepdim())
        return total / weights.sum(1, **self._keepdim()).clamp(min=1)
