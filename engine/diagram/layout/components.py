"""The connected parts of a graph, their nodes numbered and their wires told by where they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.diagram.layout.ranking import Wire
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node
from engine.graph.view import Route


@dataclass(frozen=True)
class Part:
    """Nodes that hang together, numbered in drawing order, with the wires among them."""

    names: Sequence[str]
    wires: Sequence[Wire]
    routes: Sequence[Route]


def parts(graph: Graph, names: Sequence[str]) -> Iterator[Part]:
    """Yield the connected parts by their first nodes, nodes without any wire last and together."""
    inside = set(names)
    wires = {name: list(_wires(graph[name], graph, inside)) for name in names}
    joined: dict[str, set[str]] = {name: set() for name in names}
    for name, ends in wires.items():
        for reference, _, _ in ends:
            joined[name].add(source_node(reference))
            joined[source_node(reference)].add(name)
    leaves = _leaves(wires)
    seen: set[str] = set()
    rank = {name: at for at, name in enumerate(names)}
    for name in names:
        if name in seen or not joined[name]:
            continue
        part, waiting = [], [name]
        seen.add(name)
        while waiting:
            here = waiting.pop()
            part.append(here)
            new = joined[here] - seen
            seen |= new
            waiting += new
        yield _part(sorted(part, key=rank.__getitem__), wires, leaves)
    alone = [name for name in names if not joined[name]]
    if alone:
        yield Part(alone, (), ())


Ends = list[tuple[str, str, float]]  # reference, port, where on the side of the node


def _wires(node: Node, graph: Graph, inside: set[str]) -> Iterator[tuple[str, str, float]]:
    """Yield the wires into a node, from its first port to its last."""
    ports = input_ports(graph.weight_owner(node).kind) or ()
    rank = {port.name: at for at, port in enumerate(ports)}
    wired = sorted(node.wires(), key=lambda wire: rank.get(wire[0], len(rank)))
    slots = max(len(wired), len(ports))
    for at, (port, _, reference) in enumerate(wired):
        source = source_node(reference)
        if source in inside and source != node.name:
            yield reference, port, (at + 1) / (slots + 1) - 0.5


def _leaves(wires: Mapping[str, Ends]) -> dict[str, float]:
    """Return where on the side of its node each output lies; the main one is the first."""
    outputs: dict[str, dict[str, None]] = {}
    for ends in wires.values():
        for reference, _, _ in ends:
            outputs.setdefault(source_node(reference), {})[reference] = None
    return {
        reference: (at + 1) / (len(references) + 1) - 0.5
        for source, references in outputs.items()
        for at, reference in enumerate(sorted(references, key=lambda one: one != source))
    }


def _part(names: Sequence[str], wires: Mapping[str, Ends], leaves: Mapping[str, float]) -> Part:
    number = {name: at for at, name in enumerate(names)}
    drawn: list[Wire] = []
    routes: list[Route] = []
    for name in names:
        for reference, port, enters in wires[name]:
            source = number[source_node(reference)]
            drawn.append(Wire(source, number[name], leaves[reference], enters))
            routes.append((reference, name, port))
    return Part(names, drawn, routes)
