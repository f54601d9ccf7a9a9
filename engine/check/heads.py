"""Is every Output fit to be trained: what feeds it, its loss, metrics, labels and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.check.loss_compatibility import Fed, loss_fits
from engine.check.output_settings import answers
from engine.core.diagnostic import Diagnostic, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_node
from engine.layers.base import Layer
from engine.layers.io import Output, usual_loss


def heads(
    graph: Graph, specs: Mapping[str, TensorSpec], layers: Mapping[str, Layer]
) -> list[Diagnostic]:
    """Check every Output that is fed.

    Args:
        graph: in any state.
        specs: by node, its main output; nodes that could not be worked out are left out.
        layers: by node, its layer, as far as it has a sound one.
    """
    found: list[Diagnostic] = []
    for node in graph.outputs:
        output = layers.get(node.name)
        if isinstance(output, Output) and node.name in specs and node.inputs and not node.off:
            fed = _fed(graph, layers, node, output, specs[node.name])
            found += loss_fits(fed)
            found += answers(node.name, output, fed.spec)
    return found + list(_trains(graph, layers))


def _fed(
    graph: Graph, layers: Mapping[str, Layer], node: Node, output: Output, spec: TensorSpec
) -> Fed:
    """Find the layer whose activation reaches the Output, past layers that only move values."""
    name = source_node(graph.resolve_bypassed(next(wire for _, _, wire in node.wires())))
    while name in layers and layers[name].curve() == "linear" and _moves(layers[name]):
        wires = [wire for _, _, wire in graph[name].wires()]
        if len(wires) != 1:
            return Fed(node.name, output, spec, name, None, bendable=False)
        name = source_node(graph.resolve_bypassed(wires[0]))
    if name not in graph:  # its first wire is not the one that counts
        return Fed(node.name, output, spec, node.name, None, bendable=False)
    layer = layers.get(name)
    # An Average may well mix probabilities, so nothing is said about it.
    tells = layer is not None and layer.kind() != "Average"
    owner = graph.weight_owner(graph[name]).name
    curve = layer.curve() if layer is not None and tells else None
    return Fed(node.name, output, spec, owner, curve, bendable=_bendable(layer))


def _moves(layer: Layer) -> bool:
    kind = layer.kind()
    return layer.family == "shape" or kind == "Identity" or "AveragePooling" in kind


def _bendable(layer: Layer | None) -> bool:
    """Return whether `activation` is the curve of what comes out; a recurrent layer's is not."""
    return layer is not None and layer.family != "recurrent" and hasattr(layer, "activation")


def _trains(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Diagnostic]:
    """Say so if no Output moves any weight, or some do not; while one is unsound, say nothing."""
    outputs = [(node, layers.get(node.name)) for node in graph.outputs]
    read = [(node, output) for node, output in outputs if isinstance(output, Output)]
    if len(read) < len(outputs):
        return
    idle = [(node, output) for node, output in read if not (output.loss and output.loss_weight)]
    if idle and len(idle) == len(read):
        yield _nothing(graph, layers, *idle[0])
        return
    for node, output in idle:
        if output.loss is None:
            yield _untrained(graph, layers, node)


def _nothing(graph: Graph, layers: Mapping[str, Layer], node: Node, output: Output) -> Diagnostic:
    params: dict[str, Any] = {}
    if output.loss is None:
        params["loss"] = _suggested(graph, layers, node)
    if output.loss_weight == 0:
        params["loss_weight"] = 1.0
    shown = ", ".join(f"{name} {value}" for name, value in params.items())
    return Diagnostic(
        "nothing-to-train",
        "no Output has a loss with a weight above 0, so there is nothing to train",
        node=node.name,
        param=next(iter(params)),
        found="loss null" if output.loss is None else "loss_weight 0",
        expected="a loss on at least one Output",
        fixes=(set_params_fix(f"Set {shown}.", **params).at_node(node.name),),
    )


def _untrained(graph: Graph, layers: Mapping[str, Layer], node: Node) -> Diagnostic:
    loss = _suggested(graph, layers, node)
    return Diagnostic(
        "output-untrained",
        "is not trained, since it has no loss: it only predicts",
        severity="info",
        node=node.name,
        param="loss",
        found="loss null",
        expected=f"a loss, such as {loss}, or nothing if that is meant",
        fixes=(set_params_fix(f"Set loss {loss}.", loss=loss).at_node(node.name),),
    )


def _suggested(graph: Graph, layers: Mapping[str, Layer], node: Node) -> str:
    """Return the loss that people would use behind this activation."""
    wire = next((wire for _, _, wire in node.wires()), "")
    layer = layers.get(source_node(graph.resolve_bypassed(wire)))
    return (usual_loss(layer) if layer else None) or "mse"
