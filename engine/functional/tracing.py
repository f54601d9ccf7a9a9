"""From symbolic tensors back to a graph: the calls that outputs need, and names for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.calling import plain
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.tensor import Call, SymbolicTensor, snake
from engine.graph.model import Graph, Node, Wires
from engine.graph.names import legal, suggest
from engine.layers.base import Layer
from engine.layers.io import Input

HEAD = "_head"  # what is put behind a layer's name where an Output takes that name
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
    """Answer the graph between inputs and outputs.

    Args:
        inputs, outputs: by name; a name that begins with a digit stands for none.

    Raises:
        Refused: if an output needs an Input that is not among `inputs`, or two layers of one
            name meet.
    """
    return _Trace(inputs, outputs).traced()


class _Trace:
    def __init__(
        self, inputs: Mapping[str, SymbolicTensor], outputs: Mapping[str, SymbolicTensor]
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.begins = {tensor: _begin(tensor) for tensor in inputs.values()}
        self.keys = {self.begins[tensor]: _key(key) for key, tensor in inputs.items()}
        self.calls = self._reached()

    def traced(self) -> Traced:
        names = self._names()
        self._require_ways(names)
        ends = self._ends(names)
        owners: dict[int, str] = {}
        nodes = [self._node(call, names, owners) for call in self.calls]
        for key, tensor in self.outputs.items():
            nodes.append(Node(ends[key], "Output", {"x": self._reference(tensor, names)}))
        parts: dict[str, list[str]] = {}
        for call in self.calls:
            for part in call.within[:1]:
                parts.setdefault(part, []).append(names[call])
        return Traced(
            Graph(tuple(nodes)),
            {names[call]: call.layer for call in self.calls},
            {self._reference(tensor, names): tensor for tensor in self.seen},
            tuple(names[self.begins[tensor]] for tensor in self.inputs.values()),
            tuple(ends.values()),
            {part: tuple(members) for part, members in parts.items()},
        )

    def _reached(self) -> list[Call]:
        """Answer all calls between the inputs and the outputs, in the order they were made."""
        found = set(self.begins.values())
        self.seen = list(self.begins)
        waiting = [*self.outputs.values()]
        while waiting:
            tensor = waiting.pop()
            call = self._call(tensor)
            self.seen.append(tensor)
            if call not in found:
                found.add(call)
                waiting += call.tensors()
        return sorted(found, key=lambda call: call.number)

    def _call(self, tensor: SymbolicTensor) -> Call:
        return self.begins.get(tensor, tensor.call)

    def _require_ways(self, names: Mapping[Call, str]) -> None:
        """Refuse outputs that need an Input which the model does not have."""
        known = set(self.begins.values())
        strange = [c for c in self.calls if isinstance(c.layer, Input) and c not in known]
        if not strange:
            return
        found = []
        for tensor in self.outputs.values():
            behind = _behind(self._call(tensor), self.begins)
            missing = [call for call in strange if call in behind]
            if missing:
                found.append(self._disconnected(tensor, missing[0], behind, names))
        raise Refused(*found)

    def _disconnected(
        self,
        tensor: SymbolicTensor,
        missing: Call,
        behind: Mapping[Call, None],
        names: Mapping[Call, str],
    ) -> Diagnostic:
        begins = ", ".join(names[call] for call in self.begins.values())
        output, end = names[self._call(tensor)], names[missing]
        last = names[_ahead(self.begins.values(), self.calls, self.begins)[-1]]
        some = any(call in behind for call in self.begins.values())
        return Diagnostic(
            "output-unreached",
            f"also needs {end}, which is not among the model's inputs"
            if some
            else f"does not come from {begins}: going back from it, the way ends at {end}",
            node=output,
            found=f"what comes from {begins} gets as far as {last}",
            expected=f"layers that lead from {begins} to {output}",
            fixes=(
                Fix(f"Give the model the input {end} too."),
                Fix(f"Build {output} on {begins}."),
            ),
        )

    def _names(self) -> dict[Call, str]:
        """Answer the name of each node: given ones first, then kinds, counted as Keras counts."""
        names: dict[Call, str] = {}
        owners: dict[str, Call] = {}
        for call in self.calls:
            name = self.keys.get(call) or call.name
            if not name or call.within:
                continue
            if not legal(name):
                raise Refused(_illegal(name))
            other = owners.setdefault(name, call)
            if other.layer is not call.layer:
                raise Refused(_twice(name))
            if other is call:
                names[call] = name
        taken = set(names.values())
        for call in self.calls:
            if call not in names:
                names[call] = numbered(call.name or snake(call.layer.kind()), taken)
                taken.add(names[call])
        return names

    def _ends(self, names: dict[Call, str]) -> dict[str, str]:
        """Answer the name of each Output, and let the layer that makes it give its own up."""
        made: dict[Call, int] = {}
        for tensor in self.outputs.values():
            made[self._call(tensor)] = made.get(self._call(tensor), 0) + 1
        taken = set(names.values())
        ends: dict[str, str] = {}
        for key, tensor in self.outputs.items():
            call = self._call(tensor)
            node, wish = names[call], _key(key)
            alone = made[call] == 1 and not isinstance(call.layer, Input)
            if alone and wish in ("", node):
                ends[key] = node
                names[call] = numbered(node + HEAD, taken)
                taken.add(names[call])
            else:
                ends[key] = numbered(wish or f"{node}_{tensor.output or 'output'}", taken)
                taken.add(ends[key])
        return ends

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
        return Node(name, layer.kind(), wires, _params(layer))

    def _reference(self, tensor: SymbolicTensor, names: Mapping[Call, str]) -> str:
        name = names[self._call(tensor)]
        cut = tensor in self.begins
        return f"{name}.{tensor.output}" if tensor.output and not cut else name


def numbered(name: str, taken: set[str]) -> str:
    """Answer `name`, or with the first free number behind it: "dense", "dense_1"."""
    free, number = name, 0
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def by_key(tensors: object, noun: str) -> dict[str, SymbolicTensor]:
    """Answer a model's inputs or outputs by name, or by place where they are a list.

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


