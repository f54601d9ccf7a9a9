"""Values as Python text: numbers, texts, and things with parameters as the calls that make them."""

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

# Where a thing comes from in Python.
_HOMES: tuple[tuple[type[Schema], Registry[Any], str], ...] = (
    (Initializer, INITIALIZERS, "initializers"),
    (Regularizer, REGULARIZERS, "regularizers"),
    (Optimizer, OPTIMIZERS, "optimizers"),
    (Schedule, SCHEDULES, "schedules"),
)
_BY_NAME = ("attention", "merge", "io")  # families whose parameters people call by name
_FIRST_BY_PLACE = ("pool", "shape")  # these have defaults, and yet nobody calls the first by name


class Values:
    """Writes values, and remembers what the text has to import for them."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def text(self, value: Any) -> str:
        """Return a value as the Python expression that makes it."""
        if isinstance(value, Layer):
            return self.call("layers", value, layer_places(value))
        if isinstance(value, Schema):
            return self._thing(value)
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, Mapping):
            entries = (f"{self.text(key)}: {self.text(item)}" for key, item in value.items())
            return "{" + ", ".join(entries) + "}"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.text, value))}{',' if len(value) == 1 else ''})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.text, value))}]"
        return repr(value)

    def loss(self, told: Any) -> str:
        """Return a loss as a file tells it; a plain word stays as the person chose it."""
        return self._word(told, LOSSES, "losses")

    def metric(self, told: Any) -> str:
        """Return a metric as a file tells it."""
        return self._word(told, METRICS, "metrics")

    def _word(self, word: Any, family: Registry[Any], home: str) -> str:
        if isinstance(word, str):
            return quoted(word)
        return self._chosen(family.parse(word), family, home)

    def _thing(self, thing: Schema) -> str:
        for base, family, home in _HOMES:
            if isinstance(thing, base):
                return self._chosen(thing, family, home)
        raise TypeError(f"a {type(thing).__name__} has no name in Python")

    def _chosen(self, thing: Schema, family: Registry[Any], home: str) -> str:
        """Return a thing by its name alone if it is as usual, else the call that makes it."""
        fields = thing.non_default_fields()
        if not fields:
            name = family.name_of(thing)
            return quoted(name.lower() if home == "optimizers" else name)
        first = next(iter(type(thing).model_fields))
        alone = home == "regularizers" and fields == (first,)  # L2(0.01), as people write it
        return self.call(home, thing, fields if alone else ())

    def call(self, home: str, thing: Schema, by_place: Collection[str] = ()) -> str:
        """Return the call that makes a thing."""
        self.used.add(home)
        return f"{home}.{thing.kind()}({', '.join(self.arguments(thing, by_place))})"

    def arguments(self, thing: Schema, by_place: Collection[str] = ()) -> Iterator[str]:
        """Yield the arguments that differ from their defaults.

        Args:
            thing: what they make.
            by_place: the leading fields that are not called by name.
        """
        for name in thing.non_default_fields():
            text = self.text(getattr(thing, name))
            yield text if name in by_place else f"{name}={text}"


def layer_places(layer: Layer) -> tuple[str, ...]:
    """Return the parameters that people give a layer by place: those that it can't be without."""
    fields = type(layer).model_fields
    if layer.family in _BY_NAME:
        return ()
    required = tuple(takewhile(lambda name: fields[name].is_required(), fields))
    first_alone = not required and layer.family in _FIRST_BY_PLACE and layer.non_default_fields()
    return tuple(fields)[:1] if first_alone else required


def quoted(text: str) -> str:
    """Return a text as a Python literal; what can't be seen is written as an escape."""
    return '"' + "".join(map(_sign, text)) + '"'


def _sign(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()
