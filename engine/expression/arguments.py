"""The arguments of a call: which ones are tensors, and the values of its options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import LayerError, nearest_word
from engine.expression.errors import expression_error
from engine.expression.function import Function, Option, OptionKind
from engine.expression.functions import function_of
from engine.expression.syntax import Call, Items, Literal, Node, Span

_DTYPES = ("float32", "int32", "bool")
_EXPECTED: dict[OptionKind, str] = {
    "axis": "an axis, such as -1",
    "axes": "an axis, such as -1, or several, such as (1, 2)",
    "integer": "an integer",
    "number": "a number",
    "flag": "True or False",
    "dtype": '"float32", "int32" or "bool"',
}


@dataclass(frozen=True, slots=True)
class BoundCall:
    """A call with its function, its operands in order, and all options by name."""

    function: Function
    operands: tuple[Node, ...]
    options: dict[str, Any]


def bind_arguments(call: Call) -> BoundCall:
    """Return a call with its arguments sorted into operands and options.

    Raises:
        LayerError: an argument is missing, unknown, given twice or of the wrong kind.
    """
    function = function_of(call)
    names = (*function.operands, *function.options)
    if len(call.arguments) > len(names):
        extra = call.arguments[len(names)]
        raise _argument_error(call, function, f"takes {len(names)} arguments", extra.span)
    given: dict[str, Node] = dict(zip(names, call.arguments, strict=False))
    for name, value in call.keywords:
        if name not in names or name in given:
            problem = f'has no argument "{name}"' if name not in names else f"got {name} twice"
            nearest = nearest_word(name, names)
            raise _argument_error(call, function, problem, value.span, nearest)
        given[name] = value
    required = [name for name, option in function.options.items() if option.is_required]
    for name in (*function.operands, *required):
        if name not in given:
            raise _argument_error(call, function, f"needs {name}", call.function_span)
    options = {
        name: _option_value(call, function, name, option, given[name])
        if name in given
        else option.default
        for name, option in function.options.items()
    }
    return BoundCall(function, _operands(call, function, given), options)


def _operands(call: Call, function: Function, given: dict[str, Node]) -> tuple[Node, ...]:
    operands = tuple(given[name] for name in function.operands)
    if function.takes_list:
        (tensors,) = operands
        if not isinstance(tensors, Items) or not tensors.items:
            raise _argument_error(call, function, "takes a list of tensors", tensors.span)
        operands = tensors.items
    for operand in operands:
        is_text = isinstance(operand, Literal) and not isinstance(operand.value, int | float)
        if isinstance(operand, Items) or is_text:
            raise _argument_error(call, function, "needs a tensor or a number here", operand.span)
    return operands


def _option_value(call: Call, function: Function, name: str, option: Option, node: Node) -> Any:
    """Return the value of an option. Raise LayerError if it is of the wrong kind."""
    if isinstance(node, Literal) and _is_of_kind(node.value, option):
        return node.value
    if isinstance(node, Items) and option.kind == "axes":
        axes = [item.value for item in node.items if isinstance(item, Literal)]
        if axes and len(axes) == len(node.items) and all(type(axis) is int for axis in axes):
            return tuple(axes)
    problem = f"needs {_EXPECTED[option.kind]} as {name}"
    raise _argument_error(call, function, problem, node.span)


def _is_of_kind(value: object, option: Option) -> bool:
    if value is None:
        return option.kind == "axes"
    types: dict[OptionKind, tuple[type, ...]] = {
        "axis": (int,), "axes": (int,), "integer": (int,), "number": (int, float), "flag": (bool,),
    }  # fmt: skip
    return value in _DTYPES if option.kind == "dtype" else type(value) in types[option.kind]


def _argument_error(
    call: Call, function: Function, problem: str, span: Span, nearest: str | None = None
) -> LayerError:
    advice = f'Write "{nearest}".' if nearest else f"Write {function}."
    return expression_error(
        "param-invalid",
        f"{call.function} {problem}",
        span,
        advice,
        found=f"{len(call.arguments) + len(call.keywords)} arguments",
        expected=str(function),
    )
