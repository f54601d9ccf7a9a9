"""Edits of a project: pure functions that answer a new one.

What makes no sense raises a ValueError with a text for the person. What is merely wrong, such as a
loop, is let through: the checks say so, and the graph can be drawn meanwhile. Edits of wires stand
in `wires`, of values in `settings`, of frames and routes in `frames`; all are called from here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from engine.graph import node_names
from engine.graph.edits.frame_edits import (
    add_frame,
    put_in_frame,
    remove_frame,
    set_collapsed,
    set_frame,
    set_route,
    take_out_of_frames,
)
from engine.graph.edits.parameter_edits import (
    move,
    remove_param,
    remove_recipe,
    rename_param,
    rename_places,
    rename_recipe,
    set_file,
    set_mapping,
    set_off,
    set_params,
    set_recipe,
    set_split,
    set_weights,
    take_missing,
)
from engine.graph.edits.wire_edits import (
    checked_place,
    connect,
    disconnect,
    first_port,
    move_wires,
    node_of,
    ports_of,
    redirected,
    rewire,
    with_node,
)
from engine.graph.model import EMPTY, Graph, Json, Node, Project, Wires, source_of
from engine.graph.view import pruned

__all__ = [
    "EDITS",
    "add_frame",
    "add_node",
    "apply",
    "connect",
    "disconnect",
    "insert_on_wire",
    "move",
    "move_wires",
    "put_in_frame",
    "remove_frame",
    "remove_node",
    "remove_nodes",
    "remove_param",
    "remove_recipe",
    "rename_node",
    "rename_param",
    "rename_recipe",
    "rewire",
    "set_collapsed",
    "set_file",
    "set_frame",
    "set_kind",
    "set_mapping",
    "set_off",
    "set_params",
    "set_recipe",
    "set_route",
    "set_split",
    "set_weights",
    "several",
    "share",
    "take_missing",
    "take_out_of_frames",
    "unshare",
]


def add_node(
    project: Project,
    kind: str,
    name: str | None = None,
    *,
    params: Mapping[str, Json] = EMPTY,
    inputs: Mapping[str, str | Sequence[str]] = EMPTY,
    at: Sequence[float] | None = None,
) -> Project:
    """Draw a node, the last one of the graph; without a name it gets one after its kind."""
    name = node_names.from_kind(kind, project.graph) if name is None else _new_name(project, name)
    project = with_node(project, Node(name, kind))
    for port, wired in inputs.items():
        for source in (wired,) if isinstance(wired, str) else wired:
            project = connect(project, source, name, port)
    if params:
        project = set_params(project, name, params)
    return project if at is None else move(project, {name: at})


def remove_node(project: Project, node: str, bridge: bool = False) -> Project:
    """Delete a node with its wires; its weights go to the first node that shares them.

    Args:
        project: the project.
        node: the name of the node.
        bridge: wire what it fed to what first fed it.
    """
    gone = node_of(project, node)
    project = project.with_graph(_inherited(project.graph, gone))
    before = next((wire for _, _, wire in gone.wires()), None) if bridge else None
    if before is not None and source_of(before) == node:
        before = None
    kept = Graph(tuple(other for other in project.graph if other.name != node))
    graph = redirected(kept, lambda wire: before if _comes_from(wire, node) else wire)
    return rename_places(project.with_graph(graph), node, None)


def remove_nodes(project: Project, nodes: Sequence[str]) -> Project:
    """Delete nodes with their wires, bridging none, as `remove_node` does one after the other."""
    gone = set(nodes)
    for name in gone:
        node_of(project, name)
    # Weights that nobody is left to hold go to a node that stays.
    owned = {node.shares for node in project.graph if node.shares in gone and node.name not in gone}
    for owner in owned:
        project = project.with_graph(_inherited(project.graph, project.graph[owner], gone))
    kept = Graph(tuple(node for node in project.graph if node.name not in gone))
    graph = redirected(kept, lambda wire: None if source_of(wire) in gone else wire)
    project = project.with_graph(graph)
    for name in nodes:
        project = rename_places(project, name, None)
    return project


def rename_node(project: Project, node: str, to: str) -> Project:
    """Call a node otherwise; wires, shares, columns and its place go along."""
    if to == node:
        return project
    old = node_of(project, node)
    _new_name(project, to)
    nodes = [replace(old, name=to) if other is old else other for other in project.graph]
    nodes = [replace(other, shares=to) if other.shares == node else other for other in nodes]
    graph = redirected(
        Graph(tuple(nodes)),
        lambda wire: to + wire[len(node) :] if _comes_from(wire, node) else wire,
    )
    return rename_places(project.with_graph(graph), node, to)


def set_kind(project: Project, node: str, kind: str) -> Project:
    """Make a node one of another kind; parameters and wires stay where they fit the port's form.

    Nodes that share its weights follow.
    """
    owner = project.graph.layer_node(node_of(project, node))
    changed = [
        replace(other, kind=kind)
        for other in project.graph
        if other is owner or other.shares == owner.name
    ]
    project = project.with_graph(project.graph.with_nodes(*changed))
    for other in changed:
        project = _refit(project, other.name)
    return project


def share(project: Project, node: str, owner: str) -> Project:
    """Let a node use the weights, kind and parameters of another one."""
    sharer, giver = node_of(project, node), node_of(project, owner)
    giver = project.graph.layer_node(giver)
    if giver.name == node:
        raise ValueError(f"{node} can't share its own weights")
    graph = _inherited(project.graph, sharer).with_nodes(
        replace(sharer, kind=giver.kind, params=EMPTY, shares=giver.name)
    )
    return project.with_graph(graph)


def unshare(project: Project, node: str) -> Project:
    """Give a sharing node weights and parameters of its own, at first the same values."""
    sharer = node_of(project, node)
    if sharer.shares is None:
        raise ValueError(f"{node} shares no weights")
    owner = project.graph.layer_node(sharer)
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
    params: Mapping[str, Json] = EMPTY,
    at: Sequence[float] | None = None,
) -> Project:
    """Put a new node into the wire that ends at a port of `node`."""
    wired = node_of(project, node).inputs.get(port)
    if not wired:
        raise ValueError(f'nothing is wired to the port "{port}" of {node}')
    reference = wired if isinstance(wired, str) else wired[checked_place(place or 0, len(wired))]
    project = add_node(
        project, kind, name, params=params, inputs={first_port(kind): reference}, at=at
    )
    return rewire(project, project.graph.nodes[-1].name, node, port, place)


def apply(project: Project, edit: Mapping[str, Json]) -> Project:
    """Run the edit of a diagnostic's fix: `{"do": name, ...arguments}`.

    Raises:
        ValueError: no such edit, or it does not fit the project.
    """
    arguments = {key: value for key, value in edit.items() if key != "do"}
    run = EDITS.get(str(edit.get("do")))
    if run is None:
        raise ValueError(f"there is no edit called {edit.get('do')!r}")
    try:
        inspect.signature(run).bind(project, **arguments)
    except TypeError as error:
        raise ValueError(f"{edit['do']}: {error}") from None
    return run(project, **arguments)


def several(project: Project, edits: Sequence[Mapping[str, Json]]) -> Project:
    """Run edits in a row, as one step."""
    for edit in edits:
        project = apply(project, edit)
    return project


EDITS: Mapping[str, Callable[..., Project]] = {
    edit.__name__: edit
    for edit in (
        add_node, remove_node, remove_nodes, rename_node, set_kind, share, unshare, insert_on_wire,
        connect, rewire, disconnect, move_wires,
        set_params, remove_param, rename_param, set_off, move,
        set_recipe, remove_recipe, rename_recipe, set_mapping, set_file, take_missing,
        set_weights,
        set_split, several,
        add_frame, set_frame, remove_frame, put_in_frame, take_out_of_frames,
        set_route, set_collapsed,
    )
}  # fmt: skip


def _new_name(project: Project, name: str) -> str:
    if not node_names.legal(name):
        raise ValueError(f"{name!r} is no legal name; {node_names.suggest(name)!r} would be")
    if name in project.graph:
        raise ValueError(f"there is a node {name!r} already")
    return name


def _comes_from(reference: str, node: str) -> bool:
    return reference == node or reference.startswith(f"{node}.")


def _inherited(graph: Graph, owner: Node, gone: Collection[str] = ()) -> Graph:
    """Return the graph with the first sharer of `owner` in its place, and the others with that."""
    sharers = [node for node in graph if node.shares == owner.name and node.name not in gone]
    if not sharers:
        return graph
    heir = replace(sharers[0], kind=owner.kind, params=owner.params, shares=None)
    return graph.with_nodes(heir, *(replace(node, shares=heir.name) for node in sharers[1:]))


def _refit(project: Project, name: str) -> Project:
    """Give the wires of a node the form that its ports now take, and drop no wire."""
    node = project.graph[name]
    known = ports_of(node.kind)
    if known is None or len(known) != 1:
        return project
    port = known[0]
    wires = tuple(reference for _, _, reference in node.wires())
    if not wires or (len(wires) > 1 and not port.many):
        return project
    fitted: Wires = wires if port.many else wires[0]
    return pruned(with_node(project, replace(node, inputs={port.name: fitted})), name)
