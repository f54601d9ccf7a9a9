"""Edits of several nodes at a time by the outline, and the search for possible wires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import TensorSpec
from engine.graph.edits import field_edits, node_edits
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Project, source_node


@dataclass(frozen=True)
class WireCandidate:
    """A possible wire.

    Args:
        source: the output that the wire starts at, such as "conv" or "lstm.state_h".
        node, port: the input that the wire ends at.
        replaces: the source of the existing wire that would be replaced, "" if there is none.
        is_certain: True if the shapes are compatible, False if this is unknown.
    """

    source: str
    node: str
    port: str
    replaces: str = ""
    is_certain: bool = True


def remove_nodes(project: Project, names: Iterable[str], report: Report) -> Project:
    """Delete nodes from the project.

    If the output of a deleted node has the shape and dtype of its first input, the source of the
    node is connected to the consumers of the node.
    """
    for name in names:
        project = node_edits.remove_node(project, name, bridge=_has_same_shape(report, name))
    return project


def set_bypassed(project: Project, names: Iterable[str], off: bool) -> Project:
    """Bypass nodes if `off`, else stop bypassing them."""
    for name in names:
        project = field_edits.set_off(project, name, off)
    return project


def candidates_from(report: Report, name: str) -> list[WireCandidate]:
    """Return the possible wires from a node; wires to unconnected ports come first."""
    graph = report.project.graph
    ancestors = _ancestors(graph, name)
    targets = [node for node in graph if node.name not in ancestors]
    candidates = [
        candidate
        for source in _references(report, name)
        for target in targets
        for port in input_ports(graph.weight_owner(target).kind) or ()
        if (candidate := _candidate(report, source, target.name, port.name)) is not None
    ]
    return sorted(candidates, key=_sort_key)


def candidates_to(report: Report, name: str, port: str) -> list[WireCandidate]:
    """Return the possible wires to a port of a node. Wires that would make a cycle are left out."""
    graph = report.project.graph
    candidates = [
        candidate
        for node in graph
        if node.kind != "Output" and node.name != name and name not in _ancestors(graph, node.name)
        for source in _references(report, node.name)
        if (candidate := _candidate(report, source, name, port)) is not None
    ]
    return sorted(candidates, key=_sort_key)


def _sort_key(candidate: WireCandidate) -> tuple[bool, bool]:
    return bool(candidate.replaces), not candidate.is_certain


def _references(report: Report, name: str) -> list[str]:
    if report.project.graph[name].kind == "Output":
        return []
    outs = [out for out in report.shapes.outputs.get(name, {}) if out != MAIN_OUTPUT]
    return [name, *(f"{name}.{out}" for out in outs[1:])]


def _ancestors(graph: Graph, name: str) -> set[str]:
    """Return the names of the node `name` and of all nodes that its inputs depend on."""
    visited, pending = set[str](), [name]
    while pending:
        current = pending.pop()
        if current in graph and current not in visited:
            visited.add(current)
            pending += graph[current].sources()
    return visited


def _candidate(report: Report, source: str, name: str, port: str) -> WireCandidate | None:
    """Return the possible wire from the output `source` to the input `port` of the node `name`.

    If this wire exists as the only wire of the port, or if the shapes don't fit, return None.
    """
    node = report.project.graph[name]
    current = node.inputs.get(port, ())
    if source == current:
        return None
    is_compatible = _is_compatible(report, source, name, port)
    if is_compatible is False:
        return None
    replaced = current if isinstance(current, str) else ""
    return WireCandidate(source, name, port, replaced, is_compatible is True)


def _is_compatible(report: Report, source: str, name: str, port: str) -> bool | None:
    """Return whether node `name` accepts the output `source` at a port, None if unknown."""
    layer = report.shapes.layers.get(name)
    if layer is None or report.project.graph[name].off:
        return None
    inputs = list(_input_specs(report, source, name, port))
    if None in inputs and not all(layer_port.optional for layer_port in layer.ports()):
        return None
    if len(inputs) < 2 and any(layer_port.many for layer_port in layer.ports()):
        return None  # a merge layer can be checked only with two inputs
    try:
        layer.infer(*inputs)
    except LayerError:
        return False
    return True


def _input_specs(report: Report, source: str, name: str, port: str) -> Iterator[TensorSpec | None]:
    """Yield the spec of each input of node `name` if the output `source` were connected to `port`.

    None stands for a port without a wire, and for an unknown spec.
    """
    node = report.project.graph[name]
    for layer_port in report.shapes.layers[name].ports():
        current = node.inputs.get(layer_port.name, ())
        references = (current,) if isinstance(current, str) else current
        if layer_port.name == port:
            references = (*references, source) if layer_port.many else (source,)
        if not references:
            yield None
        for reference in references:
            yield report.shapes.spec(reference)


def _has_same_shape(report: Report, name: str) -> bool:
    """Return whether the output of a node has the shape and dtype of its first input."""
    first, *_ = report.shapes.inputs.get(name) or (None,)
    out = report.shapes.outputs.get(name, {}).get(MAIN_OUTPUT)
    source = source_node(next((wire for _, _, wire in report.project.graph[name].wires()), name))
    if out is None or first is None or source == name:
        return False
    return (out.shape, out.dtype) == (first.shape, first.dtype)
