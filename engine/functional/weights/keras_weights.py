"""Weights of a model in Keras' layout and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.check.summary import display_names
from engine.core.diagnostic import DiagnosticError, diagnostic_error, nearest_word
from engine.functional.graph.graph_trace import TracedGraph
from engine.functional.state.model_state import ModelState
from engine.layers.base import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


WeightKey = tuple[str, str]  # node and weight name


def weight_specs(state: ModelState, node: str) -> Weights:
    """Return the weight specs of a node, or of the node whose weights it shares."""
    owner = state.report.project.graph.weight_owner(state.report.project.graph[node]).name
    return state.report.costs.weights.get(owner, ())


def nodes_in_keras_order(traced: TracedGraph) -> list[str]:
    """Return the nodes of layers in the order of Keras' `model.layers`.

    Layers are sorted by depth (the greatest distance to the outputs), deepest first. Layers of
    equal depth are in the order of a depth-first search. A shared layer appears once.

    Source: keras.src.ops.function.map_graph.
    """
    graph, outputs, owners = traced.graph, traced.outputs, _owners(traced)
    # Depth-first search from the outputs, with a stack of (node, whether its sources are done).
    visit_index: dict[str, int] = {}
    post_order: list[str] = []
    stack = [(wire, False) for name in reversed(outputs) for wire in graph[name].sources()]
    while stack:
        name, is_done = stack.pop()
        if is_done:
            post_order.append(name)
        elif name not in visit_index:
            visit_index[name] = len(visit_index)
            stack.append((name, True))
            stack += [(source, False) for source in reversed(graph[name].sources())]
    # The longest distance to an output, from the outputs back to the inputs.
    node_depths: dict[str, int] = {}
    layer_depths: dict[str, int] = {}
    for name in reversed(post_order):
        owner = owners[name]
        depth = max(node_depths.get(name, 0), layer_depths.get(owner, 0))
        layer_depths[owner] = node_depths[name] = depth
        for source in graph[name].sources():
            node_depths[source] = max(node_depths.get(source, 0), depth + 1)
    layer_index: dict[str, int] = {}
    for name, index in visit_index.items():
        layer_index.setdefault(owners[name], index)
    unused = [n.name for n in graph if n.kind == "Input" and n.name not in layer_depths]
    ordered = sorted(layer_depths, key=lambda name: (-layer_depths[name], layer_index[name]))
    return [*unused, *ordered]


def _owners(traced: TracedGraph) -> dict[str, str]:
    """Return, by node name, the name of the first node in the graph with the same layer object."""
    first: dict[int, str] = {}
    for node in traced.graph:
        if node.name in traced.layers and not node.shares:
            first.setdefault(id(traced.layers[node.name]), node.name)
    return {name: first[id(layer)] for name, layer in traced.layers.items()}


def weights_by_name(state: ModelState) -> dict[str, Array]:
    """Return all weights by "layer/weight", with the layer names that the summary shows."""
    shown = display_names(state.traced.graph)
    return {
        f"{shown[node]}/{weight}": array
        for (node, weight), array in iter_weights(state, nodes_in_keras_order(state.traced))
    }


def iter_weights(state: ModelState, nodes: Sequence[str]) -> Iterator[tuple[WeightKey, Array]]:
    """Yield ((node, weight name), array) for all weights of `nodes`, in the order of `nodes`."""
    graph = state.traced.graph
    values = state.require_torch_model().network.get_weights()
    for node in nodes:
        owner = graph.weight_owner(graph[node]).name
        for weight in weight_specs(state, node):
            yield (node, weight.name), values[f"{owner}/{weight.name}"]


def set_weights(state: ModelState, weights: Any, nodes: Sequence[str]) -> None:
    """Set the weights of `nodes` from a list in Keras' order or a dict with keys "layer/weight".

    Raises:
        DiagnosticError: a wrong number of arrays, an unknown name, or a wrong shape. In these cases
            the model is unchanged.
    """
    import numpy as np

    graph = state.traced.graph
    shapes = {(node, w.name): w.shape for node in nodes for w in weight_specs(state, node)}
    if isinstance(weights, Mapping):
        given = dict(_resolve_names(state, weights))
    else:
        if not hasattr(weights, "__len__") or len(weights) != len(shapes):
            found = f"{len(weights)} arrays" if hasattr(weights, "__len__") else repr(weights)
            raise _mismatch(found, f"{len(shapes)} arrays")
        given = dict(zip(shapes, weights, strict=True))
    network = state.require_torch_model().network
    values = network.get_weights()
    for (node, weight), value in given.items():
        array = np.asarray(value)
        if array.shape != shapes[node, weight]:
            found = f"{node}/{weight} of shape {array.shape}"
            raise _mismatch(found, f"shape {shapes[node, weight]}")
        values[f"{graph.weight_owner(graph[node]).name}/{weight}"] = array
    network.set_weights(values)
    state.has_initial_weights = False


def _resolve_names(
    state: ModelState, weights: Mapping[str, Any]
) -> Iterator[tuple[WeightKey, Any]]:
    """Yield ((node, weight name), value) for each entry of `weights`.

    The keys of `weights` are "layer/weight". Layers are named as in the graph or the summary.
    """
    known: dict[str, WeightKey] = {}
    shown = display_names(state.traced.graph)
    for node in nodes_in_keras_order(state.traced):
        for weight in weight_specs(state, node):
            known[f"{node}/{weight.name}"] = (node, weight.name)
            known[f"{shown[node]}/{weight.name}"] = (node, weight.name)
    for name, value in weights.items():
        if name not in known:
            nearest = nearest_word(name, known)
            raise _mismatch(name, nearest or ", ".join(known))
        yield known[name], value


def _mismatch(found: str, expected: str) -> DiagnosticError:
    return diagnostic_error(
        "checkpoint-unfit",
        "the weights do not fit the model",
        "Use weights of a model with the same layers in the same order.",
        found=found,
        expected=expected,
    )
