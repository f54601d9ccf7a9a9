"""Lays a graph out in columns that follow its wires: the answer to "tidy this up".

Ranks, then an order with few crossings, then straight lines; unconnected parts one after another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from engine.diagram.layout.components import Part, parts
from engine.diagram.layout.coordinates import straight
from engine.diagram.layout.ordering import Levels
from engine.diagram.layout.ranking import forwards, ranks
from engine.graph.model import Graph
from engine.graph.view import Point, Route

Size = tuple[float, float]

USUAL: Size = (180, 70)
GRID = 10
_LANE = 10.0  # how thick a wire counts that passes between nodes


@dataclass(frozen=True)
class Layout:
    """Where everything goes.

    Args:
        places: by node, its top left corner.
        bends: by wire that passes other columns, the points of the lane kept free for it.
    """

    places: Mapping[str, Point] = field(default_factory=dict)
    bends: Mapping[Route, Sequence[Point]] = field(default_factory=dict)


def layout(
    graph: Graph,
    sizes: Mapping[str, Size],
    across: bool = True,
    chosen: Collection[str] | None = None,
    gap: tuple[float, float] = (60, 30),
    places: Mapping[str, Point] | None = None,
    header: float = 0,
) -> Layout:
    """Return a place, on a grid of 10, for each node, so that none overlap, and lanes for wires.

    Args:
        graph: may have loops, wires from nowhere, unconnected parts.
        sizes: width and height by node; one that is missing has a usual size.
        across: from left to right; else from top to bottom.
        chosen: lay out only these nodes.
        gap: least space along the wires and beside them.
        places: where nodes stand now; the middle of those that are laid out stays where it is.
        header: height of a node's upper part that has no ports; wires are straight below it.
    """
    wanted = None if chosen is None else frozenset(chosen)
    names = [node.name for node in graph if wanted is None or node.name in wanted]
    boxes = {name: sizes.get(name, USUAL) for name in names}
    if not across:
        boxes = {name: (height, width) for name, (width, height) in boxes.items()}
    spread = _Spread(boxes, (max(gap[0], 0), max(gap[1], 0)), header if across else 0)
    for part in parts(graph, names):
        spread.add(part)
    found = spread.layout()
    if not across:
        found = _transposed(found)
    return found if places is None else _centred(found, sizes, places)


class _Spread:
    """Puts part below part."""

    def __init__(self, boxes: Mapping[str, Size], gap: tuple[float, float], header: float) -> None:
        self._boxes = boxes
        self._along, self._beside = gap
        self._header = header
        self._places: dict[str, Point] = {}
        self._bends: dict[Route, Sequence[Point]] = {}
        self._top = 0.0
        self._width = 0.0

    def layout(self) -> Layout:
        """Return what was put so far."""
        return Layout(self._places, self._bends)

    def add(self, part: Part) -> None:
        """Put one more part below the others."""
        if part.wires:
            self._connected(part)
        else:
            self._alone(part.names)

    def _alone(self, names: Sequence[str]) -> None:
        """Put nodes without wires in rows about as wide as what stands above, or as high."""
        across = ceil(len(names) ** 0.5) * max(self._boxes[name][0] + self._along for name in names)
        limit, x, height = max(self._width, across / 2), 0.0, 0.0
        for name in names:
            width, tall = self._boxes[name]
            if x and x + width > limit:
                x, self._top, height = 0.0, self._top + _up(height + self._beside), 0.0
            self._places[name] = (x, self._top)
            x, height = x + _up(width + self._along), max(height, tall)

    def _connected(self, part: Part) -> None:
        kept, order = forwards(len(part.names), part.wires)
        levels = Levels(ranks(len(part.names), kept, order), kept)
        bends = len(levels.rank) - levels.count
        thick = [self._boxes[name][1] for name in part.names] + [_LANE] * bends
        above = [(size + min(self._header, size)) / 2 for size in thick[: levels.count]]
        above += [_LANE / 2] * bends

        def apart(one: int, other: int) -> float:
            return thick[one] - above[one] + self._beside + above[other]

        ports = straight(levels, apart)
        top = self._top - min(at - high for at, high in zip(ports, above, strict=True))
        ports = [at + top for at in ports]
        columns = self._columns(levels, part.names)
        ends = [at + _LANE for at in ports[levels.count :]]
        for row, (left, _) in zip(levels.rows, columns, strict=True):
            free = self._top
            for vertex in row:
                if vertex < levels.count:
                    y = max(_near(ports[vertex] - above[vertex]), _up(free))
                    self._places[part.names[vertex]] = (left, y)
                    free = y + thick[vertex]
            ends.append(free)
        self._take_lanes(part, levels, columns, ports, above)
        self._top = _up(max(ends) + 2 * self._beside)

    def _columns(self, levels: Levels, names: Sequence[str]) -> list[tuple[float, float]]:
        """Return left and right edge of each rank."""
        columns: list[tuple[float, float]] = []
        left = 0.0
        for row in levels.rows:
            widths = [self._boxes[names[vertex]][0] for vertex in row if vertex < levels.count]
            right = left + max(widths, default=0.0)
            columns.append((left, right))
            left = _up(right + self._along)
        self._width = max(self._width, columns[-1][1])
        return columns

    def _take_lanes(
        self,
        part: Part,
        levels: Levels,
        columns: Sequence[tuple[float, float]],
        ports: Sequence[float],
        above: Sequence[float],
    ) -> None:
        """Note the lane of each long wire; one level with its source follows it onto the grid."""
        for wire, route in zip(part.wires, part.routes, strict=True):
            level = ports[wire.source]
            put = self._places[part.names[wire.source]][1] + above[wire.source]
            ends = [
                (edge, float(round(put if abs(ports[bend] - level) < 1 else ports[bend])))
                for bend in levels.lane(wire)
                for edge in columns[levels.rank[bend]]
            ]
            if ends:
                self._bends[route] = _corners(ends)


def _corners(points: Sequence[Point]) -> list[Point]:
    """Leave out the points in the middle of a straight stretch."""
    turned = [
        here
        for before, here, after in zip(points, points[1:], points[2:], strict=False)
        if not before[1] == here[1] == after[1]
    ]
    return [points[0], *turned, points[-1]]


def _near(at: float) -> float:
    return float(round(at / GRID) * GRID)


def _up(at: float) -> float:
    return float(ceil(at / GRID) * GRID)


def _transposed(found: Layout) -> Layout:
    return Layout(
        {name: (y, x) for name, (x, y) in found.places.items()},
        {key: [(y, x) for x, y in points] for key, points in found.bends.items()},
    )


def _centred(found: Layout, sizes: Mapping[str, Size], places: Mapping[str, Point]) -> Layout:
    """Move everything so that the middle of the nodes stays where it was."""
    known = [name for name in found.places if name in places]
    if not known:
        return found
    x, y = _middle({name: places[name] for name in known}, sizes)
    own_x, own_y = _middle(found.places, sizes)
    by_x, by_y = _near(x - own_x), _near(y - own_y)
    return Layout(
        {name: (x + by_x, y + by_y) for name, (x, y) in found.places.items()},
        {key: [(x + by_x, y + by_y) for x, y in ends] for key, ends in found.bends.items()},
    )


def _middle(places: Mapping[str, Point], sizes: Mapping[str, Size]) -> Point:
    edges = [(*place, *sizes.get(name, USUAL)) for name, place in places.items()]
    x = min(edge[0] for edge in edges) + max(edge[0] + edge[2] for edge in edges)
    y = min(edge[1] for edge in edges) + max(edge[1] + edge[3] for edge in edges)
    return x / 2, y / 2
