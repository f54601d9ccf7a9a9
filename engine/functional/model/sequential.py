"""`Sequential`: a model from a list of layers, each called on the previous layer's output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.symbolic.argument_binding import invalid_argument, require_name
from engine.core.symbolic.call_site import call_site_errors, with_call_site
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_trace import tensors_by_key, trace
from engine.functional.model.bound_layer import BoundLayer
from engine.functional.model.graph_model import project_with_frames
from engine.functional.model.model import Model
from engine.functional.state.model_state import ModelState
from engine.functional.training.compile_arguments import CompileArguments
from engine.layers.base import Layer
from engine.layers.namespace import Input


class Sequential(Model):
    """A linear stack of layers.

    Args:
        layers: a list of layers and models. The first one is an Input or has an `input_shape`;
            otherwise the input shape is taken from `build` or from the first rows.
        name: the name of the model.
    """

    @with_call_site
    def __init__(self, layers: Sequence[Any] | None = None, name: str | None = None) -> None:
        if layers is not None and not isinstance(layers, list | tuple):
            raise diagnostic_error(
                "param-invalid",
                "the layers of a Sequential are passed as one list",
                "Pass a list: Sequential([Input((4,)), layers.Dense(32)]).",
                param="layers",
                found=type(layers).__name__,
                expected="a list of layers",
            )
        self._name = require_name(name, "sequential")
        self._layers: list[Callable[..., Any]] = []
        self._input: SymbolicTensor | None = None
        self._output: SymbolicTensor | None = None
        self._built_state: ModelState | None = None
        self._pending_compile: CompileArguments | None = None
        self._output_type = object
        for layer in layers or ():
            self.add(layer)

    @with_call_site
    def add(self, layer: Any) -> None:
        """Add a layer at the end."""
        if isinstance(layer, SymbolicTensor):
            if self._input is not None or self._layers:
                raise diagnostic_error(
                    "port-takes-one",
                    "a Sequential has one Input, which must come first",
                    "For several inputs use Model.",
                    found="an Input after other layers",
                    expected="an Input, then layers",
                )
            self._input = self._output = layer
        elif not isinstance(layer, Layer | Model | BoundLayer):
            raise _not_a_layer(layer)
        else:
            self._connect(layer)
            self._layers.append(layer)
        self._built_state = None

    @with_call_site
    def pop(self) -> None:
        """Remove the last layer."""
        if not self._layers:
            raise _no_layers()
        self._layers.pop()
        self._built_state, self._output = None, self._input
        for layer in self._layers if self._input is not None else ():
            self._output = layer(self._output)

    @with_call_site
    def build(self, input_shape: Sequence[int | None]) -> None:
        """Set the input shape of a model without an Input. Axis 0 of the shape is the batch."""
        if not isinstance(input_shape, list | tuple) or not input_shape:
            advice = "Write None for the batch: build((None, 64))."
            expected = "a shape with the batch first"
            raise invalid_argument(input_shape, "input_shape", expected, advice)
        if self._input is None:
            self._build_with(input_shape[1:])
        elif self._input.shape[1:] != tuple(input_shape[1:]):
            raise diagnostic_error(
                "shapes-differ",
                "the model was built with another input shape",
                "Leave build out, or make a new model.",
                node=self._input.name,
                found=str(tuple(input_shape)),
                expected=str(self._input.shape),
            )

    @with_call_site
    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Call the model as a layer and return the output. All calls share the model's weights."""
        first = tensors[0] if tensors else None
        if self._needs_shape() and isinstance(first, SymbolicTensor):
            self._build_with(first.shape[1:], first.dtype)
        return super().__call__(*tensors, **ports)

    def _connect(self, layer: Any) -> None:
        shape = getattr(getattr(layer, "python_state", None), "input_shape", None)
        if self._input is None and isinstance(layer, Model):
            self._input = self._output = layer.inputs[0]
        elif self._input is None and not self._layers and shape is not None:
            self._input = self._output = Input(shape, dtype=_dtype_for(layer))
        if self._output is not None:
            self._output = layer(self._output)

    def _build_with(self, shape: Sequence[int | None], dtype: str | None = None) -> None:
        """Call all layers on an Input of a shape. Then apply a postponed `compile` call, if any."""
        start: SymbolicTensor = Input(list(shape), dtype=dtype or _dtype_for(*self._layers[:1]))
        tensor = start
        for layer in self._layers:
            tensor = layer(tensor)
        self._input, self._output = start, tensor
        pending, self._pending_compile = self._pending_compile, None
        if pending is not None:
            self._apply_compile(pending)

    def _needs_shape(self) -> bool:
        return self._input is None and bool(self._layers)

    def _build_from_rows(self, x: Any) -> None:
        if self._needs_shape():
            from engine.functional.training.named_arrays import arrays_by_name

            rows = arrays_by_name(x, ("input",), "input", "x").get("input")
            if rows is not None:
                self._build_with(rows.shape[1:] or (1,))

    def _apply_compile(self, arguments: CompileArguments) -> None:
        if self._needs_shape():
            self._pending_compile = arguments
        else:
            super()._apply_compile(arguments)

    @property
    def _state(self) -> ModelState:  # type: ignore[override]  # built on first access
        if self._built_state is None:
            with call_site_errors():
                if self._input is None or self._output is None or not self._layers:
                    raise _unknown_input_shape() if self._layers else _no_layers()
                inputs = tensors_by_key(self._input, "input")
                traced = trace(inputs, tensors_by_key(self._output, "output"))
                project = project_with_frames(traced)
                self._built_state = ModelState.create(self._name, traced, project)
        return self._built_state

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._name


def _dtype_for(*layers: Any) -> str:
    """Return the input dtype: int32 if the first of the `layers` is an Embedding, else float32."""
    takes_ids = bool(layers) and getattr(layers[0], "kind", str)() == "Embedding"
    return "int32" if takes_ids else "float32"


def _no_layers() -> DiagnosticError:
    return diagnostic_error(
        "no-output",
        "the model has no layers yet",
        "Add layers: model.add(layers.Dense(10)).",
        found="no layers",
        expected="at least one layer",
    )


def _unknown_input_shape() -> DiagnosticError:
    return diagnostic_error(
        "no-input",
        "the input shape is not known",
        "Begin with Input(shape=(...)), call build((None, ...)), or fit rows.",
        found="no Input",
        expected="an Input first, or a layer with input_shape",
    )


def _not_a_layer(value: object) -> DiagnosticError:
    name = getattr(value, "__name__", "Dense")
    return diagnostic_error(
        "kind-unknown",
        "is not a layer that can be added to a Sequential",
        f"Make the layer first: layers.{name}(...), with its arguments.",
        found=name if callable(value) else repr(value)[:40],
        expected="an instance of a layer, such as layers.Dense(32)",
    )
