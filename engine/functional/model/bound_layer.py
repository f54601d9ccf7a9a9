"""The class for a layer in a model, and functions that return such layers by name or index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.check.summary import display_names
from engine.core.diagnostic import DiagnosticError, diagnostic_error, nearest_word
from engine.core.symbolic.call_site import call_site_errors
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.model.strict_attributes import StrictAttributes
from engine.functional.state.model_state import ModelState
from engine.functional.weights.keras_weights import (
    iter_weights,
    nodes_in_keras_order,
    set_weights,
    weight_specs,
)
from engine.graph.model import source_node
from engine.layers.base import Layer

if TYPE_CHECKING:
    from engine.functional.weights.keras_weights import Array

_LAYER_ATTRIBUTES = ("kind", "made", "params", "ports")  # forwarded to the layer


class BoundLayer(StrictAttributes):
    """A layer as part of a model: its fields, weights, input and output tensors.

    If a BoundLayer is called on a tensor, its layer is applied again, with the same weights.
    """

    def __init__(self, state: ModelState, node: str, name: str) -> None:
        self._state = state
        self._node = node
        self._name = name

    def __repr__(self) -> str:
        return f"<{self.layer.kind()} {self.name}>"

    def __getattr__(self, name: str) -> Any:
        if name in (*type(self.layer).model_fields, *_LAYER_ATTRIBUTES):
            return getattr(self.layer, name)
        return super().__getattr__(name)

    def _description(self) -> str:
        return f"a {self.layer.kind()}"

    @property
    def name(self) -> str:
        """The name that the summary shows."""
        return self._name

    @property
    def layer(self) -> Layer:
        """The layer itself, which may be part of other models too."""
        return self._state.traced.layers[self._node]

    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Apply the layer again, to `tensors` or to tensors by port name; return its output."""
        return self.layer(*tensors, **ports)

    @property
    def output(self) -> SymbolicTensor:
        """The layer's (first) output tensor in this model."""
        tensors = self._state.traced.tensors
        outputs = (reference for reference in tensors if source_node(reference) == self._node)
        return tensors[self._node if self._node in tensors else next(outputs)]

    @property
    def input(self) -> SymbolicTensor | list[SymbolicTensor]:
        """The layer's input tensor in this model, a list if there are several."""
        tensors = list(self.output.call.input_tensors())
        return tensors[0] if len(tensors) == 1 else tensors or self.output

    def count_params(self) -> int:
        """Return the number of values in the layer's weights."""
        return sum(weight.size for weight in weight_specs(self._state, self._node))

    def get_weights(self) -> list[Array]:
        """Return the layer's weights, in Keras' order and layout."""
        return [array for _, array in iter_weights(self._state, [self._node])]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the layer's weights, given in Keras' order and layout.

        Raises:
            CallSiteError: the number of arrays or a shape is wrong.
        """
        with call_site_errors():
            set_weights(self._state, weights, [self._node])


def bound_layers(state: ModelState) -> list[BoundLayer]:
    """Return the layers of a model in Keras' order, including Inputs."""
    graph = state.traced.graph
    shown = display_names(graph)
    return [BoundLayer(state, node, shown[node]) for node in nodes_in_keras_order(state.traced)]


def get_layer(state: ModelState, name: str | None, index: int | None) -> BoundLayer:
    """Return one layer, by its name in the summary or by its index.

    Raises:
        DiagnosticError: there is no such layer.
    """
    if isinstance(name, int):  # the first argument is the name, as in Keras
        raise diagnostic_error(
            "source-missing",
            f"the model has no layer called {name}",
            f"To select by position, write get_layer(index={name}).",
            found=str(name),
            expected="a layer name",
        )
    if name is None:
        layers = bound_layers(state)
        if index is None or not -len(layers) <= index < len(layers):
            raise _unknown_layer(str(index), [layer.name for layer in layers])
        return layers[index]
    graph = state.traced.graph
    shown = display_names(graph)
    for node, shown_name in shown.items():
        if name == shown_name:
            return BoundLayer(state, node, shown_name)
    if name in shown:
        return BoundLayer(state, name, shown[name])
    raise _unknown_layer(name, list(shown.values()))


def _unknown_layer(name: str, known: Sequence[str]) -> DiagnosticError:
    nearest = nearest_word(name, known)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return diagnostic_error(
        "source-missing",
        f'the model has no layer "{name}"{hint}',
        f'Use "{nearest}".' if nearest else "Use one of these names.",
        found=name,
        expected=", ".join(known),
    )
