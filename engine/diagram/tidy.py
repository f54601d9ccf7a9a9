"""The "Tidy" edit: moves nodes to the positions of a layout, and routes wires around nodes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.diagram.alignment import Box
from engine.diagram.layout.layered_layout import DEFAULT_SIZE, GraphLayout, Size, layered_layout
from engine.graph.edits.field_edits import move
from engine.graph.model import Project, source_node
from engine.graph.view import MAX_POINTS, Point, Route, get_list, parse_route, with_list

_SAMPLES = 24
_NEAR = 6.0  # smallest distance between a wire and a node it passes


def tidy(
    project: Project,
    sizes: Mapping[str, Size],
    horizontal: bool = True,
    selected: Collection[str] | None = None,
    gap: tuple[float, float] = (60, 30),
    positions: Mapping[str, Point] | None = None,
    header: float = 0,
) -> Project:
    """Return the project with a new layout; see `layered_layout` for the arguments.

    A long wire that would pass behind other nodes gets the bend points of the layout.
    All old bend points of wires between the nodes that are laid out are removed.
    """
    found = layered_layout(project.graph, sizes, horizontal, selected, gap, positions, header)
    if not found.positions:
        return project
    project = move(project, found.positions)
    needed = needed_routes(found, sizes, horizontal)
    added = [_route_entry(route, points) for route, points in needed.items()]
    previous = get_list(project.view, "routes")
    kept = []
    for entry in previous:
        route = parse_route(entry)
        if route is None or not {source_node(route[0]), route[1]} <= found.positions.keys():
            kept.append(entry)
    if not added and len(kept) == len(previous):
        return project
    return replace(project, view=with_list(project.view, "routes", [*kept, *added]))


def _route_entry(route: Route, points: Sequence[Point]) -> dict[str, object]:
    source, node, port = route
    rounded = [[round(x), round(y)] for x, y in points]
    return {"from": source, "to": node, "port": port, "points": rounded}


def needed_routes(
    found: GraphLayout, sizes: Mapping[str, Size], across: bool = True
) -> dict[Route, Sequence[Point]]:
    """Return the bend points by wire, for wires whose direct curve would hit another node.

    A wire that leads back to the start of a row needs its bend points too.

    `across` is True for a layout from left to right, and False for one from top to bottom.
    """
    boxes = [
        ((x, y, *size) if across else (y, x, size[1], size[0]), name)
        for name, (x, y) in found.positions.items()
        for size in (sizes.get(name, DEFAULT_SIZE),)
    ]
    boxes.sort()
    lefts = [box[0] for box, _ in boxes]
    widest = max(box[2] for box, _ in boxes)
    by_name = {name: box for box, name in boxes}
    needed: dict[Route, Sequence[Point]] = {}
    for route, points in found.bends.items():
        ends = {source_node(route[0]), route[1]}
        curve = _sample_curve(by_name[source_node(route[0])], by_name[route[1]])
        first = bisect_left(lefts, curve[0][0] - widest)
        passed = boxes[first : bisect_right(lefts, curve[-1][0])]
        others = (box for box, name in passed if name not in ends)
        is_back = curve[-1][0] < curve[0][0]
        if len(points) <= MAX_POINTS and (is_back or any(_hits(curve, box) for box in others)):
            needed[route] = points
    return needed


def _sample_curve(source: Box, target: Box) -> list[Point]:
    """Return points of the cubic Bézier curve of a wire without bend points."""
    x, y = source[0] + source[2], source[1] + source[3] / 2
    to_x, to_y = target[0], target[1] + target[3] / 2
    pull = max(abs(to_x - x) / 2, 30.0)
    points: list[Point] = []
    for step in range(_SAMPLES + 1):
        t = step / _SAMPLES
        a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
        curve_x = a * x + b * (x + pull) + c * (to_x - pull) + d * to_x
        points.append((curve_x, (a + b) * y + (c + d) * to_y))
    return points


def _hits(curve: Sequence[Point], box: Box) -> bool:
    left, top, width, height = box
    if left + width < curve[0][0] or left > curve[-1][0]:
        return False
    # The curve is between the levels of its ends.
    high, low = sorted((curve[0][1], curve[-1][1]))
    if top + height + _NEAR <= high or top - _NEAR >= low:
        return False
    return any(
        left - _NEAR < x < left + width + _NEAR and top - _NEAR < y < top + height + _NEAR
        for x, y in curve
    )
