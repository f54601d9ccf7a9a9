"""Elementwise functions: arithmetic, comparisons, mathematical functions and activations.

Source: the functions of keras.ops and keras.activations with these names, on the torch backend.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from engine.core.diagnostic import require
from engine.core.tensor_spec import Dtype, TensorSpec
from engine.expression.function import Function, Option, Tensor, Torch
from engine.expression.shapes import Needed, Operand, broadcast, promote, require_dtype

Compute = Callable[..., Tensor]

# Functions with float values that torch has by the same name.
_FLOAT_FUNCTIONS = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "erf",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    "arcsinh", "arccosh", "arctanh",
)  # fmt: skip
# Functions whose values have the dtype of the operand.
_SAME_DTYPE = ("abs", "sign", "square", "floor", "ceil", "round")
_PREDICATES = ("isnan", "isinf", "isfinite")

# Activation functions, in a form that the recorder of source can record. Gelu is the exact form,
# elu's alpha is 1.
ACTIVATIONS: dict[str, Compute] = {
    "relu": lambda torch, x: torch.relu(x),
    "sigmoid": lambda torch, x: torch.sigmoid(x),
    "elu": lambda torch, x: torch.nn.functional.elu(x),
    "selu": lambda torch, x: torch.nn.functional.selu(x),
    "gelu": lambda torch, x: torch.nn.functional.gelu(x),
    "silu": lambda torch, x: torch.nn.functional.silu(x),
    "softplus": lambda torch, x: torch.nn.functional.softplus(x),
    "softsign": lambda torch, x: torch.nn.functional.softsign(x),
    "leaky_relu": lambda torch, x: torch.nn.functional.leaky_relu(x, 0.2),
    "relu6": lambda torch, x: torch.nn.functional.relu6(x),
    "hard_sigmoid": lambda torch, x: torch.nn.functional.hardsigmoid(x),
    "hard_silu": lambda torch, x: torch.nn.functional.hardswish(x),
    "hard_tanh": lambda torch, x: torch.nn.functional.hardtanh(x),
    "hard_shrink": lambda torch, x: torch.nn.functional.hardshrink(x),
    "soft_shrink": lambda torch, x: torch.nn.functional.softshrink(x),
    "tanh_shrink": lambda torch, x: torch.nn.functional.tanhshrink(x),
    "celu": lambda torch, x: torch.nn.functional.celu(x),
    "mish": lambda torch, x: torch.nn.functional.mish(x),
    "squareplus": lambda torch, x: (x + torch.sqrt(x * x + 4)) / 2,
    "sparse_plus": lambda torch, x: torch.where(
        x <= -1, torch.zeros_like(x), torch.where(x < 1, (x + 1) ** 2 / 4, x)
    ),
    "sparse_sigmoid": lambda torch, x: torch.clamp((x + 1) / 2, 0, 1),
    "log_sigmoid": lambda torch, x: torch.nn.functional.logsigmoid(x),
}

# The operators, and functions of two tensors or numbers.
_ARITHMETIC: dict[str, Compute] = {
    "add": lambda torch, a, b: a + b,
    "subtract": lambda torch, a, b: a - b,
}
_COMPARISONS: dict[str, Compute] = {
    "less": lambda torch, a, b: a < b,
    "less_equal": lambda torch, a, b: a <= b,
    "greater": lambda torch, a, b: a > b,
    "greater_equal": lambda torch, a, b: a >= b,
    "equal": lambda torch, a, b: a == b,
    "not_equal": lambda torch, a, b: a != b,
}
_LOGICAL: dict[str, Compute] = {
    "logical_and": lambda torch, a, b: a & b,
    "logical_or": lambda torch, a, b: a | b,
}
# Functions of plain numbers that are not in Python's module math.
_BUILTINS: dict[str, Callable[..., Any]] = {
    "abs": abs, "round": round, "maximum": max, "minimum": min,
}  # fmt: skip


def elementwise_functions() -> Iterator[Function]:
    """Yield the functions of this module."""
    for name in _FLOAT_FUNCTIONS:
        yield _function(name, 1, partial(_call_torch, name), dtype="float32")
    for name, compute in ACTIVATIONS.items():
        yield _function(name, 1, compute, "float32")
    for name in _SAME_DTYPE:
        yield _function(name, 1, partial(_call_torch, name))
    for name in _PREDICATES:
        yield _function(name, 1, partial(_call_torch, name), dtype="bool")
    yield _function("negative", 1, lambda torch, x: -x)
    yield _function("logical_not", 1, lambda torch, x: ~x, "bool")
    for name, compute in _ARITHMETIC.items():
        yield _function(name, 2, compute)
    rules: tuple[tuple[str, Callable[..., TensorSpec], Compute], ...] = (
        ("power", _infer_power, _power),
        ("mod", partial(_infer_quotient, "mod"), _mod),
        ("floor_divide", partial(_infer_quotient, "floor_divide"), _floor_divide),
    )
    for name, infer, compute in rules:
        fold = partial(compute, None)
        yield Function(name, ("x1", "x2"), infer, compute, is_elementwise=True, fold=fold)
    yield _function("multiply", 2, lambda torch, a, b: a * b, "a number")
    yield _function("divide", 2, lambda torch, a, b: a / b, dtype="float32")
    yield _function("maximum", 2, partial(_bound, "maximum", "min"))
    yield _function("minimum", 2, partial(_bound, "minimum", "max"))
    for name, compute in _COMPARISONS.items():
        yield _function(name, 2, compute, dtype="bool")
    for name, compute in _LOGICAL.items():
        yield _function(name, 2, compute, "bool")
    yield from _selections()


def _selections() -> Iterator[Function]:
    yield Function("where", ("condition", "x1", "x2"), _infer_where, _where, is_elementwise=True)
    limit, dtype = Option("number", is_required=True), Option("dtype", is_required=True)
    limits = {"x_min": limit, "x_max": limit}
    yield Function("clip", ("x",), _infer_clip, _clip, limits, is_elementwise=True)
    yield Function("cast", ("x",), _infer_cast, _cast, {"dtype": dtype}, is_elementwise=True)


def _function(
    name: str,
    count: int,
    compute: Compute,
    needed: Needed = "numbers",
    dtype: Dtype | None = None,
) -> Function:
    """Return a function of one or two operands. Its dtype is that of the operands if None."""
    operands = ("x",) if count == 1 else ("x1", "x2")
    infer = partial(_infer, name, needed, dtype)
    return Function(name, operands, infer, compute, is_elementwise=True, fold=_fold(name, compute))


def _fold(name: str, compute: Compute) -> Callable[..., Any] | None:
    """Return the function of plain numbers, that of Python; None if Python has none."""
    if name in _ARITHMETIC | _COMPARISONS | _LOGICAL or name in ("multiply", "divide", "negative"):
        return partial(compute, None)
    # Python's module math says asin for arcsin.
    return _BUILTINS.get(name) or getattr(math, name.replace("arc", "a"), None)


def _infer(
    name: str, needed: Needed, dtype: Dtype | None, operands: Sequence[Operand]
) -> TensorSpec:
    require_dtype(name, operands, needed)
    return TensorSpec(broadcast(operands), dtype or promote(operands))


def _call_torch(name: str, torch: Torch, x: Tensor) -> Tensor:
    return getattr(torch, name)(x)


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float)


def _infer_quotient(name: str, operands: Sequence[Operand]) -> TensorSpec:
    """Return the spec of a quotient; torch raises an error for an integer divided by 0."""
    divisor = operands[1]
    require(
        divisor.value != 0,
        "param-invalid",
        f"{name} divides by zero",
        "Write another divisor.",
        found=divisor.text,
        expected="a number other than 0",
    )
    is_number = not isinstance(divisor.value, TensorSpec)
    return _infer(name, "numbers" if is_number else "float32", None, operands)


def _infer_power(operands: Sequence[Operand]) -> TensorSpec:
    """Return the spec of a power; torch has no negative powers of integers."""
    exponent = operands[1].value
    is_negative = not isinstance(exponent, TensorSpec) and exponent < 0
    return _infer("power", "float32" if is_negative else "numbers", None, operands)


def _power(torch: Torch, a: Tensor, b: Tensor) -> Tensor:
    return a**b


def _mod(torch: Torch, a: Tensor, b: Tensor) -> Tensor:
    """Return a % b. Torch has no gradient of a number modulo a tensor, so that is written out."""
    return a - torch.floor(a / b) * b if _is_number(a) and not _is_number(b) else a % b


def _floor_divide(torch: Torch, a: Tensor, b: Tensor) -> Tensor:
    """Return a // b. Torch has gradients, which are zero, only for these functions."""
    if _is_number(a):
        return a // b if _is_number(b) else torch.floor(a / b)
    return torch.div(a, b, rounding_mode="floor")


