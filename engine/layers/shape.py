"""Layers without weights that change the shape of tensors, or set the mask of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim
from engine.layers.base import Layer, Tensor, Torch
from engine.layers.support.requirements import require_sequence
from engine.layers.support.sliding_window import NonNegativeSizes, Sizes


class Flatten(Layer):
    """Flattens each row to a vector.

    Shapes: x (a, b, ...) -> (a * b * ...).
    Source: keras.layers.Flatten.
    """

    family = "shape"
    words = ("unroll", "vector", "ravel")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.size is not None,
            "free-axis",
            "needs fixed sizes on all axes",
            Fix(
                "Use GlobalAveragePooling1D instead.",
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
    """Reshapes each row and keeps the order of its values.

    Shapes: x (...) of n values -> target_shape, of n values too.
    Source: keras.layers.Reshape.
    """

    family = "shape"
    words = ("view", "axes", "unflatten")
    initial_params = {"target_shape": [-1]}

    target_shape: tuple[Annotated[int, Field(ge=-1)], ...] = Field(
        description="Target shape without the batch; one size may be -1, which is inferred.",
        examples=[[-1], [6, -1], [-1, 3, 2]],
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            0 not in self.target_shape and self.target_shape.count(-1) <= 1,
            "params-clash",
            "at most one size can be -1, and none can be 0",
            "Replace the 0, or all -1 but one, by a size.",
            param="target_shape",
            found=list(self.target_shape),
            expected="sizes of at least 1, and at most one -1",
        )
        inferred = self._inferred_size(x)
        return x.with_shape(*(inferred if size == -1 else size for size in self.target_shape))

    def _inferred_size(self, x: TensorSpec) -> Dim:
        """Return the size that -1 stands for (1 without a -1). Raise LayerError if no size fits."""
        values = prod(dim for dim in x.shape if isinstance(dim, int))
        known = prod(size for size in self.target_shape if size != -1)
        has_open_axis = -1 in self.target_shape
        if x.dynamic_axes:
            is_exact = has_open_axis and len(x.dynamic_axes) == 1 and values % known == 0
            self._require_exact(is_exact, x)
            return map_dim(x.dynamic_axes[0], multiply=values // known)
        require(
            values % known == 0 if has_open_axis else values == known,
            "size-mismatch",
            f"{values} values do not fit a shape of {known} values"
            if not has_open_axis
            else f"{values} values can't be split into parts of {known}",
            *self._shapes_with_open_axis(values),
            param="target_shape",
            port="x",
            found=f"{values} values, {x}",
            expected=f"{'a multiple of ' if has_open_axis else ''}{known} values",
        )
        return values // known

    def _require_exact(self, is_exact: bool, x: TensorSpec) -> None:
        axes = [dim if isinstance(dim, int) else -1 for dim in x.shape]
        keep_axes = set_params_fix(f"Keep the axes: {axes}.", target_shape=axes)
        require(
            is_exact,
            "free-axis",
            "can't infer the new shape, since the input has a dynamic axis",
            *([keep_axes] if len(x.dynamic_axes) == 1 else []),
            "Give the Input a fixed length, or put a -1 for the dynamic axis.",
            param="target_shape",
            port="x",
            found=f"{list(self.target_shape)} for {x}",
            expected="one -1, and sizes that divide the fixed axes",
        )

    def _shapes_with_open_axis(self, values: int) -> Iterator[Fix]:
        """Yield one fix for a row of `values` values: a target_shape with -1 for one axis.

        If no single axis can be -1, the target_shape of the fix is [-1], which flattens the row.
        """
        sizes = list(self.target_shape)
        for i in range(len(sizes)):
            rest = prod(size for j, size in enumerate(sizes) if j != i)
            if -1 not in sizes and values % rest == 0:
                opened: list[int] = [*sizes[:i], -1, *sizes[i + 1 :]]
                yield set_params_fix(f"Use -1 for one axis: {opened}.", target_shape=opened)
                return
        yield set_params_fix("Flatten it.", target_shape=[-1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.target_shape)


class Permute(Layer):
    """Permutes the axes of each row.

    Shapes: x (a, b, ...) -> the same sizes in the order of dims; dims (2, 1) swaps two axes.
    Source: keras.layers.Permute.
    """

    family = "shape"
    words = ("transpose", "swap", "axes")
    initial_params = {"dims": [2, 1]}

    dims: tuple[PositiveInt, ...] = Field(
        description="Axis numbers in their new order, counted from 1 without the batch.",
        examples=[[2, 1], [1], [3, 1, 2]],
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        order = list(range(1, x.rank + 1))
        require(
            sorted(self.dims) == order,
            "bad-axis",
            f"must name each of the {x.rank} axes once",
            set_params_fix("Reverse the order.", dims=order[::-1]),
            param="dims",
            port="x",
            found=f"{list(self.dims)} for {x}",
            expected=f"{order} in any order",
        )
        return x.with_shape(*(x.shape[dim - 1] for dim in self.dims))

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.permute(0, *self.dims)


class RepeatVector(Layer):
    """Repeats a vector n times, which gives a sequence.

    Shapes: x (features) -> (n, features).
    Source: keras.layers.RepeatVector.
    """

    family = "shape"
    words = ("copy", "tile", "broadcast", "decoder")
    initial_params = {"n": 2}

    n: PositiveInt = Field(description="Number of repetitions.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.rank == 1,
            "wrong-rank",
            "needs vectors: (batch, features)",
            "Insert a Flatten or a global pooling before it.",
            port="x",
            found=x,
            expected="(batch, features)",
        )
        return x.with_shape(self.n, x.shape[0])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.unsqueeze(1).repeat(1, self.n, 1)


def _pair(ends: Sizes) -> tuple[int, int]:
    return (ends, ends) if isinstance(ends, int) else ends


class ZeroPadding1D(Layer):
    """Zero padding at the start and end of a sequence.

    Shapes: x (length, channels) -> (length + before + after, channels).
    Source: keras.layers.ZeroPadding1D.
    """

    family = "shape"
    words = ("pad", "zeros", "margin")

    padding: NonNegativeSizes = Field(
        1, description="Zero steps at each end, or a pair (start, end)."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        return x.with_shape(map_dim(x.shape[0], add=sum(_pair(self.padding))), x.shape[1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return torch.nn.functional.pad(x, (0, 0, *_pair(self.padding)))


class Cropping1D(Layer):
    """Crops steps at the start and end of a sequence.

    Shapes: x (length, channels) -> (length - before - after, channels).
    Source: keras.layers.Cropping1D.
    """

    family = "shape"
    words = ("cut", "trim", "slice")

    cropping: NonNegativeSizes = Field(
        (1, 1), description="Steps to crop at each end, or a pair (start, end)."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        cut = sum(_pair(self.cropping))
        length = map_dim(x.shape[0], add=-cut)
        require(
            isinstance(length, DynamicLength) or length >= 1,
            "crop-too-large",
            f"cropping {cut} steps leaves nothing of {x.shape[0]}",
            *self._croppings_that_fit(x.shape[0]),
            f"Use a longer input: at least {cut + 1} steps.",
            param="cropping",
            port="x",
            found=x,
            expected=f"at least {cut + 1} steps",
        )
        return x.with_shape(length, x.shape[1])

    def _croppings_that_fit(self, length: Dim) -> Iterator[Fix]:
        """Yield a fix with the largest cropping that leaves at least one step."""
        if isinstance(length, int) and length > 1:
            before = min(_pair(self.cropping)[0], length - 1)
            fits = [before, min(_pair(self.cropping)[1], length - 1 - before)]
            yield set_params_fix(f"Set cropping to {fits}.", cropping=fits)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        before, after = _pair(self.cropping)
        return x[:, before or None : -after or None]


class UpSampling1D(Layer):
    """Upsampling of a sequence: repeats each step.

    Shapes: x (length, channels) -> (length * size, channels).
    Source: keras.layers.UpSampling1D.
    """

    family = "shape"
    words = ("upsample", "repeat", "stretch", "decoder")

    size: PositiveInt = Field(2, description="Number of repetitions of each step.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_sequence(x)
        return x.with_shape(map_dim(x.shape[0], multiply=self.size), x.shape[1])

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x.repeat_interleave(self.size, 1)


class Masking(Layer):
    """Masks padded steps, so that the following layers skip them.

    A step is padding if all its values equal mask_value. The output of a padded step is zero.

    Shapes: x (length, features) -> (length, features), unchanged, with a mask (length).
    Source: keras.layers.Masking.
    """

    family = "shape"
    words = ("padding", "skip", "variable length", "ragged")
    mask_rule = "pass"
    mask_reads_input = True

    mask_value: float = Field(0.0, description="Value of padded steps.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.rank >= 2,
            "wrong-rank",
            "needs a sequence of steps",
            "Connect a sequence, or mask padded ids with mask_zero of an Embedding.",
            port="x",
            found=x,
            expected="(batch, length, features)",
        )
        return x.with_shape(*x.shape)

    def produces_mask(self, x: TensorSpec) -> bool:
        return True

    def compute_mask(self, torch: Torch, x: Tensor, masks: Any) -> Tensor:
        return torch.any(x != self.mask_value, -1)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x * torch.any(x != self.mask_value, -1, keepdim=True)
