"""Python operators on symbolic tensors: + - * call merging layers, all others raise an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.symbolic.call_site import call_site_errors

# A mapping from an operator to a function that calls its layer on two tensors. `engine.layers`
# fills it, since this package can't import layers.
OPERATOR_LAYERS: dict[str, Callable[[list[Any]], Any]] = {}

_UNSUPPORTED = {
    "/": ("truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod"),
    "**": ("pow", "rpow"),
    "@": ("matmul", "rmatmul"),
    "-": ("neg", "pos"),
    "abs": ("abs",),
    "[]": ("getitem",),
    "a loop": ("iter",),
    "len": ("len",),
    "a comparison": ("lt", "le", "gt", "ge"),
    "if, and, or, not": ("bool",),
    "a number": ("float", "int", "index", "complex"),
    "an array": ("array",),
}


class OperatorMixin:
    """A mixin with the Python operators of symbolic tensors.

    Raises:
        CallSiteError: no layer computes the operator.
    """

    # Makes NumPy call `__radd__` for `array + tensor`.
    __array_ufunc__ = None

    def __add__(self, other: object) -> Any:
        return _merge("+", self, other)

    def __radd__(self, other: object) -> Any:
        return _merge("+", other, self)

    def __sub__(self, other: object) -> Any:
        return _merge("-", self, other)

    def __rsub__(self, other: object) -> Any:
        return _merge("-", other, self)

    def __mul__(self, other: object) -> Any:
        return _merge("*", self, other)

    def __rmul__(self, other: object) -> Any:
        return _merge("*", other, self)


def _merge(operator: str, left: object, right: object) -> Any:
    with call_site_errors():
        for operand in (left, right):
            if not isinstance(operand, OperatorMixin):
                raise _no_values(operator, type(operand).__name__)
        return OPERATOR_LAYERS[operator]([left, right])


def _unsupported(operator: str) -> Callable[..., NoReturn]:
    """Return a special method, such as `__mod__`, that raises an error naming `operator`."""

    def method(*_: object) -> NoReturn:
        with call_site_errors():
            raise _no_values(operator, "a symbolic tensor")

    return method


for _operator, _names in _UNSUPPORTED.items():
    for _name in _names:
        setattr(OperatorMixin, f"__{_name}__", _unsupported(_operator))


def _no_values(operator: str, found: str) -> DiagnosticError:
    return diagnostic_error(
        "no-values",
        "a symbolic tensor has no values that Python could compute with",
        "Call a layer: layers.Dense, layers.Dot, layers.Reshape, layers.Cropping1D.",
        "To transform the data, change the arrays before you pass them to the model.",
        found=f"{found} in {operator}",
        expected="layers called on tensors, or + - * between two of them",
    )
