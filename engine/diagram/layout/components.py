"""The connected components of a graph. The wires of a component refer to its nodes by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.core.traversal import reachable
from engine.diagram.layout.ranking import RankedWire
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Graph, Node, source_node
from engine.graph.view import Route


@dataclass(frozen=True)
class Component:
    """A connected component of a graph.

    names: the node names, in graph order.
    wires: the wires between numbered nodes. Node i has the name `names[i]`.
    routes: the route (source, node, port) of each wire, in the order of `wires`.
    """

    names: Sequence[str]
    wires: Sequence[RankedWire]
    routes: Sequence[Route]


def connected_components(graph: Graph, names: Sequence[str]) -> Iterator[Component]:
    """Yield the connected components of the nodes in `names`, sorted by their first node.

    All nodes without wires form one last component.
    """
    inside = set(names)
    wires = {name: list(_wires(graph[name], graph, inside)) for name in names}
    neighbors: dict[str, set[str]] = {name: set() for name in names}
    for name, ends in wires.items():
        for reference, _, _ in ends:
            neighbors[name].add(source_node(reference))
            neighbors[source_node(reference)].add(name)
    offsets = _output_offsets(wires)
    seen: set[str] = set()
    index = {name: i for i, name in enumerate(names)}
    for name in names:
        if name in seen or not neighbors[name]:
            continue
        members = reachable([name], neighbors.__getitem__)
        seen |= members
        yield _component(sorted(members, key=index.__getitem__), wires, offsets)
    isolated = [name for name in names if not neighbors[name]]
    if isolated:
        yield Component(isolated, (), ())


Ends = list[tuple[str, str, float]]  # source, input port, position of the port from -0.5 to 0.5


def _wires(node: Node, graph: Graph, inside: set[str]) -> Iterator[tuple[str, str, float]]:
    slots = slot_count(graph, node)
    for slot, (port, _, reference) in enumerate(sorted_wires(graph, node)):
        source = source_node(reference)
        if source in inside and source != node.name:
            yield reference, port, (slot + 1) / (slots + 1) - 0.5


def sorted_wires(graph: Graph, node: Node) -> list[tuple[str, int | None, str]]:
    """Return (port, index, source) for each wire into a node, in the order of the node's ports.

    The port is an input port of the node. The index is that of the wire among the wires of the
    port, None if the port takes one wire. The source is a node or one of its outputs, such as
    "lstm" or "lstm.state_h".
    """
    ports = input_ports(graph.weight_owner(node).kind) or ()
    rank = {port.name: index for index, port in enumerate(ports)}
    return sorted(node.wires(), key=lambda wire: rank.get(wire[0], len(rank)))


def slot_count(graph: Graph, node: Node) -> int:
    """Return the number of a node's input ports or of its input wires, whichever is greater."""
    ports = input_ports(graph.weight_owner(node).kind) or ()
    return max(len(ports), sum(1 for _ in node.wires()))


def _output_offsets(wires: Mapping[str, Ends]) -> dict[str, float]:
    """Return the position of each wired output port on its node, from -0.5 to 0.5, by reference.

    A reference is "lstm.state_h", or "lstm" for the first (main) port. `wires` are by target node.
    """
    outputs: dict[str, dict[str, None]] = {}
    for ends in wires.values():
        for reference, _, _ in ends:
            outputs.setdefault(source_node(reference), {})[reference] = None
    return {
        reference: (slot + 1) / (len(references) + 1) - 0.5
        for source, references in outputs.items()
        for slot, reference in enumerate(sorted(references, key=lambda name: name != source))
    }


def _component(
    names: Sequence[str], wires: Mapping[str, Ends], offsets: Mapping[str, float]
) -> Component:
    index = {name: i for i, name in enumerate(names)}
    numbered: list[RankedWire] = []
    routes: list[Route] = []
    for name in names:
        for reference, port, offset in wires[name]:
            source = index[source_node(reference)]
            numbered.append(RankedWire(source, index[name], offsets[reference], offset))
            routes.append((reference, name, port))
    return Component(names, numbered, routes)
