"""Weights in Keras' layout and Keras' order, and the layers of a model by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.check.summary import shown_names
from engine.core.calling import naming_the_line
from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.tensor import SymbolicTensor
from engine.functional.state import State
from engine.graph.model import Graph, source_of
from engine.layers.base import Layer, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Placed:
    """A layer at its place in a model: its parameters, its weights, what goes in and comes out.

    Called on a tensor it is used once more, with the same weights.
    """

    def __init__(self, state: State, node: str, name: str) -> None:
        self._state = state
        self._node = node
        self.name = name
        self.layer: Layer = state.traced.layers[node]

    def __repr__(self) -> str:
        return f"<{self.layer.kind()} {self.name}>"

    def __getattr__(self, field: str) -> Any:
        if field.startswith("_"):
            raise AttributeError(field)
        return getattr(self.layer, field)

    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Answer what comes out of the same layer, called on other tensors."""
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
        """Answer the number of values in its weights."""
        return sum(weight.size for weight in owned(self._state, self._node))

    def get_weights(self) -> list[Array]:
        """Answer its arrays, in Keras' order and layout."""
        return [array for _, array in _arrays(self._state, [self._node])]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Take arrays in Keras' order and layout.

        Raises:
            RefusedAt: another number of arrays, or other shapes.
        """
        with naming_the_line():
            put(self._state, weights, [self._node])


def owned(state: State, node: str) -> Weights:
    """Answer the weights that a node uses, its own or those it shares."""
    owner = state.report.project.graph.layer_node(state.report.project.graph[node]).name
    return state.report.costs.weights.get(owner, ())


def in_keras_order(graph: Graph, outputs: Sequence[str]) -> list[str]:
    """Answer the nodes of layers as Keras lists a model's layers: by depth, then as it met them.

    Source: keras.src.ops.function.map_graph. A shared layer stands once, at its deepest use.
    """
    met: dict[str, int] = {}
    done: list[str] = []
    waiting = [(wire, False) for name in reversed(outputs) for wire in graph[name].sources()]
    while waiting:
        name, left = waiting.pop()
        if left:
            done.append(name)
        elif name not in met:
            met[name] = len(met)
            waiting.append((name, True))
            waiting += [(source, False) for source in reversed(graph[name].sources())]
    depths: dict[str, int] = {}
    layers: dict[str, int] = {}
    for name in reversed(done):
        owner = graph.layer_node(graph[name]).name
        depth = max(depths.get(name, 0), layers.get(owner, 0))
        layers[owner] = depths[name] = depth
        for source in graph[name].sources():
            depths[source] = max(depths.get(source, 0), depth + 1)
    first: dict[str, int] = {}
    for name, place in met.items():
        first.setdefault(graph.layer_node(graph[name]).name, place)
    unused = [n.name for n in graph if n.kind == "Input" and n.name not in layers]
    return [*unused, *sorted(layers, key=lambda name: (-layers[name], first[name]))]


def placed(state: State) -> list[Placed]:
    """Answer the layers of a model in Keras' order, Inputs among them."""
    graph = state.traced.graph
    shown = shown_names(graph)
    order = in_keras_order(graph, state.traced.outputs)
    return [Placed(state, node, shown[node]) for node in order]


def layer(state: State, name: str | None, index: int | None) -> Placed:
    """Answer one layer, by the name that tables show or by its place.

    Raises:
        Refused: there is none.
    """
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


def by_name(state: State) -> dict[str, Array]:
    """Answer every weight by "layer/weight", layers called as tables show them."""
    shown = shown_names(state.traced.graph)
    return {
        f"{shown[node]}/{weight}": array
        for (node, weight), array in _arrays(state, in_order(state))
    }


def in_order(state: State) -> list[str]:
    """Answer the nodes that own weights, in Keras' order."""
    return in_keras_order(state.traced.graph, state.traced.outputs)


def _arrays(state: State, nodes: Sequence[str]) -> Iterator[tuple[tuple[str, str], Array]]:
    graph = state.traced.graph
    values = state.awake().network.get_weights()
    for node in nodes:
        owner = graph.layer_node(graph[node]).name
        for weight in owned(state, node):
            yield (node, weight.name), values[f"{owner}/{weight.name}"]


def listed(state: State) -> list[Array]:
    """Answer every weight in Keras' order."""
    return [array for _, array in _arrays(state, in_order(state))]


def put(state: State, weights: Any, nodes: Sequence[str]) -> None:
    """Take weights over, as a list in Keras' order or as a dict by "layer/weight".

    Raises:
        Refused: another number of arrays, an unknown name, or other shapes; nothing changed then.
    """
    import numpy as np

    graph = state.traced.graph
    keys = {(node, weight.name): weight.shape for node in nodes for weight in owned(state, node)}
    if isinstance(weights, Mapping):
        given = dict(_looked_up(state, weights))
    else:
        if len(weights) != len(keys):
            raise Refused(_unfit(f"{len(weights)} arrays", f"{len(keys)} arrays"))
        given = dict(zip(keys, weights, strict=True))
    network = state.awake().network
    values = network.get_weights()
    for (node, weight), value in given.items():
        array = np.asarray(value)
        if array.shape != keys[node, weight]:
            found = f"{node}/{weight} of shape {array.shape}"
            raise Refused(_unfit(found, f"shape {keys[node, weight]}"))
        values[f"{graph.layer_node(graph[node]).name}/{weight}"] = array
    network.set_weights(values)


def _looked_up(state: State, weights: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield (node, weight) and value; a layer may be called by its node or as tables show it."""
    known: dict[str, tuple[str, str]] = {}
    shown = shown_names(state.traced.graph)
    for node in in_order(state):
        for weight in owned(state, node):
            known[f"{node}/{weight.name}"] = (node, weight.name)
            known[f"{shown[node]}/{weight.name}"] = (node, weight.name)
    for name, value in weights.items():
        if name not in known:
            nearest = nearest_word(name, known)
            raise Refused(_unfit(name, nearest or ", ".join(known)))
        yield known[name], value


def _unfit(found: str, expected: str) -> Diagnostic:
    return Diagnostic(
        "checkpoint-unfit",
        "the weights belong to another network",
        found=found,
        expected=expected,
        fixes=(Fix("Take them from a model of the same layers, in the same order."),),
    )
