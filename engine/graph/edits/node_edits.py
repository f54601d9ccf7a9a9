"""Edits of nodes: adding, removing, renaming, layer types and shared weights.

An edit is a pure function that returns a new project. An impossible edit raises a ValueError with
a message for the user. An invalid result, such as a cycle, is allowed, since the checks report it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.graph import node_names
from engine.graph.edits.field_edits import move, rename_references, set_params
from engine.graph.edits.wire_edits import (
    connect,
    default_input_port,
    get_node,
    input_ports,
    map_wires,
    rewire,
    validate_index,
    with_node,
)
from engine.graph.model import EMPTY_MAPPING, Graph, Json, Node, Project, Wires, source_node
from engine.graph.view import without_stale_routes


def add_node(
    project: Project,
    kind: str,
    name: str | None = None,
    *,
    params: Mapping[str, Json] = EMPTY_MAPPING,
    inputs: Mapping[str, str | Sequence[str]] = EMPTY_MAPPING,
    at: Sequence[float] | None = None,
) -> Project:
    """Add a node at the end of the graph; without `name`, the node gets its type's default name.

    `inputs` holds the sources of wires by input port. `at` is the position [x, y] on the canvas.
    """
    if name is None:
        name = node_names.name_for_kind(kind, project.graph)
    else:
        _check_new_name(project, name)
    project = with_node(project, Node(name, kind))
    for port, wired in inputs.items():
        for source in (wired,) if isinstance(wired, str) else wired:
            project = connect(project, source, name, port)
    if params:
        project = set_params(project, name, params)
    return project if at is None else move(project, {name: at})


def remove_node(project: Project, node: str, bridge: bool = False) -> Project:
    """Remove a node and its wires; the first node that shares its weights becomes their owner.

    If `bridge` is True, the wires that start at the removed node are kept. They then start at the
    first source of the removed node.
    """
    removed = get_node(project, node)
    project = project.with_graph(_pass_on_weights(project.graph, removed, {node}))
    source = next((wire for _, _, wire in removed.wires()), None) if bridge else None
    if source is not None and source_node(source) == node:
        source = None
    kept = Graph(tuple(other for other in project.graph if other.name != node))
    graph = map_wires(kept, lambda wire: source if _is_from(wire, node) else wire)
    return rename_references(project.with_graph(graph), node, None)


def remove_nodes(project: Project, nodes: Sequence[str]) -> Project:
    """Remove nodes and wires. A removed node's weights go to a remaining node that shares them."""
    removed = set(nodes)
    for name in removed:
        get_node(project, name)
    still_shared = {node.shares for node in project.graph if node.name not in removed}
    for owner in removed & still_shared:
        project = project.with_graph(_pass_on_weights(project.graph, project.graph[owner], removed))
    kept = Graph(tuple(node for node in project.graph if node.name not in removed))
    graph = map_wires(kept, lambda wire: None if source_node(wire) in removed else wire)
    project = project.with_graph(graph)
    for name in nodes:
        project = rename_references(project, name, None)
    return project


def rename_node(project: Project, node: str, to: str) -> Project:
    """Rename a node, and update all references: wires, shared weights, data mapping and view."""
    if to == node:
        return project
    old = get_node(project, node)
    _check_new_name(project, to)
    nodes = [replace(old, name=to) if other is old else other for other in project.graph]
    nodes = [replace(other, shares=to) if other.shares == node else other for other in nodes]
    graph = Graph(tuple(nodes))
    graph = map_wires(graph, lambda wire: to + wire[len(node) :] if _is_from(wire, node) else wire)
    return rename_references(project.with_graph(graph), node, to)


def set_kind(project: Project, node: str, kind: str) -> Project:
    """Change the layer type of a node and of the nodes that share its weights; keep all fields.

    If the new type has a single input port, all wires are moved to this port, unless there are
    several wires and the port takes one.
    """
    owner = project.graph.weight_owner(get_node(project, node))
    nodes = [owner, *(other for other in project.graph if other.shares == owner.name)]
    changed = [replace(other, kind=kind) for other in nodes]
    project = project.with_graph(project.graph.with_nodes(*changed))
    for other in nodes:
        project = _move_to_only_port(project, other.name)
    return project


def share(project: Project, node: str, owner: str) -> Project:
    """Make a node use the weights, type and fields of another node, `owner`."""
    sharer = get_node(project, node)
    weight_owner = project.graph.weight_owner(get_node(project, owner))
    if weight_owner.name == node:
        raise ValueError(f"{node} can't share its own weights")
    graph = _pass_on_weights(project.graph, sharer).with_nodes(
        replace(sharer, kind=weight_owner.kind, params=EMPTY_MAPPING, shares=weight_owner.name)
    )
    return project.with_graph(graph)


def unshare(project: Project, node: str) -> Project:
    """Make a node own its weights. Copy type and fields from the node whose weights it shared."""
    sharer = get_node(project, node)
    if sharer.shares is None:
        raise ValueError(f"{node} shares no weights")
    owner = project.graph.weight_owner(sharer)
    kind, params = (sharer.kind, sharer.params) if owner is sharer else (owner.kind, owner.params)
    return with_node(project, replace(sharer, kind=kind, params=params, shares=None))


def insert_on_wire(
    project: Project,
    node: str,
    port: str,
    kind: str,
    place: int | None = None,
    *,
    name: str | None = None,
    params: Mapping[str, Json] = EMPTY_MAPPING,
    at: Sequence[float] | None = None,
) -> Project:
    """Insert a new node into the wire with the index `place`, by default 0, at `port` of `node`."""
    wired = get_node(project, node).inputs.get(port)
    if not wired:
        raise ValueError(f'no wire ends at the port "{port}" of {node}')
    reference = wired if isinstance(wired, str) else wired[validate_index(place or 0, len(wired))]
    inputs = {default_input_port(kind): reference}
    project = add_node(project, kind, name, params=params, inputs=inputs, at=at)
    return rewire(project, project.graph.nodes[-1].name, node, port, place)


def _check_new_name(project: Project, name: str) -> None:
    if not node_names.is_valid_name(name):
        valid = node_names.suggest_name(name)
        raise ValueError(f"{name!r} is not a valid name; use for example {valid!r}")
    if name in project.graph:
        raise ValueError(f"there is already a node {name!r}")


def _is_from(reference: str, node: str) -> bool:
    return reference == node or reference.startswith(f"{node}.")


def _pass_on_weights(graph: Graph, owner: Node, removed: Collection[str] = ()) -> Graph:
    """Return a graph in which another node owns the weights that `owner` owned.

    The new owner is the first node, not in `removed`, that shares these weights.
    """
    sharers = [node for node in graph if node.shares == owner.name and node.name not in removed]
    if not sharers:
        return graph
    new_owner = replace(sharers[0], kind=owner.kind, params=owner.params, shares=None)
    others = (replace(node, shares=new_owner.name) for node in sharers[1:])
    return graph.with_nodes(new_owner, *others)


def _move_to_only_port(project: Project, name: str) -> Project:
    """Move all wires of node `name` to its only input port; if this is impossible, do nothing."""
    node = project.graph[name]
    ports = input_ports(node.kind)
    if ports is None or len(ports) != 1:
        return project
    port = ports[0]
    wires = tuple(reference for _, _, reference in node.wires())
    if not wires or (len(wires) > 1 and not port.many):
        return project
    inputs: dict[str, Wires] = {port.name: wires if port.many else wires[0]}
    return without_stale_routes(with_node(project, replace(node, inputs=inputs)), name)
