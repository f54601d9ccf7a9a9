"""Edits of wires: pure functions that return a new project, or raise a ValueError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.graph.model import Graph, Node, Project, Wires, source_node
from engine.graph.view import without_stale_routes
from engine.layers import catalogue
from engine.layers.base import Port


def input_ports(kind: str) -> tuple[Port, ...] | None:
    """Return the input ports of a layer type, None if the type is unknown."""
    cls = catalogue.find_layer_class(kind)
    return None if cls is None else cls.ports()


def default_input_port(kind: str) -> str:
    """Return the name of the first input port of a layer type, "x" if the type is unknown."""
    ports = input_ports(kind)
    if ports == ():
        raise ValueError(f"{kind} has no input ports")
    return ports[0].name if ports else "x"


def get_node(project: Project, name: str) -> Node:
    """Return the node called `name`, or raise a ValueError if there is none."""
    if name not in project.graph:
        raise ValueError(f"there is no node {name!r}")
    return project.graph[name]


def with_node(project: Project, node: Node) -> Project:
    """Return the project in which `node` replaces the node of the same name, or is appended."""
    return project.with_graph(project.graph.with_nodes(node))


def connect(
    project: Project, source: str, node: str, port: str, place: int | None = None
) -> Project:
    """Add a wire from `source` ("conv", or "lstm.state_h") to an input port of `node`.

    At a port for one wire, the new wire replaces the old wire. At a port of a merging layer, the
    new wire is inserted at the index `place`, by default at the end.
    """
    get_node(project, source_node(source))
    target = get_node(project, node)
    wired = target.inputs.get(port, ())
    if not accepts_many(project.graph, target, port):
        return _with_wires(project, target, port, source)
    wires = [wired] if isinstance(wired, str) else [*wired]
    wires.insert(len(wires) if place is None else validate_index(place, len(wires) + 1), source)
    return _with_wires(project, target, port, tuple(wires))


def rewire(
    project: Project, source: str, node: str, port: str, place: int | None = None
) -> Project:
    """Set the source of one wire of a port. `place` is the index of the wire, by default 0."""
    get_node(project, source_node(source))
    target = get_node(project, node)
    wired = _wires_at(target, port)
    if isinstance(wired, str):
        return _with_wires(project, target, port, source)
    wires = list(wired)
    wires[validate_index(0 if place is None else place, len(wires))] = source
    return _with_wires(project, target, port, tuple(wires))


def disconnect(project: Project, node: str, port: str, place: int | None = None) -> Project:
    """Remove the wire at the index `place` of a port; None removes all wires of the port."""
    target = get_node(project, node)
    wired = _wires_at(target, port)
    if place is None or isinstance(wired, str):
        return _with_wires(project, target, port, ())
    index = validate_index(place, len(wired))
    return _with_wires(project, target, port, wired[:index] + wired[index + 1 :])


def move_wires(project: Project, node: str, port: str, to: str) -> Project:
    """Move the wires of one port to another port, `to`, of the same node."""
    target = get_node(project, node)
    wired = _wires_at(target, port)
    wires = (wired,) if isinstance(wired, str) else wired
    is_list = accepts_many(project.graph, target, to)
    if to != port and target.inputs.get(to) and not is_list:
        raise ValueError(f'the port "{to}" of {node} already has a wire')
    if not is_list and len(wires) > 1:
        raise ValueError(f'the port "{to}" of {node} takes one wire, not {len(wires)}')
    if not wires:
        return disconnect(project, node, port)
    old = target.inputs.get(to, ()) if to != port else ()
    wires = ((old,) if isinstance(old, str) else old) + wires
    inputs: dict[str, Wires] = {}
    for name, kept in target.inputs.items():
        inputs[to if name == port else name] = kept
    inputs[to] = wires if is_list else wires[0]
    return without_stale_routes(with_node(project, replace(target, inputs=inputs)), node)


def accepts_many(graph: Graph, node: Node, port: str) -> bool:
    """Return whether a port takes a list of wires. Raise a ValueError if the port is unknown."""
    ports = input_ports(graph.weight_owner(node).kind)
    if ports is None:
        return isinstance(node.inputs.get(port), tuple)
    found = next((known for known in ports if known.name == port), None)
    if found is None:
        names = ", ".join(known.name for known in ports)
        raise ValueError(f'{node.name} has no port "{port}"; it has {names or "none"}')
    return found.many


def map_wires(graph: Graph, function: Callable[[str], str | None]) -> Graph:
    """Return the graph with wire sources mapped by `function`, without those mapped to None."""
    return Graph(tuple(_map_node_wires(node, function) for node in graph))


def _map_node_wires(node: Node, function: Callable[[str], str | None]) -> Node:
    if all(function(reference) == reference for _, _, reference in node.wires()):
        return node
    inputs: dict[str, Wires] = {}
    for port, wired in node.inputs.items():
        old_wires = (wired,) if isinstance(wired, str) else wired
        new_wires = tuple(new for old in old_wires if (new := function(old)) is not None)
        if new_wires:
            inputs[port] = new_wires[0] if isinstance(wired, str) else new_wires
    return replace(node, inputs=inputs)


def _wires_at(node: Node, port: str) -> Wires:
    if port not in node.inputs:
        raise ValueError(f'no wire ends at the port "{port}" of {node.name}')
    return node.inputs[port]


def _with_wires(project: Project, node: Node, port: str, wires: Wires) -> Project:
    inputs = {**node.inputs, port: wires}
    if not wires:
        del inputs[port]
    return without_stale_routes(with_node(project, replace(node, inputs=inputs)), node.name)


def validate_index(index: int, size: int) -> int:
    """Return `index` if it is the index of one of `size` wires. Otherwise, raise a ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"the index {index} is out of range for {size} wires")
    return index


def port_label(name: str) -> str:
    """Return text for an input port in messages: "input" for the ports x and xs, else the name."""
    return "input" if name in ("x", "xs") else f'input "{name}"'
