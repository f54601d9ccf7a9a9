"""What leads to and from a node, a row each, and the sentence that says a node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.text.phrases import count_noun
from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node
from engine.graph.view import Frame

Kind = Literal["from", "loose", "to", "end"]


@dataclass(frozen=True)
class Link:
    """One row below a node.

    Args:
        kind: a wire that comes in, a port without one, a wire that goes out, or that none does.
        other: the node at its other end, "" where there is none.
        target, port, place: where the wire ends, as the edits of wires take it.
        text: what the row says, after the word in front.
    """

    kind: Kind
    other: str
    target: str
    port: str
    place: int | None
    text: str

    def __str__(self) -> str:
        words = {"from": "from ", "to": "to ", "loose": "", "end": ""}
        return words[self.kind] + self.text


def links(graph: Graph, name: str) -> tuple[Link, ...]:
    """Return the rows below a node: wires in by port, ports without a wire, wires out."""
    node = graph[name]
    return (*_incoming(graph, node), *_outgoing(graph, node))


def sentence(report: Report, name: str) -> str:
    """Return a node as a screen reader says it."""
    graph = report.project.graph
    node = graph[name]
    parts = [name, graph.weight_owner(node).kind, *_settings(graph.weight_owner(node))]
    if node.off:
        parts.append("bypassed")
    if node.shares:
        parts.append(f"uses the weights of {node.shares}")
    spec = report.shapes.outs.get(name, {}).get(MAIN)
    parts.append("gives a shape that is not known" if spec is None else f"gives {spec}")
    parts += _wired(graph, node)
    counts = _found(report, name)
    return ", ".join(parts) + (f"; {counts}" if counts else "")


def frame_sentence(frame: Frame) -> str:
    """Return a frame as a screen reader says it."""
    state = ", collapsed" if frame.collapsed else ""
    return f"{frame.title}, frame around {' and '.join(frame.nodes)}{state}"


def _incoming(graph: Graph, node: Node) -> Iterator[Link]:
    ports = input_ports(graph.weight_owner(node).kind) or ()
    several = len(ports) > 1
    known = {port.name for port in ports}
    for port, place, reference in node.wires():
        turn = "" if place is None else f", number {place + 1}"
        at = f", input {port}{turn}" if several or port not in known or place is not None else ""
        yield Link("from", source_node(reference), node.name, port, place, reference + at)
    for loose in ports:
        if not node.inputs.get(loose.name):
            text = (
                f"input {loose.name} is free" if loose.optional else f"input {loose.name}: no wire"
            )
            yield Link("loose", "", node.name, loose.name, None, text)


def _outgoing(graph: Graph, node: Node) -> Iterator[Link]:
    consumers = graph.consumers.get(node.name, ())
    for name in consumers:
        wires = [wire for wire in graph[name].wires() if source_node(wire[2]) == node.name]
        ports = input_ports(graph.weight_owner(graph[name]).kind) or ()
        for port, place, _ in wires:
            at = f", input {port}" if len(ports) > 1 else ""
            yield Link("to", name, name, port, place, name + at)
    if not consumers and node.kind != "Output":
        yield Link("end", "", "", "", None, "feeds nothing")


def _settings(node: Node) -> list[str]:
    """Return the first few numbers and words that the layer is set to."""
    plain = [
        f"{name} {value}"
        for name, value in node.params.items()
        if isinstance(value, (int, float, str)) and not isinstance(value, bool)
    ]
    return [text[:60] for text in plain[:3]]


def _wired(graph: Graph, node: Node) -> list[str]:
    sources = list(dict.fromkeys(node.sources()))
    consumers = graph.consumers.get(node.name, ())
    said = []
    if sources:
        said.append("fed by " + " and ".join(sources))
    elif node.kind != "Input":
        said.append("fed by nothing")
    if consumers:
        said.append("feeds " + " and ".join(consumers))
    elif node.kind != "Output":
        said.append("feeds nothing")
    return said


def _found(report: Report, name: str) -> str:
    severities = [each.severity for each in report.diagnostics if each.node == name]
    counts = []
    for severity in ("error", "warning"):
        number = severities.count(severity)
        if number:
            counts.append(count_noun(number, severity))
    return ", ".join(counts)
