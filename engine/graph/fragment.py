"""Copy, paste and linked copies of nodes and notes.

The clipboard holds a project in the file format. `file.dumps` serializes it, and `file.parse`
validates pasted text like a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.graph import node_names
from engine.graph.edits.field_edits import move
from engine.graph.edits.frame_edits import add_frame, set_collapsed, set_route
from engine.graph.edits.node_edits import share
from engine.graph.edits.note_edits import add_note
from engine.graph.edits.wire_edits import map_wires
from engine.graph.model import EMPTY_MAPPING, Graph, Node, Project, source_node
from engine.graph.notes import Note, notes
from engine.graph.serialization.decoder import MAX_NODES
from engine.graph.view import (
    MAX_COORDINATE,
    Point,
    collapsed_nodes,
    frames,
    node_positions,
    routes,
)

_PASTE_OFFSET = (40, 40)
_WEIGHTLESS_KINDS = ("Input", "Output")


@dataclass(frozen=True)
class PasteResult:
    """The project after pasting.

    Args:
        names: the names of the new nodes by their names in the fragment.
        notes: the indices of the new notes.
    """

    project: Project
    names: Mapping[str, str]
    notes: tuple[int, ...] = ()


def copy_nodes(
    project: Project, chosen: Collection[str], chosen_notes: Collection[int] = ()
) -> Project:
    """Return the chosen nodes as a fragment, with their wires, positions, frames and routes.

    The fragment also has the notes with the indices `chosen_notes`.

    If a chosen node shares the weights of a node that is not chosen (the owner), its copy keeps the
    name of the owner. The copy also gets the type and the fields of the owner. They are used if the
    fragment is pasted into a project without the owner.
    """
    graph = project.graph
    nodes = tuple(_with_owner_fields(graph, node, chosen) for node in graph if node.name in chosen)
    names = {node.name: node.name for node in nodes}
    copied = [note for note in notes(project) if note.index in chosen_notes]
    return _with_notes(_with_view(Project(Graph(nodes)), project, names), copied, names)


def _with_owner_fields(graph: Graph, node: Node, chosen: Collection[str]) -> Node:
    owner = graph.weight_owner(node)
    if owner is node or owner.name in chosen:
        return node
    return replace(node, kind=owner.kind, params=owner.params)


def paste_nodes(
    project: Project,
    fragment: Project,
    offset: Sequence[float] = _PASTE_OFFSET,
    keep_outside_wires: bool = False,
) -> PasteResult:
    """Add a fragment's nodes under unique names, with the wires between them, and its notes.

    Args:
        fragment: the result of `copy_nodes`, or any project.
        offset: the offset (x, y) of new nodes from their positions in the fragment.
        keep_outside_wires: True to also keep wires whose source is outside the fragment, if
            `project` has a node of the source's name.

    Raises:
        ValueError: the project would have more nodes than a file may have.
    """
    if len(project.graph) + len(fragment.graph) > MAX_NODES:
        raise ValueError(f"a graph has at most {MAX_NODES} nodes")
    new_names = _new_names(project.graph, fragment.graph)

    def rename_source(reference: str) -> str | None:
        source = source_node(reference)
        if source in new_names:
            return new_names[source] + reference[len(source) :]
        return reference if keep_outside_wires and source in project.graph else None

    rewired = map_wires(fragment.graph, rename_source)
    nodes = [_renamed(node, new_names, project.graph) for node in rewired]
    pasted = project.with_graph(Graph((*project.graph.nodes, *nodes)))
    pasted = _with_view(pasted, fragment, new_names, offset)
    result = _with_notes(pasted, notes(fragment), new_names, offset)
    known = {note.index for note in notes(project)}
    new_notes = tuple(note.index for note in notes(result) if note.index not in known)
    return PasteResult(result, new_names, new_notes)


def duplicate_linked(
    project: Project, chosen: Collection[str], offset: Sequence[float] = _PASTE_OFFSET
) -> PasteResult:
    """Duplicate nodes so that each copy shares the weights and the input wires of its original."""
    pasted = paste_nodes(project, copy_nodes(project, chosen), offset, keep_outside_wires=True)
    result = pasted.project
    for old, new in pasted.names.items():
        if project.graph.weight_owner(project.graph[old]).kind not in _WEIGHTLESS_KINDS:
            result = share(result, new, old)
    return PasteResult(result, pasted.names)


def _new_names(graph: Graph, fragment: Graph) -> dict[str, str]:
    used_names = set(graph.by_name)
    new_names: dict[str, str] = {}
    for node in fragment:
        new_names[node.name] = node_names.unique_name(
            node_names.suggest_name(node.name), used_names
        )
        used_names.add(new_names[node.name])
    return new_names


def _renamed(node: Node, new_names: Mapping[str, str], graph: Graph) -> Node:
    """Return a node of a pasted fragment with its new name; `graph` is the graph pasted into.

    If the node shares weights, the owner of the weights is looked up in the fragment, then in
    `graph`. If neither has a suitable owner, the pasted node gets weights of its own.
    """
    name = new_names[node.name]
    if node.shares is None:
        return replace(node, name=name)
    if node.shares in new_names:
        return replace(node, name=name, shares=new_names[node.shares])
    owner = graph.by_name.get(node.shares)
    if owner is not None and owner.kind == node.kind and owner.shares is None:
        return replace(node, name=name, params=EMPTY_MAPPING)
    return replace(node, name=name, shares=None)


def _with_view(
    project: Project,
    other: Project,
    new_names: Mapping[str, str],
    offset: Sequence[float] = (0, 0),
) -> Project:
    """Return the project plus positions, collapsed nodes, frames and wire routes of another one.

    `new_names` holds the new names of the nodes to consider by old ones; frames with other nodes
    are left out. Positions and routes are shifted by `offset`.
    """

    def moved(point: Point) -> Point:
        return _moved(point, offset)

    points = node_positions(other)
    positions = {new: moved(points[old]) for old, new in new_names.items() if old in points}
    project = move(project, positions) if positions else project
    collapsed = collapsed_nodes(other)
    if collapsed_names := [new for old, new in new_names.items() if old in collapsed]:
        project = set_collapsed(project, sorted(collapsed_names))
    for frame in frames(other):
        if new_names.keys() >= set(frame.nodes):
            nodes = [new_names[name] for name in frame.nodes]
            project = add_frame(project, nodes, frame.title, frame.collapsed, frame.tint)
    for (source, node, port), bends in routes(other).items():
        name = source_node(source)
        if {name, node} <= new_names.keys():
            reference = new_names[name] + source[len(name) :]
            project = set_route(project, reference, new_names[node], port, [*map(moved, bends)])
    return project


def _with_notes(
    project: Project,
    copied: Iterable[Note],
    new_names: Mapping[str, str],
    offset: Sequence[float] = (0, 0),
) -> Project:
    """Return the project plus notes; links to nodes that are not in `new_names` are left out."""
    for note in copied:
        nodes = [new_names[name] for name in note.nodes if name in new_names]
        project = add_note(project, note.text, _moved(note.at, offset), note.width, nodes)
    return project


def _moved(point: Point, offset: Sequence[float]) -> Point:
    new = (old + delta for old, delta in zip(point, offset, strict=True))
    x, y = (max(-MAX_COORDINATE, min(value, MAX_COORDINATE)) for value in new)
    return x, y
