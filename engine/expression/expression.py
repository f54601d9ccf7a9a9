"""An expression: its variables, its shape inference and its computation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import TensorSpec
from engine.expression.arguments import BoundCall, bind_arguments
from engine.expression.errors import PARAM, expression_error
from engine.expression.function import Tensor, Torch
from engine.expression.index import index_spec, python_index
from engine.expression.parser import parse
from engine.expression.shapes import Number, Operand
from engine.expression.syntax import Call, Index, Literal, Name, Node, Span, variable_names, walk

_EXACT = 2**53  # larger integers are not exact as floats


class Expression:
    """A parsed expression. Equal texts give equal results, and no text can do anything else.

    Args:
        text: one line, such as "sqrt(sum((a - b)**2, axis=-1))".

    Raises:
        LayerError: the text is not an expression, or a call has wrong arguments.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._node = parse(text)
        self._calls: dict[Span, BoundCall] = {
            node.function_span: bind_arguments(node)
            for node in walk(self._node)
            if isinstance(node, Call)
        }
        self.variables = variable_names(self._node)

    @property
    def is_elementwise(self) -> bool:
        """Whether each value of the result depends on one position of the variables."""
        calls = all(bound.function.is_elementwise for bound in self._calls.values())
        return calls and not any(isinstance(node, Index) for node in walk(self._node))

    def infer(self, specs: Mapping[str, TensorSpec]) -> TensorSpec:
        """Return the spec of the result for specs of the variables.

        Raises:
            LayerError: the shapes or dtypes do not fit; its place is the column.
        """
        result = self._infer(self._node, specs)
        if not isinstance(result.value, TensorSpec):
            raise expression_error(
                "param-invalid", "the result is a number, not a tensor", self._node.span,
                "Use a variable, such as x.", found=str(result.value), expected="a tensor",
            )  # fmt: skip
        return result.value

    def compute(self, torch: Torch, tensors: Mapping[str, Tensor]) -> Tensor:
        """Return the result for tensors with a batch axis. Their specs must have been inferred."""
        return self._compute(self._node, torch, tensors)

    def _infer(self, node: Node, specs: Mapping[str, TensorSpec]) -> Operand:
        text = self.text[node.span.start : node.span.end]
        if isinstance(node, Name):
            return Operand(text, specs[node.name])
        if isinstance(node, Literal) and isinstance(node.value, int | float):
            return Operand(text, node.value)
        if isinstance(node, Index):
            x = self._infer(node.operand, specs)
            if isinstance(x.value, TensorSpec):
                spec = x.value
                return Operand(text, _at(node, lambda: index_spec(node, spec)))
        if not isinstance(node, Call):
            raise expression_error(
                "param-invalid", f"{text} is no tensor", node.span, "Write a tensor here.",
                found=text, expected="a tensor",
            )  # fmt: skip
        bound = self._calls[node.function_span]
        operands = [self._infer(operand, specs) for operand in bound.operands]
        spec = _at(node, lambda: bound.function.infer(operands, **bound.options))
        if any(isinstance(operand.value, TensorSpec) for operand in operands):
            return Operand(text, spec)
        return Operand(text, self._fold(node, [operand.value for operand in operands]))

    def _compute(self, node: Node, torch: Torch, tensors: Mapping[str, Tensor]) -> Tensor:
        if isinstance(node, Name):
            return tensors[node.name]
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Index):
            return self._compute(node.operand, torch, tensors)[python_index(node)]
        assert isinstance(node, Call)
        bound = self._calls[node.function_span]
        operands = [self._compute(operand, torch, tensors) for operand in bound.operands]
        if all(isinstance(operand, bool | int | float) for operand in operands):
            return self._fold(node, operands)
        return bound.function.compute(torch, *operands, **bound.options)

    def _fold(self, node: Call, numbers: list[Any]) -> Number:
        """Return the result of a function of numbers. Raise LayerError if there is none."""
        function, result = self._calls[node.function_span].function, math.nan
        if function.fold is not None:
            if function.name == "power":  # a power of integers may have millions of digits
                numbers = [float(numbers[0]), numbers[1]]
            try:
                result = function.fold(*numbers)
            except (ArithmeticError, TypeError, ValueError):
                result = math.nan
        if isinstance(result, complex) or not math.isfinite(result):
            text = self.text[node.span.start : node.span.end]
            raise expression_error(
                "param-invalid", f"{text} has no finite result", node.span,
                "Use a tensor in it, or write its value.", found=text, expected="a finite number",
            )  # fmt: skip
        return float(result) if type(result) is int and abs(result) > _EXACT else result


def _at(node: Call | Index, infer: Callable[[], TensorSpec]) -> TensorSpec:
    """Call a shape rule, and add the column of the function to its errors."""
    span = node.function_span if isinstance(node, Call) else node.span
    try:
        return infer()
    except LayerError as error:
        place = f"column {span.column}"
        located = (replace(one, place=one.place or place, param=PARAM) for one in error.diagnostics)
        raise LayerError(*located) from None
