"""Weights in Keras' layout and Keras' order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.check.summary import shown_names
from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.functional.graph.graph_trace import Traced
from engine.functional.state.model_state import State
from engine.layers.base import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def owned(state: State, node: str) -> Weights:
    """Return the weights that a node uses, its own or those it shares."""
    owner = state.report.project.graph.layer_node(state.report.project.graph[node]).name
    return state.report.costs.weights.get(owner, ())


def in_keras_order(traced: Traced) -> list[str]:
    """Return the nodes of layers as Keras lists a model's layers: by depth, then as it met them.

    Source: keras.src.ops.function.map_graph. A shared layer stands once, at its deepest use.
    """
    graph, outputs, owners = traced.graph, traced.outputs, _owners(traced)
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
        owner = owners[name]
        depth = max(depths.get(name, 0), layers.get(owner, 0))
        layers[owner] = depths[name] = depth
        for source in graph[name].sources():
            depths[source] = max(depths.get(source, 0), depth + 1)
    first: dict[str, int] = {}
    for name, place in met.items():
        first.setdefault(owners[name], place)
    unused = [n.name for n in graph if n.kind == "Input" and n.name not in layers]
    return [*unused, *sorted(layers, key=lambda name: (-layers[name], first[name]))]


def _owners(traced: Traced) -> dict[str, str]:
    """Answer, by node, the first node of its layer: also of one without weights, called twice."""
    first: dict[int, str] = {}
    for node in traced.graph:
        if node.name in traced.layers and not node.shares:
            first.setdefault(id(traced.layers[node.name]), node.name)
    return {name: first[id(layer)] for name, layer in traced.layers.items()}


def by_name(state: State) -> dict[str, Array]:
    """Return every weight by "layer/weight", layers called as tables show them."""
    shown = shown_names(state.traced.graph)
    return {
        f"{shown[node]}/{weight}": array for (node, weight), array in arrays(state, in_order(state))
    }


def in_order(state: State) -> list[str]:
    """Return the nodes that own weights, in Keras' order."""
    return in_keras_order(state.traced)


def arrays(state: State, nodes: Sequence[str]) -> Iterator[tuple[tuple[str, str], Array]]:
    """Yield (node, weight) and array for the weights that nodes use, in order."""
    graph = state.traced.graph
    values = state.awake().network.get_weights()
    for node in nodes:
        owner = graph.layer_node(graph[node]).name
        for weight in owned(state, node):
            yield (node, weight.name), values[f"{owner}/{weight.name}"]


def listed(state: State) -> list[Array]:
    """Return every weight in Keras' order."""
    return [array for _, array in arrays(state, in_order(state))]


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
        if not hasattr(weights, "__len__") or len(weights) != len(keys):
            found = f"{len(weights)} arrays" if hasattr(weights, "__len__") else repr(weights)
            raise Refused(_unfit(found, f"{len(keys)} arrays"))
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
    state.blank = False


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
