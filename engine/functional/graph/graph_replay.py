"""From a graph to symbolic tensors: a model that is opened from a file, or called as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.check.summary import shown_names
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import given_twice, unknown_word
from engine.core.symbolic.layer_call import applied
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_trace import Traced, by_key
from engine.functional.per_output import wrong_count
from engine.graph.model import Graph, Wires, source_of
from engine.graph.node_names import suggest
from engine.layers.base import Layer

References = dict[str, SymbolicTensor]


def instances(graph: Graph) -> dict[str, Layer]:
    """Answer, by node, a layer of its own; nodes that share weights have one together."""
    shown = shown_names(graph)
    own: dict[str, Layer] = {}
    for node in graph:
        owner = graph.layer_node(node).name
        if owner not in own:
            read = graph[owner].layer
            assert isinstance(read, Layer), "only a sound graph is replayed"
            own[owner] = fresh(read, shown.get(owner, owner))
    return {node.name: own[graph.layer_node(node).name] for node in graph}


def fresh(layer: Layer, name: str) -> Layer:
    """Return an equal layer that shares no weights with the one given."""
    copy = layer.model_copy()
    vars(copy).pop("_made", None)
    copy.made.name = name
    return copy


def replay(
    graph: Graph,
    layers: Mapping[str, Layer],
    inputs: Mapping[str, SymbolicTensor],
    model: str = "",
) -> References:
    """Call every layer of a graph on tensors.

    Args:
        graph: sound.
        layers: by node, the instance to call.
        inputs: by Input, the tensor it stands for; Inputs that are left out are begun anew.
        model: the name of the model that is called as a layer, put before its nodes' names.

    Returns:
        Tensors by reference, "lstm" and "lstm.state_h", and by the names of Outputs.
    """
    shown = shown_names(graph)
    before = f"{suggest(model)}_" if model else ""
    within = (model,) if model else ()
    known: References = dict(inputs)
    for node in graph.order:
        if node.name in known:
            continue
        wired = [_taken(known, reference) for _, _, reference in node.wires()]
        if node.kind == "Output" or node.off:
            known[node.name] = wired[0]
            continue
        ports = {port: _fed(known, wires) for port, wires in node.inputs.items()}
        many = [tensors for tensors in ports.values() if isinstance(tensors, list)]
        called = before + shown[node.name]
        fed: Mapping[str, Any] = {} if many else ports
        answer = applied(layers[node.name], tuple(many), fed, called, within)
        for tensor in answer if isinstance(answer, list) else [answer]:
            known[f"{node.name}.{tensor.output}" if tensor.output else node.name] = tensor
    return known


def _fed(known: References, wires: Wires) -> SymbolicTensor | list[SymbolicTensor]:
    return _taken(known, wires) if isinstance(wires, str) else [_taken(known, w) for w in wires]


def _taken(known: References, reference: str) -> SymbolicTensor:
    """Return the tensor of a wire; the first output may be named or not."""
    return known[reference if reference in known else source_of(reference)]


def opened(graph: Graph) -> Traced:
    """Return a sound graph that comes from a file, with layers and tensors of its own."""
    layers = instances(graph)
    tensors = replay(graph, layers, {})
    outputs = tuple(node.name for node in graph.outputs)
    return Traced(
        graph,
        layers,
        tensors,
        tuple(node.name for node in graph.of_kind("Input")),
        outputs,
    )


def called_on(
    begins: Mapping[str, SymbolicTensor], tensors: tuple[Any, ...], ports: Mapping[str, Any]
) -> dict[str, SymbolicTensor]:
    """Answer, by Input, the tensors that a model is called on as a layer.

    Args:
        begins: by Input, in order, what the model itself begins with.
        tensors: one for each Input, or one list or dict of them.
        ports: tensors by name.

    Raises:
        Refused: too few, an unknown name, or a tensor of another shape or dtype.
    """
    given: Any = tensors[0] if len(tensors) == 1 else list(tensors)
    named = by_key(given, "input") if tensors else {}
    names = list(begins)
    if len(named) > len(names):
        raise Refused(wrong_count(names, len(named), "the call"))
    if not isinstance(given, Mapping):
        named = dict(zip(names, named.values(), strict=False))
    more = by_key(dict(ports), "input") if ports else {}
    fed = named | more
    found = [unknown_word(name, names, "input", "the call") for name in fed if name not in names]
    found += [given_twice("the call", name) for name in more if name in named]
    found += [_missing(name, names) for name in names if name not in fed]
    found += [
        _unlike(name, begins[name], tensor)
        for name, tensor in fed.items()
        if name in begins and not _fits(begins[name], tensor)
    ]
    if found:
        raise Refused(*found)
    return fed


def _fits(wanted: SymbolicTensor, given: SymbolicTensor) -> bool:
    return (
        wanted.dtype == given.dtype
        and len(wanted.shape) == len(given.shape)
        and all(size in (None, has) for size, has in zip(wanted.shape, given.shape, strict=True))
    )


def _unlike(name: str, wanted: SymbolicTensor, given: SymbolicTensor) -> Diagnostic:
    return Diagnostic(
        "wrong-dtype" if wanted.dtype != given.dtype else "shapes-differ",
        f"the model is called on a tensor that its input {name} can't take",
        node=given.name,
        found=f"{given.shape} of {given.dtype}",
        expected=f"{wanted.shape} of {wanted.dtype}",
        fixes=(Fix(f"Call it on a tensor like its input {name}."),),
    )


def _missing(name: str, names: list[str]) -> Diagnostic:
    return Diagnostic(
        "port-loose",
        f"the model is called without its input {name}",
        node=name,
        found="no tensor",
        expected=f"a tensor for each of {', '.join(names)}",
        fixes=(Fix("Call it on a list in this order, or on a dict by name."),),
    )
