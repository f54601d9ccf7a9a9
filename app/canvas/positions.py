"""Node positions: those of the document, and computed ones for nodes without a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.canvas.items.node_layout import HEADER_HEIGHT
from engine.diagram.layout.layered_layout import layered_layout
from engine.diagram.tidy import needed_routes
from engine.graph.model import Node, Project
from engine.graph.view import Point, Route, node_positions

Size = tuple[float, float]
_GAP = 60


def resolve_positions(
    project: Project, sizes: Mapping[str, Size]
) -> tuple[dict[str, Point], Mapping[Route, Sequence[Point]]]:
    """Return the position of each node, and the bend points of wires that are laid out here.

    Wires have bend points here only if no node has a position in the document.

    A node without a position, such as one that a fix has added, is placed right of its first
    source, or left of its first consumer. If neither the source nor the consumer has a position,
    the node is placed below all nodes with a position.
    """
    positions = node_positions(project)
    if not positions:
        layout = layered_layout(project.graph, sizes, header=HEADER_HEIGHT)
        return dict(layout.positions), needed_routes(layout, sizes) if layout.bends else {}
    for node in project.graph.topological_order:
        if node.name not in positions and (at := _near_neighbor(project, node, positions, sizes)):
            positions[node.name] = at
    missing = [node.name for node in project.graph if node.name not in positions]
    if missing:
        positions |= _layout_below(project, sizes, positions, missing)
    return positions, {}


def _near_neighbor(
    project: Project, node: Node, positions: Mapping[str, Point], sizes: Mapping[str, Size]
) -> Point | None:
    """Return a free position for a node: right of its first source, or left of its first consumer.

    The position is level with that node or below it. If no such node has a position, return None.
    """
    sources = [name for name in node.sources() if name in positions]
    consumers = [name for name in project.graph.consumers[node.name] if name in positions]
    width, height = sizes[node.name]
    if sources:
        x, y = positions[sources[0]]
        x += sizes[sources[0]][0] + _GAP
    elif consumers:
        x, y = positions[consumers[0]]
        x -= width + _GAP
    else:
        return None
    while overlapping := [
        name
        for name, (left, top) in positions.items()
        if x - sizes[name][0] < left < x + width and y - sizes[name][1] < top < y + height
    ]:
        y = max(positions[name][1] + sizes[name][1] for name in overlapping) + _GAP / 2
    return (x, y)


def _layout_below(
    project: Project,
    sizes: Mapping[str, Size],
    positions: Mapping[str, Point],
    missing: list[str],
) -> dict[str, Point]:
    layout = layered_layout(project.graph, sizes, selected=missing, header=HEADER_HEIGHT).positions
    left = min(x for x, _ in positions.values())
    bottom = max(y + sizes[name][1] for name, (_, y) in positions.items())
    shift_x = left - min(layout[name][0] for name in missing)
    shift_y = bottom + _GAP - min(layout[name][1] for name in missing)
    return {name: (layout[name][0] + shift_x, layout[name][1] + shift_y) for name in missing}