def _bound(name: str, limit: str, torch: Torch, a: Tensor, b: Tensor) -> Tensor:
    """Return the larger or smaller of two tensors, or of a tensor and a number."""
    if _is_number(a):
        a, b = b, a
    return torch.clamp(a, **{limit: b}) if _is_number(b) else getattr(torch, name)(a, b)


def _infer_where(operands: Sequence[Operand]) -> TensorSpec:
    condition = operands[0]
    require(
        condition.dtype == "bool" and isinstance(condition.value, TensorSpec),
        "wrong-dtype",
        "the condition of where is no comparison",
        f"Compare it with a number: {condition.text} > 0.",
        found=str(condition),
        expected="values that are true or false",
    )
    return TensorSpec(broadcast(operands), promote(operands[1:]))


def _where(torch: Torch, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(condition, a, b)


def _infer_clip(operands: Sequence[Operand], x_min: float, x_max: float) -> TensorSpec:
    require(
        x_min <= x_max,
        "param-invalid",
        "the lower limit is above the upper limit",
        f"Swap them: {x_max}, {x_min}.",
        found=f"{x_min}, {x_max}",
        expected="the lower limit first",
    )
    limits = (Operand(str(limit), limit) for limit in (x_min, x_max))
    return _infer("clip", "numbers", None, [*operands, *limits])


def _clip(torch: Torch, x: Tensor, x_min: float, x_max: float) -> Tensor:
    return torch.clamp(x, x_min, x_max)


def _infer_cast(operands: Sequence[Operand], dtype: Dtype) -> TensorSpec:
    return TensorSpec(operands[0].shape, dtype)


def _cast(torch: Torch, x: Tensor, dtype: Dtype) -> Tensor:
    if dtype == "float32":
        return x.to(torch.get_default_dtype())
    return x.to(torch.bool if dtype == "bool" else torch.int64)
