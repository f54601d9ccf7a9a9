"""Replay: call a graph's layers on symbolic tensors, to load a model or to call a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.check.summary import display_names
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.symbolic.argument_binding import duplicate_argument, unknown_port
from engine.core.symbolic.layer_call import call_layer
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_trace import TracedGraph, tensors_by_key
from engine.functional.per_output import wrong_length
from engine.graph.model import Graph, Wires, source_node
from engine.graph.node_names import suggest_name
from engine.layers.base import Layer

Tensors = dict[str, SymbolicTensor]


def layer_instances(graph: Graph) -> dict[str, Layer]:
    """Return new layers by node name. Nodes that share weights have the same layer object."""
    shown = display_names(graph)
    by_owner: dict[str, Layer] = {}
    for node in graph:
        owner = graph.weight_owner(node).name
        if owner not in by_owner:
            layer = graph[owner].layer
            assert isinstance(layer, Layer), "only a graph without errors is replayed"
            by_owner[owner] = copy_layer(layer, shown.get(owner, owner))
    return {node.name: by_owner[graph.weight_owner(node).name] for node in graph}


def copy_layer(layer: Layer, name: str) -> Layer:
    """Return a copy of `layer` with the given name. The two layers share no weights."""
    copy = layer.model_copy()
    vars(copy).pop("_python_state", None)
    copy.python_state.name = name
    return copy


def replay(
    graph: Graph, layers: Mapping[str, Layer], inputs: Mapping[str, SymbolicTensor], model: str = ""
) -> Tensors:
    """Call every layer of a graph on tensors.

    Args:
        graph, layers: a graph without errors, and the layer instance of each node.
        inputs: the tensor to use for each Input. An Input that is missing here gets a new tensor.
        model: the model's name if the graph is called as a layer. It prefixes the node names.

    Returns:
        Every tensor, by "node" or "node.output". The name of an Output maps to the tensor that is
        wired to this Output.
    """
    shown = display_names(graph)
    prefix = f"{suggest_name(model)}_" if model else ""
    within = (model,) if model else ()
    tensors: Tensors = dict(inputs)
    for node in graph.topological_order:
        if node.name in tensors:
            continue
        sources = [_resolve(tensors, reference) for _, _, reference in node.wires()]
        if node.kind == "Output" or node.off:
            # An Output, or a bypassed layer, passes its input on.
            tensors[node.name] = sources[0]
            continue
        ports = {port: _port_tensors(tensors, wires) for port, wires in node.inputs.items()}
        # A merge layer takes its list of tensors as the only positional argument.
        merged = [value for value in ports.values() if isinstance(value, list)]
        keywords: Mapping[str, Any] = {} if merged else ports
        name = prefix + shown[node.name]
        result = call_layer(layers[node.name], tuple(merged), keywords, name, within)
        for tensor in result if isinstance(result, list) else [result]:
            tensors[f"{node.name}.{tensor.output}" if tensor.output else node.name] = tensor
    return tensors


def _port_tensors(tensors: Tensors, wires: Wires) -> SymbolicTensor | list[SymbolicTensor]:
    if isinstance(wires, str):
        return _resolve(tensors, wires)
    return [_resolve(tensors, reference) for reference in wires]


def _resolve(tensors: Tensors, reference: str) -> SymbolicTensor:
    """Return the tensor of the output `reference`, which is "node" or "node.output".

    If "node.output" is the first output of a node, the key of its tensor in `tensors` is "node".
    """
    return tensors[reference if reference in tensors else source_node(reference)]


def trace_graph(graph: Graph) -> TracedGraph:
    """Return `graph` with new Python layers and symbolic tensors; `graph` must have no errors."""
    layers = layer_instances(graph)
    tensors = replay(graph, layers, {})
    inputs = tuple(node.name for node in graph.of_kind("Input"))
    outputs = tuple(node.name for node in graph.outputs)
    return TracedGraph(graph, layers, tensors, inputs, outputs)


def bind_call_arguments(
    inputs: Mapping[str, SymbolicTensor], tensors: tuple[Any, ...], ports: Mapping[str, Any]
) -> dict[str, SymbolicTensor]:
    """Return the tensor for each Input of a model that is called as a layer.

    Args:
        inputs: the model's input tensors by the name of their Input, in the model's order.
        tensors: the positional arguments: one tensor per Input, or one list or dict of tensors.
        ports: the keyword arguments: tensors by the name of the Input.

    Raises:
        DiagnosticError: too few tensors, an unknown name, or a wrong shape or dtype.
    """
    given: Any = tensors[0] if len(tensors) == 1 else list(tensors)
    named = tensors_by_key(given, "input") if tensors else {}
    names = list(inputs)
    if len(named) > len(names):
        raise DiagnosticError(wrong_length(names, len(named), "the call"))
    if not isinstance(given, Mapping):
        named = dict(zip(names, named.values(), strict=False))
    keywords = tensors_by_key(dict(ports), "input") if ports else {}
    arguments = named | keywords
    problems = [
        unknown_port(name, names, "input", "the call") for name in arguments if name not in names
    ]
    problems += [duplicate_argument("the call", name) for name in keywords if name in named]
    problems += [_missing_input(name, names) for name in names if name not in arguments]
    problems += [
        _incompatible_tensor(name, inputs[name], tensor)
        for name, tensor in arguments.items()
        if name in inputs and not _is_compatible(inputs[name], tensor)
    ]
    if problems:
        raise DiagnosticError(*problems)
    return arguments


def _is_compatible(expected: SymbolicTensor, given: SymbolicTensor) -> bool:
    """Return whether dtype and rank are equal and all fixed axes of `expected` have equal sizes."""
    return (
        expected.dtype == given.dtype
        and len(expected.shape) == len(given.shape)
        and all(a in (None, b) for a, b in zip(expected.shape, given.shape, strict=True))
    )


def _incompatible_tensor(name: str, expected: SymbolicTensor, given: SymbolicTensor) -> Diagnostic:
    return Diagnostic.error(
        "wrong-dtype" if expected.dtype != given.dtype else "shapes-differ",
        f"the model is called on a tensor that does not fit its input {name}",
        f"Call it on a tensor like its input {name}.",
        node=given.name,
        found=f"{given.shape} of {given.dtype}",
        expected=f"{expected.shape} of {expected.dtype}",
    )


def _missing_input(name: str, names: list[str]) -> Diagnostic:
    return Diagnostic.error(
        "port-loose",
        f"the model is called without its input {name}",
        "Call it on a list in this order, or on a dict of tensors by name.",
        node=name,
        found="no tensor",
        expected=f"a tensor for each of {', '.join(names)}",
    )
