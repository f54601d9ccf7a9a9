"""Layered (Sugiyama) layout of a graph.

Steps per connected component: ranks, order within ranks, coordinates, and rows if it is long.
Components are stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from engine.diagram.layout.components import Component, connected_components
from engine.diagram.layout.coordinates import assign_coordinates
from engine.diagram.layout.layout_rows import VIEW_RATIO, LayoutRows, divide_into_rows
from engine.diagram.layout.ordering import OrderedRanks
from engine.diagram.layout.ranking import assign_ranks, remove_cycles
from engine.graph.model import Graph
from engine.graph.view import Point, Route

Size = tuple[float, float]

DEFAULT_SIZE: Size = (180, 70)
GRID = 10
_LANE = 10.0  # space for a wire that passes between nodes


@dataclass(frozen=True)
class GraphLayout:
    """The result of a layout.

    Args:
        positions: top left corner by node.
        bends: the bend points by wire, for wires that pass through columns between their ends.
    """

    positions: Mapping[str, Point] = field(default_factory=dict)
    bends: Mapping[Route, Sequence[Point]] = field(default_factory=dict)


def layered_layout(
    graph: Graph,
    sizes: Mapping[str, Size],
    horizontal: bool = True,
    selected: Collection[str] | None = None,
    gap: tuple[float, float] = (60, 30),
    positions: Mapping[str, Point] | None = None,
    header: float = 0,
) -> GraphLayout:
    """Return positions without overlap, on a grid of 10, and bend points for long wires.

    Args:
        graph: the graph, which may contain cycles, dangling wires and unconnected nodes.
        sizes: width and height by node; missing nodes have the `DEFAULT_SIZE`.
        horizontal: True for left to right, False for top to bottom.
        selected: names of the nodes to lay out; None for all nodes.
        gap: minimum space between ranks (columns), and between nodes of a rank.
        positions: current positions; the center of the nodes that are laid out is kept.
        header: height of a node's header, the upper part that has no ports.
    """
    selected = None if selected is None else frozenset(selected)
    names = [node.name for node in graph if selected is None or node.name in selected]
    boxes = {name: sizes.get(name, DEFAULT_SIZE) for name in names}
    if not horizontal:
        boxes = {name: (height, width) for name, (width, height) in boxes.items()}
    stack = _ComponentStack(
        boxes,
        (max(gap[0], 0), max(gap[1], 0)),
        header if horizontal else 0,
        VIEW_RATIO if horizontal else 1 / VIEW_RATIO,
    )
    for component in connected_components(graph, names):
        stack.add(component)
    result = stack.layout()
    if not horizontal:
        result = _mapped(result, lambda x, y: (y, x))
    return result if positions is None else _keep_center(result, sizes, positions)


class _ComponentStack:
    """Builds a layout with each connected component of the graph below the previous component."""

    def __init__(
        self, boxes: Mapping[str, Size], gap: tuple[float, float], header: float, ratio: float
    ) -> None:
        self._boxes = boxes
        self._ratio = ratio
        self._rank_gap, self._node_gap = gap
        self._header = header
        self._positions: dict[str, Point] = {}
        self._bends: dict[Route, Sequence[Point]] = {}
        self._top = 0.0
        self._width = 0.0

    def layout(self) -> GraphLayout:
        return GraphLayout(self._positions, self._bends)

    def add(self, part: Component) -> None:
        if part.wires:
            self._add_connected(part)
        else:
            self._add_isolated(part.names)

    def _add_isolated(self, names: Sequence[str]) -> None:
        """Place nodes without wires in rows that are about as wide as the layout above."""
        widest = max(self._boxes[name][0] for name in names) + self._rank_gap
        limit = max(self._width, ceil(len(names) ** 0.5) * widest / 2)
        x, height = 0.0, 0.0
        for name in names:
            width, node_height = self._boxes[name]
            if x and x + width > limit:
                x, self._top, height = 0.0, self._top + _round_up(height + self._node_gap), 0.0
            self._positions[name] = (x, self._top)
            x, height = x + _round_up(width + self._rank_gap), max(height, node_height)

    def _add_connected(self, part: Component) -> None:
        wires, order = remove_cycles(len(part.names), part.wires)
        levels = OrderedRanks(assign_ranks(len(part.names), wires, order), wires)
        bends = len(levels.rank) - levels.count
        # A vertex has the height `thick`, of which `above` is above the level of its ports.
        thick = [self._boxes[name][1] for name in part.names] + [_LANE] * bends
        above = [(size + min(self._header, size)) / 2 for size in thick[: levels.count]]
        above += [_LANE / 2] * bends

        def min_distance(upper: int, lower: int) -> float:
            return thick[upper] - above[upper] + self._node_gap + above[lower]

        ports = assign_coordinates(levels, min_distance)
        top = self._top - min(y - offset for y, offset in zip(ports, above, strict=True))
        ports = [y + top for y in ports]
        columns = self._columns(levels, part.names)
        for row, (left, _) in zip(levels.rows, columns, strict=True):
            free = self._top
            for vertex in row:
                if vertex < levels.count:
                    y = max(_round_nearest(ports[vertex] - above[vertex]), _round_up(free))
                    self._positions[part.names[vertex]] = (left, y)
                    free = y + thick[vertex]
        self._wrap(part, levels, columns, ports, thick, above)

    def _wrap(
        self,
        part: Component,
        levels: OrderedRanks,
        columns: Sequence[tuple[float, float]],
        ports: list[float],
        thick: Sequence[float],
        above: Sequence[float],
    ) -> None:
        """Move the columns of a component into rows, add the bends, and close the component.

        The arguments are as in `_add_bends`; `thick` has the height of each vertex.
        """

        def top_of(vertex: int) -> float:
            if vertex < levels.count:
                return self._positions[part.names[vertex]][1]
            return ports[vertex] - above[vertex]

        # Every column has vertices, so each row has an upper and a lower edge.
        tops = [min(map(top_of, row)) for row in levels.rows]
        bottoms = [max(top_of(vertex) + thick[vertex] for vertex in row) for row in levels.rows]
        heights = [low - high for low, high in zip(bottoms, tops, strict=True)]
        gap = 2 * self._node_gap
        spans = [(levels.rank[wire.source], levels.rank[wire.target]) for wire in part.wires]
        rows = divide_into_rows(columns, spans, sum(heights) / len(heights) + 2 * gap, self._ratio)
        edges: list[float] = []  # the upper edge of the gap above each row
        bottom = self._top
        for row, start in enumerate(rows.starts):
            end = rows.starts[row + 1] if row + 1 < len(rows.starts) else len(columns)
            edges.append(bottom + gap / 2)
            top = min(tops[start:end])
            space = _round_up(bottom + gap + rows.gap(row) - top) if row else 0.0
            for vertex in (vertex for column in levels.rows[start:end] for vertex in column):
                ports[vertex] += space
                if vertex < levels.count:
                    x, y = self._positions[part.names[vertex]]
                    self._positions[part.names[vertex]] = (x - rows.lefts[row], y + space)
            bottom = max(bottoms[start:end]) + space
        lefts = [rows.lefts[rows.row(rank)] for rank in range(len(columns))]
        shifted = [
            (left - shift, right - shift)
            for (left, right), shift in zip(columns, lefts, strict=True)
        ]
        self._width = max(self._width, rows.width)
        self._add_bends(part, levels, shifted, ports, above, rows, edges)
        self._top = _round_up(bottom + gap)

    def _columns(self, levels: OrderedRanks, names: Sequence[str]) -> list[tuple[float, float]]:
        """Return the left and right x coordinate of each rank; `names` has node names by vertex."""
        columns: list[tuple[float, float]] = []
        left = 0.0
        for row in levels.rows:
            widths = [self._boxes[names[vertex]][0] for vertex in row if vertex < levels.count]
            right = left + max(widths, default=0.0)
            columns.append((left, right))
            left = _round_up(right + self._rank_gap)
        return columns

    def _add_bends(
        self,
        part: Component,
        levels: OrderedRanks,
        columns: Sequence[tuple[float, float]],
        ports: Sequence[float],
        above: Sequence[float],
        rows: LayoutRows,
        edges: Sequence[float],
    ) -> None:
        """Add bend points for the wires of `part` that cross ranks between their source and target.

        `levels` has the rank of each vertex (node or bend). `columns` has the x coordinates of the
        left and the right edge of each rank. `ports` has the y coordinate of each vertex's ports.
        `above` has the distance from the top edge of each vertex to its ports. If a bend and the
        source of its wire have the same y coordinate, they also have the same one after rounding.
        `rows` are the rows of columns, and `edges` the upper edges of the gaps above them.
        """
        corner_counts = [0] * len(edges)
        for wire, route in zip(part.wires, part.routes, strict=True):
            if levels.rank[wire.target] <= levels.rank[wire.source]:
                continue
            level = ports[wire.source]
            source_y = self._positions[part.names[wire.source]][1] + above[wire.source]
            points: list[Point] = []
            previous = wire.source
            previous_y = source_y
            for vertex in (*levels.lane(wire), wire.target):
                is_level = abs(ports[vertex] - level) < 1
                y = float(round(source_y if is_level else ports[vertex]))
                row = rows.row(levels.rank[vertex])
                if row != rows.row(levels.rank[previous]):
                    points += rows.corners(corner_counts[row], previous_y, y, edges[row])
                    corner_counts[row] += 1
                if vertex != wire.target:
                    points += [(edge, y) for edge in columns[levels.rank[vertex]]]
                previous, previous_y = vertex, y
            if points:
                self._bends[route] = _corners(points)


def _corners(points: Sequence[Point]) -> list[Point]:
    corners = [
        point
        for previous, point, following in zip(points, points[1:], points[2:], strict=False)
        if not previous[1] == point[1] == following[1]
    ]
    return [points[0], *corners, points[-1]]


def _round_nearest(value: float) -> float:
    return float(round(value / GRID) * GRID)


def _round_up(value: float) -> float:
    return float(ceil(value / GRID) * GRID)


def _mapped(found: GraphLayout, change: Callable[[float, float], Point]) -> GraphLayout:
    return GraphLayout(
        {name: change(*point) for name, point in found.positions.items()},
        {route: [change(*point) for point in points] for route, points in found.bends.items()},
    )


def _keep_center(
    found: GraphLayout, sizes: Mapping[str, Size], old_positions: Mapping[str, Point]
) -> GraphLayout:
    """Return the layout, moved so that its center is the center of the old positions."""
    known = [name for name in found.positions if name in old_positions]
    if not known:
        return found
    old_x, old_y = _center({name: old_positions[name] for name in known}, sizes)
    new_x, new_y = _center(found.positions, sizes)
    dx, dy = _round_nearest(old_x - new_x), _round_nearest(old_y - new_y)
    return _mapped(found, lambda x, y: (x + dx, y + dy))


def _center(positions: Mapping[str, Point], sizes: Mapping[str, Size]) -> Point:
    boxes = [(*position, *sizes.get(name, DEFAULT_SIZE)) for name, position in positions.items()]
    x = min(box[0] for box in boxes) + max(box[0] + box[2] for box in boxes)
    y = min(box[1] for box in boxes) + max(box[1] + box[3] for box in boxes)
    return x / 2, y / 2
