"""Functions that arrange values anew: axes, parts, copies, products of matrices, one-hot.

Source: the functions of keras.ops with these names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.diagnostic import require
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim, merge_dims
from engine.expression.function import Function, Option, Tensor, Torch
from engine.expression.shapes import Operand, axis_indices, matrix_product, promote, spec_of

_AXIS = Option("axis", -1)
_REQUIRED_AXIS = Option("axis", is_required=True)


def arrangement_functions() -> Iterator[Function]:
    """Yield the functions of this module."""
    two_axes = {"axis1": _REQUIRED_AXIS, "axis2": _REQUIRED_AXIS}
    repeats = {"repeats": Option("integer", is_required=True), "axis": _REQUIRED_AXIS}
    yield Function("matmul", ("x1", "x2"), _infer_matmul, _matmul)
    yield Function("expand_dims", ("x",), _infer_expanded, _expand, {"axis": _REQUIRED_AXIS})
    yield Function("squeeze", ("x",), _infer_squeezed, _squeeze, {"axis": _REQUIRED_AXIS})
    yield Function("swapaxes", ("x",), _infer_swapped, _swap, two_axes)
    yield Function("repeat", ("x",), _infer_repeated, _repeat, repeats)
    yield Function("stack", ("xs",), _infer_stacked, _stack, {"axis": _AXIS}, takes_list=True)
    yield Function(
        "concatenate", ("xs",), _infer_joined, _concatenate, {"axis": _AXIS}, takes_list=True
    )
    classes = {"num_classes": Option("integer", is_required=True)}
    yield Function("one_hot", ("x",), _infer_one_hot, _one_hot, classes)
    yield Function("positions", ("x",), _infer_positions, _positions, {"axis": Option("axis", 1)})


def _infer_matmul(operands: Sequence[Operand]) -> TensorSpec:
    return TensorSpec(matrix_product(*operands), promote(operands))


def _matmul(torch: Torch, a: Tensor, b: Tensor) -> Tensor:
    return a @ b


def _infer_expanded(operands: Sequence[Operand], axis: int) -> TensorSpec:
    x = spec_of(operands[0])
    (index,) = axis_indices(axis, x, can_be_new=True)
    return TensorSpec((*x.shape[:index], 1, *x.shape[index:]), x.dtype)


def _expand(torch: Torch, x: Tensor, axis: int) -> Tensor:
    return torch.unsqueeze(x, axis)


def _infer_squeezed(operands: Sequence[Operand], axis: int) -> TensorSpec:
    x = spec_of(operands[0])
    (index,) = axis_indices(axis, x)
    require(
        x.shape[index] == 1,
        "bad-axis",
        f"axis {axis} has no size of 1",
        f"Use a reduction, such as mean({operands[0].text}, axis={axis}).",
        found=str(operands[0]),
        expected="size 1",
    )
    return TensorSpec((*x.shape[:index], *x.shape[index + 1 :]), x.dtype)


def _squeeze(torch: Torch, x: Tensor, axis: int) -> Tensor:
    return torch.squeeze(x, axis)


def _infer_swapped(operands: Sequence[Operand], axis1: int, axis2: int) -> TensorSpec:
    x = spec_of(operands[0])
    (first,), (second,) = axis_indices(axis1, x), axis_indices(axis2, x)
    shape = list(x.shape)
    shape[first], shape[second] = shape[second], shape[first]
    return TensorSpec(tuple(shape), x.dtype)


def _swap(torch: Torch, x: Tensor, axis1: int, axis2: int) -> Tensor:
    return torch.swapaxes(x, axis1, axis2)


def _infer_repeated(operands: Sequence[Operand], repeats: int, axis: int) -> TensorSpec:
    x = spec_of(operands[0])
    (index,) = axis_indices(axis, x)
    require(
        repeats >= 1,
        "param-invalid",
        "repeats is less than 1",
        "Write a number of at least 1.",
        found=repeats,
        expected="at least 1",
    )
    size = map_dim(x.shape[index], multiply=repeats)
    return TensorSpec((*x.shape[:index], size, *x.shape[index + 1 :]), x.dtype)


def _repeat(torch: Torch, x: Tensor, repeats: int, axis: int) -> Tensor:
    return torch.repeat_interleave(x, repeats, axis)


def _infer_stacked(operands: Sequence[Operand], axis: int) -> TensorSpec:
    specs = [spec_of(operand) for operand in operands]
    (index,) = axis_indices(axis, specs[0], can_be_new=True)
    shape = [_equal_size(operands, place) for place in range(specs[0].rank)]
    return TensorSpec((*shape[:index], len(specs), *shape[index:]), promote(operands))


def _stack(torch: Torch, *xs: Tensor, axis: int) -> Tensor:
    return torch.stack(list(xs), axis)


def _infer_joined(operands: Sequence[Operand], axis: int) -> TensorSpec:
    specs = [spec_of(operand) for operand in operands]
    (index,) = axis_indices(axis, specs[0])
    _require_equal_ranks(operands)
    dims = [spec.shape[index] for spec in specs]
    dynamic = tuple(dim for dim in dims if isinstance(dim, DynamicLength))
    length = merge_dims(dynamic) if dynamic else 0
    require(
        length is not None,
        "free-axis",
        "can't add dynamic lengths that vary independently",
        "Concatenate along another axis.",
        found=", ".join(map(str, operands)),
        expected="lengths that depend on one Input in the same way",
    )
    assert length is not None
    fixed = sum(dim for dim in dims if isinstance(dim, int))
    total: Dim = map_dim(length, multiply=len(dynamic), add=fixed) if dynamic else fixed
    places = range(specs[0].rank)
    sizes = (total if place == index else _equal_size(operands, place) for place in places)
    return TensorSpec(tuple(sizes), promote(operands))


def _concatenate(torch: Torch, *xs: Tensor, axis: int) -> Tensor:
    return torch.cat(list(xs), axis)


def _require_equal_ranks(operands: Sequence[Operand]) -> None:
    require(
        len({len(operand.shape) for operand in operands}) == 1,
        "shapes-differ",
        "the tensors have different numbers of axes",
        "Add axes of size 1 with expand_dims.",
        found=", ".join(map(str, operands)),
        expected="the same number of axes",
    )


def _equal_size(operands: Sequence[Operand], index: int) -> Dim:
    """Return the size that all operands have on an axis. Raise LayerError if they differ."""
    _require_equal_ranks(operands)
    size = merge_dims(tuple(operand.shape[index] for operand in operands))
    require(
        size is not None,
        "shapes-differ",
        f"the tensors have different sizes on axis {index + 1}",
        "Make the sizes equal.",
        found=", ".join(map(str, operands)),
        expected=f"equal sizes on axis {index + 1}",
    )
    assert size is not None
    return size


def _infer_one_hot(operands: Sequence[Operand], num_classes: int) -> TensorSpec:
    x = spec_of(operands[0])
    require(
        x.dtype == "int32",
        "wrong-dtype",
        "one_hot needs integers",
        'Use cast(x, "int32").',
        found=str(operands[0]),
        expected="int32",
    )
    require(
        num_classes >= 1,
        "param-invalid",
        "num_classes is less than 1",
        "Write the number of classes.",
        found=num_classes,
        expected="at least 1",
    )
    return TensorSpec((*x.shape, num_classes))


def _one_hot(torch: Torch, x: Tensor, num_classes: int) -> Tensor:
    """Return one-hot vectors; all zeros for an integer that is no class, as in Keras."""
    classes = torch.arange(num_classes, device=x.device)
    return (x[..., None] == classes).to(torch.get_default_dtype())


def _infer_positions(operands: Sequence[Operand], axis: int) -> TensorSpec:
    x = spec_of(operands[0])
    (index,) = axis_indices(axis, x)
    return TensorSpec((x.shape[index],), "int32")


def _positions(torch: Torch, x: Tensor, axis: int) -> Tensor:
    positions = torch.arange(x.shape[axis], device=x.device)
    return positions.expand(x.shape[0], -1)
