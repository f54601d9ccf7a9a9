"""Layers that make one tensor of several: joined, added, compared, multiplied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from math import inf
from operator import add, mul, or_
from typing import ClassVar

from pydantic import Field

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim, merge_dims
from engine.layers.base import Layer, MaskRule, Tensor, Torch
from engine.layers.support.merge_inputs import Wire, common_dtype, listed, require_size, wires_of
from engine.layers.support.requirements import place_of, require_measurements


class Concatenate(Layer):
    """Joins tensors along one axis, such as the features of a text with those of a picture.

    Shapes: xs (..., n1), (..., n2) -> (..., n1 + n2); the other axes are equal.
    Source: keras.layers.Concatenate.
    """

    family = "merge"
    words = ("join", "stack", "cat", "combine")
    mask_rule = "pass"

    axis: int = Field(-1, description="Axis to join along; the batch is 0, the last axis -1.")

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        wires = wires_of(self, xs)
        place = place_of(self.axis, xs[0], "axis", "xs")
        shape = (
            self._joined(wires, at) if at == place else self._shared(wires, at)
            for at in range(xs[0].rank)
        )
        return TensorSpec(tuple(shape), common_dtype(xs))

    def _joined(self, wires: Sequence[Wire], place: int) -> Dim:
        dims = [wire.spec.shape[place] for wire in wires]
        free = tuple(dim for dim in dims if isinstance(dim, DynamicLength))
        known = sum(dim for dim in dims if isinstance(dim, int))
        if not free:
            return known
        length = merge_dims(free)
        require(
            length is not None,
            "free-axis",
            "can't add up lengths that vary each by itself",
            "Join along another axis, or reduce each tensor with a global pooling first.",
            "Give the Inputs fixed lengths.",
            param="axis",
            port="xs",
            found=listed(wires),
            expected="lengths that follow from one Input in the same way",
        )
        assert length is not None
        return map_dim(length, multiply=len(free), add=known)

    def _shared(self, wires: Sequence[Wire], place: int) -> Dim:
        first, *others = wires
        for other in others:
            require_size(other, first, place, *self._instead(wires, place))
        size = merge_dims(tuple(wire.spec.shape[place] for wire in wires))
        assert size is not None
        return size

    def _instead(self, wires: Sequence[Wire], place: int) -> Iterator[Fix]:
        """Yield the axis where the tensors differ, if they differ nowhere else."""
        rests = {(*w.spec.shape[:place], *w.spec.shape[place + 1 :]) for w in wires}
        if len(rests) == 1:
            yield set_params_fix(f"Join along axis {place + 1}.", axis=place + 1)

    def masks(self, *xs: TensorSpec) -> bool:
        along_features = place_of(self.axis, xs[0], "axis", "xs") == xs[0].rank - 1
        return (all if along_features else any)(x.mask for x in xs)

    def mask_of(self, torch: Torch, *xs: Tensor, masks: tuple[Tensor | None, ...]) -> Tensor:
        """Return the joined masks; what carries none counts everywhere."""
        wide = [
            torch.ones_like(x, dtype=torch.bool)
            if mask is None
            else mask.unsqueeze(-1) | torch.zeros_like(x, dtype=torch.bool)
            for x, mask in zip(xs, masks, strict=True)
        ]
        return torch.any(torch.cat(wide, self.axis), -1)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return torch.cat(list(xs), self.axis)


class _Elementwise(Layer):
    """A merge of tensors of one shape, place by place; an axis of size 1 is repeated."""

    family = "merge"
    mask_rule: ClassVar[MaskRule] = "pass"

    def _merged(self, *specs: TensorSpec) -> TensorSpec:
        wires = wires_of(self, specs)
        for wire in wires:
            require(
                wire.spec.dtype != "bool",
                "wrong-dtype",
                "calculates with numbers",
                'Set the Input\'s dtype to "float32".',
                port=wire.port,
                found=f"{wire.name} is bool",
                expected="float32 or int32",
            )
        shape = (self._size(wires, place) for place in range(wires[0].spec.rank))
        return TensorSpec(tuple(shape), common_dtype(specs))

    def _size(self, wires: Sequence[Wire], place: int) -> Dim:
        first, *others = [w for w in wires if w.spec.shape[place] != 1] or wires
        for other in others:
            require_size(other, first, place, *self._instead(wires, place))
        size = merge_dims(tuple(wire.spec.shape[place] for wire in (first, *others)))
        assert size is not None
        return size

    def _instead(self, wires: Sequence[Wire], place: int) -> Iterator[Fix]:
        """Yield Concatenate, where the tensors differ along the axis that it joins."""
        others = {wire.spec.shape[:-1] for wire in wires}
        if wires[0].port == "xs" and place == wires[0].spec.rank - 1 and len(others) == 1:
            yield Fix("Join them with Concatenate.", {"do": "set_kind", "kind": "Concatenate"})

    def masks(self, *xs: TensorSpec) -> bool:
        return all(x.mask for x in xs)

    def mask_of(self, torch: Torch, *xs: Tensor, masks: tuple[Tensor, ...]) -> Tensor:
        return reduce(or_, masks)


class Add(_Elementwise):
    """Adds tensors of one shape, such as a block's input to its output.

    Shapes: xs (...) each -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Add.
    """

    words = ("sum", "plus", "residual", "skip", "shortcut")

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        return self._merged(*xs)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return reduce(add, xs)


class Subtract(_Elementwise):
    """Takes the second tensor from the first.

    Shapes: a (...), b (...) -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Subtract.
    """

    words = ("minus", "difference")

    def infer(self, a: TensorSpec, b: TensorSpec) -> TensorSpec:
        return self._merged(a, b)

    def call(self, torch: Torch, a: Tensor, b: Tensor) -> Tensor:
        return a - b


class Average(_Elementwise):
    """Averages tensors of one shape, place by place.

    Shapes: xs (...) each -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Average.
    """

    words = ("mean", "ensemble")

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        merged = self._merged(*xs)
        require_measurements(merged, "xs")
        return TensorSpec(merged.shape)

    def call(self, torch: Torch, *xs: Tensor) -> Tensor:
        return reduce(add, xs) / len(xs)


class _Selective(_Elementwise):
    """A merge in which a masked step takes no part.

    neutral: what stands for a masked step, without effect on the others.
    """

    mask_rule = "use"
    neutral: ClassVar[float]

    def _join(self, torch: Torch, kept: Sequence[Tensor]) -> Tensor:
        """Return the merge of tensors that need no mask any more."""
        raise NotImplementedError

    def _empty(self, xs: Sequence[Tensor]) -> Tensor | float:
        """Return what comes out where a step is masked in every tensor."""
        raise NotImplementedError

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        return self._merged(*xs)

    def call(
        self, torch: Torch, *xs: Tensor, mask: tuple[Tensor | None, ...] | None = None
    ) -> Tensor:
        columns = [m if m is None else m.unsqueeze(-1) for m in mask or (None,) * len(xs)]
        kept = (
            x if column is None else torch.where(column, x, self.neutral)
            for x, column in zip(xs, columns, strict=True)
        )
        out = self._join(torch, tuple(kept))
        known = [column for column in columns if column is not None]
        if len(known) < len(xs):
            return out
        return torch.where(reduce(or_, known), out, self._empty(xs))


class Multiply(_Selective):
    """Multiplies tensors of one shape, such as a gate with what it lets through.

    A masked step counts as 1; a step that is masked in every tensor comes out as 0.

    Shapes: xs (...) each -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Multiply.
    """

    words = ("product", "times", "gate", "scale")
    neutral = 1

    def _join(self, torch: Torch, kept: Sequence[Tensor]) -> Tensor:
        return reduce(mul, kept)

    def _empty(self, xs: Sequence[Tensor]) -> Tensor | float:
        return 0


class _Extreme(_Selective):
    """The largest or smallest of several values."""

    torch_name: ClassVar[str]

    def infer(self, *xs: TensorSpec) -> TensorSpec:
        out = self._merged(*xs)
        # Infinity, which stands for a masked step, turns ids into real numbers.
        return TensorSpec(out.shape) if any(x.mask for x in xs) else out

    def _join(self, torch: Torch, kept: Sequence[Tensor]) -> Tensor:
        return reduce(getattr(torch, self.torch_name), kept)

    def _empty(self, xs: Sequence[Tensor]) -> Tensor | float:
        return xs[0]


class Maximum(_Extreme):
    """Keeps the largest of the values that stand at one place; a masked step takes no part.

    Shapes: xs (...) each -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Maximum.
    """

    words = ("max", "largest")
    torch_name = "maximum"
    neutral = -inf


class Minimum(_Extreme):
    """Keeps the smallest of the values that stand at one place; a masked step takes no part.

    Shapes: xs (...) each -> (...); an axis of size 1 is repeated.
    Source: keras.layers.Minimum.
    """

    words = ("min", "smallest")
    torch_name = "minimum"
    neutral = inf
