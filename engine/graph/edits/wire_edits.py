"""Edits of wires. Each answers a new project; what makes no sense raises a ValueError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.graph.model import Graph, Node, Project, Wires, source_of
from engine.graph.view import pruned
from engine.layers import catalogue
from engine.layers.base import Port


def ports_of(kind: str) -> tuple[Port, ...] | None:
    """Return the input ports of a kind, None if the catalogue does not know it."""
    cls = catalogue.find(kind)
    return None if cls is None else cls.ports()


def first_port(kind: str) -> str:
    """Return the port that a single wire goes to; "x" on a kind that is not known."""
    ports = ports_of(kind)
    if ports == ():
        raise ValueError(f"{kind} takes no wires")
    return ports[0].name if ports else "x"


def node_of(project: Project, name: str) -> Node:
    """Return the node called `name`.

    Raises:
        ValueError: there is none.
    """
    if name not in project.graph:
        raise ValueError(f"there is no node {name!r}")
    return project.graph[name]


def with_node(project: Project, node: Node) -> Project:
    """Return the project with one node replaced, or added at the end."""
    return project.with_graph(project.graph.with_nodes(node))


def connect(
    project: Project, source: str, node: str, port: str, place: int | None = None
) -> Project:
    """Draw a wire from `source` ("conv", or "lstm.state_h") to a port.

    A port that takes one wire gives up its old one. A merge keeps its wires in order and takes
    the new one at `place`, by default at the end.
    """
    node_of(project, source_of(source))
    target = node_of(project, node)
    wired = target.inputs.get(port, ())
    if not takes_many(project.graph, target, port):
        return _wired(project, target, port, source)
    wires = [wired] if isinstance(wired, str) else [*wired]
    wires.insert(len(wires) if place is None else checked_place(place, len(wires) + 1), source)
    return _wired(project, target, port, tuple(wires))


def rewire(
    project: Project, source: str, node: str, port: str, place: int | None = None
) -> Project:
    """Let the wire at a place come from another source."""
    node_of(project, source_of(source))
    target = node_of(project, node)
    wired = _wires(target, port)
    if isinstance(wired, str):
        return _wired(project, target, port, source)
    wires = list(wired)
    wires[checked_place(0 if place is None else place, len(wires))] = source
    return _wired(project, target, port, tuple(wires))


def disconnect(project: Project, node: str, port: str, place: int | None = None) -> Project:
    """Take away the wire at `place`, or without one all wires that end at the port."""
    target = node_of(project, node)
    wired = _wires(target, port)
    if place is None or isinstance(wired, str):
        return _wired(project, target, port, ())
    at = checked_place(place, len(wired))
    return _wired(project, target, port, wired[:at] + wired[at + 1 :])


def move_wires(project: Project, node: str, port: str, to: str) -> Project:
    """Let the wires of one port end at another one, in the form that `to` takes."""
    target = node_of(project, node)
    wired = _wires(target, port)
    wires = (wired,) if isinstance(wired, str) else wired
    many = takes_many(project.graph, target, to)
    if to != port and target.inputs.get(to) and not many:
        raise ValueError(f'the port "{to}" of {node} is wired already')
    if not many and len(wires) > 1:
        raise ValueError(f'the port "{to}" of {node} takes one wire, not {len(wires)}')
    if not wires:
        return disconnect(project, node, port)
    old = target.inputs.get(to, ()) if to != port else ()
    wires = ((old,) if isinstance(old, str) else old) + wires
    inputs: dict[str, Wires] = {}
    for name, kept in target.inputs.items():
        inputs[to if name == port else name] = kept
    inputs[to] = wires if many else wires[0]
    return pruned(with_node(project, replace(target, inputs=inputs)), node)


def takes_many(graph: Graph, node: Node, port: str) -> bool:
    """Return whether a port takes a list of wires.

    Raises:
        ValueError: the layer has no such port.
    """
    ports = ports_of(graph.layer_node(node).kind)
    if ports is None:
        return isinstance(node.inputs.get(port), tuple)
    found = next((known for known in ports if known.name == port), None)
    if found is None:
        names = ", ".join(known.name for known in ports)
        raise ValueError(f'{node.name} has no port "{port}"; it has {names or "none"}')
    return found.many


def redirected(graph: Graph, turn: Callable[[str], str | None]) -> Graph:
    """Return the graph with each wire's reference turned into another, or dropped at None."""
    return Graph(tuple(_redirect(node, turn) for node in graph))


def _redirect(node: Node, turn: Callable[[str], str | None]) -> Node:
    if all(turn(reference) == reference for _, _, reference in node.wires()):
        return node
    inputs: dict[str, Wires] = {}
    for port, wired in node.inputs.items():
        each = (wired,) if isinstance(wired, str) else wired
        turned = tuple(new for old in each if (new := turn(old)) is not None)
        if turned:
            inputs[port] = turned[0] if isinstance(wired, str) else turned
    return replace(node, inputs=inputs)


def _wires(node: Node, port: str) -> Wires:
    if port not in node.inputs:
        raise ValueError(f'nothing is wired to the port "{port}" of {node.name}')
    return node.inputs[port]


def _wired(project: Project, node: Node, port: str, wires: Wires) -> Project:
    inputs = {**node.inputs, port: wires}
    if not wires:
        del inputs[port]
    return pruned(with_node(project, replace(node, inputs=inputs)), node.name)


def checked_place(place: int, size: int) -> int:
    """Return a place among the wires of one port; none that is not there."""
    if not 0 <= place < size:
        raise ValueError(f"there is no place {place} among {size}")
    return place


def port_in_words(name: str) -> str:
    """Return what a person reads of an input: the usual one has a name in files only."""
    return "input" if name in ("x", "xs") else f'input "{name}"'
