"""The layers of a model, by name and by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.check.summary import shown_names
from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.symbolic.call_site import naming_the_line
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.model.strict_attributes import Guarded
from engine.functional.state.model_state import State
from engine.functional.weights.keras_weights import arrays, in_keras_order, owned, put
from engine.graph.model import source_of
from engine.layers.base import Layer

if TYPE_CHECKING:
    from engine.functional.weights.keras_weights import Array

_OF_LAYER = ("kind", "made", "params", "ports")  # what a placed layer answers as its layer does


class Placed(Guarded):
    """A layer at its place in a model: its parameters, its weights, what goes in and comes out.

    Called on a tensor it is used once more, with the same weights.
    """

    def __init__(self, state: State, node: str, name: str) -> None:
        self._state = state
        self._node = node
        self._name = name

    def __repr__(self) -> str:
        return f"<{self.layer.kind()} {self.name}>"

    def __getattr__(self, name: str) -> Any:
        if name in (*type(self.layer).model_fields, *_OF_LAYER):
            return getattr(self.layer, name)
        return super().__getattr__(name)

    def _noun(self) -> str:
        return f"a {self.layer.kind()}"

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    @property
    def layer(self) -> Layer:
        """The layer itself, which other models may hold too."""
        return self._state.traced.layers[self._node]

    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Return what comes out of the same layer, called on other tensors."""
        return self.layer(*tensors, **ports)

    @property
    def output(self) -> SymbolicTensor:
        """What comes out of it in this model."""
        tensors = self._state.traced.tensors
        first = (wire for wire in tensors if source_of(wire) == self._node)
        return tensors[self._node if self._node in tensors else next(first)]

    @property
    def input(self) -> SymbolicTensor | list[SymbolicTensor]:
        """What goes into it in this model."""
        tensors = list(self.output.call.tensors())
        return tensors[0] if len(tensors) == 1 else tensors or self.output

    def count_params(self) -> int:
        """Return the number of values in its weights."""
        return sum(weight.size for weight in owned(self._state, self._node))

    def get_weights(self) -> list[Array]:
        """Return its arrays, in Keras' order and layout."""
        return [array for _, array in arrays(self._state, [self._node])]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Take arrays in Keras' order and layout.

        Raises:
            RefusedAt: another number of arrays, or other shapes.
        """
        with naming_the_line():
            put(self._state, weights, [self._node])


def placed(state: State) -> list[Placed]:
    """Return the layers of a model in Keras' order, Inputs among them."""
    graph = state.traced.graph
    shown = shown_names(graph)
    return [Placed(state, node, shown[node]) for node in in_keras_order(state.traced)]


def layer(state: State, name: str | None, index: int | None) -> Placed:
    """Return one layer, by the name that tables show or by its place.

    Raises:
        Refused: there is none.
    """
    if isinstance(name, int):  # Keras' first argument is the name
        raise Refused(_by_index(name))
    if name is None:
        layers = placed(state)
        if index is None or not -len(layers) <= index < len(layers):
            raise Refused(_no_layer(str(index), [each.name for each in layers]))
        return layers[index]
    graph = state.traced.graph
    shown = shown_names(graph)
    for node, own in shown.items():
        if name == own:
            return Placed(state, node, own)
    if name in shown:
        return Placed(state, name, shown[name])
    raise Refused(_no_layer(name, list(shown.values())))


def _by_index(index: int) -> Diagnostic:
    return Diagnostic(
        "source-missing",
        f"the model has no layer called {index}",
        found=str(index),
        expected="a name",
        fixes=(Fix(f"For a place write get_layer(index={index})."),),
    )


def _no_layer(name: str, known: Sequence[str]) -> Diagnostic:
    nearest = nearest_word(name, known)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return Diagnostic(
        "source-missing",
        f'the model has no layer "{name}"{hint}',
        found=name,
        expected=", ".join(known),
        fixes=(Fix(f'Ask for "{nearest}".' if nearest else "Ask for one of these."),),
    )
