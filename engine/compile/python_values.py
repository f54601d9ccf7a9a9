"""Conversion of values to Python expressions, such as `optimizers.Adam(0.01)`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import Any

from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.layers.base import Layer
from engine.layers.initializer import INITIALIZERS, Initializer
from engine.layers.regularizer import REGULARIZERS, Regularizer
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.optimizer import OPTIMIZERS, Optimizer
from engine.recipe.schedule import SCHEDULES, Schedule

# (base class, registry, Python namespace).
_NAMESPACES: tuple[tuple[type[Schema], Registry[Any], str], ...] = (
    (Initializer, INITIALIZERS, "initializers"),
    (Regularizer, REGULARIZERS, "regularizers"),
    (Optimizer, OPTIMIZERS, "optimizers"),
    (Schedule, SCHEDULES, "schedules"),
)
_KEYWORDS_ONLY = ("attention", "merge", "io")  # families whose fields are written as keywords
_FIRST_POSITIONAL = ("pool", "shape")  # families whose first field is positional


class PythonValues:
    """A converter of values to Python expressions, which collects the imports they need."""

    def __init__(self) -> None:
        self.used_namespaces: set[str] = set()

    def expression(self, value: Any) -> str:
        """Return the Python expression of a value."""
        if isinstance(value, Layer):
            return self.call("layers", value, positional_fields(value))
        if isinstance(value, Schema):
            for base, registry, namespace in _NAMESPACES:
                if isinstance(value, base):
                    return self._name_or_call(value, registry, namespace)
            raise TypeError(f"a {type(value).__name__} has no name in Python")
        if isinstance(value, str):
            return quote(value)
        if isinstance(value, Mapping):
            entries = (f"{self.expression(k)}: {self.expression(v)}" for k, v in value.items())
            return "{" + ", ".join(entries) + "}"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.expression, value))}{',' if len(value) == 1 else ''})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.expression, value))}]"
        return repr(value)

    def loss(self, value: Any) -> str:
        """Return the Python expression of a loss; `value` is its JSON in the project file."""
        return self._named(value, LOSSES, "losses")

    def metric(self, value: Any) -> str:
        """Return the Python expression of a metric; `value` is its JSON in the project file."""
        return self._named(value, METRICS, "metrics")

    def _named(self, value: Any, registry: Registry[Any], namespace: str) -> str:
        if isinstance(value, str):
            return quote(value)
        return self._name_or_call(registry.parse(value), registry, namespace)

    def _name_or_call(self, value: Schema, registry: Registry[Any], namespace: str) -> str:
        """Return the Python source of `value`, an object of `registry`.

        If all fields have their defaults, the source is the object's name in quotes. Otherwise, it
        is a call, such as "regularizers.L2(0.01)", with `namespace` before the dot.
        """
        fields = value.non_default_fields()
        if not fields:
            name = registry.name_of(value)
            return quote(name.lower() if namespace == "optimizers" else name)
        first = next(iter(type(value).model_fields))
        is_positional = namespace == "regularizers" and fields == (first,)  # L2(0.01)
        return self.call(namespace, value, fields if is_positional else ())

    def call(self, namespace: str, value: Schema, positional: Collection[str] = ()) -> str:
        """Return the Python source of a call that creates `value`, such as "layers.Dense(8)".

        `namespace` is the part before the dot. Fields in `positional` are passed without keyword.
        """
        self.used_namespaces.add(namespace)
        return f"{namespace}.{value.kind()}({', '.join(self.arguments(value, positional))})"

    def arguments(self, value: Schema, positional: Collection[str] = ()) -> Iterator[str]:
        """Yield the code of each non-default field: "v" if it is in `positional`, else "name=v"."""
        for name in value.non_default_fields():
            text = self.expression(getattr(value, name))
            yield text if name in positional else f"{name}={text}"


def positional_fields(layer: Layer) -> tuple[str, ...]:
    """Return the names of the fields that are passed to a layer by position, not by keyword."""
    fields = type(layer).model_fields
    if layer.family in _KEYWORDS_ONLY:
        return ()
    required = tuple(takewhile(lambda name: fields[name].is_required(), fields))
    only_first = not required and layer.family in _FIRST_POSITIONAL and layer.non_default_fields()
    return tuple(fields)[:1] if only_first else required


def quote(text: str) -> str:
    """Return a text as a Python string literal, with escapes for unprintable characters."""
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def docstring_text(text: str) -> str:
    """Return a text escaped for a docstring, because names and labels may have any character."""
    printable = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return printable.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
