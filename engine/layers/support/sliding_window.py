"""Base class and helpers of layers with a sliding window: convolution, pooling, images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field, NonNegativeInt

from engine.core.diagnostic import Fix, layer_error, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, window_output_size
from engine.layers.base import Layer, Module, Nn
from engine.layers.support.insert_fixes import channel_axis_fix, embedding_fix
from engine.layers.support.requirements import require_float

# One number for both axes of an image, or a pair (height, width).
_Size = Annotated[int, Field(ge=1)]
Sizes = _Size | tuple[_Size, _Size]
NonNegativeSizes = NonNegativeInt | tuple[NonNegativeInt, NonNegativeInt]


@dataclass(frozen=True)
class SlidingWindow:
    """The size, strides, padding and dilation of a sliding window, each per spatial axis."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "valid"
    dilation: tuple[int, ...] = (1, 1)

    @property
    def effective_size(self) -> tuple[int, ...]:
        """The size per axis including the dilation gaps: dilation * (size - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=False))

    def output_size(self, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
        """Return the output size per axis. A size below 1 means that the window does not fit."""
        axes = zip(dims, self.size, self.strides, self.dilation, strict=False)
        return tuple(window_output_size(dim, k, s, d, self.padding) for dim, k, s, d in axes)

    @property
    def needs_padding_module(self) -> bool:
        """Whether the padding needs a module of its own in front of the torch convolution.

        Why: torch rejects strides with padding "same", and warns if the padding is asymmetric.
        """
        is_symmetric = all(span % 2 for span in self.effective_size) and max(self.strides) == 1
        return self.padding == "causal" or (self.padding == "same" and not is_symmetric)

    def padding_module(self, nn: Nn, **mode: str) -> Module:
        """Return the torch module that pads the input. If it is a SamePad, it gets `mode` too."""
        if self.padding == "causal":
            return nn.ZeroPad1d((self.effective_size[0] - 1, 0))
        return nn.SamePad(self.effective_size, self.strides, **mode)

    def conv_arguments(self) -> dict[str, Any]:
        """Return the arguments of a torch convolution besides channels and kernel size."""
        return non_default_arguments(
            stride=compact_size(self.strides),
            padding="same" if self.padding == "same" and not self.needs_padding_module else 0,
            dilation=compact_size(self.dilation),
        )


def compact_size(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """Return one number if all sizes are equal, else the tuple. Torch accepts both forms."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


# Defaults of torch's convolutions. They are left out, which keeps exported source short.
_TORCH_DEFAULTS = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
}


def non_default_arguments(**options: Any) -> dict[str, Any]:
    """Return those `options` that differ from the defaults of torch's convolutions."""
    return {name: value for name, value in options.items() if value != _TORCH_DEFAULTS[name]}


def position_count(spec: TensorSpec) -> int:
    """Return the product of all axes but the last (channels); a dynamic axis counts as 1."""
    return prod(dim for dim in spec.shape[:-1] if isinstance(dim, int))


class SlidingWindowLayer(Layer):
    """Base class of layers on a sequence (length, channels) or an image (height, width, channels).

    spatial_rank: number of axes besides the channels.
    other_rank_kind: the layer type for the other spatial rank, such as Conv2D for Conv1D.
    """

    spatial_rank: ClassVar[int] = 1
    other_rank_kind: ClassVar[str] = ""

    def per_axis(self, size: Sizes) -> tuple[int, ...]:
        """Return a tuple with the size for each spatial axis. A single number is repeated."""
        return (size,) * self.spatial_rank if isinstance(size, int) else size

    @property
    def _expected_shape(self) -> str:
        axes = "length" if self.spatial_rank == 1 else "height, width"
        return f"(batch, {axes}, channels)"

    def require_window_input(self, x: TensorSpec) -> None:
        """Raise LayerError unless the input is float32 and has the right number of axes."""
        if x.rank != self.spatial_rank + 1:
            raise layer_error(
                "wrong-rank",
                f"needs {'a sequence' if self.spatial_rank == 1 else 'images'}",
                *self._rank_fixes(x),
                port="x",
                found=x,
                expected=self._expected_shape,
            )
        require_float(x)

    def _rank_fixes(self, x: TensorSpec) -> Iterator[Fix]:
        if x.rank == 1 and x.dtype == "int32":
            yield embedding_fix()
        elif x.rank == self.spatial_rank and not x.dynamic_axes:
            yield channel_axis_fix(x)
        if self.other_rank_kind and x.rank == 4 - self.spatial_rank:
            has_pairs = any(isinstance(value, list) for value in self.params().values())
            edit = None if has_pairs else {"do": "set_kind", "kind": self.other_rank_kind}
            yield Fix(f"Use {self.other_rank_kind}.", edit)
        yield Fix(f"Connect a tensor of shape {self._expected_shape}.")

    def window_output_shape(
        self, x: TensorSpec, window: SlidingWindow, param: str
    ) -> tuple[Dim, ...]:
        """Return the output size along each axis. The layer's field `param` holds the window size.

        Raises:
            LayerError: if the window is larger than an axis of fixed length.
        """
        sizes = window.output_size(x.shape[:-1])
        units = ("steps",) if self.spatial_rank == 1 else ("rows", "columns")
        axes = zip(x.shape, sizes, window.effective_size, units, strict=False)
        for dim, size, reach, unit in axes:
            if isinstance(size, DynamicLength) or size >= 1:
                continue
            raise layer_error(
                "window-too-large",
                f"a window that spans {reach} {unit} does not fit in {dim}",
                set_params_fix('Set padding to "same".', padding="same"),
                self._size_that_fits(x, window, param),
                f"Use a longer input: at least {reach} {unit}.",
                param=param,
                port="x",
                found=x,
                expected=f"at least {reach} {unit}",
            )
        return sizes

    def _size_that_fits(self, x: TensorSpec, over: SlidingWindow, param: str) -> Fix:
        """Return the fix that sets field `param` to the largest window size that fits in `x`."""
        largest = [
            size if isinstance(dim, DynamicLength) else min(size, max(0, dim - 1) // gap + 1)
            for dim, size, gap in zip(x.shape, over.size, over.dilation, strict=False)
        ]
        size = min(largest) if isinstance(getattr(self, param), int) else largest
        return set_params_fix(f"Set {param} to {size}.", **{param: size})
