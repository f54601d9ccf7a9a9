"""The edit behind "Tidy": nodes at the places of a layout, wires led where they would hide."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.diagram.alignment import Box
from engine.diagram.layout.layered_layout import USUAL, Layout, Size, layout
from engine.graph.edits.parameter_edits import move
from engine.graph.model import Project, source_node
from engine.graph.view import MAX_POINTS, Point, Route, get_list, parse_route, with_list

_SAMPLES = 24
_NEAR = 6.0  # a wire that passes a card nearer than this is hard to follow


def tidy(
    project: Project,
    sizes: Mapping[str, Size],
    across: bool = True,
    chosen: Collection[str] | None = None,
    gap: tuple[float, float] = (60, 30),
    places: Mapping[str, Point] | None = None,
    header: float = 0,
) -> Project:
    """Return the project laid out; see `engine.diagram.layout.layered_layout.layout` for the arguments.

    A long wire that would pass behind other nodes is led through the lane kept free for it. Routes
    that wires among these nodes had before are gone.
    """
    found = layout(project.graph, sizes, across, chosen, gap, places, header)
    if not found.places:
        return project
    project = move(project, found.places)
    led = [_entry(route, points) for route, points in _needed(found, sizes, across).items()]
    kept = [
        entry
        for entry in get_list(project.view, "routes")
        if (route := parse_route(entry)) is None or not _among(route, found.places)
    ]
    if not led and len(kept) == len(get_list(project.view, "routes")):
        return project
    return replace(project, view=with_list(project.view, "routes", [*kept, *led]))


def _among(route: Route, places: Mapping[str, Point]) -> bool:
    return source_node(route[0]) in places and route[1] in places


def _entry(route: Route, points: Sequence[Point]) -> dict[str, object]:
    source, node, port = route
    at = [[round(x), round(y)] for x, y in points]
    return {"from": source, "to": node, "port": port, "points": at}


def _needed(found: Layout, sizes: Mapping[str, Size], across: bool) -> dict[Route, Sequence[Point]]:
    """Return the lanes of those wires that would else meet a card on their way."""
    boxes = [
        ((x, y, *size) if across else (y, x, size[1], size[0]), name)
        for name, (x, y) in found.places.items()
        for size in (sizes.get(name, USUAL),)
    ]
    boxes.sort()
    lefts = [box[0] for box, _ in boxes]
    widest = max(box[2] for box, _ in boxes)
    by_name = {name: box for box, name in boxes}
    needed: dict[Route, Sequence[Point]] = {}
    for route, points in found.bends.items():
        ends = {source_node(route[0]), route[1]}
        way = _way(by_name[source_node(route[0])], by_name[route[1]])
        first = bisect_left(lefts, way[0][0] - widest)
        passed = boxes[first : bisect_right(lefts, way[-1][0])]
        others = (box for box, name in passed if name not in ends)
        if len(points) <= MAX_POINTS and any(_meets(way, box) for box in others):
            needed[route] = points
    return needed


def _way(source: Box, target: Box) -> list[Point]:
    """Return points of the curve that a wire takes by itself."""
    x, y = source[0] + source[2], source[1] + source[3] / 2
    to_x, to_y = target[0], target[1] + target[3] / 2
    reach = max(abs(to_x - x) / 2, 30.0)
    way: list[Point] = []
    for step in range(_SAMPLES + 1):
        t = step / _SAMPLES
        a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
        way.append((a * x + b * (x + reach) + c * (to_x - reach) + d * to_x,
                    (a + b) * y + (c + d) * to_y))  # fmt: skip
    return way


def _meets(way: Sequence[Point], box: Box) -> bool:
    left, top, width, height = box
    if left + width < way[0][0] or left > way[-1][0]:
        return False
    return any(
        left - _NEAR < x < left + width + _NEAR and top - _NEAR < y < top + height + _NEAR
        for x, y in way
    )