def _params(layer: Layer) -> dict[str, Any]:
    """Answer the parameters that are not as usual, in whatever words the usual ones are written."""
    fields, said = type(layer).model_fields, layer.params()
    usual = type(layer).read({name: said[name] for name in said if fields[name].is_required()})
    return {
        name: value
        for name, value in said.items()
        if fields[name].is_required() or getattr(layer, name) != getattr(usual, name)
    }


def _key(key: str) -> str:
    """Answer the name that a key says; a place in a list says none."""
    return "" if key.isdecimal() else key


def _begin(tensor: SymbolicTensor) -> Call:
    """Answer the Input that a model begins with; one that begins inside a network gets its own."""
    if isinstance(tensor.call.layer, Input):
        return tensor.call
    shape = plain(tensor.shape[1:])
    layer = Input.read({"shape": shape, "dtype": tensor.dtype})
    return Call(layer, {}, number=tensor.call.number)


def _behind(start: Call, begins: Mapping[SymbolicTensor, Call]) -> dict[Call, None]:
    """Answer every call that one depends on, itself included."""
    found = {start: None}
    waiting = [start]
    while waiting:
        for tensor in waiting.pop().tensors():
            call = begins.get(tensor, tensor.call)
            if call not in found:
                found[call] = None
                waiting.append(call)
    return found


def _ahead(
    starts: Iterable[Call],
    calls: Sequence[Call],
    begins: Mapping[SymbolicTensor, Call],
) -> list[Call]:
    """Answer the calls that the inputs lead to, the inputs first."""
    found = dict.fromkeys(starts)
    for call in calls:
        if any(begins.get(tensor, tensor.call) in found for tensor in call.tensors()):
            found[call] = None
    return [*found]


def _illegal(name: str) -> Diagnostic:
    return Diagnostic(
        "name-illegal",
        f'"{name}" can\'t stand in written source',
        node=name,
        found=name,
        expected="letters, digits and underscores, with a letter first",
        fixes=(Fix(f'Call it "{suggest(name)}".'),),
    )


def _twice(name: str) -> Diagnostic:
    return Diagnostic(
        "duplicate-name",
        f'two layers are called "{name}"',
        node=name,
        found="two layers of one name",
        expected="a name of its own for each layer",
        fixes=(
            Fix("Call one of them otherwise."),
            Fix("To share weights, call the very same layer twice."),
        ),
    )


def _no_tensor(noun: str, value: object) -> Diagnostic:
    return Diagnostic(
        _NONE[noun],
        f"a model's {noun} is a symbolic tensor",
        found=type(value).__name__,
        expected="what Input answered" if noun == "input" else "what a layer answered",
        fixes=(Fix("Begin with an Input, and call layers on it."),),
    )
