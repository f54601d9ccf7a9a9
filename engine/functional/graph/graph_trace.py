"""From symbolic tensors back to a graph: a node for each call that outputs need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import plain
from engine.core.symbolic.tensor import Call, SymbolicTensor
from engine.functional.graph.node_names import end_names, node_names, said
from engine.functional.graph.subgraph import Reach
from engine.graph.model import Graph, Node, Wires
from engine.layers.base import Layer
from engine.layers.io import Input

_NONE = {"input": "no-input", "output": "no-output"}


@dataclass(frozen=True)
class Traced:
    """A graph, and what of Python stands behind it.

    Args:
        graph: without losses.
        layers: by node, the very instance whose weights it uses.
        tensors: by node, or "node.output", what comes out there.
        inputs, outputs: the names of Inputs and Outputs, in the order of the model's.
        parts: by name of a model that was called as a layer, its nodes.
    """

    graph: Graph
    layers: Mapping[str, Layer]
    tensors: Mapping[str, SymbolicTensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def trace(inputs: Mapping[str, SymbolicTensor], outputs: Mapping[str, SymbolicTensor]) -> Traced:
    """Return the graph between inputs and outputs.

    Args:
        inputs, outputs: by name; a place in a list stands for none.

    Raises:
        Refused: if an output needs an Input that is not among `inputs`, or two layers of one
            name meet, or an input is listed twice.
    """
    return _Trace(inputs, outputs).traced()


class _Trace:
    def __init__(
        self, inputs: Mapping[str, SymbolicTensor], outputs: Mapping[str, SymbolicTensor]
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.begins: dict[SymbolicTensor, Call] = {}
        for tensor in inputs.values():
            if tensor in self.begins:
                raise Refused(_listed_twice(tensor))
            self.begins[tensor] = _begin(tensor)
        self.reach = Reach(self.begins, [*outputs.values()])

    def traced(self) -> Traced:
        calls = self.reach.calls
        keys = {self.begins[tensor]: said(key) for key, tensor in self.inputs.items()}
        names = node_names(calls, keys)
        self.reach.require_ways(names)
        ends = end_names(self.outputs, self.reach, names)
        owners: dict[int, str] = {}
        nodes = [self._node(call, names, owners) for call in calls]
        for key, tensor in self.outputs.items():
            nodes.append(Node(ends[key], "Output", {"x": self._reference(tensor, names)}))
        parts: dict[str, list[str]] = {}
        for call in calls:
            for part in call.within[:1]:
                parts.setdefault(part, []).append(names[call])
        return Traced(
            Graph(tuple(nodes)),
            {names[call]: call.layer for call in calls},
            {self._reference(tensor, names): tensor for tensor in self.reach.seen},
            tuple(names[self.begins[tensor]] for tensor in self.inputs.values()),
            tuple(ends.values()),
            {part: tuple(members) for part, members in parts.items()},
        )

    def _node(self, call: Call, names: Mapping[Call, str], owners: dict[int, str]) -> Node:
        name, layer = names[call], call.layer
        wires: dict[str, Wires] = {
            port: tuple(self._reference(tensor, names) for tensor in wired)
            if isinstance(wired, tuple)
            else self._reference(wired, names)
            for port, wired in call.inputs.items()
        }
        owner = owners.setdefault(id(layer), name)
        if owner != name and layer.weights(*(tensor.spec for tensor in call.tensors())):
            return Node(name, layer.kind(), wires, shares=owner)
        params = layer.params()
        return Node(name, layer.kind(), wires, {field: params[field] for field in layer.told()})

    def _reference(self, tensor: SymbolicTensor, names: Mapping[Call, str]) -> str:
        name = names[self.reach.call(tensor)]
        cut = tensor in self.begins
        return f"{name}.{tensor.output}" if tensor.output and not cut else name


def by_key(tensors: object, noun: str) -> dict[str, SymbolicTensor]:
    """Return a model's inputs or outputs by name, or by place where they are a list.

    Raises:
        Refused: something is no tensor.
    """
    named: dict[str, object]
    if isinstance(tensors, Mapping):
        named = {str(key): tensor for key, tensor in tensors.items()}
    else:
        each = list(tensors) if isinstance(tensors, list | tuple) else [tensors]
        named = {str(place): tensor for place, tensor in enumerate(each)}
    found: dict[str, SymbolicTensor] = {}
    for key, tensor in named.items():
        if not isinstance(tensor, SymbolicTensor):
            raise Refused(_no_tensor(noun, tensor))
        found[key] = tensor
    if not found:
        raise Refused(_no_tensor(noun, tensors))
    return found


def _begin(tensor: SymbolicTensor) -> Call:
    """Return the Input that a model begins with; one that begins inside a network gets its own."""
    if isinstance(tensor.call.layer, Input):
        return tensor.call
    shape = plain(tensor.shape[1:])
    layer = Input.read({"shape": shape, "dtype": tensor.dtype})
    return Call(layer, {}, number=tensor.call.number)


def _listed_twice(tensor: SymbolicTensor) -> Diagnostic:
    return Diagnostic(
        "duplicate-name",
        "the model lists this input twice",
        node=tensor.name,
        found="one tensor as two inputs",
        expected="another tensor for each input",
        fixes=(Fix("List it once; several layers may be called on it."),),
    )


def _no_tensor(noun: str, value: object) -> Diagnostic:
    return Diagnostic(
        _NONE[noun],
        f"a model's {noun} is a symbolic tensor",
        found=type(value).__name__,
        expected="what Input answered" if noun == "input" else "what a layer answered",
        fixes=(
            Fix("Begin with an Input, and call layers on it."),
            Fix("Arrays are fed to fit, evaluate and predict."),
        ),
    )
