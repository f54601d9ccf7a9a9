"""Checks of Outputs: loss, activation before it, metrics, labels and class weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.check.loss_compatibility import OutputInput, check_loss
from engine.check.output_settings import check_output_settings
from engine.core.diagnostic import Diagnostic, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_node
from engine.layers.base import Layer
from engine.layers.io import Output, default_objectives


def check_heads(
    graph: Graph, specs: Mapping[str, TensorSpec], layers: Mapping[str, Layer]
) -> list[Diagnostic]:
    """Return the diagnostics of the loss and settings of wired Outputs, and of missing losses.

    `specs` has the specs of main outputs by node name, `layers` has the layers by node name. Nodes
    with errors may be missing.
    """
    diagnostics: list[Diagnostic] = []
    for node in graph.outputs:
        output = layers.get(node.name)
        if isinstance(output, Output) and node.name in specs and node.inputs and not node.off:
            output_input = _output_input(graph, layers, node, output, specs[node.name])
            diagnostics += check_loss(output_input)
            diagnostics += check_output_settings(node.name, output, output_input.spec)
    return diagnostics + list(_check_trained(graph, layers))


def _output_input(
    graph: Graph, layers: Mapping[str, Layer], node: Node, output: Output, spec: TensorSpec
) -> OutputInput:
    """Return the input of an Output, with the node whose activation determines this input.

    The search for this node skips layers that only move or average values.
    """
    name = source_node(graph.resolve_bypassed(next(wire for _, _, wire in node.wires())))
    while name in layers and _keeps_values(layers[name]):
        wires = [wire for _, _, wire in graph[name].wires()]
        if len(wires) != 1:
            return OutputInput(node.name, output, spec, name, None, can_set_activation=False)
        name = source_node(graph.resolve_bypassed(wires[0]))
    if name not in graph:
        return OutputInput(node.name, output, spec, node.name, None, can_set_activation=False)
    layer = layers.get(name)
    # The inputs of an Average may be probabilities, so its activation is unknown.
    has_activation = layer is not None and layer.kind() != "Average"
    owner = graph.weight_owner(graph[name]).name
    activation = layer.output_activation() if layer is not None and has_activation else None
    # The field `activation` of a recurrent layer is not that of its output.
    has_field = layer is not None and layer.family != "recurrent" and hasattr(layer, "activation")
    return OutputInput(node.name, output, spec, owner, activation, can_set_activation=has_field)


def _keeps_values(layer: Layer) -> bool:
    if layer.output_activation() != "linear":
        return False
    return layer.family == "shape" or layer.kind() == "Identity" or "AveragePooling" in layer.kind()


def _check_trained(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Diagnostic]:
    """Yield an error if no Output is trained, otherwise an info for each Output without a loss.

    If any Output is invalid, nothing is yielded.
    """
    outputs = [(node, layers.get(node.name)) for node in graph.outputs]
    valid = [(node, output) for node, output in outputs if isinstance(output, Output)]
    if len(valid) < len(outputs):
        return
    untrained = [(node, out) for node, out in valid if not (out.loss and out.loss_weight)]
    if untrained and len(untrained) == len(valid):
        yield _nothing_to_train(graph, layers, *untrained[0])
        return
    for node, output in untrained:
        if output.loss is None:
            yield _untrained(graph, layers, node)


def _nothing_to_train(
    graph: Graph, layers: Mapping[str, Layer], node: Node, output: Output
) -> Diagnostic:
    params: dict[str, Any] = {}
    if output.loss is None:
        params["loss"] = _suggested_loss(graph, layers, node)
    if output.loss_weight == 0:
        params["loss_weight"] = 1.0
    assignments = ", ".join(f"{name} {value}" for name, value in params.items())
    return Diagnostic.error(
        "nothing-to-train",
        "no Output has a loss with a weight above 0, so there is nothing to train",
        set_params_fix(f"Set {assignments}.", **params).at_node(node.name),
        node=node.name,
        param=next(iter(params)),
        found="loss null" if output.loss is None else "loss_weight 0",
        expected="a loss on at least one Output",
    )


def _untrained(graph: Graph, layers: Mapping[str, Layer], node: Node) -> Diagnostic:
    loss = _suggested_loss(graph, layers, node)
    return Diagnostic.info(
        "output-untrained",
        "has no loss, so it is not trained",
        set_params_fix(f"Set loss {loss}.", loss=loss).at_node(node.name),
        node=node.name,
        param="loss",
        found="loss null",
        expected=f"a loss, such as {loss}, if it should be trained",
    )


def _suggested_loss(graph: Graph, layers: Mapping[str, Layer], node: Node) -> str:
    """Return the usual loss for the activation before an Output."""
    wire = next((wire for _, _, wire in node.wires()), "")
    layer = layers.get(source_node(graph.resolve_bypassed(wire)))
    return str(default_objectives(layer).get("loss", "mse")) if layer else "mse"
