"""Where nodes stand: their places in the document, and a layout for those that have none."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.items.node_layout import HEAD
from engine.diagram.layout.layered_layout import layout
from engine.graph.model import Node, Project
from engine.graph.view import Place, places

Size = tuple[float, float]
_GAP = 60


def places_of(project: Project, sizes: Mapping[str, Size]) -> dict[str, Place]:
    """Return a place for each node.

    One without a place, such as a fix draws, stands behind what feeds it or in front of what it
    feeds; where neither has a place, nodes are laid out below the others.
    """
    standing = places(project)
    if not standing:
        return dict(layout(project.graph, sizes, header=HEAD).places)
    for node in project.graph.order:
        if node.name not in standing and (near := _near(project, node, standing, sizes)):
            standing[node.name] = near
    missing = [node.name for node in project.graph if node.name not in standing]
    if missing:
        standing |= _below(project, sizes, standing, missing)
    return standing


def _near(
    project: Project, node: Node, standing: Mapping[str, Place], sizes: Mapping[str, Size]
) -> Place | None:
    """Return the first place beside a neighbour where no other node is in the way."""
    before = [name for name in node.sources() if name in standing]
    after = [name for name in project.graph.consumers[node.name] if name in standing]
    wide, high = sizes[node.name]
    if before:
        x, y = standing[before[0]]
        x += sizes[before[0]][0] + _GAP
    elif after:
        x, y = standing[after[0]]
        x -= wide + _GAP
    else:
        return None
    while blocking := [
        name
        for name, (left, top) in standing.items()
        if left < x + wide
        and x < left + sizes[name][0]
        and top < y + high
        and y < top + sizes[name][1]
    ]:
        y = max(standing[name][1] + sizes[name][1] for name in blocking) + _GAP / 2
    return (x, y)


def _below(
    project: Project,
    sizes: Mapping[str, Size],
    standing: Mapping[str, Place],
    missing: list[str],
) -> dict[str, Place]:
    laid = layout(project.graph, sizes, chosen=missing, header=HEAD).places
    left = min(x for x, _ in standing.values())
    bottom = max(y + sizes[name][1] for name, (_, y) in standing.items())
    first = min(laid[name][0] for name in missing), min(laid[name][1] for name in missing)
    across, down = left - first[0], bottom + _GAP - first[1]
    return {name: (laid[name][0] + across, laid[name][1] + down) for name in missing}
