"""The outline rows for the wires of a node, and texts about other rows for screen readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.diagnostic import Severity
from engine.core.formatting.counts import count_noun
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node
from engine.graph.notes import Note
from engine.graph.view import Frame

WireRowKind = Literal["from", "loose", "to", "end"]


@dataclass(frozen=True)
class WireRow:
    """An outline row below a node: a wire or an unconnected port.

    Args:
        kind: "from" for an incoming wire, "loose" for an unconnected input, "to" for an outgoing
            wire, "end" for an unused output.
        other_node: the node at the other end of the wire, "" if there is none.
        target, port: the node and its input port where the wire ends or is missing, else "".
        index: the index of the wire at a port that takes several wires, else None.
        text: the text of the row without the prefix "from" or "to".
    """

    kind: WireRowKind
    other_node: str
    target: str
    port: str
    index: int | None
    text: str

    def __str__(self) -> str:
        prefixes = {"from": "from ", "to": "to ", "loose": "", "end": ""}
        return prefixes[self.kind] + self.text


def wire_rows(graph: Graph, name: str) -> tuple[WireRow, ...]:
    """Return the outline rows below a node: one per wire or unused port, inputs before outputs."""
    node = graph[name]
    return (*_input_rows(graph, node), *_output_rows(graph, node))


def node_description(report: Report, name: str) -> str:
    """Return the description of a node for screen readers."""
    graph = report.project.graph
    node = graph[name]
    parts = [name, graph.weight_owner(node).kind, *_settings(graph.weight_owner(node))]
    if node.off:
        parts.append("bypassed")
    if node.shares:
        parts.append(f"uses the weights of {node.shares}")
    spec = report.shapes.outputs.get(name, {}).get(MAIN_OUTPUT)
    parts.append("output shape unknown" if spec is None else f"output shape {spec}")
    parts += _connections(graph, node)
    counts = _severity_counts(report, name)
    return ", ".join(parts) + (f"; {counts}" if counts else "")


def extra_description(extra: Frame | Note) -> str:
    """Return the description of a frame or a note for screen readers."""
    nodes = " and ".join(extra.nodes)
    if isinstance(extra, Note):
        return f"{extra.text.strip()}, note" + (f" about {nodes}" if nodes else "")
    return f"{extra.title}, frame around {nodes}{', collapsed' if extra.collapsed else ''}"


def _input_rows(graph: Graph, node: Node) -> Iterator[WireRow]:
    ports = input_ports(graph.weight_owner(node).kind) or ()
    has_several = len(ports) > 1
    known = {port.name for port in ports}
    for port, index, reference in node.wires():
        position = "" if index is None else f", number {index + 1}"
        is_ambiguous = has_several or port not in known or index is not None
        suffix = f", input {port}{position}" if is_ambiguous else ""
        yield WireRow("from", source_node(reference), node.name, port, index, reference + suffix)
    for unconnected in ports:
        if not node.inputs.get(unconnected.name):
            state = "optional" if unconnected.optional else "not connected"
            text = f"input {unconnected.name}: {state}"
            yield WireRow("loose", "", node.name, unconnected.name, None, text)


def _output_rows(graph: Graph, node: Node) -> Iterator[WireRow]:
    consumers = graph.consumers.get(node.name, ())
    for name in consumers:
        wires = [wire for wire in graph[name].wires() if source_node(wire[2]) == node.name]
        ports = input_ports(graph.weight_owner(graph[name]).kind) or ()
        for port, index, _ in wires:
            suffix = f", input {port}" if len(ports) > 1 else ""
            yield WireRow("to", name, name, port, index, name + suffix)
    if not consumers and node.kind != "Output":
        yield WireRow("end", "", "", "", None, "output not used")


def _settings(node: Node) -> list[str]:
    """Return the first three number or string fields of a node as texts, such as "units 64"."""
    settings = [
        f"{name} {value}"
        for name, value in node.params.items()
        if isinstance(value, (int, float, str)) and not isinstance(value, bool)
    ]
    return [text[:60] for text in settings[:3]]


def _connections(graph: Graph, node: Node) -> list[str]:
    sources = list(dict.fromkeys(node.sources()))
    consumers = graph.consumers.get(node.name, ())
    parts = []
    if sources:
        parts.append("inputs from " + " and ".join(sources))
    elif node.kind != "Input":
        parts.append("input not connected")
    if consumers:
        parts.append("feeds " + " and ".join(consumers))
    elif node.kind != "Output":
        parts.append("output not used")
    return parts


def _severity_counts(report: Report, name: str) -> str:
    counts = Counter(item.severity for item in report.diagnostics if item.node == name)
    shown: tuple[Severity, ...] = ("error", "warning")
    return ", ".join(
        count_noun(counts[severity], severity) for severity in shown if counts[severity]
    )
