"""Copy, paste and linked copy. What is copied is a small project, so files and clipboard are one.

`file.dumps` makes text of it, and `file.parse` lets nothing in that a file could not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.graph import names
from engine.graph.edits import share
from engine.graph.model import EMPTY, Graph, Node, Project, source_of
from engine.graph.parse import MAX_NODES
from engine.graph.settings import mapping, move
from engine.graph.wires import redirected

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
    """Answer the chosen nodes as a fragment, with their places and all their wires.

    A node whose weights belong to one that is not chosen stays linked to it by name; its kind and
    parameters come along, for pasting where that one is not.
    """
    nodes = tuple(
        _carrying(project.graph, node, chosen) for node in project.graph if node.name in chosen
    )
    places = mapping(project.view, "nodes")
    at = {node.name: places[node.name] for node in nodes if node.name in places}
    return Project(Graph(nodes), view={"nodes": at} if at else EMPTY)


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
    """Copy nodes so that each copy uses the weights of its original."""
    pasted = paste(project, copy(project, chosen), by)
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
    places = mapping(fragment.view, "nodes")
    moved: dict[str, Sequence[float]] = {}
    for old, new in given.items():
        at = _place(mapping(places, old).get("at"))
        if at is not None:
            moved[new] = (at[0] + by[0], at[1] + by[1])
    return move(project, moved) if moved else project


def _place(at: object) -> tuple[float, float] | None:
    if not isinstance(at, (list, tuple)) or len(at) != 2:
        return None
    x, y = at
    return (x, y) if isinstance(x, (int, float)) and isinstance(y, (int, float)) else None
