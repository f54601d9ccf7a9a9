"""What flows along a wire: a tensor's shape without the batch axis, and its kind of number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import Literal

Dtype = Literal["float32", "int32", "bool"]
Step = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Length:
    """A free axis: the length of an Input's axis after the windows it has passed.

    Each step (multiply, add, divide) maps n to (n * multiply + add) // divide, which is exact for
    every window, stride, padding, crop and repeat there is. Neighbouring steps are folded into
    one where that is exact, so that two branches of equal length compare equal.

    Args:
        source: the Input whose axis this is.
        axis: which of its axes, from 0, batch not counted.
        steps: the maps passed so far, first one first.
        least: the smallest source length for which every axis on the way is at least 1.
    """

    source: str
    axis: int = 0
    steps: tuple[Step, ...] = ()
    least: int = field(default=1, compare=False)

    def size(self, length: int) -> int:
        """Return how long this axis is when the Input's axis is `length`."""
        for multiply, add, divide in self.steps:
            length = (length * multiply + add) // divide
        return length

    def needed(self, size: int) -> int:
        """Return the smallest length of the Input's axis that makes this axis at least `size`."""
        for multiply, add, divide in reversed(self.steps):
            size = -((add - size * divide) // multiply)
        return max(size, 1)

    def through(self, multiply: int, add: int, divide: int) -> Length:
        """Return the axis after one more map, with the least length worked back."""
        steps = _fold(self.steps, (multiply, add, divide))
        after = replace(self, steps=steps)
        return replace(after, least=max(self.least, after.needed(1)))

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


def _fold(steps: tuple[Step, ...], new: Step) -> tuple[Step, ...]:
    """Append a map, merged with the last one where floor division allows it exactly."""
    if not steps:
        return () if new == (1, 0, 1) else (new,)
    (m, a, d), (multiply, add, divide) = steps[-1], new
    if d == 1:
        merged = (m * multiply, a * multiply + add, divide)
    elif multiply == 1:
        merged = (m, a + add * d, d * divide)
    else:
        return (*steps, new)
    return _fold(steps[:-1], merged)


Dim = int | Length


def mapped(dim: Dim, multiply: int = 1, add: int = 0, divide: int = 1) -> Dim:
    """Return (dim * multiply + add) // divide for a fixed or a free axis."""
    if isinstance(dim, Length):
        return dim.through(multiply, add, divide)
    return (dim * multiply + add) // divide


def window(
    dim: Dim, kernel: int, stride: int = 1, dilation: int = 1, padding: str = "valid"
) -> Dim:
    """Return the number of places a window takes on an axis. Below 1 means it does not fit."""
    if padding == "valid":
        reach = dilation * (kernel - 1) + 1
        return mapped(dim, add=stride - reach, divide=stride)
    return mapped(dim, add=stride - 1, divide=stride)


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """The shape (batch axis left out) and dtype of a tensor, and whether it carries a mask.

    Args:
        shape: sizes, an int where fixed, a Length where free.
        dtype: "float32" stands for real numbers of whatever precision the run uses.
        mask: True if the padded steps of the first axis are marked.
    """

    shape: tuple[Dim, ...]
    dtype: Dtype = "float32"
    mask: bool = False

    @property
    def rank(self) -> int:
        """Number of axes, the batch not counted."""
        return len(self.shape)

    @property
    def free(self) -> tuple[Length, ...]:
        """The free axes, first one first."""
        return tuple(dim for dim in self.shape if isinstance(dim, Length))

    @property
    def size(self) -> int | None:
        """Number of values in one row, or None while an axis is free."""
        return None if self.free else prod(dim for dim in self.shape if isinstance(dim, int))

    def same(self, other: TensorSpec) -> bool:
        """Return whether both are equal, the least lengths of free axes included."""
        return self == other and all(
            one.least == another.least for one, another in zip(self.free, other.free, strict=True)
        )

    def with_shape(self, *shape: Dim) -> TensorSpec:
        """Return the same kind of tensor with another shape, its mask left behind."""
        return TensorSpec(shape, self.dtype)

    def plain(self) -> list[int | None]:
        """Return the shape with None for the batch and for each free axis, as Keras prints it."""
        return [None, *(dim if isinstance(dim, int) else None for dim in self.shape)]

    def __str__(self) -> str:
        return "(" + ", ".join(["batch", *map(str, self.shape)]) + ")"


def merged(dims: tuple[Dim, ...]) -> Dim | None:
    """Return the one size that equal axes share, or None if they differ.

    Free axes of one form may still ask for different least lengths; the largest holds.
    """
    first, *rest = dims
    if any(dim != first for dim in rest):
        return None
    if isinstance(first, Length):
        return replace(first, least=max(dim.least for dim in dims if isinstance(dim, Length)))
    return first
