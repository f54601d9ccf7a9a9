"""What is done to rows of the outline, as edits of a project; and which wires would fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import TensorSpec
from engine.graph.edits import node_edits
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Project, source_node


@dataclass(frozen=True)
class Way:
    """A wire that could be drawn.

    Args:
        source: where it begins, "conv" or "lstm.state_h".
        node, port: where it ends.
        instead: the wire that it would replace, "" if none.
        sure: whether the shapes are known to fit; else they are not known yet.
    """

    source: str
    node: str
    port: str
    instead: str = ""
    sure: bool = True


def remove_all(project: Project, names: Iterable[str], report: Report) -> Project:
    """Delete nodes; one that changes no shape leaves its wire behind."""
    for name in names:
        project = node_edits.remove_node(project, name, bridge=_keeps_shape(report, name))
    return project


def bypass_all(project: Project, names: Iterable[str], off: bool) -> Project:
    """Bypass nodes, or put them back into use."""
    for name in names:
        project = node_edits.set_off(project, name, off)
    return project


def ways_from(report: Report, name: str) -> list[Way]:
    """Return the wires that could begin at a node: free ports first, no loops."""
    graph = report.project.graph
    behind = _before(graph, name)
    targets = [node for node in graph if node.name not in behind]
    found = [
        way
        for source in _references(report, name)
        for target in targets
        for port in input_ports(graph.weight_owner(target).kind) or ()
        if (way := _way(report, source, target.name, port.name)) is not None
    ]
    return sorted(found, key=_rank)


def ways_to(report: Report, name: str, port: str) -> list[Way]:
    """Return the wires that could end at a port of a node."""
    graph = report.project.graph
    found = [
        way
        for node in graph
        if node.kind != "Output" and node.name != name and name not in _before(graph, node.name)
        for source in _references(report, node.name)
        if (way := _way(report, source, name, port)) is not None
    ]
    return sorted(found, key=_rank)


def _rank(way: Way) -> tuple[bool, bool]:
    return bool(way.instead), not way.sure


def _references(report: Report, name: str) -> list[str]:
    if report.project.graph[name].kind == "Output":
        return []
    outs = [out for out in report.shapes.outs.get(name, {}) if out != MAIN]
    return [name, *(f"{name}.{out}" for out in outs[1:])]


def _before(graph: Graph, name: str) -> set[str]:
    """Return a node and all that it depends on."""
    seen, waiting = set[str](), [name]
    while waiting:
        at = waiting.pop()
        if at in graph and at not in seen:
            seen.add(at)
            waiting += graph[at].sources()
    return seen


def _way(report: Report, source: str, name: str, port: str) -> Way | None:
    """Return the wire unless it is there already, or its shape does not fit."""
    node = report.project.graph[name]
    wired = node.inputs.get(port, ())
    if source == wired:
        return None
    fits = _fits(report, source, name, port)
    if fits is False:
        return None
    return Way(source, name, port, wired if isinstance(wired, str) else "", fits is True)


def _fits(report: Report, source: str, name: str, port: str) -> bool | None:
    """Return whether a layer takes a tensor at a port, None while that can't be known."""
    layer = report.shapes.layers.get(name)
    if layer is None or report.project.graph[name].off:
        return None
    fed = list(_fed(report, source, name, port))
    if None in fed and not all(each.optional for each in layer.ports()):
        return None
    many = any(each.many for each in layer.ports())
    if many and len(fed) < 2:
        return None  # a merge is only judged once it has two wires
    try:
        layer.infer(*fed)
    except LayerError:
        return False
    return True


def _fed(report: Report, source: str, name: str, port: str) -> Iterator[TensorSpec | None]:
    node = report.project.graph[name]
    for each in report.shapes.layers[name].ports():
        wired = node.inputs.get(each.name, ())
        references = (wired,) if isinstance(wired, str) else wired
        if each.name == port:
            references = (*references, source) if each.many else (source,)
        if not references:
            yield None
        for reference in references:
            yield report.shapes.spec(reference)


def _keeps_shape(report: Report, name: str) -> bool:
    fed = report.shapes.fed.get(name) or (None,)
    out = report.shapes.outs.get(name, {}).get(MAIN)
    source = source_node(next((wire for _, _, wire in report.project.graph[name].wires()), name))
    return (
        out is not None
        and fed[0] is not None
        and (out.shape, out.dtype) == (fed[0].shape, fed[0].dtype)
        and source != name
    )
