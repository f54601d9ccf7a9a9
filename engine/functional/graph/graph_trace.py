"""Tracing: the graph between input and output tensors, with one node per layer call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.symbolic.argument_binding import to_plain_json
from engine.core.symbolic.tensor import LayerCall, SymbolicTensor
from engine.functional.graph.node_names import name_from_key, node_names, output_node_names
from engine.functional.graph.subgraph import Subgraph
from engine.graph.model import Graph, Node, Wires
from engine.layers.base import Layer
from engine.layers.io import Input

Tensors = Mapping[str, SymbolicTensor]
_MISSING_CODES = {"input": "no-input", "output": "no-output"}


@dataclass(frozen=True)
class TracedGraph:
    """A graph with the Python layers and symbolic tensors that it was traced from.

    Args:
        graph: the graph; its Outputs have no losses.
        layers: the layer instance of each node. The instance holds the weights.
        tensors: the output tensors of all nodes, by "node" or "node.output".
        inputs, outputs: the names of Inputs and Outputs, in the model's order.
        nodes_by_model: the nodes of each model that was called as a layer, by the model's name.
    """

    graph: Graph
    layers: Mapping[str, Layer]
    tensors: Tensors
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes_by_model: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def trace(inputs: Tensors, outputs: Tensors) -> TracedGraph:
    """Return the graph between inputs and outputs.

    Args:
        inputs, outputs: tensors by name, or by index ("0") if the user gave no names.

    Raises:
        DiagnosticError: an output needs an Input that is not among `inputs`, two layers have
            the same name, or an input is listed twice.
    """
    return _Trace(inputs, outputs).traced()


class _Trace:
    def __init__(self, inputs: Tensors, outputs: Tensors) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.input_calls: dict[SymbolicTensor, LayerCall] = {}  # by the tensor of the Input
        for tensor in inputs.values():
            if tensor in self.input_calls:
                raise diagnostic_error(
                    "duplicate-name",
                    "the model has the same input twice",
                    "List it once; several layers can be called on it.",
                    node=tensor.name,
                    found="one tensor as two inputs",
                    expected="a different tensor for each input",
                )
            self.input_calls[tensor] = _input_call(tensor)
        self.reach = Subgraph(self.input_calls, [*outputs.values()])

    def traced(self) -> TracedGraph:
        calls = self.reach.calls
        keys = {self.input_calls[tensor]: name_from_key(key) for key, tensor in self.inputs.items()}
        self.names = names = node_names(calls, keys)
        self.reach.require_connected(names)
        output_names = output_node_names(self.outputs, self.reach, names)
        # The first node of a layer instance owns its weights; later calls share them.
        owners: dict[int, str] = {}
        nodes = [self._node(call, owners) for call in calls]
        for key, tensor in self.outputs.items():
            nodes.append(Node(output_names[key], "Output", {"x": self._reference(tensor)}))
        parts: dict[str, list[str]] = {}
        for call in calls:
            for part in call.enclosing_models[:1]:
                parts.setdefault(part, []).append(names[call])
        return TracedGraph(
            Graph(tuple(nodes)),
            {names[call]: call.layer for call in calls},
            {self._reference(tensor): tensor for tensor in self.reach.tensors},
            tuple(names[self.input_calls[tensor]] for tensor in self.inputs.values()),
            tuple(output_names.values()),
            {part: tuple(members) for part, members in parts.items()},
        )

    def _node(self, call: LayerCall, owners: dict[int, str]) -> Node:
        name, layer = self.names[call], call.layer
        wires: dict[str, Wires] = {
            port: tuple(map(self._reference, wired))
            if isinstance(wired, tuple)
            else self._reference(wired)
            for port, wired in call.inputs.items()
        }
        owner = owners.setdefault(id(layer), name)
        if owner != name and layer.weights(*(tensor.spec for tensor in call.input_tensors())):
            return Node(name, layer.kind(), wires, shares=owner)
        params = layer.params()
        fields = {field: params[field] for field in layer.non_default_fields()}
        return Node(name, layer.kind(), wires, fields)

    def _reference(self, tensor: SymbolicTensor) -> str:
        name = self.names[self.reach.call_of(tensor)]
        is_input = tensor in self.input_calls
        return f"{name}.{tensor.output}" if tensor.output and not is_input else name


def tensors_by_key(tensors: object, noun: str) -> dict[str, SymbolicTensor]:
    """Return a model's inputs or outputs by name. The names in a list are "0", "1" and so on.

    Raises:
        DiagnosticError: there are no values, or a value is not a symbolic tensor. The message
            calls the values `noun` ("input" or "output").
    """
    named: dict[str, object]
    if isinstance(tensors, Mapping):
        named = {str(key): tensor for key, tensor in tensors.items()}
    else:
        values = list(tensors) if isinstance(tensors, list | tuple) else [tensors]
        named = {str(index): tensor for index, tensor in enumerate(values)}
    checked: dict[str, SymbolicTensor] = {}
    for key, tensor in named.items():
        if not isinstance(tensor, SymbolicTensor):
            raise _not_a_tensor(noun, tensor)
        checked[key] = tensor
    if not checked:
        raise _not_a_tensor(noun, tensors)
    return checked


def _input_call(tensor: SymbolicTensor) -> LayerCall:
    """Return the Input call that made `tensor`. If a layer made it, return a new Input call."""
    if isinstance(tensor.call.layer, Input):
        return tensor.call
    shape = to_plain_json(tensor.shape[1:])
    layer = Input.from_params({"shape": shape, "dtype": tensor.dtype})
    return LayerCall(layer, {}, index=tensor.call.index)


def _not_a_tensor(noun: str, value: object) -> DiagnosticError:
    return diagnostic_error(
        _MISSING_CODES[noun],
        f"a model's {noun} must be a symbolic tensor",
        "Create an Input, and call layers on it.",
        "Pass arrays to fit, evaluate or predict instead.",
        found=type(value).__name__,
        expected=f"the tensor that {'Input' if noun == 'input' else 'a layer'} returned",
    )
