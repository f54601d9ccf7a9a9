"""Sequential: layers one behind the other, which give the same graph as calls of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.calling import names_the_line
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.tensor import SymbolicTensor
from engine.functional.drawn import framed
from engine.functional.model import Model
from engine.functional.state import State
from engine.functional.tracing import by_key, trace
from engine.graph.model import Project
from engine.layers.python import Input


class Sequential(Model):
    """A chain of layers.

    Args:
        layers: an Input first, or a layer with `input_shape`; models may stand among them.
        name: what it is called.
    """

    @names_the_line
    def __init__(self, layers: Sequence[Any] | None = None, name: str = "sequential") -> None:
        self._name = name
        self._chain: list[Callable[..., Any]] = []
        self._start: SymbolicTensor | None = None
        self._end: SymbolicTensor | None = None
        self._built: State | None = None
        self._form = object
        for layer in layers or ():
            self.add(layer)

    @names_the_line
    def add(self, layer: Any) -> None:
        """Put a layer behind the last one."""
        if isinstance(layer, SymbolicTensor):
            if self._start is not None or self._chain:
                raise Refused(_late())
            self._start = self._end = layer
        elif not callable(layer):
            raise Refused(_no_layer(layer))
        else:
            self._chain.append(layer)
            self._grow(layer)
        self._built = None

    @names_the_line
    def pop(self) -> None:
        """Take the last layer away."""
        if not self._chain:
            raise Refused(_empty())
        self._chain.pop()
        self._built, self._end = None, self._start
        for layer in self._chain if self._start is not None else ():
            self._end = layer(self._end)

    @names_the_line
    def build(self, input_shape: Sequence[int | None]) -> None:
        """Say the shape that comes in, the batch first, where no Input does."""
        self._begin_with(tuple(input_shape)[1:])

    def _grow(self, layer: Any) -> None:
        shape = getattr(getattr(layer, "made", None), "input_shape", None)
        if self._start is None and shape is not None:
            self._begin_with(shape)
        elif self._start is None and isinstance(layer, Model):
            self._start = self._end = layer.inputs[0]
            self._end = layer(self._end)
        elif self._end is not None:
            self._end = layer(self._end)

    def _begin_with(self, shape: Sequence[int | None]) -> None:
        ids = getattr(self._chain[0], "kind", str)() == "Embedding" if self._chain else False
        self._start = self._end = Input(shape, dtype="int32" if ids else "float32")
        for layer in self._chain:
            self._end = layer(self._end)

    @property
    def _state(self) -> State:  # type: ignore[override]  # made when it is first asked for
        if self._built is None:
            if self._start is None or self._end is None or not self._chain:
                raise Refused(_empty() if not self._chain else _shapeless())
            traced = trace(by_key(self._start, "input"), by_key(self._end, "output"))
            self._built = State.of(self._name, traced, framed(Project(traced.graph), traced))
        return self._built

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name


def _empty() -> Diagnostic:
    return Diagnostic(
        "no-output",
        "the model has no layers yet",
        found="no layers",
        expected="at least one layer",
        fixes=(Fix("Add layers: model.add(layers.Dense(10))."),),
    )


def _shapeless() -> Diagnostic:
    return Diagnostic(
        "no-input",
        "the shape of what comes in is not known",
        found="no Input",
        expected="an Input first, or a layer with input_shape",
        fixes=(Fix("Begin with Input(shape=(...)), or call build((None, ...))."),),
    )


def _late() -> Diagnostic:
    return Diagnostic(
        "port-takes-one",
        "a chain has one Input, and it stands first",
        found="an Input behind other layers",
        expected="an Input, then layers",
        fixes=(Fix("For several inputs use Model."),),
    )


def _no_layer(value: object) -> Diagnostic:
    return Diagnostic(
        "kind-unknown",
        "is no layer that could be put into a chain",
        found=type(value).__name__,
        expected="an instance of a layer, such as layers.Dense(32)",
        fixes=(Fix("Make the layer first: layers.Dense(32), not its name."),),
    )
