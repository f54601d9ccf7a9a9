"""Layers that only move values: other axes, another order, more or fewer steps, a mask."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim
from engine.layers.base import Layer, Tensor, Torch
from engine.layers.support.requirements import require_sequence
from engine.layers.support.sliding_window import Sizes, SizesFromZero


class Flatten(Layer):
    """Lays all values of a row side by side, so that a Dense can mix them all.

    Shapes: x (a, b, ...) -> (a * b * ...).
    Source: keras.layers.Flatten.
    """

    family = "shape"
    words = ("unroll", "vector", "ravel")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.size is not None,
            "free-axis",
            "needs to know how many values there are",
            Fix(
                "Reduce the free axis with GlobalAveragePooling1D instead.",
                {"do": "set_kind", "kind": "GlobalAveragePooling1D"} if x.rank == 2 else None,
            ),
            "Give the Input a fixed length.",
            port="x",
            found=x,
            expected="fixed sizes on all axes",
        )
        assert x.size is not None
        return x.with_shape(x.size)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], -1)


class Reshape(Layer):
    """Gives the values of a row other axes, in the order in which they stand.

    Shapes: x (...) of n values -> target_shape, of n values too.
    Source: keras.layers.Reshape.
    """

    family = "shape"
    words = ("view", "axes", "unflatten")
    starts = {"target_shape": [-1]}

    target_shape: tuple[Annotated[int, Field(ge=-1)], ...] = Field(
        description="The new axes without the batch; one of them may be -1, whatever is left.",
        examples=[[-1], [6, -1], [-1, 3, 2]],
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            0 not in self.target_shape and self.target_shape.count(-1) <= 1,
            "params-clash",
            "at most one axis can be left open, and none can be empty",
            "Give all axes but one a size.",
            param="target_shape",
            found=list(self.target_shape),
            expected="sizes of at least 1, and at most one -1",
        )
        left = self._left(x)
        return x.with_shape(*(left if size == -1 else size for size in self.target_shape))

    def _left(self, x: TensorSpec) -> Dim:
        """Return what stands for -1 (1 if there is none), after checking that the values fit."""
        values = prod(dim for dim in x.shape if isinstance(dim, int))
        places = prod(size for size in self.target_shape if size != -1)
        is_open = -1 in self.target_shape
        if x.dynamic_axes:
            exact = is_open and len(x.dynamic_axes) == 1 and values % places == 0
            self._require_exact(exact, x)
            return map_dim(x.dynamic_axes[0], multiply=values // places)
        require(
            values % places == 0 if is_open else values == places,
            "size-mismatch",
            f"{values} values do not fill {places} places"
            if not is_open
            else f"{values} values can't be split into parts of {places}",
            *self._open(values),
            param="target_shape",
            port="x",
            found=f"{values} values, {x}",
            expected=f"{'a multiple of ' if is_open else ''}{places} values",
        )
        return values // places

    def _require_exact(self, exact: bool, x: TensorSpec) -> None:
        open_axis = [dim if isinstance(dim, int) else -1 for dim in x.shape]
        require(
            exact,
            "free-axis",
            "can't tell how long the new axes are, since an axis that comes in is free",
            *(
                [set_params_fix(f"Keep the axes: {open_axis}.", target_shape=open_axis)]
                if len(x.dynamic_axes) == 1
                else []
            ),
            "Give the Input a fixed length, or put a -1 where the free axis goes.",
            param="target_shape",
            port="x",
            found=f"{list(self.target_shape)} for {x}",
            expected="one -1, and sizes that divide the fixed axes",
        )

    def _open(self, values: int) -> Iterator[Fix]:
        """Yield the same axes with one left open, where the others then fit."""
        sizes = list(self.target_shape)
        for at in range(len(sizes)):
            rest = prod(size for place, size in enumerate(sizes) if place != at)
            if -1 not in sizes and values % rest == 0:
                opened: list[int] = [*sizes[:at], -1, *sizes[at + 1 :]]
                yield set_params_fix(f"Leave an axis open: {opened}.", target_shape=opened)
                return
        yield set_params_fix("Make it flat.", target_shape=[-1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.target_shape)


class Permute(Layer):
    """Puts the axes into another order.

    Shapes: x (a, b, ...) -> the same sizes in the order of dims; dims (2, 1) swaps two axes.
    Source: keras.layers.Permute.
    """

    family = "shape"
    words = ("transpose", "swap", "axes")
    starts = {"dims": [2, 1]}

    dims: tuple[PositiveInt, ...] = Field(
        description="The old axes in their new order, counted from 1; the batch stays in front.",
        examples=[[2, 1], [1], [3, 1, 2]],
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        order = list(range(1, x.rank + 1))
        require(
            sorted(self.dims) == order,
            "bad-axis",
            f"does not name each of the {x.rank} axes once",
            set_params_fix("Turn the order round.", dims=order[::-1]),
            param="dims",
            port="x",
            found=f"{list(self.dims)} for {x}",
            expected=f"{order} in any order",
        )
        return x.with_shape(*(x.shape[dim - 1] for dim in self.dims))

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.permute(0, *self.dims)


class RepeatVector(Layer):
    """Repeats a vector, so that each step of a sequence sees it.

    Shapes: x (features) -> (n, features).
    Source: keras.layers.RepeatVector.
    """

    family = "shape"
    words = ("copy", "tile", "broadcast", "decoder")
    starts = {"n": 2}

    n: PositiveInt = Field(description="How many times.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.rank == 1,
            "wrong-rank",
            "repeats vectors: (batch, features)",
            "Put a Flatten or a global pooling in front.",
            port="x",
            found=x,
            expected="(batch, features)",
        )
        return x.with_shape(self.n, x.shape[0])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.unsqueeze(1).repeat(1, self.n, 1)


def _both(ends: Sizes) -> tuple[int, int]:
    """Return what is meant for the start and for the end of an axis."""
    return (ends, ends) if isinstance(ends, int) else ends


class ZeroPadding1D(Layer):
    """Puts zeros before and after a sequence.

    Shapes: x (length, channels) -> (length + before + after, channels).
    Source: keras.layers.ZeroPadding1D.
    """

    family = "shape"
    words = ("pad", "zeros", "margin")

    padding: SizesFromZero = Field(
        1, description="Steps of zeros at each end, or a pair: before and after."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        return x.with_shape(map_dim(x.shape[0], add=sum(_both(self.padding))), x.shape[1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.nn.functional.pad(x, (0, 0, *_both(self.padding)))


class Cropping1D(Layer):
    """Cuts steps off both ends of a sequence.

    Shapes: x (length, channels) -> (length - before - after, channels).
    Source: keras.layers.Cropping1D.
    """

    family = "shape"
    words = ("cut", "trim", "slice")

    cropping: SizesFromZero = Field(
        (1, 1), description="Steps to cut off each end, or a pair: before and after."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        cut = sum(_both(self.cropping))
        length = map_dim(x.shape[0], add=-cut)
        require(
            isinstance(length, DynamicLength) or length >= 1,
            "crop-too-large",
            f"nothing is left of {x.shape[0]} steps when {cut} are cut off",
            *self._smaller(x.shape[0]),
            f"Give it a longer input: at least {cut + 1} steps.",
            param="cropping",
            port="x",
            found=x,
            expected=f"at least {cut + 1} steps",
        )
        return x.with_shape(length, x.shape[1])

    def _smaller(self, length: Dim) -> Iterator[Fix]:
        """Yield the same cut, as much of it as leaves one step."""
        if isinstance(length, int) and length > 1:
            before = min(_both(self.cropping)[0], length - 1)
            fits = [before, min(_both(self.cropping)[1], length - 1 - before)]
            yield set_params_fix(f"Set cropping to {fits}.", cropping=fits)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        before, after = _both(self.cropping)
        return x[:, before or None : -after or None]


class UpSampling1D(Layer):
    """Repeats each step of a sequence, which makes it longer.

    Shapes: x (length, channels) -> (length * size, channels).
    Source: keras.layers.UpSampling1D.
    """

    family = "shape"
    words = ("upsample", "repeat", "stretch", "decoder")

    size: PositiveInt = Field(2, description="How many times each step is repeated.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        return x.with_shape(map_dim(x.shape[0], multiply=self.size), x.shape[1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.repeat_interleave(self.size, 1)


class Masking(Layer):
    """Marks padded steps, so that the layers after it skip them.

    A step is padding if all its values equal mask_value; it comes out as zeros.

    Shapes: x (length, features) -> (length, features), unchanged, with a mask (length).
    Source: keras.layers.Masking.
    """

    family = "shape"
    words = ("padding", "skip", "variable length", "ragged")
    mask_rule = "pass"

    mask_value: float = Field(0.0, description="The value that padding is filled with.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.rank >= 2,
            "wrong-rank",
            "marks the steps of a sequence",
            "Wire in a sequence, or mark padded ids with mask_zero of an Embedding.",
            port="x",
            found=x,
            expected="(batch, length, features)",
        )
        return x.with_shape(*x.shape)

    def masks(self, x: TensorSpec) -> bool:
        return True

    def mask_of(self, torch: Torch, x: Tensor, masks: Any) -> Tensor:
        return torch.any(x != self.mask_value, -1)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x * torch.any(x != self.mask_value, -1, keepdim=True)
