"""Python's signs on symbolic tensors: + - * are merges, and nothing else has a value yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.call_site import naming_the_line

# By sign, what calls a layer on two tensors; the layers, which stand above, enter them.
MERGES: dict[str, Callable[[list[Any]], Any]] = {}

_REFUSED = {
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


class Signed:
    """What Python's signs do with a tensor.

    Raises:
        RefusedAt: for every sign that no layer stands for.
    """

    # So that numpy leaves `array + tensor` to `__radd__`.
    __array_ufunc__ = None

    def __add__(self, other: object) -> Any:
        return _merged("+", self, other)

    def __radd__(self, other: object) -> Any:
        return _merged("+", other, self)

    def __sub__(self, other: object) -> Any:
        return _merged("-", self, other)

    def __rsub__(self, other: object) -> Any:
        return _merged("-", other, self)

    def __mul__(self, other: object) -> Any:
        return _merged("*", self, other)

    def __rmul__(self, other: object) -> Any:
        return _merged("*", other, self)


def _merged(sign: str, first: object, second: object) -> Any:
    with naming_the_line():
        for each in (first, second):
            if not isinstance(each, Signed):
                raise Refused(_valueless(sign, type(each).__name__))
        return MERGES[sign]([first, second])


def _refuse(sign: str) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        with naming_the_line():
            raise Refused(_valueless(sign, "a symbolic tensor"))
        raise AssertionError("refused above")

    return refuse


for _sign, _names in _REFUSED.items():
    for _name in _names:
        setattr(Signed, f"__{_name}__", _refuse(_sign))


def _valueless(sign: str, found: str) -> Diagnostic:
    return Diagnostic(
        "no-values",
        "a symbolic tensor has no values that Python could compute with",
        found=f"{found} in {sign}",
        expected="layers called on tensors, or + - * between two of them",
        fixes=(
            Fix("Call a layer: layers.Dense, layers.Dot, layers.Reshape, layers.Cropping1D."),
            Fix("Change the arrays before they are fed, where it is a matter of the data."),
        ),
    )
