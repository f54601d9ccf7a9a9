"""Sequential: layers one behind the other, which give the same graph as calls of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import called
from engine.core.symbolic.call_site import names_the_line, naming_the_line
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_trace import by_key, trace
from engine.functional.model.bound_layer import Placed
from engine.functional.model.graph_model import framed
from engine.functional.model.model import Model
from engine.functional.state.model_state import State
from engine.functional.training.compile_arguments import Asked
from engine.graph.model import Project
from engine.layers.base import Layer
from engine.layers.namespace import Input


class Sequential(Model):
    """A chain of layers.

    Args:
        layers: a list, an Input first, or a layer with `input_shape`; models may stand among them.
            With neither, the first rows that come in, or `build`, say the shape.
        name: what it is called.
    """

    @names_the_line
    def __init__(self, layers: Sequence[Any] | None = None, name: str | None = None) -> None:
        if layers is not None and not isinstance(layers, list | tuple):
            raise Refused(_unlisted(layers))
        self._name = called(name, "sequential")
        self._chain: list[Callable[..., Any]] = []
        self._start: SymbolicTensor | None = None
        self._end: SymbolicTensor | None = None
        self._built: State | None = None
        self._asked: Asked | None = None
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
        elif not isinstance(layer, Layer | Model | Placed):
            raise Refused(_no_layer(layer))
        else:
            self._grow(layer)
            self._chain.append(layer)
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
        if not isinstance(input_shape, list | tuple) or not input_shape:
            raise Refused(_no_batch(input_shape))
        if self._start is None:
            self._begin_with(input_shape[1:])
        elif self._start.shape[1:] != tuple(input_shape[1:]):
            raise Refused(_built_already(self._start, input_shape))

    @names_the_line
    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Return what comes out of this chain, used as a layer: its weights are shared."""
        first = tensors[0] if tensors else None
        if self._shapeless() and isinstance(first, SymbolicTensor):
            self._begin_with(first.shape[1:], first.dtype)
        return super().__call__(*tensors, **ports)

    def _grow(self, layer: Any) -> None:
        shape = getattr(getattr(layer, "made", None), "input_shape", None)
        if self._start is None and isinstance(layer, Model):
            self._start = self._end = layer.inputs[0]
        elif self._start is None and not self._chain and shape is not None:
            self._start = self._end = Input(shape, dtype=_dtype_for(layer))
        if self._end is not None:
            self._end = layer(self._end)

    def _begin_with(self, shape: Sequence[int | None], dtype: str | None = None) -> None:
        start: SymbolicTensor = Input(list(shape), dtype=dtype or _dtype_for(*self._chain[:1]))
        end = start
        for layer in self._chain:
            end = layer(end)
        self._start, self._end = start, end
        asked, self._asked = self._asked, None
        if asked is not None:
            self._take(asked)

    def _shapeless(self) -> bool:
        return self._start is None and bool(self._chain)

    def _meet(self, x: Any) -> None:
        if self._shapeless():
            from engine.functional.training.named_arrays import by_name

            rows = by_name(x, ("input",), "input", "x").get("input")
            if rows is not None:
                self._begin_with(rows.shape[1:] or (1,))

    def _take(self, asked: Asked) -> None:
        if self._shapeless():
            self._asked = asked
        else:
            super()._take(asked)

    @property
    def _state(self) -> State:  # type: ignore[override]  # made when it is first asked for
        if self._built is None:
            with naming_the_line():
                if self._start is None or self._end is None or not self._chain:
                    raise Refused(_shapeless() if self._chain else _empty())
                traced = trace(by_key(self._start, "input"), by_key(self._end, "output"))
                self._built = State.of(self._name, traced, framed(Project(traced.graph), traced))
        return self._built

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name


def _dtype_for(*first: Any) -> str:
    """Return what a chain is fed that begins with a layer: ids for an Embedding."""
    ids = bool(first) and getattr(first[0], "kind", str)() == "Embedding"
    return "int32" if ids else "float32"


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
        fixes=(Fix("Begin with Input(shape=(...)), call build((None, ...)), or fit rows."),),
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
    name = getattr(value, "__name__", "Dense")
    return Diagnostic(
        "kind-unknown",
        "is no layer that could be put into a chain",
        found=name if callable(value) else repr(value)[:40],
        expected="an instance of a layer, such as layers.Dense(32)",
        fixes=(Fix(f"Make the layer first: layers.{name}(...), with its arguments."),),
    )


def _unlisted(value: object) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        "the layers of a chain come as one list",
        param="layers",
        found=type(value).__name__,
        expected="a list of layers",
        fixes=(Fix("Put them into a list: Sequential([Input((4,)), layers.Dense(32)])."),),
    )


def _no_batch(shape: object) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"input_shape" can\'t be {shape!r:.40}',
        param="input_shape",
        found=f"{shape!r:.40}",
        expected="a shape with the batch first",
        fixes=(Fix("Write None for the batch: build((None, 64))."),),
    )


def _built_already(start: SymbolicTensor, shape: Sequence[int | None]) -> Diagnostic:
    return Diagnostic(
        "shapes-differ",
        "the model was begun with another shape",
        node=start.name,
        found=str(tuple(shape)),
        expected=str(start.shape),
        fixes=(Fix("Leave build out, or make a new model."),),
    )
