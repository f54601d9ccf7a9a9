"""Tensor specs: shape without the batch axis, dtype and mask, with arithmetic of dynamic axes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import prod
from typing import Literal

Dtype = Literal["float32", "int32", "bool"]
LengthStep = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class DynamicLength:
    """The length of a dynamic axis, as a function of the length of an Input's axis.

    Each step (multiply, add, divide) maps n to (n * multiply + add) // divide, which expresses
    every window, stride, padding, crop and repeat. Consecutive steps are combined into one if the
    result is the same for every n, so that two branches with equal lengths compare equal.

    Args:
        source: the name of the Input.
        axis: the axis of the Input, counted from 0 without the batch axis.
        steps: the steps of the layers between Input and axis, in order.
        minimum_length: the smallest Input length for which the axis is at least 1 after every step.
    """

    source: str
    axis: int = 0
    steps: tuple[LengthStep, ...] = ()
    minimum_length: int = field(default=1, compare=False)

    def size_for(self, length: int) -> int:
        """Return the length of this axis if the Input axis it depends on has length `length`."""
        for multiply, add, divide in self.steps:
            length = (length * multiply + add) // divide
        return length

    def required_length(self, size: int) -> int:
        """Return the smallest length of the Input's axis for which this axis is at least `size`.

        Each step (multiply, add, divide) is inverted, the last step first:
        (n * multiply + add) // divide >= size holds for n >= (size * divide - add) / multiply.
        """
        for multiply, add, divide in reversed(self.steps):
            size = -((add - size * divide) // multiply)
        return max(size, 1)

    def with_step(self, multiply: int, add: int, divide: int) -> DynamicLength:
        """Return the length (n * multiply + add) // divide, where n is this length."""
        steps = _fold(self.steps, (multiply, add, divide))
        after = replace(self, steps=steps)
        return replace(after, minimum_length=max(self.minimum_length, after.required_length(1)))

    def __str__(self) -> str:
        text = self.source if self.axis == 0 else f"{self.source}.{self.axis}"
        for multiply, add, divide in self.steps:
            if multiply != 1:
                text = f"{_grouped(text)} * {multiply}"
            if add:
                text = f"{text} {'+' if add > 0 else '-'} {abs(add)}"
            if divide != 1:
                text = f"{_grouped(text)} // {divide}"
        return text


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def _fold(steps: tuple[LengthStep, ...], new: LengthStep) -> tuple[LengthStep, ...]:
    """Return `steps` with the step `new` appended, or combined with the last step if possible.

    A step (multiply, add, divide) maps a length n to (n * multiply + add) // divide. Two steps can
    be combined if the first has divide 1 or the second multiply 1: n // d // e = n // (d * e).
    """
    if not steps:
        return () if new == (1, 0, 1) else (new,)
    (m, a, d), (multiply, add, divide) = steps[-1], new
    if d == 1:
        combined = (m * multiply, a * multiply + add, divide)
    elif multiply == 1:
        combined = (m, a + add * d, d * divide)
    else:
        return (*steps, new)
    return _fold(steps[:-1], combined)


Dim = int | DynamicLength


def map_dim(dim: Dim, multiply: int = 1, add: int = 0, divide: int = 1) -> Dim:
    """Return (dim * multiply + add) // divide for a fixed or a dynamic axis."""
    if isinstance(dim, DynamicLength):
        return dim.with_step(multiply, add, divide)
    return (dim * multiply + add) // divide


def window_output_size(
    dim: Dim, kernel: int, stride: int = 1, dilation: int = 1, padding: str = "valid"
) -> Dim:
    """Return the output length of a sliding window on an axis; it is < 1 if no window fits."""
    if padding == "valid":
        span = dilation * (kernel - 1) + 1  # the steps that one window covers
        return map_dim(dim, add=stride - span, divide=stride)
    return map_dim(dim, add=stride - 1, divide=stride)  # "same": ceil(dim / stride)


def promoted_dtype(dtypes: Iterable[Dtype]) -> Dtype:
    """Return the dtype that torch promotes mixed dtypes to: float32 over int32 over bool."""
    by_priority: tuple[Dtype, ...] = ("float32", "int32", "bool")
    return min(dtypes, key=by_priority.index)


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """The shape (without the batch axis) and dtype of a tensor, and whether it has a mask.

    Args:
        shape: an int for each fixed axis, a DynamicLength for each dynamic axis.
        dtype: "float32", "int32" or "bool". "float32" stands for floats of any precision.
        mask: True if a mask marks the padded time steps of the first axis.
    """

    shape: tuple[Dim, ...]
    dtype: Dtype = "float32"
    mask: bool = False

    @property
    def rank(self) -> int:
        """Number of axes without the batch axis."""
        return len(self.shape)

    @property
    def dynamic_axes(self) -> tuple[DynamicLength, ...]:
        """The dynamic axes, in order."""
        return tuple(dim for dim in self.shape if isinstance(dim, DynamicLength))

    @property
    def size(self) -> int | None:
        """Number of values in one row, or None if an axis is dynamic."""
        sizes = [dim for dim in self.shape if isinstance(dim, int)]
        return prod(sizes) if len(sizes) == self.rank else None

    def is_identical(self, other: TensorSpec) -> bool:
        """Return whether the specs are equal, including the minimum lengths of dynamic axes."""
        pairs = zip(self.dynamic_axes, other.dynamic_axes, strict=True)
        return self == other and all(a.minimum_length == b.minimum_length for a, b in pairs)

    def with_shape(self, *shape: Dim) -> TensorSpec:
        """Return a spec with another shape and the same dtype, without a mask."""
        return TensorSpec(shape, self.dtype)

    def keras_shape(self) -> list[int | None]:
        """Return the shape as Keras prints it: None for the batch and for each dynamic axis."""
        return [None, *(dim if isinstance(dim, int) else None for dim in self.shape)]

    def __str__(self) -> str:
        return "(" + ", ".join(["batch", *map(str, self.shape)]) + ")"


def merge_dims(dims: tuple[Dim, ...]) -> Dim | None:
    """Return the common length of axes, or None if they differ.

    Equal dynamic axes may have different minimum lengths; the result has the largest of these.
    """
    first, *rest = dims
    if any(dim != first for dim in rest):
        return None
    if isinstance(first, DynamicLength):
        lengths = (dim.minimum_length for dim in dims if isinstance(dim, DynamicLength))
        return replace(first, minimum_length=max(lengths))
    return first
