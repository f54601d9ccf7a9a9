"""Which rows the outline has, and where two lists of them differ. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.graph.model import Graph, Project
from engine.graph.view import Frame, frames

GROUPS = ("Inputs", "Layers", "Outputs", "Frames")


def grouped(graph: Graph, wanted: str) -> list[list[str]]:
    """Return the names by group; nodes on a loop have no order and come last.

    Args:
        graph: whose nodes they are.
        wanted: in small letters, what a name or kind has to hold.
    """
    nodes = list(graph.topological_order)
    if len(nodes) < len(graph):
        ordered = {node.name for node in nodes}
        nodes += [node for node in graph if node.name not in ordered]
    if wanted:
        nodes = [n for n in nodes if wanted in n.name.casefold() or wanted in n.kind.casefold()]
    ends = ("Input", "Output")
    return [
        [node.name for node in nodes if node.kind == "Input"],
        [node.name for node in nodes if node.kind not in ends],
        [node.name for node in nodes if node.kind == "Output"],
    ]


def framed(project: Project, wanted: str) -> tuple[Frame, ...]:
    """Return the frames whose titles hold what is wanted."""
    return tuple(each for each in frames(project) if wanted in each.title.casefold())


def between(old: Sequence[str], new: Sequence[str]) -> tuple[int, Sequence[str], Sequence[str]]:
    """Return what stands between the rows that are equal at the beginning and at the end.

    Returns:
        The row at which it begins, the names that go, and those that come in their place.
    """
    least = min(len(old), len(new))
    first = next((at for at in range(least) if old[at] != new[at]), least)
    most = least - first
    same = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    return first, old[first : len(old) - same], new[first : len(new) - same]
