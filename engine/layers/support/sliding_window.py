"""What convolutions and poolings share: the window, and how it fits into its input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, window_output_size
from engine.layers.base import Layer, Module, Nn
from engine.layers.support import insert_fixes

Sizes = int | tuple[int, int]


def _read(least: int) -> Callable[[object], Sizes]:
    """Return a validator that, unlike a union of types, finds one mistake where there is one."""

    def read(value: object) -> Sizes:
        pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
        if len(pair) != 2 or not all(type(size) is int and size >= least for size in pair):
            raise PydanticCustomError("sizes", f"Use a whole number of at least {least}, or two")
        return pair if isinstance(value, (list, tuple)) else pair[0]

    return read


def _plain(sizes: Sizes) -> int | list[int]:
    return sizes if isinstance(sizes, int) else list(sizes)


def _schema(least: int) -> WithJsonSchema:
    one = {"type": "integer", "minimum": least}
    pair = {"type": "array", "prefixItems": [one, one], "minItems": 2, "maxItems": 2}
    return WithJsonSchema({"anyOf": [one, pair]})


_AS_JSON = PlainSerializer(_plain, when_used="json")

# One number for both axes of an image, or a pair (height, width).
SizesField = Annotated[Sizes, PlainValidator(_read(1)), _AS_JSON, _schema(1)]
SizesFromZero = Annotated[Sizes, PlainValidator(_read(0)), _AS_JSON, _schema(0)]


@dataclass(frozen=True)
class Window:
    """A window and the way it moves, told for each axis that it slides along."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "valid"
    dilation: tuple[int, ...] = (1, 1)

    @property
    def reach(self) -> tuple[int, ...]:
        """How far it spans along each axis, its gaps included."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=False))

    def places(self, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
        """Return how many places it takes along each axis; below 1 means it does not fit."""
        axes = zip(dims, self.size, self.strides, self.dilation, strict=False)
        return tuple(window_output_size(dim, k, s, d, self.padding) for dim, k, s, d in axes)

    @property
    def needs_pad(self) -> bool:
        """Whether a convolution of torch can't pad by itself.

        Why: torch refuses strides together with "same", and warns where the two ends differ.
        """
        even = all(span % 2 for span in self.reach) and max(self.strides) == 1
        return self.padding == "causal" or (self.padding == "same" and not even)

    def pad(self, nn: Nn, **mode: str) -> Module:
        """Return the module that pads for it."""
        if self.padding == "causal":
            return nn.ZeroPad1d((self.reach[0] - 1, 0))
        return nn.SamePad(self.reach, self.strides, **mode)

    def options(self) -> dict[str, Any]:
        """Return what a convolution of torch is to be told beyond channels and size."""
        return unusual(
            stride=short(self.strides),
            padding="same" if self.padding == "same" and not self.needs_pad else 0,
            dilation=short(self.dilation),
        )


def short(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """Return one number where all are equal, as torch takes both."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


# What torch takes where nothing is said. Left out, so that exported source stays short.
_USUAL = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1, "bias": True}


def unusual(**options: Any) -> dict[str, Any]:
    """Return those options of a torch module that differ from what torch takes anyway."""
    return {name: value for name, value in options.items() if value != _USUAL[name]}


def places_in(spec: TensorSpec) -> int:
    """Return the number of places in a tensor of (places, channels), a free axis counted once."""
    return prod(dim for dim in spec.shape[:-1] if isinstance(dim, int))


class Windowed(Layer):
    """Base of the layers that look at a sequence (length, channels) or at an image.

    rank: number of axes besides the channels.
    sibling: the kind that does the same with the other number of axes.
    """

    rank: ClassVar[int] = 1
    sibling: ClassVar[str] = ""

    def each(self, size: Sizes) -> tuple[int, ...]:
        """Return a size for each axis."""
        return (size,) * self.rank if isinstance(size, int) else size

    @property
    def _shape(self) -> str:
        return "(batch, length, channels)" if self.rank == 1 else "(batch, height, width, channels)"

    def require_places(self, x: TensorSpec) -> None:
        """Refuse all but real numbers with the right number of axes."""
        require(
            x.rank == self.rank + 1,
            "wrong-rank",
            f"needs {'a sequence' if self.rank == 1 else 'images'}",
            *self._ways_to_fit(x),
            port="x",
            found=x,
            expected=self._shape,
        )
        require(
            x.dtype == "float32",
            "wrong-dtype",
            "needs measurements, and ids are none",
            'Set the Input\'s dtype to "float32", or put an Embedding in front of ids.',
            port="x",
            found=x.dtype,
            expected="float32",
        )

    def _ways_to_fit(self, x: TensorSpec) -> Iterator[Fix]:
        if x.rank == 1 and x.dtype == "int32":
            yield insert_fixes.embedding()
        elif x.rank == self.rank and not x.dynamic_axes:
            yield insert_fixes.one_channel(x)
        if self.sibling and x.rank == 4 - self.rank:
            pairs = any(isinstance(value, list) for value in self.params().values())
            edit = None if pairs else {"do": "set_kind", "kind": self.sibling}
            yield Fix(f"Use {self.sibling}.", edit)
        yield Fix(f"Wire in a tensor of shape {self._shape}.")

    def slide(self, x: TensorSpec, over: Window, param: str) -> tuple[Dim, ...]:
        """Return how many places a window takes along each axis.

        Args:
            x: the input, its rank checked.
            over: the window.
            param: the field that holds its size.

        Raises:
            LayerError: if it does not fit even once along an axis of fixed length.
        """
        out = over.places(x.shape[:-1])
        units = ("steps",) if self.rank == 1 else ("rows", "columns")
        for dim, places, reach, unit in zip(x.shape, out, over.reach, units, strict=False):
            require(
                isinstance(places, DynamicLength) or places >= 1,
                "window-too-large",
                f"a window that spans {reach} {unit} does not fit in {dim}",
                set_params_fix('Set padding to "same".', padding="same"),
                self._smaller(x, over, param),
                f"Give it a longer input: at least {reach} {unit}.",
                param=param,
                port="x",
                found=x,
                expected=f"at least {reach} {unit}",
            )
        return out

    def _smaller(self, x: TensorSpec, over: Window, param: str) -> Fix:
        """Return the fix that sets the largest size that fits."""
        fits = [
            size if isinstance(dim, DynamicLength) else min(size, max(0, dim - 1) // gap + 1)
            for dim, size, gap in zip(x.shape, over.size, over.dilation, strict=False)
        ]
        size = min(fits) if isinstance(getattr(self, param), int) else fits
        return set_params_fix(f"Set {param} to {size}.", **{param: size})
