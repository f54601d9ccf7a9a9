"""Copy, paste and linked copy. What is copied is a small project, so files and clipboard are one.

`file.dumps` makes text of it, and `file.parse` lets nothing in that a file could not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.graph import node_names as names
from engine.graph.edits.frame_edits import add_frame, set_collapsed, set_route
from engine.graph.edits.node_edits import share
from engine.graph.edits.parameter_edits import mapping, move
from engine.graph.edits.wire_edits import redirected
from engine.graph.model import EMPTY, Graph, Json, Node, Project, source_of
from engine.graph.serialization.decoder import MAX_NODES
from engine.graph.view import FARTHEST, Frame, Place, collapsed, frames, places, routes

_STEP = (40, 40)
_WEIGHTLESS = ("Input", "Output")


@dataclass(frozen=True)
class Pasted:
    """A project with nodes put in.

    Args:
        project: the project after pasting.
        names: by name in the fragment, the name it got.
    """

    project: Project
    names: Mapping[str, str]


def copy(project: Project, chosen: Collection[str]) -> Project:
    """Return the chosen nodes as a fragment, with their places and all their wires.

    A node whose weights belong to one that is not chosen stays linked to it by name; its kind and
    parameters come along, for pasting where that one is not.
    """
    nodes = tuple(
        _carrying(project.graph, node, chosen) for node in project.graph if node.name in chosen
    )
    placed = mapping(project.view, "nodes")
    view: dict[str, Json] = {}
    if at := {node.name: placed[node.name] for node in nodes if node.name in placed}:
        view["nodes"] = at
    if whole := [_framed(frame) for frame in frames(project) if set(frame.nodes) <= set(chosen)]:
        view["frames"] = whole
    if led := [
        {"from": source, "to": node, "port": port, "points": [list(point) for point in points]}
        for (source, node, port), points in routes(project).items()
        if node in chosen and source_of(source) in chosen
    ]:
        view["routes"] = led
    return Project(Graph(nodes), view=view or EMPTY)


def _framed(frame: Frame) -> dict[str, Json]:
    return {
        "title": frame.title,
        "nodes": list(frame.nodes),
        **({"collapsed": True} if frame.collapsed else {}),
        **({"tint": frame.tint} if frame.tint else {}),
    }


def _carrying(graph: Graph, node: Node, chosen: Collection[str]) -> Node:
    owner = graph.layer_node(node)
    if owner is node or owner.name in chosen:
        return node
    return replace(node, kind=owner.kind, params=owner.params)


def paste(
    project: Project,
    fragment: Project,
    by: Sequence[float] = _STEP,
    outside: bool = False,
) -> Pasted:
    """Put a fragment's nodes in, with free names; wires among them are kept.

    Args:
        project: the project to paste into.
        fragment: what `copy` answered, or any project.
        by: how far from their old places, x and y.
        outside: also keep wires from nodes that were not copied, where such nodes are here.

    Raises:
        ValueError: the project would hold more nodes than a file may.
    """
    if len(project.graph) + len(fragment.graph) > MAX_NODES:
        raise ValueError(f"a graph holds at most {MAX_NODES} nodes")
    given = _names(project.graph, fragment.graph)

    def turn(reference: str) -> str | None:
        source = source_of(reference)
        if source in given:
            return given[source] + reference[len(source) :]
        return reference if outside and source in project.graph else None

    nodes = [
        _renamed(node, given, project.graph) for node in redirected(fragment.graph, turn).nodes
    ]
    pasted = project.with_graph(Graph((*project.graph.nodes, *nodes)))
    return Pasted(_placed(pasted, fragment, given, by), given)


def linked(project: Project, chosen: Collection[str], by: Sequence[float] = _STEP) -> Pasted:
    """Copy nodes so that each copy uses the weights of its original, with the wires into them."""
    pasted = paste(project, copy(project, chosen), by, outside=True)
    linked = pasted.project
    for old, new in pasted.names.items():
        if project.graph.layer_node(project.graph[old]).kind not in _WEIGHTLESS:
            linked = share(linked, new, old)
    return Pasted(linked, pasted.names)


def _names(here: Graph, there: Graph) -> dict[str, str]:
    taken = set(here.by_name)
    given: dict[str, str] = {}
    for node in there:
        name = node.name if names.legal(node.name) else names.suggest(node.name)
        given[node.name] = names.unique(name, taken)
        taken.add(given[node.name])
    return given


def _renamed(node: Node, given: Mapping[str, str], here: Graph) -> Node:
    if node.shares is None:
        return replace(node, name=given[node.name])
    if node.shares in given:
        return replace(node, name=given[node.name], shares=given[node.shares])
    owner = here.by_name.get(node.shares)
    if owner is not None and owner.kind == node.kind and owner.shares is None:
        return replace(node, name=given[node.name], params=EMPTY)
    return replace(node, name=given[node.name], shares=None)


def _placed(
    project: Project, fragment: Project, given: Mapping[str, str], by: Sequence[float]
) -> Project:
    """Put what the fragment's view says into the project: places, folds, frames, routes."""

    def shifted(point: Place) -> Place:
        x, y = (max(-FARTHEST, min(at + far, FARTHEST)) for at, far in zip(point, by, strict=True))
        return x, y

    moved = {given[name]: shifted(place) for name, place in places(fragment).items()}
    project = move(project, moved) if moved else project
    if small := [given[name] for name in collapsed(fragment)]:
        project = set_collapsed(project, sorted(small))
    for frame in frames(fragment):
        nodes = [given[name] for name in frame.nodes]
        project = add_frame(project, nodes, frame.title, frame.collapsed, frame.tint)
    for (source, node, port), points in routes(fragment).items():
        name = source_of(source)
        if name in given:
            reference = given[name] + source[len(name) :]
            project = set_route(project, reference, given[node], port, [*map(shifted, points)])
    return project
