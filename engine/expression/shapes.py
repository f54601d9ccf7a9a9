"""Shape rules that many functions share: broadcasting, reductions, products of matrices.

Shapes have no batch axis here, but the numbers of axes count it, as in Keras: axis 1 is the first
axis of a row. Rows are never combined, so no rule touches axis 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.core.diagnostic import layer_error, require
from engine.core.tensor_spec import Dim, Dtype, TensorSpec, merge_dims, promoted_dtype

Number = int | float | bool
Axis = int | tuple[int, ...] | None
Needed = Literal["float32", "numbers", "a number", "bool"]  # what a function computes with


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand of a function: its text, and its spec, or its value if it is a number."""

    text: str
    value: TensorSpec | Number

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The shape; a number has none."""
        return self.value.shape if isinstance(self.value, TensorSpec) else ()

    @property
    def dtype(self) -> Dtype:
        """The dtype; a number with a decimal point is "float32"."""
        if isinstance(self.value, TensorSpec):
            return self.value.dtype
        names: dict[type, Dtype] = {bool: "bool", int: "int32", float: "float32"}
        return names[type(self.value)]

    def __str__(self) -> str:
        return f"{self.text} {self.value}" if isinstance(self.value, TensorSpec) else self.text


def spec_of(operand: Operand) -> TensorSpec:
    """Return the spec of an operand. Raise LayerError if it is a number."""
    require(
        isinstance(operand.value, TensorSpec),
        "param-invalid",
        f"{operand.text} is a number, but a tensor is needed",
        "Write the name of an input.",
        found=operand.text,
        expected="a tensor",
    )
    assert isinstance(operand.value, TensorSpec)
    return operand.value


def broadcast(operands: Sequence[Operand]) -> tuple[Dim, ...]:
    """Return the shape of an elementwise operation: sizes are equal, or one of them is 1.

    Why: tensors need as many axes as each other. numpy would align the last axes of tensors with
    different numbers of axes, and so combine the batch of one with another axis of the other.

    Raises:
        LayerError: the shapes of two operands do not fit.
    """
    tensors = [operand for operand in operands if isinstance(operand.value, TensorSpec)]
    shape = tensors[0].shape if tensors else ()
    for operand in tensors[1:]:
        if len(operand.shape) != len(shape):
            raise _different_ranks(tensors[0], operand)
        pairs = zip(shape, operand.shape, strict=True)
        if any(a != b and 1 not in (a, b) for a, b in pairs):
            raise _different_sizes(tensors[0], operand)
        shape = tuple(map(_broadcast_size, shape, operand.shape))
    return shape


def _broadcast_size(a: Dim, b: Dim) -> Dim:
    """Return the size of an axis on which two sizes fit."""
    size = b if a == 1 else a if b == 1 else merge_dims((a, b))
    assert size is not None
    return size


def _different_ranks(first: Operand, second: Operand) -> Exception:
    low, high = sorted((first, second), key=lambda operand: len(operand.shape))
    return layer_error(
        "shapes-differ",
        f"{low.text} and {high.text} have different numbers of axes",
        f"Add an axis of size 1: expand_dims({low.text}, 1).",
        found=f"{first}, {second}",
        expected="the same number of axes",
    )


def _different_sizes(first: Operand, second: Operand) -> Exception:
    return layer_error(
        "shapes-differ",
        f"{first} and {second} have different sizes",
        "Change one of them, so that the sizes are equal or 1 on every axis.",
        found=f"{first}, {second}",
        expected="equal sizes on every axis, or size 1",
    )


def promote(operands: Sequence[Operand]) -> Dtype:
    """Return the dtype of an arithmetic operation on these operands."""
    return promoted_dtype(operand.dtype for operand in operands)


def require_dtype(name: str, operands: Sequence[Operand], needed: Needed) -> None:
    """Raise LayerError unless a function can compute with the dtypes of its operands."""
    dtypes = [operand.dtype for operand in operands]
    is_valid = {
        "float32": promote(operands) == "float32",
        "numbers": "bool" not in dtypes,
        "a number": promote(operands) != "bool",
        "bool": set(dtypes) == {"bool"},
    }[needed]
    require(
        is_valid,
        "wrong-dtype",
        f"{name} needs {'values that are true or false' if needed == 'bool' else needed}",
        "Compare the values first, such as x > 0."
        if needed == "bool"
        else f'Convert the values first: cast({operands[0].text}, "float32").',
        found=", ".join(f"{operand.text} {operand.dtype}" for operand in operands),
        expected=needed,
    )


def axis_indices(axis: Axis, x: TensorSpec, can_be_new: bool = False) -> tuple[int, ...]:
    """Return the indices in `x.shape` of axis numbers, ascending; None stands for all axes.

    `can_be_new` is true for the place of a new axis, of which there is one more.

    Raises:
        LayerError: an axis is the batch, does not exist or is given twice.
    """
    if axis is None:
        return tuple(range(x.rank))
    rank = x.rank + can_be_new
    numbers = axis if isinstance(axis, tuple) else (axis,)
    indices = [number - 1 if number > 0 else rank + number for number in numbers]
    for number, index in zip(numbers, indices, strict=True):
        require(
            0 <= index < rank and number != 0,
            "bad-axis",
            f"there is no axis {number}" if number else "axis 0 is the batch, which is kept",
            "Use axis -1, the last one." if rank else "Leave the axis out.",
            found=f"axis {number} on {x}",
            expected=f"1 to {rank}, or -{rank} to -1" if rank else "no axis",
        )
    require(
        len(set(indices)) == len(indices),
        "bad-axis",
        "an axis is given twice",
        "Give each axis once.",
        found=list(numbers),
        expected="different axes",
    )
    return tuple(sorted(indices))


def reduced(axis: Axis, keepdims: bool, x: TensorSpec) -> tuple[Dim, ...]:
    """Return the shape after a reduction; `keepdims` keeps the axes with size 1."""
    indices = axis_indices(axis, x)
    sizes = ((1 if keepdims else None) if i in indices else dim for i, dim in enumerate(x.shape))
    return tuple(size for size in sizes if size is not None)


def matrix_product(a: Operand, b: Operand) -> tuple[Dim, ...]:
    """Return the shape of a product of matrices: (..., n, k) @ (..., k, m) -> (..., n, m).

    Raises:
        LayerError: an operand is no matrix per row, or the sizes do not fit.
    """
    for operand in (a, b):
        require(
            spec_of(operand).rank >= 2,
            "wrong-rank",
            f"{operand.text} has no matrix in each row",
            "For the dot product of vectors, write sum(a * b, axis=-1).",
            found=str(operand),
            expected="at least two axes besides the batch",
        )
    require(
        a.shape[-1] == b.shape[-2],
        "shapes-differ",
        f"the last axis of {a.text} and the last but one of {b.text} differ",
        f"Swap the last two axes of one: swapaxes({b.text}, -1, -2).",
        found=f"{a}, {b}",
        expected=f"size {a.shape[-1]} on the last but one axis of {b.text}",
    )
    # The axes before the matrices are broadcast.
    rows = [Operand(operand.text, TensorSpec(operand.shape[:-2])) for operand in (a, b)]
    return (*broadcast(rows), a.shape[-2], b.shape[-1])
