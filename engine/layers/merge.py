"""Merge layers: Concatenate and elementwise operations on several tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from math import inf
from operator import add, mul, or_
from typing import ClassVar

from pydantic import Field

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import (
    Dim,
    DynamicLength,
    TensorSpec,
    map_dim,
    merge_dims,
    promoted_dtype,
)
from engine.layers.base import Layer, MaskRule, Tensor, Torch
from engine.layers.support.merge_inputs import (
    MergeInput,
    describe_inputs,
    merge_inputs,
    require_equal_size,
)
from engine.layers.support.requirements import axis_index, require_float


class Concatenate(Layer):
    """Concatenates tensors along one axis.

    Shapes: xs (..., n1), (..., n2) -> (..., n1 + n2); the other axes are equal.
    Source: keras.layers.Concatenate.
    """

    family = "merge"
    words = ("join", "stack", "cat", "combine")
    mask_rule = "pass"
    mask_reads_input = True

    axis: int = Field(
        -1, description="Axis to concatenate along; the batch is 0, the last axis -1."
    )

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        wires = merge_inputs(self, xs)
        index = axis_index(self.axis, xs[0], "axis", "xs")
        shape = (
            self._total_size(wires, i) if i == index else self._common_size(wires, i)
            for i in range(xs[0].rank)
        )
        return TensorSpec(tuple(shape), promoted_dtype(spec.dtype for spec in xs))

    def _total_size(self, wires: Sequence[MergeInput], index: int) -> Dim:
        dims = [wire.spec.shape[index] for wire in wires]
        dynamic = tuple(dim for dim in dims if isinstance(dim, DynamicLength))
        fixed = sum(dim for dim in dims if isinstance(dim, int))
        if not dynamic:
            return fixed
        length = merge_dims(dynamic)
        require(
            length is not None,
            "free-axis",
            "can't add dynamic lengths that vary independently",
            "Concatenate along another axis, or reduce each tensor with a global pooling first.",
            "Give the Inputs fixed lengths.",
            param="axis",
            port="xs",
            found=describe_inputs(wires),
            expected="lengths that depend on one Input in the same way",
        )
        assert length is not None
        return map_dim(length, multiply=len(dynamic), add=fixed)

    def _common_size(self, wires: Sequence[MergeInput], index: int) -> Dim:
        first, *others = wires
        for other in others:
            require_equal_size(other, first, index, self._alternatives(wires, index))
        size = merge_dims(tuple(wire.spec.shape[index] for wire in wires))
        assert size is not None
        return size

    def _alternatives(self, wires: Sequence[MergeInput], index: int) -> Iterator[Fix]:
        """If the shapes differ only in axis `index`, yield a fix that concatenates along it."""
        other_dims = {(*w.spec.shape[:index], *w.spec.shape[index + 1 :]) for w in wires}
        if len(other_dims) == 1:
            yield set_params_fix(f"Concatenate along axis {index + 1}.", axis=index + 1)

    def produces_mask(self, *xs: TensorSpec) -> bool:
        is_last_axis = axis_index(self.axis, xs[0], "axis", "xs") == xs[0].rank - 1
        return (all if is_last_axis else any)(x.mask for x in xs)

    def compute_mask(self, torch: Torch, *xs: Tensor, masks: tuple[Tensor | None, ...]) -> Tensor:
        """Return the concatenated masks. The mask of an input without a mask is True everywhere."""
        expanded = [
            torch.ones_like(x, dtype=torch.bool)
            if mask is None
            else mask.unsqueeze(-1) | torch.zeros_like(x, dtype=torch.bool)
            for x, mask in zip(xs, masks, strict=True)
        ]
        return torch.any(torch.cat(expanded, self.axis), -1)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return torch.cat(list(xs), self.axis)


class _Elementwise(Layer):
    """Base class of elementwise merges; an axis of size 1 is broadcast."""

    family = "merge"
    mask_rule: ClassVar[MaskRule] = "pass"

    def _merged_spec(self, *specs: TensorSpec) -> TensorSpec:
        wires = merge_inputs(self, specs)
        for wire in wires:
            require(
                wire.spec.dtype != "bool",
                "wrong-dtype",
                "expects numbers, got booleans",
                'Set the Input\'s dtype to "float32".',
                port=wire.port,
                found=f"{wire.name} is bool",
                expected="float32 or int32",
            )
        shape = (self._broadcast_size(wires, index) for index in range(wires[0].spec.rank))
        return TensorSpec(tuple(shape), promoted_dtype(spec.dtype for spec in specs))

    def _broadcast_size(self, wires: Sequence[MergeInput], index: int) -> Dim:
        first, *others = [w for w in wires if w.spec.shape[index] != 1] or wires
        for other in others:
            require_equal_size(other, first, index, self._alternatives(wires, index))
        size = merge_dims(tuple(wire.spec.shape[index] for wire in (first, *others)))
        assert size is not None
        return size

    def _alternatives(self, wires: Sequence[MergeInput], index: int) -> Iterator[Fix]:
        """Yield the fix "use Concatenate" if the inputs differ only on their last axis, `index`."""
        other_dims = {wire.spec.shape[:-1] for wire in wires}
        if wires[0].port == "xs" and index == wires[0].spec.rank - 1 and len(other_dims) == 1:
            yield Fix("Use Concatenate instead.", {"do": "set_kind", "kind": "Concatenate"})

    def produces_mask(self, *xs: TensorSpec) -> bool:
        return all(x.mask for x in xs)

    def compute_mask(self, torch: Torch, *xs: Tensor, masks: tuple[Tensor, ...]) -> Tensor:
        return reduce(or_, masks)


class Add(_Elementwise):
    """Elementwise sum of tensors, for example for a residual connection.

    Shapes: xs (...) each -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Add.
    """

    words = ("sum", "plus", "residual", "skip", "shortcut")

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        return self._merged_spec(*xs)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return reduce(add, xs)


class Subtract(_Elementwise):
    """Elementwise difference of two tensors: a - b.

    Shapes: a (...), b (...) -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Subtract.
    """

    words = ("minus", "difference")

    def infer(self, a: TensorSpec, b: TensorSpec) -> TensorSpec:
        return self._merged_spec(a, b)

    def call(self, torch: Torch, a: Tensor, b: Tensor) -> Tensor:
        return a - b


class Average(_Elementwise):
    """Elementwise mean of tensors.

    Shapes: xs (...) each -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Average.
    """

    words = ("mean", "ensemble")

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        spec = self._merged_spec(*xs)
        require_float(spec, "xs")
        return TensorSpec(spec.shape)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return reduce(add, xs) / len(xs)


class _MaskedElementwise(_Elementwise):
    """Base class of elementwise merges that ignore masked steps.

    neutral: the value that replaces masked steps and does not change the result.
    """

    mask_rule = "use"
    neutral: ClassVar[float]

    def _merge(self, torch: Torch, inputs: Sequence[Tensor]) -> Tensor:
        """Merge `inputs` elementwise into one tensor. Their masked steps were set to `neutral`."""
        raise NotImplementedError

    def _masked_output(self, xs: Sequence[Tensor]) -> Tensor | float:
        """Return the output of steps that are masked in every tensor."""
        raise NotImplementedError

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        return self._merged_spec(*xs)

    def call(
        self, torch: Torch, *xs: Tensor, mask: tuple[Tensor | None, ...] | None = None
    ) -> Tensor:
        columns = [m if m is None else m.unsqueeze(-1) for m in mask or (None,) * len(xs)]
        inputs = (
            x if column is None else torch.where(column, x, self.neutral)
            for x, column in zip(xs, columns, strict=True)
        )
        out = self._merge(torch, tuple(inputs))
        masks = [column for column in columns if column is not None]
        if len(masks) < len(xs):
            return out
        return torch.where(reduce(or_, masks), out, self._masked_output(xs))


class Multiply(_MaskedElementwise):
    """Elementwise product of tensors, for example for gating.

    A masked step counts as 1; the output is 0 where every tensor is masked.

    Shapes: xs (...) each -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Multiply.
    """

    words = ("product", "times", "gate", "scale")
    neutral = 1

    def _merge(self, torch: Torch, inputs: Sequence[Tensor]) -> Tensor:
        return reduce(mul, inputs)

    def _masked_output(self, xs: Sequence[Tensor]) -> Tensor | float:
        return 0


class _Extremum(_MaskedElementwise):
    torch_name: ClassVar[str]

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        out = self._merged_spec(*xs)
        # The neutral value of a masked step is infinite, so the result is float.
        return TensorSpec(out.shape) if any(x.mask for x in xs) else out

    def _merge(self, torch: Torch, inputs: Sequence[Tensor]) -> Tensor:
        return reduce(getattr(torch, self.torch_name), inputs)

    def _masked_output(self, xs: Sequence[Tensor]) -> Tensor | float:
        return xs[0]


class Maximum(_Extremum):
    """Elementwise maximum of tensors; masked steps are ignored.

    Shapes: xs (...) each -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Maximum.
    """

    words = ("max", "largest")
    torch_name = "maximum"
    neutral = -inf


class Minimum(_Extremum):
    """Elementwise minimum of tensors; masked steps are ignored.

    Shapes: xs (...) each -> (...); an axis of size 1 is broadcast.
    Source: keras.layers.Minimum.
    """

    words = ("min", "smallest")
    torch_name = "minimum"
    neutral = inf
