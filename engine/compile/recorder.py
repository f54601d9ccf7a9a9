"""Recorders that stand in for torch and turn operations on them into source code.

Passed to `build` and `call` of a layer, they produce the exported source from the same code that
is used in training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


class RecordedExpression:
    """A stand-in for a torch value, which records the source of the expression that computes it.

    An attribute, call, index or operator returns a RecordedExpression for the longer expression.
    """

    __slots__ = ("_text", "_is_atom", "_on_call")

    def __init__(
        self,
        text: str,
        is_atom: bool = True,
        on_call: Callable[[str], RecordedExpression] | None = None,
    ) -> None:
        self._text = text
        self._is_atom = is_atom
        self._on_call = on_call

    def __str__(self) -> str:
        return self._text

    def __getattr__(self, name: str) -> RecordedExpression:
        return RecordedExpression(f"{parenthesized(self)}.{name}")

    def __call__(self, *args: Any, **named: Any) -> RecordedExpression:
        """Record a call of this expression, and return the expression that stands for its result.

        If a callback `on_call` was passed to the constructor, return `on_call(source of the call)`.
        """
        keywords = (f"{name}={to_source(value)}" for name, value in named.items())
        call = f"{parenthesized(self)}({', '.join([*map(to_source, args), *keywords])})"
        return self._on_call(call) if self._on_call else RecordedExpression(call)

    def __getitem__(self, index: Any) -> RecordedExpression:
        return RecordedExpression(f"{parenthesized(self)}[{_index(index)}]")

    def __neg__(self) -> RecordedExpression:
        return RecordedExpression(f"-{parenthesized(self)}", is_atom=False)

    def __invert__(self) -> RecordedExpression:
        return RecordedExpression(f"~{parenthesized(self)}", is_atom=False)

    def __bool__(self) -> bool:
        raise TypeError(f"the layer branches on a value that is known at run time only: {self}")

    def __iter__(self) -> Any:
        raise TypeError(f"the layer unpacks a value that is known at run time only: {self}")

    __hash__ = None  # type: ignore[assignment]  # equality writes source


def _infix(sign: str, is_reflected: bool = False) -> Callable[..., RecordedExpression]:
    def record(*operands: Any) -> RecordedExpression:
        left, right = map(parenthesized, reversed(operands) if is_reflected else operands)
        return RecordedExpression(f"{left} {sign} {right}", is_atom=False)

    return record


for _name, _sign in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@", "and": "&", "or": "|", "xor": "^",
}.items():  # fmt: skip
    setattr(RecordedExpression, f"__{_name}__", _infix(_sign))
    setattr(RecordedExpression, f"__r{_name}__", _infix(_sign, is_reflected=True))
for _name, _sign in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(RecordedExpression, f"__{_name}__", _infix(_sign))


def parenthesized(value: Any) -> str:
    """Return the source of a value, in parentheses if it is an operation."""
    if isinstance(value, RecordedExpression) and not value._is_atom:
        return f"({value})"
    return to_source(value)


def to_source(value: Any) -> str:
    """Return the source of a RecordedExpression or of a plain Python value."""
    if isinstance(value, RecordedExpression):
        return str(value)
    if isinstance(value, tuple):
        inner = ", ".join(map(to_source, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(to_source, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{to_source(k)}: {to_source(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    raise TypeError(f"a {type(value).__name__} can't be written as source: {value!r}")


def _index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(_slice(part) if isinstance(part, slice) else _item(part) for part in parts)


def _item(part: Any) -> str:
    return "..." if part is Ellipsis else to_source(part)


def _slice(part: slice) -> str:
    start, stop = (to_source(end) if end is not None else "" for end in (part.start, part.stop))
    return f"{start}:{stop}" + (f":{to_source(part.step)}" if part.step is not None else "")


class RecordedModules:
    """A stand-in for torch.nn and nn_extras, from which a layer builds its module as source.

    `extras` are the names in nn_extras. `used` collects those that layers have accessed.
    """

    def __init__(self, extras: frozenset[str]) -> None:
        self._extras = extras
        self.used: list[str] = []

    def __getattr__(self, name: str) -> RecordedExpression:
        if name not in self._extras:
            return RecordedExpression(f"nn.{name}")
        if name not in self.used:
            self.used.append(name)
        return RecordedExpression(name)
