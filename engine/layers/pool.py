"""Pooling layers: maximum or mean of each window, or of the whole sequence or image."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from engine.core.tensor_spec import Dim, TensorSpec
from engine.layers.base import Module, Nn, Tensor, Torch
from engine.layers.support.sliding_window import SizesField, Window, Windowed, short

SIZES = "Height and width of the window; one number for both."
STRIDES = "Distance between windows; null uses the window size."


class _Pooling(Windowed):
    """Base class of windowed pooling per channel; the fields are those of the 2D layers."""

    family = "pool"
    torch_name: ClassVar[str]

    pool_size: SizesField = Field((2, 2), description=SIZES)
    strides: SizesField | None = Field(None, description=STRIDES)
    padding: Literal["valid", "same"] = Field(
        "valid", description="Windows inside the input (valid), or also across its edges (same)."
    )

    @property
    def _window(self) -> Window:
        strides = self.pool_size if self.strides is None else self.strides
        return Window(self.each(self.pool_size), self.each(strides), self.padding)

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_places(x)
        return TensorSpec((*self.slide(x, self._window, "pool_size"), x.shape[-1]))

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        window = self._window
        stride = () if window.strides == window.size else (short(window.strides),)
        pool = getattr(nn, self.torch_name)(short(window.size), *stride)
        if self.padding == "valid":
            return pool
        if self.torch_name.startswith("Avg"):
            return nn.UnpaddedAverage(window.pad(nn), pool)
        # Every window contains the edge value, so replicating it does not change the maximum.
        return nn.Sequential(window.pad(nn, mode="replicate"), pool)

    def call(self, torch: Torch, pool: Module, x: Tensor) -> Tensor:
        return pool(x.mT).mT if self.rank == 1 else pool(x.movedim(-1, 1)).movedim(1, -1)


class MaxPooling1D(_Pooling):
    """Max pooling over windows of a sequence.

    Shapes: x (length, channels) -> (length', channels). valid: length' = (length - pool_size) //
        strides + 1; same: length' = ceil(length / strides).
    Source: keras.layers.MaxPooling1D; built on torch.nn.MaxPool1d.
    """

    words = ("maxpool", "downsample", "shorten", "subsample")
    sibling = "MaxPooling2D"
    torch_name = "MaxPool1d"

    pool_size: PositiveInt = Field(2, description="Length of the window in steps.")
    strides: PositiveInt | None = Field(None, description=STRIDES)


class MaxPooling2D(_Pooling):
    """Max pooling over windows of an image.

    Shapes: x (height, width, channels) -> (height', width', channels), each axis as in
        MaxPooling1D.
    Source: keras.layers.MaxPooling2D; built on torch.nn.MaxPool2d.
    """

    words = ("maxpool", "downsample", "shrink", "subsample")
    rank = 2
    sibling = "MaxPooling1D"
    torch_name = "MaxPool2d"


class AveragePooling1D(_Pooling):
    """Average pooling over windows of a sequence.

    Shapes: x (length, channels) -> (length', channels), length' as in MaxPooling1D.
    Source: keras.layers.AveragePooling1D; built on torch.nn.AvgPool1d.
    Why: with padding same only actual values are averaged, as on Keras' TensorFlow and JAX
        backends. Its torch backend averages copies of the edge if the padding is asymmetric.
    """

    words = ("avgpool", "mean", "downsample", "smooth")
    starts = {"pool_size": 2}
    sibling = "AveragePooling2D"
    torch_name = "AvgPool1d"

    pool_size: PositiveInt = Field(description="Length of the window in steps.")
    strides: PositiveInt | None = Field(None, description=STRIDES)


class AveragePooling2D(_Pooling):
    """Average pooling over windows of an image.

    Shapes: x (height, width, channels) -> (height', width', channels), each axis as in
        MaxPooling1D. With padding same only actual values are averaged.
    Source: keras.layers.AveragePooling2D; built on torch.nn.AvgPool2d.
    """

    words = ("avgpool", "mean", "downsample", "smooth")
    starts = {"pool_size": 2}
    rank = 2
    sibling = "AveragePooling1D"
    torch_name = "AvgPool2d"

    pool_size: SizesField = Field(description=SIZES)


class _GlobalPooling(Windowed):
    """Base class of pooling over a whole sequence or image."""

    family = "pool"

    keepdims: bool = Field(False, description="Keep the pooled axes, with size 1.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        self.require_places(x)
        kept: tuple[Dim, ...] = (1,) * self.rank if self.keepdims else ()
        return TensorSpec((*kept, x.shape[-1]))

    @property
    def _axes(self) -> Any:
        return 1 if self.rank == 1 else (1, 2)

    def _keepdim(self) -> dict[str, bool]:
        return {"keepdim": True} if self.keepdims else {}


class _GlobalMax(_GlobalPooling):
    """Base class of global max pooling."""

    words = ("maxpool", "reduce", "collapse", "any")

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.amax(x, self._axes, **self._keepdim())


class GlobalMaxPooling1D(_GlobalMax):
    """Max pooling over a whole sequence.

    Shapes: x (length, channels) -> (channels), or (1, channels) with keepdims.
    Source: keras.layers.GlobalMaxPooling1D; built on torch.amax.
    """

    sibling = "GlobalMaxPooling2D"


class GlobalMaxPooling2D(_GlobalMax):
    """Max pooling over a whole image.

    Shapes: x (height, width, channels) -> (channels), or (1, 1, channels) with keepdims.
    Source: keras.layers.GlobalMaxPooling2D; built on torch.amax.
    """

    sibling = "GlobalMaxPooling1D"
    rank = 2


class GlobalAveragePooling2D(_GlobalPooling):
    """Average pooling over a whole image.

    Shapes: x (height, width, channels) -> (channels), or (1, 1, channels) with keepdims.
    Source: keras.layers.GlobalAveragePooling2D; built on torch.mean.
    """

    words = ("avgpool", "mean", "reduce", "collapse")
    sibling = "GlobalAveragePooling1D"
    rank = 2

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.mean(x, self._axes, **self._keepdim())


class GlobalAveragePooling1D(_GlobalPooling):
    """Average pooling over a whole sequence; masked steps are ignored.

    Shapes: x (length, channels) -> (channels), or (1, channels) with keepdims.
    Source: keras.layers.GlobalAveragePooling1D; built on torch.mean.
    Why: a row whose steps are all masked gives zeros. Keras gives NaN, so that one empty text
        would make every weight NaN.
    """

    words = ("avgpool", "mean", "reduce", "collapse")
    sibling = "GlobalAveragePooling2D"
    mask_rule = "use"

    def call(self, torch: Torch, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return torch.mean(x, 1, **self._keepdim())
        weights = mask.unsqueeze(-1)
        total = torch.where(weights, x, 0).sum(1, **self._keepdim())
        return total / weights.sum(1, **self._keepdim()).clamp(min=1)
