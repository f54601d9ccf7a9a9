"""Functions along axes: reductions, cumulative sums, softmax, normalization.

Source: the functions of keras.ops with these names. Unlike there, `axis=None` stands for all axes
of a row: rows are never combined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from engine.core.diagnostic import require
from engine.core.tensor_spec import TensorSpec
from engine.expression.function import Function, Option, Tensor, Torch
from engine.expression.shapes import (
    Axis,
    Needed,
    Operand,
    axis_indices,
    reduced,
    require_dtype,
    spec_of,
)

_AXES = {"axis": Option("axes"), "keepdims": Option("flag", False)}
_AXIS = {"axis": Option("axis", -1)}

# The name in keras.ops, that in torch, what the function computes with, arguments of torch.
_REDUCTIONS: tuple[tuple[str, str, Needed, dict[str, Any]], ...] = (
    ("mean", "mean", "float32", {}),
    ("sum", "sum", "numbers", {}),
    ("max", "amax", "numbers", {}),
    ("min", "amin", "numbers", {}),
    ("var", "var", "float32", {"correction": 0}),
    ("std", "std", "float32", {"correction": 0}),
    ("logsumexp", "logsumexp", "float32", {}),
    ("all", "all", "bool", {}),
    ("any", "any", "bool", {}),
)


def axis_functions() -> Iterator[Function]:
    """Yield the functions of this module."""
    for name, torch_name, needed, arguments in _REDUCTIONS:
        compute = partial(_reduce, torch_name, arguments)
        yield Function(name, ("x",), partial(_infer_reduced, name, needed), compute, _AXES)
    options = {"ord": Option("number", 2), **_AXES}
    yield Function("norm", ("x",), _infer_norm, _norm, options)
    for name in ("argmax", "argmin"):
        yield Function(name, ("x",), _infer_place, partial(_along, name), _AXIS)
    for name in ("cumsum", "cumprod"):
        infer = partial(_infer_along, name, "numbers")
        yield Function(name, ("x",), infer, partial(_along, name), _AXIS)
    for name in ("softmax", "log_softmax"):
        infer = partial(_infer_along, name, "float32")
        yield Function(name, ("x",), infer, partial(_along, name), _AXIS)
    yield Function("flip", ("x",), partial(_infer_along, "flip", "numbers"), _flip, _AXIS)
    yield Function("sort", ("x",), partial(_infer_along, "sort", "numbers"), _sort, _AXIS)
    options = {"axis": Option("axis", -1), "order": Option("number", 2)}
    yield Function("normalize", ("x",), _infer_normalized, _normalize, options)


def _infer_reduced(
    name: str, needed: Needed, operands: Sequence[Operand], axis: Axis, keepdims: bool
) -> TensorSpec:
    x = spec_of(operands[0])
    require_dtype(name, operands, needed)
    require(
        axis is not None or not keepdims,
        "param-invalid",
        "keepdims needs the axes that are reduced",
        "Give the axes: axis=(1, 2).",
        found="no axis",
        expected="axis=...",
    )
    return TensorSpec(reduced(axis, keepdims, x), x.dtype)


def _rows(x: Tensor) -> Tensor:
    """Return a tensor with all axes of a row in one."""
    return x.reshape(x.shape[0], -1)


def _reduce(
    name: str, arguments: dict[str, Any], torch: Torch, x: Tensor, axis: Axis, keepdims: bool
) -> Tensor:
    function = getattr(torch, name)
    if axis is None:
        return function(_rows(x), -1, **arguments)
    return function(x, axis, **arguments, **({"keepdim": True} if keepdims else {}))


def _infer_norm(
    operands: Sequence[Operand], axis: Axis, keepdims: bool, **order: float
) -> TensorSpec:
    return _infer_reduced("norm", "float32", operands, axis, keepdims)


def _norm(torch: Torch, x: Tensor, axis: Axis, keepdims: bool, **order: float) -> Tensor:
    degree = order["ord"]
    norm = torch.linalg.vector_norm
    if axis is None:
        return norm(_rows(x), degree, -1)
    return norm(x, degree, axis, keepdim=True) if keepdims else norm(x, degree, axis)


def _infer_place(operands: Sequence[Operand], axis: int) -> TensorSpec:
    return TensorSpec(reduced(axis, False, spec_of(operands[0])), "int32")


def _infer_along(name: str, needed: Needed, operands: Sequence[Operand], axis: int) -> TensorSpec:
    x = spec_of(operands[0])
    require_dtype(name, operands, needed)
    axis_indices(axis, x)
    return TensorSpec(x.shape, x.dtype)


def _along(name: str, torch: Torch, x: Tensor, axis: int) -> Tensor:
    return getattr(torch, name)(x, axis)


def _flip(torch: Torch, x: Tensor, axis: int) -> Tensor:
    return torch.flip(x, (axis,))


def _sort(torch: Torch, x: Tensor, axis: int) -> Tensor:
    return torch.sort(x, axis).values


def _infer_normalized(operands: Sequence[Operand], axis: int, order: float) -> TensorSpec:
    return _infer_along("normalize", "float32", operands, axis)


def _normalize(torch: Torch, x: Tensor, axis: int, order: float) -> Tensor:
    return torch.nn.functional.normalize(x, order, axis)
